"""What is known of the constraints of a place, and what its updates demand of the stored item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntFlag
from itertools import combinations
from typing import Annotated, Any, Literal, NewType

import pytest
from pydantic import AfterValidator, Field, PlainSerializer, RootModel, WithJsonSchema, field_validator, model_validator
from typing_extensions import TypeAliasType

from gateleg.errors import ExpressionError
from gateleg.model import EPOCH, EPOCH_MS, Attr, Entity, Table, attr, key
from gateleg.store.commands.constraints import Rules, rules_of
from gateleg.store.commands.guards import guards

Natural = TypeAliasType("Natural", Annotated[int, Field(ge=0)])
Step = NewType("Step", int)
HALF = datetime(2000, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)


class Bits(IntFlag):
    """Flags, whose sums are values, too."""

    A = 1
    B = 2


@dataclass
class Checked:
    """A class that looks at its fields together."""

    x: int = 1

    def __post_init__(self) -> None:
        if self.x > 5:
            raise ValueError("write less")


class Root(RootModel[list[int]]):
    """A list with a rule over all of it."""

    @model_validator(mode="after")
    def be_short(self) -> Root:
        """A rule."""
        return self


class Ruled(Entity, table=Table("rules", partition_key="pk", sort_key="sk")):
    """Annotations of many sorts."""

    id: Attr[str] = attr(default="1")
    natural: Attr[Natural] = attr(default=1)
    step: Attr[Step] = attr(default=Step(1))
    finite: Attr[Annotated[float, Field(allow_inf_nan=False)]] = attr(default=1.0)
    shown: Attr[Annotated[int, PlainSerializer(str), WithJsonSchema({}), "said"]] = attr(default=1)
    either: Attr[Literal[0] | int] = attr(default=1)  # noqa: PYI051 (it is what is tested)
    mixed: Attr[Annotated[int, Field(ge=0)] | str] = attr(default=1)
    places: Attr[Decimal] = attr(default=Decimal(1), decimal_places=2, multiple_of=0.05)
    small: Attr[Decimal] = attr(default=Decimal(0), max_digits=2, decimal_places=4)
    bits: Attr[Bits] = attr(default=Bits.A)
    text: Attr[str] = attr(default="b", pattern="b")
    whole: Attr[Annotated[list[int], AfterValidator(sorted)]] = attr(default_factory=list)
    named: Attr[dict[str, int]] = attr(default_factory=dict)
    checked: Attr[Checked] = attr(default_factory=Checked)
    root: Attr[Root] = attr(default_factory=lambda: Root([1]))
    bounded: Attr[dict[str, int]] = attr(default_factory=dict, min_length=1, max_length=3)

    since: Attr[datetime] = attr(default=datetime(2020, 1, 1, tzinfo=UTC), ge=HALF, stored_as=EPOCH)
    until: Attr[datetime] = attr(default=datetime(1990, 1, 1, tzinfo=UTC), lt=HALF, stored_as=EPOCH)
    exactly: Attr[datetime] = attr(default=datetime(2020, 1, 1, tzinfo=UTC), ge=HALF, stored_as=EPOCH_MS)

    key = key("R#{id}", "R")

    @field_validator("named")
    @classmethod
    def be_named(cls, value: dict[str, int]) -> dict[str, int]:
        """A rule."""
        return value


ROOT: Any = Ruled.root


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        (Ruled.natural, Rules(limits=((">=", Decimal(0)),))),
        (Ruled.step, Rules()),
        (Ruled.finite, Rules()),
        (Ruled.shown, Rules()),
        (Ruled.either, Rules()),
        (Ruled.mixed, Rules(others=True)),
        (Ruled.places, Rules(multiple=Decimal("0.05"))),
        (Ruled.small, Rules(limits=(("<", Decimal(1)), (">", Decimal(-1))), multiple=Decimal("0.01"))),
        (Ruled.bits, Rules(others=True)),
        (Ruled.text, Rules(others=True)),
        (Ruled.since, Rules(limits=((">", Decimal(946684800)),))),
        (Ruled.until, Rules(limits=(("<=", Decimal(946684800)),))),
        (Ruled.exactly, Rules(limits=((">=", Decimal(946684800500)),))),
    ],
)
def test_what_is_said_of_values_is_known(path: Any, rules: Rules) -> None:
    assert rules_of(Ruled.__gateleg__, path) == rules


@pytest.mark.parametrize(
    "change",
    [
        Ruled.whole[0].set(1),
        Ruled.whole.append([1]),
        Ruled.named["a"].add(1),
        Ruled.named["a"].remove(),
        Ruled.checked["x"].set(9),
        ROOT[0].set(1),
    ],
)
def test_a_part_of_what_is_checked_as_a_whole_is_not_changed_alone(change: Any) -> None:
    with pytest.raises(ExpressionError, match=r"when="):
        guards(Ruled.__gateleg__, (change,), None)
    assert all(guard.whole for guard in guards(Ruled.__gateleg__, (change,), change.path.exists()))


NAMES = "abcd"
STORED = [set(names) for count in range(1, 4) for names in combinations("abcx", count)]


@pytest.mark.parametrize("come", [set(names) for count in range(4) for names in combinations(NAMES, count)])
@pytest.mark.parametrize("gone", [set(names) for count in range(3) for names in combinations(NAMES, count)])
def test_the_length_that_changes_of_parts_leave_is_known_for_each_stored_item(come: set[str], gone: set[str]) -> None:
    if come & gone or not come | gone:
        return
    changes = [Ruled.bounded[name].set(1) for name in come] + [Ruled.bounded[name].remove() for name in gone]
    demanded = [guard for guard in guards(Ruled.__gateleg__, tuple(changes), None) if not guard.whole]
    for stored in STORED:
        item = {"bounded": {"M": {name: {"N": "1"} for name in stored}}}
        assert all(guard.kept(item) for guard in demanded) == (1 <= len((stored | come) - gone) <= 3), stored
