"""One table as it was declared, and as it is now: an index with shards, an attribute, amounts in cents, unique slugs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key, updated_at, version

SHARDS = 3


def table(**more: Any) -> Table:
    return Table("posts", partition_key="pk", sort_key="sk", **more)


BEFORE = table()
NOW = table(
    indexes=[
        Index("by_author", partition_key="gsi1pk", sort_key="gsi1sk"),
        Index("newest", partition_key="gsi2pk", sort_key="gsi2sk", sharded=SHARDS),
    ]
)


class OldPost(Entity, table=BEFORE, name="Post"):
    post_id: Attr[str]
    author: Attr[str]
    amount: Attr[Decimal]
    likes: Attr[int] = attr(default=0)
    tags: Attr[set[str]] = attr(default_factory=set)
    note: Attr[str | None] = attr(default=None)
    revision: Attr[int] = version()

    key = key("POST#{post_id}", "POST")


def in_cents(values: dict[str, Any]) -> dict[str, Any]:
    """Not to be done twice."""
    return {**values, "amount": int(values["amount"] * 100)}


class Post(Entity, table=NOW, upgrades=[in_cents]):
    post_id: Attr[str]
    author: Attr[str] = attr(save=str.casefold)
    amount: Attr[int]
    likes: Attr[int] = attr(default=0)
    tags: Attr[set[str]] = attr(default_factory=set)
    note: Attr[str | None] = attr(default=None)
    language: Attr[str] = attr(default="en")
    seen_at: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("POST#{post_id}", "POST")
    author_key = index_key("by_author", "AUTHOR#{author}", "{post_id}")
    newest_key = index_key("newest", "ALL", "{post_id}")

    @access(index="by_author")
    def of_author(*, author: str) -> None: ...
    @access(index="newest")
    def newest() -> None: ...
