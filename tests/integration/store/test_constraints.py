"""What an update leaves is what its entity reads: constraints of every sort are kept by a condition, or the update is refused before it is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from gateleg.errors import ConstraintFailedError, ExpressionError, ItemInvalidError
from gateleg.model import EPOCH, Attr, Entity, Table, attr, key, raw
from tests.integration.store.kinds import Both

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

THINGS = Table("things", partition_key="pk", sort_key="sk")
FIRST = datetime(2000, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)


def positive(value: int) -> int:
    if value < 0:
        raise ValueError("write a number above 0")
    return value


class Rank(IntEnum):
    """Numbers of which some are left out."""

    LOW = 1
    HIGH = 3


class Colour(StrEnum):
    """Texts."""

    RED = "red"


class Ruled(BaseModel):
    """A field with a rule of its own."""

    x: int = 1
    y: int = 1

    @field_validator("x")
    @classmethod
    def be_small(cls, value: int) -> int:
        """A rule of which DynamoDB knows nothing."""
        return positive(5 - value) and value


class Span(BaseModel):
    """Two fields with a rule over both."""

    lo: int = 1
    hi: int = 5

    @model_validator(mode="after")
    def be_ordered(self) -> Span:
        """A rule of which DynamoDB knows nothing."""
        if self.lo > self.hi:
            raise ValueError("write the lower first")
        return self


class Thing(Entity, table=THINGS):
    """Constraints of every sort."""

    id: Attr[str] = attr(default="1")
    day: Attr[date] = attr(default=date(2020, 1, 1), ge=date(2000, 1, 1))
    maybe: Attr[date | None] = attr(default=date(2020, 1, 1), lt=date(2100, 1, 1))
    any_day: Attr[date] = attr(default=date(2020, 1, 1))
    moment: Attr[datetime] = attr(default=datetime(2020, 1, 1, tzinfo=UTC), gt=FIRST)
    any_moment: Attr[datetime] = attr(default=datetime(2020, 1, 1, tzinfo=UTC))
    second: Attr[datetime] = attr(default=datetime(2020, 1, 1, tzinfo=UTC), gt=FIRST, stored_as=EPOCH)
    any_second: Attr[datetime] = attr(default=datetime(2020, 1, 1, tzinfo=UTC), stored_as=EPOCH)
    span: Attr[timedelta] = attr(default=timedelta(1), ge=timedelta(0))
    any_span: Attr[timedelta] = attr(default=timedelta(1))
    hour: Attr[time] = attr(default=time(8), le=time(20))
    any_hour: Attr[time] = attr(default=time(8))
    choice: Attr[Literal[1, 2]] = attr(default=1)
    rank: Attr[Rank] = attr(default=Rank.LOW)
    colour: Attr[Colour] = attr(default=Colour.RED)
    number: Attr[int] = attr(default=1)
    text: Attr[str] = attr(default="red")
    words: Attr[list[str]] = attr(default_factory=list)
    cents: Attr[Decimal] = attr(default=Decimal(1), max_digits=4, decimal_places=2)
    dear: Attr[Annotated[Decimal, Field(max_digits=4, decimal_places=2)]] = attr(default=Decimal(1))
    digits: Attr[Decimal] = attr(default=Decimal(1), max_digits=4)
    checked: Attr[Annotated[int, AfterValidator(positive)]] = attr(default=1)
    noted: Attr[Annotated[int, "only said"]] = attr(default=1)
    ruled: Attr[int] = attr(default=1)
    inner: Attr[Ruled] = attr(default_factory=Ruled)
    pair: Attr[Span] = attr(default_factory=Span)
    two: Attr[dict[str, int]] = attr(default_factory=dict, max_length=2)
    many: Attr[dict[str, int]] = attr(default_factory=dict, max_length=6)
    one: Attr[dict[str, int]] = attr(default_factory=lambda: {"a": 1, "b": 1}, min_length=1)

    key = key("T#{id}", "T")

    @field_validator("ruled")
    @classmethod
    def be_positive(cls, value: int) -> int:
        """A rule of which DynamoDB knows nothing."""
        return positive(value)


KEY = Thing.key(id="1")
NUMBER: Any = Thing.number
TEXT: Any = Thing.text


@pytest.fixture(params=["waits", "awaits"])
def store(request: pytest.FixtureRequest, make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> Both:
    both = Both(make_store(THINGS), dynamodb_engine, awaits=request.param == "awaits")
    both.waiting.create(Thing())
    return both


def test_limits_of_dates_and_times_let_valid_values_be_set(store: Both) -> None:
    left = store.update(
        KEY,
        Thing.day.set(date(2021, 1, 1)),
        Thing.maybe.remove(),
        Thing.moment.set(Thing.any_moment),
        Thing.second.set(Thing.any_second),
        Thing.span.set(timedelta(2)),
        Thing.hour.set(time(9)),
    )
    assert (left.day, left.span, left.hour) == (date(2021, 1, 1), timedelta(2), time(9))
    assert store.update(KEY, Thing.day.set(Thing.any_day), Thing.maybe.set(Thing.any_day)).maybe == date(2020, 1, 1)
    with pytest.raises(ItemInvalidError):
        Thing.day.set(date(1999, 1, 1))


@pytest.mark.parametrize(
    ("given", "copy"),
    [
        (Thing.any_day.set(date(1999, 12, 31)), Thing.day.set(Thing.any_day)),
        (Thing.any_day.set(date(2100, 1, 1)), Thing.maybe.set(Thing.any_day)),
        (Thing.any_moment.set(FIRST), Thing.moment.set(Thing.any_moment)),
        (Thing.any_second.set(FIRST), Thing.second.set(Thing.any_second)),
        (Thing.number.set(2), Thing.rank.set(NUMBER)),
        (Thing.number.set(3), Thing.choice.set(NUMBER)),
        (Thing.text.set("blue"), Thing.colour.set(TEXT)),
        (Thing.number.set(100), Thing.cents.set(NUMBER)),
    ],
)
def test_a_copy_keeps_limits_and_choices_by_a_condition(store: Both, given: Any, copy: Any) -> None:
    before = store.update(KEY, given)
    with pytest.raises(ConstraintFailedError):
        store.update(KEY, copy)
    assert store.get(KEY, consistent=True) == before


def test_copies_and_sums_that_fit_are_done(store: Both) -> None:
    assert store.update(KEY, Thing.rank.set(NUMBER), Thing.colour.set(TEXT)).rank is Rank.LOW
    store.update(KEY, Thing.any_second.set(FIRST + timedelta(seconds=0.5)))
    assert store.update(KEY, Thing.second.set(Thing.any_second)).second == FIRST + timedelta(seconds=0.5)
    left = store.update(KEY, Thing.choice.add(1), Thing.rank.add(2), Thing.cents.add(Decimal("98.99")), Thing.noted.add(1))
    assert (left.choice, left.rank, left.cents) == (2, Rank.HIGH, Decimal("99.99"))
    assert store.update(
        KEY, Thing.text.set(raw("if_not_exists({}, {})", Thing.text, "x")), Thing.number.set(raw("{} + {}", Thing.number, 5))
    )
    assert store.update(KEY, Thing.words.set(raw("list_append({}, {})", Thing.words, ["a"]))).words == ["a"]


@pytest.mark.parametrize("change", [Thing.choice.add(1), Thing.rank.add(2), Thing.dear.add(98), Thing.cents.add(98)])
def test_a_sum_that_is_none_of_the_values_is_refused(store: Both, change: Any) -> None:
    before = store.update(KEY, change)
    with pytest.raises(ConstraintFailedError):
        store.update(KEY, change)
    assert store.get(KEY, consistent=True) == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Thing.choice.add(7), ItemInvalidError),
        (Thing.rank.add(5), ItemInvalidError),
        (Thing.cents.add(Decimal("0.001")), ItemInvalidError),
        (Thing.dear.add(Decimal("0.001")), ItemInvalidError),
        (Thing.digits.add(1), ExpressionError),
        (Thing.checked.add(1), ExpressionError),
        (Thing.ruled.add(1), ExpressionError),
        (Thing.inner["x"].add(1), ExpressionError),
        (Thing.pair["lo"].set(99), ExpressionError),
        (Thing.pair["lo"].add(99), ExpressionError),
        (Thing.pair["lo"].remove(), ExpressionError),
        (Thing.span.set(Thing.any_span), ExpressionError),
        (Thing.hour.set(Thing.any_hour), ExpressionError),
        (Thing.choice.set(raw("{}", 7)), ExpressionError),
        (Thing.day.set(raw("{}", Thing.any_day)), ExpressionError),
        (Thing.number.set(raw("list_append({}, {})", Thing.words, ["a"])), ExpressionError),
        (Thing.number.set(raw("{} + {}", Thing.number, Decimal("0.5"))), ExpressionError),
        (Thing.number.set(raw("{}", Thing.digits)), ExpressionError),
        (Thing.text.set(raw("{} + {}", Thing.number, 5)), ExpressionError),
        (Thing.text.set(raw("if_not_exists({}, {})", Thing.text, 5)), ExpressionError),
        (Thing.any_day.set(raw("{}", Thing.text)), ExpressionError),
        (Thing.any_day.set(raw("{}", "x")), ExpressionError),
        (Thing.words.set(raw("list_append({}, {})", Thing.words, [1])), ExpressionError),
        (Thing.inner.set(raw("{}", {"x": 99})), ExpressionError),
    ],
)
def test_what_nobody_could_check_is_told_before(store: Both, change: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"set the|set a|set one|give|add a|read it"):
        store.waiting.prepare.update(KEY, change)


def test_by_a_condition_the_caller_answers_for_what_nobody_checks(store: Both) -> None:
    assert store.update(KEY, Thing.checked.add(-1), when=Thing.checked >= 1).checked == 0
    assert store.update(KEY, Thing.digits.add(1), when=Thing.digits < 9).digits == 2
    assert store.update(KEY, Thing.inner["x"].add(1), when=Thing.inner["x"] < 4).inner.x == 2
    assert store.update(KEY, Thing.pair["lo"].set(2), when=Thing.pair["hi"] >= 2).pair == Span(lo=2)
    assert store.update(KEY, Thing.any_day.set(raw("if_not_exists({}, {})", Thing.any_day, date(2020, 1, 1))))
    assert store.update(KEY, Thing.inner["y"].add(1)).inner.y == 2


def test_entries_that_are_there_and_entries_that_go_are_counted(store: Both) -> None:
    store.update(KEY, Thing.two.set({"a": 1}))
    store.update(KEY, Thing.two["a"].set(3), Thing.two["b"].set(3))
    assert store.update(KEY, Thing.two["a"].remove(), Thing.two["c"].set(3)).two == {"b": 3, "c": 3}
    for changes in (
        (Thing.two["x"].remove(), Thing.two["d"].set(3)),
        (Thing.two["b"].remove(), Thing.two["d"].set(3), Thing.two["e"].set(3)),
    ):
        with pytest.raises(ConstraintFailedError, match="constraints refuse"):
            store.update(KEY, *changes)
    assert store.update(KEY, Thing.one["a"].remove(), Thing.one["b"].remove(), Thing.one["c"].set(1)).one == {"c": 1}
    with pytest.raises(ConstraintFailedError):
        store.update(KEY, Thing.one["c"].remove(), Thing.one["d"].remove())
    with pytest.raises(ConstraintFailedError):
        store.update(KEY, Thing.one["c"].remove())
    assert store.update(KEY, Thing.one["c"].remove(), Thing.one["a"].set(1), Thing.one["x"].remove()).one == {"a": 1}


def test_of_more_entries_than_can_be_counted_the_refusal_says_so(store: Both) -> None:
    changes = [Thing.many[name].set(1) for name in "abcdef"]
    store.update(KEY, changes[0], *changes[1:])
    store.update(KEY, changes[0], *changes[1:])
    store.update(KEY, Thing.many["a"].remove())
    with pytest.raises(ConstraintFailedError, match=r"cannot be checked in one update.* change fewer of them at a time"):
        store.update(KEY, changes[0], *changes[1:])
    for change in changes:
        store.update(KEY, change)
