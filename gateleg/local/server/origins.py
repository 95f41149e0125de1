"""Whose requests are served at all: those of this machine's own programs and pages.

A page that the developer visits can send requests to loopback, and a name that it controls can be made to mean 127.0.0.1. So the
host that is asked for, and the page that asks, have to be this machine's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from gateleg.local.server.request import Request

_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


def host_is_own(host: str, port: int) -> bool:
    """Return whether a `Host` header names this machine and the port.

    Args:
        host: The header's value.
        port: The port that is served.
    """
    parts = _split(f"//{host}")
    return parts is not None and _is_loopback(parts[0]) and parts[1] == port


def page_is_own(request: Request) -> bool:
    """Return whether a request was sent by no page, by one of this machine, or by following a link.

    Follows https://fetch.spec.whatwg.org/#origin-header and https://www.w3.org/TR/fetch-metadata/.
    """
    if request.origin is not None:
        return origin_is_own(request.origin)
    headers = request.headers
    if headers.get("sec-fetch-site") != "cross-site":
        return True
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return followed and request.method in {"GET", "HEAD"}


def origin_is_own(origin: str) -> bool:
    """Return whether an origin is a server of this machine, on whatever port."""
    parts = _split(origin)
    return parts is not None and _is_loopback(parts[0]) and origin.startswith(("http://", "https://"))


def _is_loopback(name: str) -> bool:
    return name in _LOOPBACK or name.endswith(".localhost")


def _split(url: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(url)
        return ((parts.hostname or "").lower(), parts.port) if not parts.username else None
    except ValueError:
        return None
