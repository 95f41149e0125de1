"""What goes wrong while handlers run, beside items."""

from __future__ import annotations

from typing import Any

from gateleg.errors.base import GatelegError


class BindingError(GatelegError, RuntimeError):
    """The environment does not say which table, secret or endpoint to use."""

    default_code = "binding.missing"


class ConnectionGoneError(GatelegError, ConnectionError):
    """The WebSocket connection is closed."""

    default_code = "websocket.gone"


class NotSentError(GatelegError, ConnectionError):
    """A message was not sent to a WebSocket connection, for want of time or of a way there; it may be sent again. `path` is the connection's id."""

    default_code = "websocket.not_sent"


class ConnectRefusedError(GatelegError, PermissionError):
    """A `$connect` handler does not let the client in; raise it there, and the client is answered with 403."""

    default_code = "websocket.refused"


class PayloadError(GatelegError, ValueError):
    """A WebSocket message that the route cannot take; `problems` lists every fault. The client reads the message and the problems."""

    default_code = "websocket.invalid_payload"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        value: Any = None,
        problems: tuple[dict[str, Any], ...] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message, path=path, value=value, code=code)
        self.problems = problems


class TooOftenError(PayloadError):
    """A WebSocket client sends more messages than it may. `closes` says whether its connection is closed now."""

    default_code = "websocket.too_often"
    closes: bool = False


class AnswerInvalidError(GatelegError, ValueError):
    """What a handler answers, sends or broadcasts is not what it declares, no JSON, or too large: a fault of ours, never of the client."""

    default_code = "answer.invalid"
