"""WebSocket handlers: a resolver, the registry of connections, and messages to them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateleg.description.marks import public, uses
from gateleg.description.uses import across_tenants
from gateleg.errors import ConnectRefusedError
from gateleg.websocket.connections import Connections
from gateleg.websocket.sending import Sending

if TYPE_CHECKING:
    from gateleg.websocket.broadcast import BroadcastResult, SweepResult
    from gateleg.websocket.channel_tokens import ChannelTokens
    from gateleg.websocket.guards import Guards, Rate
    from gateleg.websocket.idempotency import idempotent
    from gateleg.websocket.invocation import CurrentConnection, correlation_id
    from gateleg.websocket.payload import Payload
    from gateleg.websocket.registry import Present
    from gateleg.websocket.resolver import WebSocketResolver
    from gateleg.websocket.routes import Router
    from gateleg.websocket.tokens import ConnectTokens

__all__ = [
    "BroadcastResult",
    "ChannelTokens",
    "ConnectRefusedError",
    "ConnectTokens",
    "Connections",
    "CurrentConnection",
    "Guards",
    "Payload",
    "Present",
    "Rate",
    "Router",
    "Sending",
    "SweepResult",
    "WebSocketResolver",
    "across_tenants",
    "correlation_id",
    "idempotent",
    "public",
    "uses",
]

_LATER = {
    "BroadcastResult": "broadcast",
    "ChannelTokens": "channel_tokens",
    "ConnectTokens": "tokens",
    "CurrentConnection": "invocation",
    "Guards": "guards",
    "Payload": "payload",
    "Present": "registry",
    "Rate": "guards",
    "Router": "routes",
    "SweepResult": "broadcast",
    "WebSocketResolver": "resolver",
    "correlation_id": "invocation",
    "idempotent": "idempotency",
}


def __getattr__(name: str) -> Any:
    # REST handlers ask who is there and send to them, and route no message.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
