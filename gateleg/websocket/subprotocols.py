"""What is spoken over a connection: `Sec-WebSocket-Protocol`.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-connect-route-subprotocol.html and RFC 6455, 4.2.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.errors import ConnectRefusedError, DeclarationError
from gateleg.websocket.connecting import header_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADER = "sec-websocket-protocol"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Subprotocols:
    """The subprotocols of an API.

    Args:
        names: The best first; none for an API that does not ask.

    Raises:
        DeclarationError: One is no name of a subprotocol, or stands there twice.
    """

    def __init__(self, names: Sequence[str]) -> None:
        wrong = [names] if isinstance(names, str) else [name for name in names if not isinstance(name, str) or not _TOKEN.fullmatch(name)]  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
        if wrong or len(set(names)) < len(names):
            message = f"subprotocols are names of letters, digits and signs, each once; {names!r} was given"
            raise DeclarationError(f"{message}; write subprotocols=['chat.v2', 'chat.v1']", path="subprotocols", value=names)
        self.names: tuple[str, ...] = tuple(names)

    def chosen(self, event: Mapping[str, Any]) -> str | None:
        """What `$connect` is answered with; `None` where nothing is asked or offered.

        Raises:
            ConnectRefusedError: The client offers others only, so that a browser would close the connection again.
        """
        if not self.names:
            return None
        offered = offers(event)
        if not offered:
            return None
        if (found := next((name for name in self.names if name in offered), None)) is None:
            raise ConnectRefusedError(f"the client speaks none of {', '.join(self.names)}; offer one of them", path="subprotocol")
        return found


def offers(event: Mapping[str, Any]) -> list[str]:
    """What a client offers to speak, in its order."""
    lines = header_values(event, _HEADER)
    return [offer.strip() for line in lines for offer in line.split(",") if offer.strip()]
