"""The entities that the typing tests speak of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from gateleg.model import (
    DESCENDING,
    Attr,
    Entity,
    Index,
    Table,
    access,
    attr,
    created_at,
    include,
    index_key,
    key,
    ttl,
    ulid,
    updated_at,
    version,
)

SHOP = Table(
    "shop",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    indexes=[
        Index("by_state", partition_key="gsi1pk", sort_key="gsi1sk"),
        Index("by_name", partition_key="name", projection=include("name", "_type")),
    ],
)


class Address(BaseModel):
    """Where an order goes."""

    city: str
    lines: list[str] = []


class Stamped(Entity):
    """What every entity of the shop has; not an entity itself."""

    made_at: Attr[datetime] = created_at()
    changed_at: Attr[datetime] = updated_at()
    revision: Attr[int] = version()


class Order(Stamped, table=SHOP):
    """One order of a customer."""

    customer: Attr[str] = attr(min_length=1, save=str.casefold)
    order_id: Attr[str] = attr(default_factory=ulid)
    state: Attr[Literal["new", "paid", "sent"]] = attr(default="new")
    total: Attr[Decimal] = attr(ge=0)
    discount: Attr[float | None] = attr(default=None)
    lines: Attr[int] = attr(default=0, ge=0)
    tags: Attr[set[str]] = attr(default_factory=set)
    notes: Attr[list[str]] = attr(default_factory=list)
    counts: Attr[dict[str, int]] = attr(default_factory=dict)
    address: Attr[Address | None] = attr(default=None)
    comment: Attr[str | None] = attr(default=None)
    expires: Attr[datetime | None] = ttl()

    @key("CUSTOMER#{customer}", "ORDER#{order_id}")
    def key(*, customer: str, order_id: str) -> None: ...

    by_state_key = index_key("by_state", "STATE#{state}", "MADE#{made_at}")

    @access(sort=DESCENDING)
    def of_customer(*, customer: str) -> None:
        """All orders of a customer, the newest first."""

    @access(index="by_state")
    def in_state(*, state: Literal["new", "paid", "sent"], since: datetime | None = None) -> None: ...

    def is_large(self) -> bool:
        """Whether it is an order to look at."""
        return self.total > 1000 or self.lines > 100


class Product(Entity, table=SHOP):
    """A product, under a key whose names are checked when it is made."""

    sku: Attr[str]
    price: Attr[Decimal] = attr(ge=0)
    stock: Attr[int] = attr(default=0, ge=0)

    key = key("PRODUCT#{sku}", "PRODUCT")


USERS = Table("users", partition_key="user_id")


class User(Entity, table=USERS):
    """A user, under a plain attribute."""

    user_id: Attr[str] = attr(partition_key=True)
    name: Attr[str]
    age: Attr[int | None] = attr(default=None, ge=0)
