"""What the store's unit tests write, and the transport that they write to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateleg.model import Attr, Entity, Index, Table, access, attr, created_at, index_key, key, updated_at, version

TABLE = Table("unit-1", partition_key="pk", sort_key="sk", indexes=[Index("by_owner", partition_key="gpk", sort_key="gsk")])


class Note(Entity, table=TABLE):
    """A note, with a version."""

    name: Attr[str]
    owner: Attr[str] = attr(default="ann")
    place: Attr[str | None] = attr(default=None)
    count: Attr[int] = attr(default=0, ge=0)
    tags: Attr[set[str]] = attr(default_factory=set)
    log: Attr[list[str]] = attr(default_factory=list)
    sizes: Attr[dict[str, int]] = attr(default_factory=dict)
    groups: Attr[dict[str, set[str]]] = attr(default_factory=dict)
    shout: Attr[str] = attr(default="", save=str.upper, stored="size")
    made: Attr[datetime] = created_at()
    changed: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("NOTE#{name}", "NOTE")
    owner_key = index_key("by_owner", "OWNER#{owner}#{place}", "{name}")

    @access
    def named(*, name: str) -> None: ...


class Tally(Entity, table=TABLE):
    """A number without a version."""

    name: Attr[str]
    count: Attr[int] = attr(default=0)

    key = key("TALLY#{name}", "TALLY")


@dataclass
class Script:
    """A transport that gives what it is told, in order, and keeps what it was asked."""

    answers: list[dict[str, Any] | Exception]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    pauses: list[float] = field(default_factory=list[float])

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, params))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
