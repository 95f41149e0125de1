"""A table whose entities have all that can be stored."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, SecretStr

from gateleg.model import Attr, Entity, Index, Table, attr, created_at, index_key, key, ttl, updated_at, version

THINGS = Table(
    "things",
    partition_key="pk",
    sort_key="sk",
    ttl="ends",
    indexes=[Index("all", partition_key="gpk", sort_key="gsk", sharded=3)],
)


class Colour(StrEnum):
    RED = "red"


class Level(Enum):
    LOW = 1
    HIGH = 2


class Part(BaseModel):
    name: str
    count: int | None = None
    more: list[Part] = []


class Thing(Entity, table=THINGS):
    """Of every type."""

    tenant: Attr[str]
    thing_id: Attr[int]
    whole: Attr[int] = attr(default=0)
    exact: Attr[Decimal] = attr(default=Decimal(0))
    real: Attr[float] = attr(default=0.0)
    flag: Attr[bool] = attr(default=False)
    raw: Attr[bytes] = attr(default=b"")
    maybe: Attr[str | None] = attr(default="something")
    moment: Attr[datetime | None] = attr(default=None)
    day: Attr[date | None] = attr(default=None)
    hour: Attr[time | None] = attr(default=None)
    span: Attr[timedelta | None] = attr(default=None)
    number: Attr[UUID | None] = attr(default=None)
    colour: Attr[Colour] = attr(default=Colour.RED)
    level: Attr[Level] = attr(default=Level.LOW)
    names: Attr[set[str]] = attr(default_factory=set)
    numbers: Attr[set[Decimal]] = attr(default_factory=set)
    blobs: Attr[set[bytes]] = attr(default_factory=set)
    listed: Attr[list[int]] = attr(default_factory=list)
    mapped: Attr[dict[str, Decimal]] = attr(default_factory=dict)
    part: Attr[Part | None] = attr(default=None)
    either: Attr[int | str] = attr(default=0)
    anything: Attr[Any] = attr(default=None)
    secret: Attr[SecretStr | None] = attr(default=None)
    shouted: Attr[str] = attr(default="", save=str.upper, load=str.lower)
    packed: Attr[str] = attr(default="", save=lambda text: text.encode(), load=lambda raw: bytes(raw).decode())
    ends: Attr[datetime | None] = ttl()
    made: Attr[datetime] = created_at()
    changed: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("TENANT#{tenant}", "THING#{thing_id:012d}")
    all_key = index_key("all", "ALL", "{tenant}#{thing_id:012d}")


class Person(Entity, table=THINGS):
    """Somebody with a unique address."""

    name: Attr[str]
    mail: Attr[str] = attr(unique=True)

    key = key("PERSON#{name}", "PERSON")
