"""The entities that the integration tests store."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from gateleg.model import DESCENDING, Attr, Entity, Index, Table, access, attr, created_at, index_key, key, ttl, ulid, updated_at, version

CHAT = Table(
    "chat",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    indexes=[Index("by_author", partition_key="gsi1pk", sort_key="gsi1sk"), Index("by_rank", partition_key="room", sort_key="rank")],
)


class Message(Entity, table=CHAT):
    """One message in a room."""

    room: Attr[str] = attr(min_length=1, max_length=80)
    message_id: Attr[str] = attr(default_factory=ulid)
    author: Attr[str] = attr(save=str.casefold)
    body: Attr[str] = attr(max_length=4_000, stored="b")
    sent_at: Attr[datetime] = created_at()
    changed_at: Attr[datetime] = updated_at()
    likes: Attr[int] = attr(default=0, ge=0)
    rank: Attr[int | None] = attr(default=None)
    tags: Attr[set[str]] = attr(default_factory=set)
    edits: Attr[list[str]] = attr(default_factory=list)
    counts: Attr[dict[str, int]] = attr(default_factory=dict)
    revision: Attr[int] = version()

    @key("ROOM#{room}", "MSG#{message_id}")
    def key(*, room: str, message_id: str) -> None: ...

    by_author_key = index_key("by_author", "AUTHOR#{author}", "SENT#{sent_at}")

    @access(sort=DESCENDING)
    def in_room(*, room: str) -> None: ...

    @access
    def in_room_between(*, room: str, after: str | None = None, until: str | None = None) -> None: ...

    @access(index="by_author")
    def by_author(*, author: str, since: datetime | None = None, before: datetime | None = None) -> None: ...

    @access(index="by_rank")
    def ranked(*, room: str, since: int | None = None, until: int | None = None) -> None: ...


class Presence(Entity, table=CHAT):
    """Who is in a room, until it expires."""

    room: Attr[str]
    user: Attr[str]
    expires: Attr[datetime] = ttl(after=timedelta(hours=2))

    key = key("ROOM#{room}", "USER#{user}")

    @access
    def in_room(*, room: str, user: str | None = None) -> None: ...


class Counter(Entity, table=CHAT):
    """A number that no clock goes into."""

    name: Attr[str]
    count: Attr[int] = attr(default=0)

    key = key("COUNTER#{name}", "COUNTER")


class Tally(Entity, table=CHAT):
    """Another kind of item under the keys of a `Counter`."""

    name: Attr[str]

    key = key("COUNTER#{name}", "COUNTER")


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Address(BaseModel, strict=True):
    city: str
    since: date
    rent: Decimal


PLAIN = Table("plain", partition_key="owner", sort_key="n")


class Everything(Entity, table=PLAIN):
    """One attribute of every type, under plain keys."""

    owner: Attr[str] = attr(partition_key=True)
    number: Attr[int] = attr(sort_key=True)
    small: Attr[float] = attr(default=0.1)
    exact: Attr[Decimal] = attr(default=Decimal("1.1234567890123456789012345678901234567"))
    data: Attr[bytes] = attr(default=b"\x00\xff")
    day: Attr[date] = attr(default=date(2026, 11, 22))
    at: Attr[time] = attr(default=time(12, 30))
    span: Attr[timedelta] = attr(default=timedelta(hours=1, seconds=2))
    identity: Attr[UUID] = attr(default=UUID(int=7))
    mood: Attr[Mood] = attr(default=Mood.GOOD)
    kind: Attr[Literal["a", "b"]] = attr(default="a")
    flag: Attr[bool] = attr(default=True)
    nothing: Attr[str | None] = attr(default=None)
    address: Attr[Address] = attr(default_factory=lambda: Address(city="Lund", since=date(2020, 1, 2), rent=Decimal("9.90")))
    addresses: Attr[list[Address]] = attr(default_factory=list)
    numbers: Attr[set[int]] = attr(default_factory=lambda: {1, 2})
    blobs: Attr[set[bytes]] = attr(default_factory=lambda: {b"a"})
    pair: Attr[tuple[int, str]] = attr(default=(1, "a"))
    free: Attr[dict[str, Any]] = attr(default_factory=lambda: {"a": [1, None, {"b": Decimal("0.5")}], "c": "d"})
    either: Attr[int | str] = attr(default="7")

    @access
    def of(*, owner: str, since: int | None = None, until: int | None = None) -> None: ...


MIXED = Table("mixed", partition_key="place", sort_key="number")


class Seventh(Entity, table=MIXED):
    """Shares partitions with another entity, under keys that do not tell them apart."""

    place: Attr[str]
    number: Attr[int]

    @access
    def all_in(*, place: str) -> None: ...


class Odd(Entity, table=MIXED):
    """The other entity."""

    place: Attr[str]
    number: Attr[int]
