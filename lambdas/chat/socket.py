"""The WebSocket API: come in, speak, leave; everybody in the room hears it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateleg.errors import ItemExistsError, TransactionCanceledError
from gateleg.store import Store
from gateleg.websocket import Connections, WebSocketResolver, uses
from lambdas.chat.model import CHAT, Message, Receipt
from lambdas.chat.rooms import Presence, Removed, RoomName, Said, Taken, topic

store = Store(CHAT)
app = WebSocketResolver(connections=Connections(CHAT), events=[Said, Removed, Presence])
ROOM = topic("")


@app.on_disconnect()
def left() -> None:
    """Tell the rooms that somebody is gone."""
    for subscribed in app.current_connection.topics:
        if subscribed.startswith(ROOM):
            announce(subscribed.removeprefix(ROOM))


@app.route("join")
def join(room: RoomName) -> None:
    """Come into a room."""
    app.connections.join(topic(room))
    announce(room)


@app.route("leave")
def leave(room: RoomName) -> None:
    """Leave a room."""
    app.connections.leave(topic(room))
    announce(room)


@app.route("send")
@uses(Message.create, Receipt.create)
def send(
    room: RoomName,
    body: Annotated[str, Field(min_length=1, max_length=4_000)],
    request_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None,
) -> Taken | None:
    """Say something in a room; with a `request_id` it is answered, and said once however often it comes."""
    message = Message(room=room, author=app.current_connection.principal, body=body)
    if request_id is None:
        message = store.create(message)
    elif not written(message, Receipt(author=message.author, request_id=request_id)):
        return Taken()
    app.broadcast(topic(room), Said(message=message))
    return None if request_id is None else Taken(message=message)


@app.route("ping")
def ping() -> None:
    """Keep the connection open: API Gateway closes one that is silent for ten minutes."""


def announce(room: str) -> None:
    """Tell everybody in a room who is there."""
    people = sorted({connection.principal for connection in app.connections.of(topic(room))})
    app.broadcast(topic(room), Presence(room=room, people=people))


def written(message: Message, receipt: Receipt) -> bool:
    """Write a message and its receipt, both or neither; `False` where the receipt was there."""
    try:
        with store.transact() as transaction:
            transaction.create(receipt)
            transaction.create(message)
    except TransactionCanceledError as canceled:
        if isinstance(canceled.reasons[0], ItemExistsError):
            return False
        raise
    return True
