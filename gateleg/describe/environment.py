"""The world in which Lambda imports a handler: its variables, its working directory, its module path."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateleg.describe.sources import only_sources
from gateleg.description import service_name
from gateleg.description.lambda_runtime import RUNTIME_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Generator

    from gateleg.description.source import FunctionSource

_REGION = "us-east-1"
_NOWHERE = "http://127.0.0.1:9"
_NO_KEY = "made-up-while-describing"


def base_environment(home: str) -> dict[str, str]:
    """What every function finds, whoever it is.

    Args:
        home: An empty folder, so that nobody's credentials are found in theirs.
    """
    return {
        **RUNTIME_VARIABLES,
        "HOME": home,
        "TMPDIR": home,
        "AWS_REGION": _REGION,
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_ACCESS_KEY_ID": _NO_KEY,
        "AWS_SECRET_ACCESS_KEY": _NO_KEY,
        "AWS_SESSION_TOKEN": _NO_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }


def environment_of(source: FunctionSource, home: str) -> dict[str, str]:
    """All variables of a function: its own, and those that Lambda reserves.

    Follows https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html.

    Args:
        source: The function.
        home: An empty folder.
    """
    name = service_name(source.name)
    quiet = {
        # A call to AWS while a handler is imported fails at once, here on this machine.
        "AWS_ENDPOINT_URL": _NOWHERE,
        "AWS_MAX_ATTEMPTS": "1",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": name,
        "POWERTOOLS_SERVICE_NAME": name,
    }
    reserved = {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "described",
        "LAMBDA_TASK_ROOT": str(source.root),
        "_HANDLER": source.handler.replace(":", "."),
    }
    own = {name: value for name, value in source.environment.items() if name in RUNTIME_VARIABLES}
    return {**quiet, **source.environment, **base_environment(home), **own, **reserved}


@contextmanager
def world_of(source: FunctionSource, home: str) -> Generator[None]:
    """Be in a function's world; afterwards all is as it was.

    Modules are found from the function's root and from what is installed, whatever `PYTHONPATH` says.

    Args:
        source: The function.
        home: An empty folder.
    """
    environment, directory, path = dict(os.environ), os.getcwd(), list(sys.path)  # noqa: PTH109 (a text to go back to)
    added = {os.path.abspath(entry) for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry}  # noqa: PTH100 (texts to compare)
    root = str(source.root)
    _replace_environment(environment_of(source, home))
    os.chdir(root)
    sys.path[:] = [root, *(entry for entry in path if entry not in {"", root} and os.path.abspath(entry) not in added)]  # noqa: PTH100 (as above)
    try:
        with only_sources():
            yield
    finally:
        sys.path[:] = path
        os.chdir(directory)
        _replace_environment(environment)


def _replace_environment(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
