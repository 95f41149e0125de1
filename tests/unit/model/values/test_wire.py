from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, SecretStr

from gateleg.errors import ItemInvalidError
from gateleg.model.values.wire import from_wire, number, to_wire


class Colour(Enum):
    RED = 1


class Inner(BaseModel):
    value: int = Field(alias="v")
    hidden: str = Field(default="h", exclude=True)


class Root(RootModel[list[int]]):
    pass


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (None, {"NULL": True}),
        (True, {"BOOL": True}),
        ("", {"S": ""}),
        (0, {"N": "0"}),
        (10**37, {"N": "1" + "0" * 37}),
        (10**60, {"N": "1" + "0" * 60}),
        (-0.1, {"N": "-0.1"}),
        (1e22, {"N": "1" + "0" * 22}),
        (1000.0, {"N": "1000"}),
        (Decimal("1E+3"), {"N": "1000"}),
        ({Decimal(1000): "a", Decimal("0.5"): "b", 10: "c"}, {"M": {"1E+3": {"S": "a"}, "0.5": {"S": "b"}, "10": {"S": "c"}}}),
        (Decimal("1.50"), {"N": "1.5"}),
        (b"\x00", {"B": b"\x00"}),
        (bytearray(b"a"), {"B": b"a"}),
        (datetime(2026, 11, 22, 1, tzinfo=timezone(timedelta(hours=1))), {"S": "2026-11-22T00:00:00.000000Z"}),
        (datetime(2026, 11, 22, 1), {"S": "2026-11-22T01:00:00.000000"}),  # noqa: DTZ001 (a time without a zone)
        (date(2026, 11, 22), {"S": "2026-11-22"}),
        (time(1, 2), {"S": "01:02:00"}),
        (timedelta(hours=1), {"S": "PT1H"}),
        (UUID(int=1), {"S": "00000000-0000-0000-0000-000000000001"}),
        (IPv4Address("127.0.0.1"), {"S": "127.0.0.1"}),
        (Colour.RED, {"N": "1"}),
        (SecretStr("s"), {"S": "s"}),
        (Inner(v=1), {"M": {"value": {"N": "1"}, "hidden": {"S": "h"}}}),
        (Root([1]), {"L": [{"N": "1"}]}),
        (Point(1), {"M": {"x": {"N": "1"}}}),
        ({1: "a"}, {"M": {"1": {"S": "a"}}}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        ({1, Decimal("1.0"), 1e16}, {"NS": ["1", "1" + "0" * 16]}),
        (frozenset({b"a"}), {"BS": [b"a"]}),
        (set[str](), {"L": []}),
    ],
)
def test_each_type_has_its_wire_form(value: object, wire: dict[str, Any]) -> None:
    assert to_wire(value) == wire


plain = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(codec="utf-8")) | st.integers(-(10**38) + 1, 10**38 - 1) | st.binary(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), parts),
    max_leaves=10,
)


@given(plain)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert from_wire(to_wire(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_as_the_same_float_or_is_refused(value: float) -> None:
    if value and not 1e-130 <= abs(value) < 1e126:
        with pytest.raises(ItemInvalidError):
            to_wire(value)
    else:
        assert float(from_wire(to_wire(value))) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=18))
def test_a_decimal_comes_back_with_every_digit(value: Decimal) -> None:
    assert from_wire(to_wire(value)) == value


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, Decimal("Infinity"), Decimal("NaN"), 10**38 + 1, Decimal("0." + "1" * 39), Decimal("1E+126"), Decimal("1E-131")],
)
def test_numbers_that_dynamodb_cannot_hold_are_refused(value: float | Decimal) -> None:
    with pytest.raises(ItemInvalidError):
        number(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1, "a"}, "only text, only numbers"),
        ({None}, "only text"),
        ({(1,): 2}, "keys of a stored map"),
        (object(), "no stored form"),
        ("\ud800", "lone surrogate"),
    ],
)
def test_what_has_no_stored_form_is_refused(value: object, said: str) -> None:
    with pytest.raises(ItemInvalidError, match=said):
        to_wire(value)


def test_utc_is_kept_when_a_datetime_is_read_back() -> None:
    now = datetime.now(UTC)
    assert datetime.fromisoformat(from_wire(to_wire(now))) == now
