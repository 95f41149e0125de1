"""The servers that an HTTP API passes requests on to.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html and .../http-api-parameter-mapping.html.
"""

from __future__ import annotations

import asyncio
import http.client
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from gateleg.local.server import direct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateleg.local.template import Json

    Answer = tuple[int, dict[str, str], bytes]

_FAILED: Final = (500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}')
_asked: ContextVar[tuple[str, Mapping[str, str]]] = ContextVar("asked")
"""The path of the request that is served, and its variables, of which the emulator tells the integration nothing."""


def noting_variables(mapped: Callable[..., Any]) -> Callable[..., Any]:
    """Return what maps the parameters of a request, and keeps its path and variables.

    Args:
        mapped: The emulator's own.
    """

    def noted(integration: Json, **places: Any) -> Any:
        _asked.set((places["request_path"], places["path_params"]))
        return mapped(integration, **places)

    return noted


def calling_servers() -> Callable[..., Awaitable[Answer]]:
    """Return what answers for integrations of type HTTP_PROXY."""

    async def invoke(  # noqa: PLR0917 (the emulator's own signature)
        integration: Json, path: str, method: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]] | None
    ) -> Answer:
        verb = str(integration.get("integrationMethod") or "ANY")
        url = urlsplit(url_of(str(integration.get("integrationUri", "")), path, *_asked.get()))
        pairs = [(name, value) for name, values in (query or {}).items() for value in values]
        asked = "&".join(part for part in (url.query, urlencode(pairs)) if part)
        way = (url.path or "/") + (f"?{asked}" if asked else "")
        try:
            status, found, answer = await asyncio.to_thread(
                direct.sent, url.geturl(), method if verb == "ANY" else verb, way, direct.passed_on(headers), body
            )
        except (OSError, http.client.HTTPException, ValueError):
            return _FAILED
        return status, direct.passed_on(found), answer

    return invoke


def url_of(uri: str, path: str, asked: str, variables: Mapping[str, str]) -> str:
    """What is asked of a server: the URI with the variables of the path, or its host with the path that a parameter overwrites.

    Args:
        uri: The integration's URI.
        path: The path after the parameters were mapped.
        asked: The path before that.
        variables: The variables of the path.
    """
    if path == asked:
        return direct.filled(uri, variables)
    return urlsplit(uri)._replace(path=quote(path, safe="/%")).geturl()
