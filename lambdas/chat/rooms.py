"""What the REST handlers and the socket handlers say to a room, in the same words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from lambdas.chat.model import ROOM_NAME, Message

RoomName = Annotated[str, Field(pattern=ROOM_NAME)]


class Said(BaseModel):
    """Somebody said something."""

    event: Literal["message"] = "message"
    message: Message


class Taken(BaseModel):
    """What somebody said was taken as this message, now or before; without one, it was taken back meanwhile."""

    message: Message | None


class Removed(BaseModel):
    """A moderator took back what was said."""

    event: Literal["removed"] = "removed"
    room: str
    message_id: str


class Presence(BaseModel):
    """Who is in a room now."""

    event: Literal["presence"] = "presence"
    room: str
    people: list[str]


def topic(room: str) -> str:
    """What the connections in a room are subscribed to."""
    return f"room:{room}"
