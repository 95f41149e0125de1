"""What a new declaration reads of what the old one stored."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field

from gateleg.changes.forms import form_changes
from gateleg.changes.lock import Entry, Lock
from gateleg.changes.shape import StackShape
from gateleg.model import Attr, Entity, Index, Table, attr, index_key, key

if TYPE_CHECKING:
    from pathlib import Path


class Place(BaseModel):
    """Somewhere."""

    city: str


class Street(Place):
    """Somewhere, more exactly."""

    street: str


def thing(annotation: Any, upgrades: Any = (), **given: Any) -> Any:
    """An entity that has one attribute of a type."""
    table = Table("judged", partition_key="pk")
    named = {"__module__": __name__, "__annotations__": {"a": Attr[str], "s": Attr[annotation]}, "key": key("A#{a}"), "s": attr(**given)}
    kind: Any = type(Entity)
    return kind("Thing", (Entity,), named, table=table, upgrades=upgrades)


def form(annotation: Any, upgrades: Any = (), **given: Any) -> dict[str, Any]:
    """The form of a table whose entity has one attribute of a type."""
    return form_of(thing(annotation, upgrades, **given).__gateleg__.table)


def form_of(table: Any) -> dict[str, Any]:
    return {"entities": {name: asdict(entity) for name, entity in table.shape().entities.items()}}


def stored_again(was: Any, now: Any, value: Any) -> bool:
    """Whether what is stored of a value stays as it is once another declaration has read it."""
    stored = thing(was).__gateleg__.encode(thing(was)(a="a", s=value))
    layout = thing(now).__gateleg__
    return bool(layout.encode(layout.decode(stored)) == stored)


def changes(was: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.rule, one.verdict) for one in form_changes("Shop", "Table", was, now)]


class Closed(BaseModel):
    """Somewhere, and nothing more."""

    model_config = ConfigDict(extra="forbid")

    city: str


class Wider(Closed):
    """The same with more, and nothing beside that."""

    zip: str = ""


class Open(BaseModel):
    """Somewhere, and whatever else."""

    model_config = ConfigDict(extra="allow")

    city: str


class Day(BaseModel):
    """A day within a model."""

    at: date


class Moment(BaseModel):
    """A moment under its name."""

    at: datetime


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
SHORTER: Any = Annotated[str, Field(max_length=4)]
WORD: Any = Annotated[str, Field(pattern="^[a-z]+$")]
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
    (Wider, Closed),
    (Decimal, Annotated[Decimal, Field(decimal_places=2)]),
    (Annotated[Decimal, Field(max_digits=5)], Annotated[Decimal, Field(max_digits=4)]),
    (list[Any], list[int]),
    (dict[str, Any], dict[str, int]),
    (dict[str, int], dict[Literal["a"], int]),
    (dict[str, int], dict[WORD, int]),
    (dict[WORD, int | str], dict[WORD, int]),
    (dict[str, int], dict[SHORT, int]),
    (dict[SHORT, int], dict[SHORTER, int]),
    (dict[str, int], dict[int, int]),
    (dict[str, str], Place),
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
    (UUID, str),
    (Literal["L"], Size),
    (Size, Literal["L", "S"]),
    (tuple[int, int], tuple[int, ...]),
    (Street, dict[str, str]),
    (AT_LEAST, float),
    (Literal[12], AT_LEAST),
    (Literal["L"], SHORT),
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


def same(text: str) -> str:
    return text


def entity_form(
    keys: dict[str, Any], *, names: dict[str, Any] | None = None, options: dict[str, Any] | None = None, **table: Any
) -> dict[str, Any]:
    """The form of a table with a sort key, by the declarations of its entity."""
    declared = Table("judged", partition_key="pk", sort_key="sk", indexes=[Index("by_s", partition_key="gpk", sort_key="gsk")], **table)
    annotations = {"a": Attr[str], "s": Attr[str], **dict.fromkeys(names or {}, Attr[int])}
    kind: Any = type(Entity)
    kind(
        "Thing",
        (Entity,),
        {"__module__": __name__, "__annotations__": annotations, **keys, **(names or {})},
        table=declared,
        **(options or {}),
    )
    return form_of(declared)


PLAIN: Any = {"key": key("A#{a}", "{s}")}


def test_text_that_ends_a_key_is_not_written_otherwise() -> None:
    encoded = {"key": key("A#{a}", "{s}", percent_encoded=True)}
    assert (
        changes(entity_form(PLAIN), entity_form(encoded))
        == changes(entity_form(encoded), entity_form(PLAIN))
        == [("stored-key", "refused")]
    )
    of_index = [{**PLAIN, "by_s": index_key("by_s", "S", "{s}", percent_encoded=encoded)} for encoded in (False, True)]
    assert changes(entity_form(of_index[0]), entity_form(of_index[1])) == [("stored-index-key", "refused")]
    assert changes(entity_form(of_index[0]), entity_form(of_index[0])) == changes(entity_form(encoded), entity_form(encoded)) == []


@pytest.mark.parametrize(("sort", "names"), [("{s}", ("sk",)), ("{s}#", ()), ("{s}/{n}", ())])
def test_only_text_that_ends_a_key_is_told_to_be_percent_encoded(sort: str, names: tuple[str, ...]) -> None:
    told = entity_form({"key": key("A#{a}", sort, percent_encoded=True)}, names={"n": attr()})
    assert told["entities"]["Thing"]["percent_encoded"] == names


def test_what_a_lock_leaves_out_is_the_usual(tmp_path: Path) -> None:
    for declared in (entity_form(PLAIN), entity_form({"key": key("A#{a}", "{s}", percent_encoded=True)}, options={"unknown": "refuse"})):
        file = tmp_path / "lock.json"
        Lock({"Shop": Entry(StackShape("Shop", {}, {"Table": declared}, {}))}).write(file)
        read = Lock.read(file)
        assert read is not None
        assert changes(read.entries["Shop"].shape.forms["Table"], declared) == []


def test_unique_values_are_claimed_as_they_are_stored() -> None:
    assert changes(form(str, unique=True), form(str, unique=True, save=same)) == [("transform", "told"), ("unique", "refused")]
    assert changes(form(str, unique=True, save=same), form(str, unique=True, save=same)) == []
    assert changes(form(str, unique=True), form(str | int, unique=True)) == []
    assert changes(form(str, unique=True), form(int, [up], unique=True)) == [("unique", "refused")]


def test_an_attribute_that_leaves_an_entity_which_refuses_others_is_refused() -> None:
    more = {"more": attr(default=0)}
    refusing, upgraded = {"unknown": "refuse"}, {"unknown": "refuse", "upgrades": [up]}
    assert changes(entity_form(PLAIN, names=more), entity_form(PLAIN)) == [("attribute-gone", "told")]
    assert changes(entity_form(PLAIN, names=more, options=refusing), entity_form(PLAIN, options=refusing)) == [
        ("attribute-gone", "refused")
    ]
    assert changes(entity_form(PLAIN, names=more, options=refusing), entity_form(PLAIN, options=upgraded)) == [("attribute-gone", "told")]


def test_what_may_be_anything_is_read_by_what_takes_anything() -> None:
    assert changes(form(Any, default=0), form(int, default=0)) == [("stored-value", "refused")]
    assert changes(form(int, default=0), form(Any, default=0)) == []


def test_a_model_is_read_as_a_map_whose_values_its_fields_are() -> None:
    assert changes(form(Place | None), form(dict[str, str] | None)) == []
    assert changes(form(Place | None), form(dict[str, int] | None)) == [("stored-value", "refused")]


def test_digits_that_an_attribute_itself_says_are_no_fewer() -> None:
    wide, narrow = form(Decimal, default=Decimal(0), max_digits=6), form(Decimal, default=Decimal(0), max_digits=5)
    assert changes(wide, narrow) == [("stored-value", "refused")]
    assert changes(narrow, wide) == changes(narrow, form(Decimal, default=Decimal(0))) == []
    within: Any = Annotated[Decimal, Field(max_digits=5)]
    either = form(within | None, default=None), form(Decimal | None, default=None, max_digits=5)
    assert changes(either[0], either[1]) == changes(either[1], either[0]) == []


def test_whole_numbers_above_a_bound_are_those_from_the_next_on() -> None:
    above, since = Annotated[int, Field(gt=-1)], Annotated[int, Field(ge=0)]
    assert changes(form(above), form(since)) == changes(form(since), form(above)) == []
    positive, natural = Annotated[float, Field(gt=0)], Annotated[float, Field(ge=0)]
    assert changes(form(positive), form(natural)) == []
    assert changes(form(natural), form(positive)) == [("stored-value", "refused")]
    below, until = Annotated[int, Field(lt=10)], Annotated[int, Field(le=9)]
    assert changes(form(below), form(until)) == changes(form(until), form(below)) == []
    assert changes(form(Annotated[int, Field(le=10)]), form(below)) == [("stored-value", "refused")]


def test_a_date_is_not_read_as_a_datetime_as_comparisons_would_miss_its_text() -> None:
    day, moment = date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)
    for was, now, value in ((date, datetime, day), (list[date], list[datetime], [day]), (Day, Moment, Day(at=day))):
        assert not stored_again(was, now, value)
        assert changes(form(was), form(now)) == [("stored-value", "refused")]
    assert changes(form(datetime), form(date)) == [("stored-value", "refused")]
    assert not stored_again(datetime, date, moment)


@pytest.mark.parametrize(
    ("was", "now", "value"),
    [
        (UUID, str, UUID(int=1)),
        (date, str, date(2026, 1, 2)),
        (datetime, str, datetime(2026, 1, 2, tzinfo=UTC)),
        (int, Decimal, 3),
        (int, float, 3),
        (Street, dict[str, str], Street(city="Here", street="There")),
        (Size, Literal["L", "S"], Size.LARGE),
        (list[Decimal], list[Decimal | str], [Decimal("1.5")]),
    ],
)
def test_what_is_taken_stays_stored_as_it_was(was: Any, now: Any, value: Any) -> None:
    assert changes(form(was), form(now)) == []
    assert stored_again(was, now, value)


@pytest.mark.parametrize(("one", "other"), [(list[bytes], list[str]), (list[set[str]], list[list[str]])])
def test_what_is_stored_as_another_type_is_not_read_for_it(one: Any, other: Any) -> None:
    assert changes(form(one), form(other)) == changes(form(other), form(one)) == [("stored-value", "refused")]
