"""A WebSocket API: whoever is in a room hears what is said there."""

from typing import Annotated

from pydantic import Field

from gateleg.model import Attr, Entity, Table, attr, key, ulid
from gateleg.store import Store
from gateleg.websocket import Connections, WebSocketResolver, uses

ROOM = Table("room", partition_key="pk", sort_key="sk", ttl="expires_at")


class Message(Entity, table=ROOM):
    """One message in a room."""

    room: Attr[str]
    message_id: Attr[str] = attr(default_factory=ulid)
    author: Attr[str]
    body: Attr[str]

    key = key("ROOM#{room}", "MESSAGE#{message_id}")


store = Store(ROOM)
app = WebSocketResolver(connections=Connections(ROOM))


@app.route("join")
def join(room: str) -> None:
    """Come into a room: `{"action": "join", "room": "lobby"}`."""
    app.connections.join(f"room:{room}")


@app.route("send")
@uses(Message.create)
def send(room: str, body: Annotated[str, Field(min_length=1, max_length=4_000)]) -> None:
    """Say something in a room."""
    message = store.create(Message(room=room, author=app.current_connection.principal, body=body))
    app.broadcast(f"room:{room}", message)
