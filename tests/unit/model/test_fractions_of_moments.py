"""Moments that are stored in whole units: what is asked with a fraction means what it means of the values, and no key is made of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, GatelegError, ItemInvalidError
from gateleg.expressions import Placeholders, condition_text
from gateleg.model import EPOCH, EPOCH_MS, ISO, Attr, Entity, Index, Table, access, attr, created_at, index_key, key

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 1, 1, tzinfo=UTC)
HALF = START + timedelta(milliseconds=500)
COUNT = int(START.timestamp())
SIGHTS = Table("sights", partition_key="pk", sort_key="sk", indexes=[Index("by_time", partition_key="gpk", sort_key="gsk")])


class Sight(Entity, table=SIGHTS):
    name: Attr[str]
    at: Attr[datetime] = attr(stored_as=EPOCH)
    seen: Attr[datetime | None] = attr(default=None, stored_as=EPOCH)
    heard: Attr[datetime | None] = attr(default=None, stored_as=EPOCH_MS)
    key = key("SIGHT#{name}", "AT#{at:012d}")
    by_time_key = index_key("by_time", "ALL", "{seen:012d}#{name}")

    @access
    def closed(*, name: str, since: datetime | None = None, until: datetime | None = None) -> None: ...
    @access
    def opened(*, name: str, after: datetime | None = None, before: datetime | None = None) -> None: ...
    @access
    def usual(*, name: str, since: datetime, before: datetime) -> None: ...
    @access
    def other(*, name: str, after: datetime, until: datetime) -> None: ...

    @access
    def exactly(*, name: str, at: datetime) -> None: ...

    @access(index="by_time")
    def at_once(*, seen: datetime) -> None: ...


LOG = Table("log", partition_key="source", sort_key="at")


class Line(Entity, table=LOG):
    source: Attr[str] = attr(partition_key=True)
    at: Attr[datetime] = attr(sort_key=True, stored_as=EPOCH)

    @access
    def between(*, source: str, since: datetime | None = None, until: datetime | None = None) -> None: ...
    @access
    def after(*, source: str, after: datetime) -> None: ...
    @access
    def before(*, source: str, before: datetime) -> None: ...


def asked(condition: Any) -> tuple[str, list[int]]:
    placeholders = Placeholders()
    text = condition_text(condition, placeholders)
    return text, [int(value["N"]) - COUNT for value in placeholders.params()["ExpressionAttributeValues"].values()]


@pytest.mark.parametrize(
    ("condition", "text", "seconds"),
    [
        (Sight.seen >= HALF, "#0 >= :0", [1]),
        (Sight.seen < HALF, "#0 < :0", [1]),
        (Sight.seen > HALF, "#0 > :0", [0]),
        (Sight.seen <= HALF, "#0 <= :0", [0]),
        (Sight.seen.between(HALF, HALF + timedelta(seconds=2)), "#0 BETWEEN :0 AND :1", [1, 2]),
        (Sight.seen >= START, "#0 >= :0", [0]),
        (Sight.seen < START, "#0 < :0", [0]),
        (Sight.seen == START, "#0 = :0", [0]),
    ],
)
def test_a_condition_keeps_the_items_whose_values_it_is_true_of(condition: Any, text: str, seconds: list[int]) -> None:
    assert asked(condition) == (text, seconds)


def test_milliseconds_are_rounded_as_seconds_are() -> None:
    given = START + timedelta(microseconds=1)
    placeholders = Placeholders()
    condition_text((Sight.heard >= given) & (Sight.heard > given), placeholders)
    assert [int(one["N"]) for one in placeholders.params()["ExpressionAttributeValues"].values()] == [COUNT * 1000 + 1, COUNT * 1000]


def test_what_is_before_1970_is_rounded_so_too() -> None:
    early = datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC)
    assert [asked(condition)[1][0] + COUNT for condition in (Sight.seen < early, Sight.seen > early)] == [-1, -2]


@pytest.mark.parametrize(
    ("ask", "end"),
    [
        (lambda: Line.between(source="a", since=HALF), (">=", 1)),
        (lambda: Line.between(source="a", until=HALF), ("<=", 0)),
        (lambda: Line.after(source="a", after=HALF), (">", 0)),
        (lambda: Line.before(source="a", before=HALF), ("<", 1)),
    ],
)
def test_a_range_of_a_plain_key_is_that_of_the_values(ask: Callable[[], Any], end: tuple[str, int]) -> None:
    [condition] = ask().sort
    assert (condition.operator, int(condition.values[0]["N"]) - COUNT) == end


@pytest.mark.parametrize(
    ("ask", "held"),
    [
        (lambda: Sight.closed(name="a", since=HALF), [1, 2]),
        (lambda: Sight.opened(name="a", after=HALF), [1, 2]),
        (lambda: Sight.opened(name="a", before=HALF), [0]),
        (lambda: Sight.closed(name="a", until=HALF), [0]),
        (lambda: Sight.usual(name="a", since=HALF, before=HALF + timedelta(seconds=1)), [1]),
        (lambda: Sight.other(name="a", after=START, until=HALF + timedelta(seconds=1)), [1]),
    ],
)
def test_a_range_of_a_template_is_that_of_the_values(ask: Callable[[], Any], held: list[int]) -> None:
    [condition] = ask().sort
    low, high = (value["S"] for value in condition.values)
    keys = [Sight.key(name="a", at=START + timedelta(seconds=second)).wire["sk"]["S"] for second in range(3)]
    assert [second for second, text in enumerate(keys) if low <= text <= high] == held


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Sight.seen == HALF,
        lambda: Sight.seen != HALF,
        lambda: Sight.seen.in_([START, HALF]),
        lambda: Sight.key(name="a", at=HALF),
        lambda: Sight.exactly(name="a", at=HALF),
        lambda: Sight.at_once(seen=HALF),
        lambda: Sight.__gateleg__.encode(Sight(name="a", at=HALF)),
        lambda: Sight.__gateleg__.key_of(Sight(name="a", at=HALF)),
        lambda: Line.key(source="a", at=HALF),
        lambda: Line.__gateleg__.encode(Line(source="a", at=HALF)),
    ],
)
def test_nothing_equals_a_fraction_and_no_key_is_made_of_one(ask: Callable[[], object]) -> None:
    with pytest.raises(
        ItemInvalidError, match=r"is stored in whole seconds, .*; write value\.replace\(microsecond=0\), as only stored_as=ISO keeps"
    ):
        ask()


def test_what_the_message_says_to_write_is_taken() -> None:
    value = HALF
    assert Line.key(source="a", at=value.replace(microsecond=0)).wire["at"] == {"N": str(COUNT)}
    assert asked(Sight.seen == value.replace(microsecond=0)) == ("#0 = :0", [0])
    with pytest.raises(ItemInvalidError, match=r"whole milliseconds, .* value\.replace\(microsecond=value\.microsecond // 1000 \* 1000\)"):
        Sight.heard.in_([value + timedelta(microseconds=1)])
    value += timedelta(microseconds=1)
    whole: Any = Sight.heard == value.replace(microsecond=value.microsecond // 1000 * 1000)
    assert whole.right == {"N": str(COUNT * 1000 + 500)}

    class Exact(Entity, table=LOG):
        source: Attr[str] = attr(partition_key=True)
        at: Attr[datetime] = attr(sort_key=True, stored_as=ISO)

    keys = [Exact.key(source="a", at=START + timedelta(milliseconds=part)) for part in (500, 700)]
    assert keys[0] != keys[1]


def test_a_fraction_is_cut_where_no_key_depends_on_it() -> None:
    item = Sight.__gateleg__.encode(Sight(name="a", at=START, seen=HALF))
    assert item["seen"] == {"N": str(COUNT)}
    assert Sight.seen.set(HALF).wire == {"N": str(COUNT)}  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Sight.seen.between(HALF, HALF + timedelta(milliseconds=100)),
        lambda: Line.between(source="a", since=HALF, until=HALF + timedelta(milliseconds=100)),
        lambda: Sight.closed(name="a", since=HALF, until=HALF + timedelta(milliseconds=100)),
    ],
)
def test_a_range_between_two_stored_moments_holds_nothing(ask: Callable[[], object]) -> None:
    with pytest.raises(GatelegError, match="holds nothing"):
        ask()


def test_an_empty_range_says_why() -> None:
    with pytest.raises(ExpressionError, match="holds nothing; moments are stored in whole seconds, and no second begins in it"):
        Sight.seen.between(HALF, HALF + timedelta(milliseconds=100))
    with pytest.raises(ExpressionError, match="holds nothing; give the lower end first"):
        Sight.seen.between(HALF + timedelta(seconds=1), HALF)


@pytest.mark.parametrize(("form", "unit"), [(EPOCH, timedelta(seconds=1)), (EPOCH_MS, timedelta(milliseconds=1))])
def test_the_time_that_an_entity_was_made_can_be_a_part_of_its_key(form: Any, unit: timedelta) -> None:
    class Made(Entity, table=Table("made", partition_key="pk", sort_key="at")):
        name: Attr[str]
        at: Attr[datetime] = created_at(stored_as=form)
        key = key("MADE#{name}")

    made = Made(name="a")
    assert not (made.at - START) % unit
    assert Made.__gateleg__.decode(Made.__gateleg__.encode(made)) == made
