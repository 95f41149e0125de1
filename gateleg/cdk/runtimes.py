"""On what functions run that say nothing of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from gateleg.description.lambda_runtime import RUNTIMES, runtime_of
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from constructs import Construct


@cache
def arm64() -> lambda_.Architecture:
    """The architecture."""
    return lambda_.Architecture.ARM_64


def runtime_for(scope: Construct) -> lambda_.Runtime:
    """What the context value `gateleg:runtime` names, or the runtime of the interpreter that synthesizes: what is tested is what runs.

    Args:
        scope: What the function belongs to.

    Raises:
        DeclarationError: The context names none that Lambda has.
    """
    name = scope.node.try_get_context("gateleg:runtime")
    if name is not None and name not in RUNTIMES:
        message = f"the context value gateleg:runtime is one of {', '.join(RUNTIMES)}, got {name!r}; write one of them, or give the construct runtime=lambda_.Runtime(...)"
        raise DeclarationError(message, path="gateleg:runtime", value=name)
    return _python(runtime_of() if name is None else name)


@cache
def _python(name: str) -> lambda_.Runtime:
    # The CDK's own, which knows what the runtime supports.
    found: lambda_.Runtime = getattr(lambda_.Runtime, f"PYTHON_3_{name.rpartition('.')[2]}")
    return found
