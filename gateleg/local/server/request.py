"""A request to the embedded AWS, as the guard sees it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_API: Final = re.compile(r"^/_aws/execute-api/(?P<api>[\w-]+)(?:/(?P<stage>[^/]*))?(?P<path>/.*)?$")
_API_HOST: Final = re.compile(r"^(?P<api>[\w-]+)\.execute-api\.localhost$")
_EVENTS: Final = re.compile(r"^/_aws/appsync-realtime-api/(?P<api>[a-z0-9]+)/event/realtime$")
_URL_PATH: Final = "/_aws/lambda-url/"
_URL_HOST: Final = re.compile(r"^[\w-]+\.lambda-url\.[\w.-]*localhost$")
_CONNECTIONS: Final = "/@connections/"


@dataclass(frozen=True)
class Request:
    """One HTTP request, or the handshake of a WebSocket.

    Attributes:
        method: The method; `GET` for a handshake.
        path: The path, decoded.
        raw_path: The path as it was sent.
        query: Names and values of the query string, in order.
        as_sent: Its headers, with names as HTTP/1.1 clients write them; of a repeated one the last.
        socket: Whether it is a handshake.
        repeated: The values of each header that was sent more than once, by its name in lower case.
    """

    method: str
    path: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    as_sent: Mapping[str, str]
    socket: bool
    repeated: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> Request:
        """Read the scope of an ASGI call."""
        headers = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in scope["headers"]}
        sent: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            sent.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        repeated = {name: values for name, values in sent.items() if len(values) > 1}
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        query: tuple[tuple[str, str], ...] = tuple(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True))
        return cls(
            scope.get("method", "GET"),
            scope["path"],
            raw.decode("latin-1").partition("?")[0],
            query,
            headers,
            scope["type"] == "websocket",
            repeated,
        )

    @property
    def headers(self) -> dict[str, str]:
        """The headers by their names in lower case."""
        return {name.lower(): value for name, value in self.as_sent.items()}

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The query string as the emulator keeps it: all values of each name."""
        found: dict[str, list[str]] = {}
        for name, value in self.query:
            found.setdefault(name, []).append(value)
        return found

    @property
    def host(self) -> str:
        """The host that was asked for, with its port."""
        return self.headers.get("host", "")

    @property
    def origin(self) -> str | None:
        """The origin of the page that sent it, if a page did."""
        return self.headers.get("origin")

    @property
    def to_api(self) -> bool:
        """Whether it goes to a deployed API or function URL, which anybody may call as far as the API itself lets them."""
        name = self.host.partition(":")[0]
        return bool(_API.match(self.path) or self.path.startswith(_URL_PATH) or _API_HOST.match(name) or _URL_HOST.match(name))

    @property
    def for_anybody(self) -> bool:
        """Whether the API itself decides who may call: all that goes to one, but for the management of its connections."""
        return (self.to_api and not self.to_connection) or bool(self.event_api)

    @property
    def event_api(self) -> str:
        """The id of the Event API that a handshake is for; empty for anything else."""
        found = _EVENTS.match(self.path) if self.socket else None
        return found["api"] if found else ""

    @property
    def to_connection(self) -> bool:
        """Whether it goes to the management API of a WebSocket API."""
        return self.to_api and _CONNECTIONS in self.path

    @property
    def api(self) -> str:
        """The id of the API that it goes to; empty if it goes to none."""
        found = _API.match(self.path) or _API_HOST.match(self.host.partition(":")[0])
        return found["api"] if found else ""

    @property
    def stage(self) -> str:
        """The stage that it names; empty if it names none."""
        found = _API.match(self.path)
        return (found["stage"] or "") if found else self.path.lstrip("/").partition("/")[0]


current: ContextVar[Request] = ContextVar("request")
"""The request that is served, for what the emulator does not hand on."""
