"""Where a function finds the management API of a WebSocket API.

A WebSocket handler commonly makes its management client for `https://{domainName}/{stage}` of the event. The emulator names
a host there that answers neither under that name nor with TLS, so such calls are sent to where it does answer. Standard library
only, and silent: a function that has no botocore never notices.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_MODULE: Final = "botocore.handlers"
_EVENT: Final = "before-call.apigatewaymanagementapi"
_HOST: Final = re.compile(r"^https?://(?P<api>[\w-]+)\.execute-api\.localhost(?::\d+)?(?P<rest>/.*)?$")


def local_url(url: str, endpoint: str) -> str:
    """Return the path-form URL of an API on the emulator; another URL stays.

    Args:
        url: The URL that a client would call.
        endpoint: Where the emulator answers.
    """
    found = _HOST.match(url)
    return f"{endpoint}/_aws/execute-api/{found['api']}{found['rest'] or ''}" if found else url


class _Finder(MetaPathFinder):
    """Adds to botocore's own handlers when the function imports them, from wherever the function brings them."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        loader: Any = spec.loader if spec else None
        if loader is not None:
            load = loader.exec_module

            def exec_module(module: Any) -> None:
                load(module)
                module.BUILTIN_HANDLERS.append((_EVENT, _redirect))

            loader.exec_module = exec_module
        return spec


def _redirect(params: dict[str, Any], **_: Any) -> None:
    params["url"] = local_url(params["url"], os.environ.get("AWS_ENDPOINT_URL", ""))


def redirect() -> None:
    """Send the calls of every management client that this process makes to where the emulator answers."""
    sys.meta_path.insert(0, _Finder())
