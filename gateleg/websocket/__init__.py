"""WebSocket handlers: a resolver, the registry of connections, and messages to them."""

from gateleg.description.marks import public, uses
from gateleg.errors import ConnectRefusedError
from gateleg.websocket.broadcast import BroadcastResult
from gateleg.websocket.connections import Connections, Present
from gateleg.websocket.invocation import CurrentConnection
from gateleg.websocket.payload import Payload
from gateleg.websocket.resolver import WebSocketResolver
from gateleg.websocket.routes import Router

__all__ = [
    "BroadcastResult",
    "ConnectRefusedError",
    "Connections",
    "CurrentConnection",
    "Payload",
    "Present",
    "Router",
    "WebSocketResolver",
    "public",
    "uses",
]
