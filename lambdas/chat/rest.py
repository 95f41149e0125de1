"""The REST API: rooms, messages, likes, the author index, presence, and the page itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.logging import correlation_paths
from pydantic import BaseModel, BeforeValidator, Field

from gateleg.model import Page
from gateleg.rest import handle_errors, public, uses
from gateleg.store import Store
from gateleg.websocket import Connections
from lambdas.chat.model import CHAT, Like, Message, Room
from lambdas.chat.page import SignIn, page_of
from lambdas.chat.rooms import Removed, RoomName, Said, topic
from lambdas.chat.session import open_session

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from gateleg.errors import StoredItemInvalidError

app = APIGatewayRestResolver(enable_validation=True)
logger = Logger()
store = Store(CHAT)
connections = Connections(CHAT)
handle_errors(app)
app.configure_openapi(title="Chat", version="1.0.0")

Limit = Annotated[int, Query(ge=1, le=100)]
Author = Annotated[str, Path(), BeforeValidator(unquote)]  # a REST API hands paths on as they were sent; rooms' names need no encoding


class Name(BaseModel):
    """Who somebody says they are."""

    name: str = Field(min_length=1, max_length=40)


class Session(BaseModel):
    """A signed-in name."""

    name: str
    token: str


class NewRoom(BaseModel):
    """What a room is opened with."""

    room: RoomName
    title: str = Field(default="", max_length=120)


class NewMessage(BaseModel):
    """What somebody says."""

    body: str = Field(min_length=1, max_length=4_000)


class Likes(BaseModel):
    """How many people like a message."""

    event: Literal["likes"] = "likes"
    room: str
    message_id: str
    likes: int


def caller() -> str:
    """The name in the token that the authorizer accepted."""
    return app.current_event.request_context.authorizer.principal_id or ""


def left_out(error: StoredItemInvalidError) -> None:
    """A stored item that cannot be read: whoever lists gets the others, and the log says which one it is."""
    logger.error("an item is left out", exc_info=error)


@app.get("/", include_in_schema=False)
@public("the page is for everybody; it asks for a name")
def page() -> Response[str]:
    """The chat page."""
    text, headers = page_of(os.environ["CHAT_SOCKET_URL"], SignIn.from_environment(os.environ))
    return Response(200, "text/html; charset=utf-8", text, headers=dict(headers))


@app.post("/sessions")
@public("this is where a token comes from")
def sign_in(name: Name) -> Session:
    """Sign in with a name."""
    person = name.name.casefold()
    return Session(name=person, token=open_session(person))


@app.get("/rooms")
@uses(Room.every)
def list_rooms(limit: Limit = 50, cursor: str | None = None) -> Page[Room]:
    """The rooms, by name."""
    return store.page(Room.every(), limit=limit, cursor=cursor, unreadable=left_out)


@app.post("/rooms")
@uses(Room.create)
def open_room(new: NewRoom) -> Room:
    """Open a room; 409 if there is one of that name."""
    return store.create(Room(room=new.room, title=new.title))


@app.get("/rooms/<room>/messages")
@uses(Message.in_room)
def list_messages(room: str, limit: Limit = 50, cursor: str | None = None) -> Page[Message]:
    """What was said in a room, newest first."""
    return store.page(Message.in_room(room=room), limit=limit, cursor=cursor, unreadable=left_out)


@app.post("/rooms/<room>/messages")
@uses(Message.create, connections.broadcasting)
def say(room: str, new: NewMessage) -> Message:
    """Say something; everybody who is in the room sees it at once."""
    message = store.create(Message(room=room, author=caller(), body=new.body))
    connections.broadcast(topic(room), Said(message=message))
    return message


@app.post("/rooms/<room>/messages/<message_id>/likes")
@uses(Like.create, Message.update, Message.get, connections.broadcasting)
def like(room: str, message_id: str) -> Likes:
    """Like a message; 409 the second time. The like and the count are written together or not at all."""
    key = Message.key(room=room, message_id=message_id)
    with store.transact() as transaction:
        transaction.create(Like(room=room, message_id=message_id, person=caller()))
        transaction.update(key, Message.likes.add(1))
    message = store.get(key, consistent=True)
    likes = Likes(room=room, message_id=message_id, likes=message.likes if message else 0)
    connections.broadcast(topic(room), likes)
    return likes


@app.delete("/rooms/<room>/messages/<message_id>", security=[{"moderators": []}])
@uses(Message.delete, connections.broadcasting)
def take_back(room: str, message_id: str) -> Removed:
    """Take back what was said, as moderators may: their identities sign the request."""
    store.delete(Message.key(room=room, message_id=message_id))
    removed = Removed(room=room, message_id=message_id)
    connections.broadcast(topic(room), removed)
    return removed


@app.get("/authors/<author>/messages")
@uses(Message.by_author)
def by_author(author: Author, limit: Limit = 50, cursor: str | None = None) -> Page[Message]:
    """What somebody said, anywhere, newest first."""
    return store.page(Message.by_author(author=author), limit=limit, cursor=cursor, unreadable=left_out)


@app.get("/rooms/<room>/presence")
@uses(connections.reading)
def presence(room: str) -> list[str]:
    """Who is in a room."""
    return sorted({connection.principal for connection in connections.of(topic(room))})


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
