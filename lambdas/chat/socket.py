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
@uses(Message.create, Message.get, Receipt.create)
def send(
    room: RoomName,
    body: Annotated[str, Field(min_length=1, max_length=4_000)],
    request_id: Annotated[str, Field(min_length=1, max_length=64)],
) -> Taken:
    """Say something in a room; it is said once, however often it comes with the same `request_id`."""
    message = written(Message(room=room, author=app.current_connection.principal, body=body), request_id)
    if message is not None:  # told again with each repetition: the handler may have ended before the others heard it
        app.broadcast(topic(message.room), Said(message=message))
    return Taken(message=message)


@app.route("ping")
def ping() -> None:
    """Keep the connection open: API Gateway closes one that is silent for ten minutes."""


def announce(room: str) -> None:
    """Tell everybody in a room who is there."""
    people = sorted({connection.principal for connection in app.connections.of(topic(room))})
    app.broadcast(topic(room), Presence(room=room, people=people))


def written(message: Message, request_id: str) -> Message | None:
    """The message with its receipt, both or neither; what was written before, where there is a receipt, and `None` where that was taken back."""
    receipt = Receipt(author=message.author, request_id=request_id, room=message.room, message_id=message.message_id)
    try:
        with store.transact() as transaction:
            transaction.create(receipt)
            message = transaction.create(message)
    except TransactionCanceledError as canceled:
        reason = canceled.reasons[0]
        if not isinstance(reason, ItemExistsError) or not isinstance(reason.item, Receipt):
            raise
        return store.get(Message.key(room=reason.item.room, message_id=reason.item.message_id), consistent=True)
    return message
