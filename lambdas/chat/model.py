"""What the chat stores: the one declaration that the table, the permissions and the handlers are made from."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateleg.model import (
    ALL,
    DESCENDING,
    Attr,
    Entity,
    Index,
    StreamView,
    Table,
    access,
    attr,
    created_at,
    index_key,
    key,
    ttl,
    ulid,
    version,
)

CHAT = Table(
    "chat",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[Index("by_author", partition_key="gsi1pk", sort_key="gsi1sk", projection=ALL)],
)

ROOM_NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"


class Room(Entity, table=CHAT):
    """A place to talk in."""

    room: Attr[str] = attr(pattern=ROOM_NAME)
    title: Attr[str] = attr(default="", max_length=120)
    opened_at: Attr[datetime] = created_at()

    key = key("ROOMS", "ROOM#{room}")

    @access()
    def every() -> None:
        """The rooms, by name."""


class Message(Entity, table=CHAT):
    """One message in a room."""

    room: Attr[str] = attr(pattern=ROOM_NAME)
    message_id: Attr[str] = attr(default_factory=ulid)
    author: Attr[str] = attr(save=str.casefold, min_length=1, max_length=40)
    body: Attr[str] = attr(min_length=1, max_length=4_000)
    sent_at: Attr[datetime] = created_at()
    likes: Attr[int] = attr(default=0, ge=0)
    revision: Attr[int] = version()

    key = key("ROOM#{room}", "MESSAGE#{message_id}")
    author_key = index_key("by_author", "AUTHOR#{author}", "SENT#{sent_at}")

    @access(sort=DESCENDING)
    def in_room(*, room: str) -> None:
        """What was said in a room, newest first."""

    @access(index="by_author", sort=DESCENDING)
    def by_author(*, author: str, since: datetime | None = None) -> None:
        """What somebody said anywhere, newest first."""


class Like(Entity, table=CHAT):
    """That somebody likes a message; one for each person and message."""

    room: Attr[str] = attr(pattern=ROOM_NAME)
    message_id: Attr[str] = attr()
    person: Attr[str] = attr(save=str.casefold, min_length=1, max_length=40)
    liked_at: Attr[datetime] = created_at()

    key = key("LIKES#{room}#{message_id}", "PERSON#{person}")


class Receipt(Entity, table=CHAT):
    """As which message something was taken: what is sent again, because its answer was lost, is not said again. Kept for a day."""

    author: Attr[str] = attr(save=str.casefold, min_length=1, max_length=40)
    request_id: Attr[str] = attr(min_length=1, max_length=64)
    room: Attr[str] = attr(pattern=ROOM_NAME)
    message_id: Attr[str] = attr()
    until: Attr[datetime] = ttl(after=timedelta(days=1))

    key = key("RECEIPTS#{author}", "REQUEST#{request_id}")
