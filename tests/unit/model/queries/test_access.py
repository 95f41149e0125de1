# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.description.uses import Usable, Use
from gateleg.errors import AccessPatternError, ExpressionError, ItemInvalidError
from gateleg.model import (
    DESCENDING,
    KEYS_ONLY,
    Attr,
    Entity,
    Index,
    Query,
    Table,
    access,
    attr,
    include,
    index_key,
    key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Table(
    "access",
    partition_key="pk",
    sort_key="sk",
    indexes=[
        Index("by_shelf", partition_key="gpk", sort_key="gsk"),
        Index("by_kind", partition_key="kind", sort_key="weight"),
        Index("keys", partition_key="kind", projection=KEYS_ONLY),
        Index("some", partition_key="kind", projection=include("_type", "kind", "shelf")),
    ],
)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Book(Entity, table=TABLE):
    room: Attr[str]
    shelf: Attr[int]
    at: Attr[datetime]
    title: Attr[str]
    kind: Attr[str] = attr(default="novel")
    weight: Attr[float] = attr(default=1.0)

    key = key("ROOM#{room}", "SHELF#{shelf:04d}#AT#{at}#{title}")
    by_shelf_key = index_key("by_shelf", "SHELF#{shelf:04d}", "{title}#")

    @access(sort=DESCENDING)
    def in_room(*, room: str, shelf: int | None = None, at: datetime | None = None) -> None:
        """Books of a room."""

    @access
    def on_shelf(*, room: str, shelf: int, since: datetime | None = None, until: datetime | None = None) -> None: ...

    @access
    def strictly(*, room: str, shelf: int, after: datetime | None = None, before: datetime | None = None) -> None: ...

    @access(ranges={"low": ">=", "high": "<="})
    def shelves(*, room: str, low: int | None = None, high: int | None = None) -> None: ...

    @access
    def titled(*, room: str, shelf: int, at: datetime, prefix: str) -> None: ...

    @access
    def exactly(*, room: str, shelf: int, at: datetime, title: str) -> None: ...

    @access(index="by_shelf")
    def everywhere(*, shelf: int) -> None: ...

    @access(index="by_kind")
    def of_kind(*, kind: str, weight: float | None = None) -> None: ...

    @access(index="by_kind")
    def heavier(*, kind: str, after: float) -> None: ...


UNTYPED: Any = Book
"""The entity without its types, for mistakes that type checkers would find."""


def sort(query: Query[Any]) -> tuple[str, list[str]] | None:
    if not query.sort:
        return None
    [condition] = query.sort
    return condition.operator, [next(iter(wire.values())) for wire in condition.values]


MAX = "\U0010ffff"
AT = "2026-11-22T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Book.in_room(room="a"), ("begins_with", ["SHELF#"])),
        (Book.in_room(room="a", shelf=None), ("begins_with", ["SHELF#"])),
        (Book.in_room(room="a", shelf=3), ("begins_with", ["SHELF#0003#AT#"])),
        (Book.in_room(room="a", shelf=3, at=NOON), ("begins_with", [f"SHELF#0003#AT#{AT}#"])),
        (Book.exactly(room="a", shelf=3, at=NOON, title="x#"), ("=", [f'SHELF#0003#AT#{AT}#x""'])),
        (Book.on_shelf(room="a", shelf=3), ("begins_with", ["SHELF#0003#AT#"])),
        (Book.on_shelf(room="a", shelf=3, since=NOON), ("between", [f"SHELF#0003#AT#{AT}", f"SHELF#0003#AT#{MAX}"])),
        (Book.on_shelf(room="a", shelf=3, until=NOON), ("between", ["SHELF#0003#AT#", f"SHELF#0003#AT#{AT}#{MAX}"])),
        (Book.strictly(room="a", shelf=3, after=NOON), ("between", [f"SHELF#0003#AT#{AT}#{MAX}", f"SHELF#0003#AT#{MAX}"])),
        (Book.strictly(room="a", shelf=3, before=NOON), ("between", ["SHELF#0003#AT#", f"SHELF#0003#AT#{AT}"])),
        (Book.shelves(room="a", low=1, high=20), ("between", ["SHELF#0001", f"SHELF#0020#AT#{MAX}"])),
        (Book.titled(room="a", shelf=3, at=NOON, prefix="Th"), ("begins_with", [f"SHELF#0003#AT#{AT}#Th"])),
        (Book.everywhere(shelf=3), None),
        (Book.of_kind(kind="novel"), None),
        (Book.of_kind(kind="novel", weight=0.5), ("=", ["0.5"])),
        (Book.heavier(kind="novel", after=0.5), (">", ["0.5"])),
    ],
)
def test_parameters_become_a_condition_of_the_sort_key(query: Query[Book], expected: object) -> None:
    assert sort(query) == expected


times = st.integers(-3, 3).map(lambda minutes: NOON + timedelta(minutes=minutes))


@given(stored=st.lists(st.tuples(times, st.text(st.characters(codec="utf-8"), max_size=3))), low=times, high=times)
def test_a_range_holds_exactly_the_values_between_its_ends(stored: list[tuple[datetime, str]], low: datetime, high: datetime) -> None:
    if low > high:
        low, high = high, low
    books = [Book(room="a", shelf=3, at=at, title=title) for at, title in stored]
    [condition] = Book.on_shelf(room="a", shelf=3, since=low, until=high).sort
    first, last = (wire["S"].encode() for wire in condition.values)
    found = [book for book in books if first <= book.key.wire["sk"]["S"].encode() <= last]
    assert found == [book for book in books if low <= book.at <= high]


