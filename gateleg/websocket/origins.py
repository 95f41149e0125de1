"""Which pages may open a WebSocket: browsers let any page open one anywhere, and say whose it is in `Origin`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from gateleg.errors import ConnectRefusedError, DeclarationError
from gateleg.websocket.connecting import header_values

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL = re.compile(r"https:.*:443|http:.*:80")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


class Origins:
    """The origins of the pages that may connect, compared letter by letter, as browsers write them.

    Args:
        allowed: Such as `https://chat.example.com`: scheme and host in lower case, a port where it is not the usual one, no path.

    Raises:
        DeclarationError: There is none, or one of them is not an origin; `*` and `null` are none.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        given: Any = allowed
        if isinstance(given, str) or not isinstance(given, Collection) or not given:
            raise DeclarationError(
                f"origins are a list of one or more, {allowed!r} was given; write origins=['https://chat.example.com']", value=allowed
            )
        for origin in allowed:
            if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin) or _USUAL.fullmatch(origin):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
                message = f"{origin!r} is not an origin that a browser sends; write scheme and host in lower case, without the usual port, like 'https://chat.example.com'"
                raise DeclarationError(message, path="origins", value=origin)
        self._allowed = frozenset(allowed)

    def check(self, event: Mapping[str, Any]) -> None:
        """See that a `$connect` event comes from one of them.

        Raises:
            ConnectRefusedError: It says another origin, several, or none.
        """
        said = header_values(event, "origin")
        if len(said) != 1 or said[0] not in self._allowed:
            raise ConnectRefusedError(f"a page of {', '.join(said) or 'no origin'} may not connect", path="Origin", value=said)
