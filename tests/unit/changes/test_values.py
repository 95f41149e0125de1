"""What a new declaration reads of what the old one stored."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field

from gateleg.changes.forms import form_changes
from gateleg.changes.lock import Entry, Lock
from gateleg.changes.shape import StackShape
from gateleg.model import Attr, Entity, Table, attr, key

if TYPE_CHECKING:
    from pathlib import Path


class Place(BaseModel):
    """Somewhere."""

    city: str


class Street(Place):
    """Somewhere, more exactly."""

    street: str


def form(annotation: Any, upgrades: Any = (), **given: Any) -> dict[str, Any]:
    """The form of a table whose entity has one attribute of a type."""
    table = Table("judged", partition_key="pk")
    named = {"__module__": __name__, "__annotations__": {"a": Attr[str], "s": Attr[annotation]}, "key": key("A#{a}"), "s": attr(**given)}
    kind: Any = type(Entity)
    kind("Thing", (Entity,), named, table=table, upgrades=upgrades)
    return {"entities": {name: asdict(entity) for name, entity in table.shape().entities.items()}}


def changes(was: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.rule, one.verdict) for one in form_changes("Shop", "Table", was, now)]


class Closed(BaseModel):
    """Somewhere, and nothing more."""

    model_config = ConfigDict(extra="forbid")

    city: str


class Open(BaseModel):
    """Somewhere, and whatever else."""

    model_config = ConfigDict(extra="allow")

    city: str


class Cat(BaseModel):
    """One of two."""

    kind: Literal["cat"]


class Dog(BaseModel):
    """The other."""

    kind: Literal["dog"]


class Size(StrEnum):
    """Of which there are two."""

    LARGE = "L"
    SMALL = "S"


class One(StrEnum):
    """Of which one is left."""

    LARGE = "L"


PET: Any = Annotated[Cat | Dog, Field(discriminator="kind")]
SHORT: Any = Annotated[str, Field(max_length=5)]
AT_LEAST: Any = Annotated[int, Field(ge=10)]
NARROWED = [
    (str, datetime),
    (str, UUID),
    (Decimal, int),
    (Literal["new", "paid"], Literal["new"]),
    (str, Literal["new"]),
    (int, AT_LEAST),
    (Place | None, Street | None),
    (dict[str, str], dict[str, UUID]),
    (dict[Size, int], dict[One, int]),
    (tuple[int | str, int], tuple[int, int]),
    (tuple[int, ...], tuple[int, int]),
    (list[Size], list[One]),
    (set[Size], set[One]),
    (list[int | None], list[int]),
    (Size, One),
    (str, SHORT),
    (list[str], list[SHORT]),
    (str, timedelta),
    (float, int),
    (PET, Cat),
    (Open, Closed),
]
FEWER_FIELDS = [(Street, Closed), (list[Street], list[Closed]), (dict[str, Street], dict[str, Closed])]
ALIKE = [
    (PET, Cat | Dog),
    (Cat | Dog, PET),
    (Closed, Place),
    (Place, Closed),
    (Street, Place),
    (Closed, Open),
    (Place, Open),
    (int, Decimal),
    (date, datetime),
    (UUID, str),
    (Literal["L"], Size),
    (Size, Literal["L", "S"]),
    (tuple[int, int], tuple[int, ...]),
    (Street, dict[str, str]),
    (AT_LEAST, float),
]


@pytest.mark.parametrize(("wide", "narrow"), NARROWED)
def test_what_reads_fewer_values_is_refused_and_what_reads_more_is_not(wide: Any, narrow: Any) -> None:
    assert changes(form(wide), form(narrow)) == [("stored-value", "refused")]
    assert changes(form(narrow), form(wide)) == []


@pytest.mark.parametrize(("more", "fewer"), FEWER_FIELDS)
def test_fields_that_are_forbidden_now_are_refused(more: Any, fewer: Any) -> None:
    assert changes(form(more), form(fewer)) == [("stored-value", "refused")]


@pytest.mark.parametrize(("was", "now"), ALIKE)
def test_what_reads_all_that_was_stored_is_taken(was: Any, now: Any) -> None:
    assert changes(form(was), form(now)) == []


def test_other_values_and_none_that_is_no_longer_taken_are_refused() -> None:
    assert changes(form(list[str]), form(list[int])) == [("stored-value", "refused")]
    assert changes(form(str | None, default=""), form(str, default="")) == [("stored-value", "refused")]
    assert changes(form(str, default=""), form(str | None, default="")) == []


def test_a_bound_of_nought_is_kept_in_the_lock(tmp_path: Path) -> None:
    kept = form(Annotated[int, Field(ge=0)])
    file = tmp_path / "lock.json"
    Lock({"Shop": Entry(StackShape("Shop", {}, {"Table": kept}, {}))}).write(file)
    read = Lock.read(file)
    assert read is not None
    assert changes(read.entries["Shop"].shape.forms["Table"], kept) == []


@pytest.mark.parametrize("annotation", [str, date, Decimal, list[Place], Literal["new"], AT_LEAST, Any])
def test_what_stays_is_no_change(annotation: Any) -> None:
    assert changes(form(annotation), form(annotation)) == []


def up(item: Any) -> Any:
    return item


def other(item: Any) -> Any:
    return item


def test_upgrades_are_added_behind_those_that_were() -> None:
    assert changes(form(int, [up]), form(int, [up, other])) == []
    assert changes(form(int, [up, other]), form(int, [other, up])) == [("upgrades", "refused")]
    assert changes(form(int, [up]), form(int, [other])) == [("upgrades", "refused")]


def test_unique_values_are_claimed_from_the_beginning() -> None:
    assert changes(form(str), form(str, unique=True)) == changes(form(str, unique=True), form(str)) == [("unique", "refused")]