def test_a_pattern_is_declared_as_the_use_of_its_index() -> None:
    assert isinstance(Book.everywhere, Usable)
    assert Book.everywhere.declared_uses() == (Use("access", "Book", "query", "by_shelf", leading=("SHELF#*",)),)
    assert (
        Book.in_room.declared_uses()
        == Book.in_room(room="a").declared_uses()
        == (Use("access", "Book", "query", None, leading=("ROOM#*",)),)
    )
    assert Book.in_room.__doc__ == "Books of a room."
    assert repr(Book.in_room) == "Book.in_room"


def test_queries_do_not_change_each_next_one_is_new() -> None:
    query = Book.in_room(room="a")
    assert query.where(Book.weight > 1) is not query
    assert (query.filter, query.forward, query.reversed().forward) == (None, False, True)


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda: UNTYPED.in_room(rom="a"), AccessPatternError, "'rom' is not a parameter"),
        (Book.in_room, AccessPatternError, "room is missing"),
        (lambda: UNTYPED.in_room("a"), AccessPatternError, "keywords only"),
        (lambda: UNTYPED.in_room(room=3), ItemInvalidError, r"Book\.room cannot be 3"),
        (lambda: UNTYPED.in_room(room=None), ItemInvalidError, "needs a value for 'room'"),
        (lambda: Book.in_room(room="a" * 2048), ItemInvalidError, "DynamoDB takes 1 to 2048"),
        (lambda: Book.in_room(room="a", at=NOON), AccessPatternError, "given 'at' without 'shelf'"),
        (lambda: Book.on_shelf(room="a", shelf=3, since=NOON, until=NOON - timedelta(1)), ItemInvalidError, "holds nothing"),
        (lambda: Book.strictly(room="a", shelf=3, after=NOON, before=NOON), ItemInvalidError, "holds nothing"),
        (lambda: Book.everywhere(shelf=3).consistent(), AccessPatternError, "has no consistent reads"),
        (lambda: Book.in_room(room="a").limit(0), AccessPatternError, "a limit is 1 or more"),
        (lambda: Book.of_kind(kind="a").where(Book.weight > 1), ExpressionError, "is a key of what is read"),
        (lambda: Book.in_room(room="a") and (Book.weight > 1 and Book.shelf > 1), ExpressionError, "no truth value"),
    ],
)
def test_a_wrong_question_is_refused(ask: Callable[[], object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        ask()


def declared(index: str | None, function: Callable[..., Any], **options: Any) -> None:
    class Draft(Entity, table=TABLE):
        room: Attr[str]
        number: Attr[int]
        title: Attr[str]
        kind: Attr[str] = attr(default="novel")
        weight: Attr[float] = attr(default=1.0)

        key = key("DRAFT#{room}", "N#{number}#{title}")
        pattern = access(index=index, **options)(function)


def no_partition(*, title: str) -> None: ...
def gap(*, room: str, title: str) -> None: ...
def foreign(*, room: str, weight: float) -> None: ...
def positional(room: str) -> None: ...
def by_kind(*, kind: str) -> None: ...
def range_of_unpadded(*, room: str, since: int) -> None: ...
def range_of_nothing(*, room: str, number: int, title: str, since: str) -> None: ...
def range_after_optional(*, room: str, number: int | None = None, since: str | None = None) -> None: ...
def two_lower_ends(*, room: str, number: int, since: str, after: str) -> None: ...
def prefix_and_range(*, room: str, number: int, prefix: str, after: str) -> None: ...
def prefix_of_number(*, room: str, prefix: str) -> None: ...
def open_ends(*, kind: str, after: float, before: float) -> None: ...


@pytest.mark.parametrize(
    ("index", "function", "said"),
    [
        (None, no_partition, "lacks room: the table's key needs every attribute of its partition key"),
        (None, gap, "takes 'title' without 'number'"),
        (None, foreign, "takes 'weight', which the table's key does not answer; its attributes: room, number, title"),
        (None, positional, "begin its parameters with `*`"),
        ("nowhere", by_kind, "table 'access' does not have; declared: 'by_shelf', 'by_kind', 'keys', 'some'"),
        ("by_shelf", by_kind, r"is not in it; declare index_key\('by_shelf'"),
        ("keys", by_kind, "whose projection lacks"),
        ("some", by_kind, "whose projection lacks number, room, title, weight"),
        (None, range_of_unpadded, r"pad the number: \{number:010d\}"),
        (None, range_of_nothing, "no attribute for it"),
        (None, range_after_optional, "'number' is optional"),
        (None, two_lower_ends, "two parameters for one end"),
        (None, prefix_and_range, "one lower and one upper end, or one prefix"),
        (None, prefix_of_number, "which is not text"),
        ("by_kind", open_ends, "both included"),
    ],
)
def test_a_pattern_that_no_key_answers_is_refused_as_the_class_is_made(index: str | None, function: Callable[..., Any], said: str) -> None:
    with pytest.raises(AccessPatternError, match=said):
        declared(index, function)


def unpadded(*, room: str) -> None: ...
def of_number(*, room: str, number: int) -> None: ...


def test_the_largest_first_of_what_a_key_does_not_sort_is_refused() -> None:
    with pytest.raises(AccessPatternError, match=r"gives the largest first of Draft\.number.* pad the number: \{number:010d\}"):
        declared(None, unpadded, sort=DESCENDING)
    declared(None, of_number, sort=DESCENDING)  # by its title, of one number
    declared(None, unpadded)


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(AccessPatternError, match="ASCENDING or DESCENDING"):
        declared(None, gap, sort="upwards")
