"""What a state of a backfill is of: what does the same has one identity, in this run and the next; what does another thing has another one."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.data.identity import declared, identity
from gateleg.errors import DataError
from gateleg.model import Attr, Entity, Table, attr, key

if TYPE_CHECKING:
    from collections.abc import Callable


def into(currency: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "currency": currency}

    return change


def times(factor: int, value: int) -> int:
    return value * factor


class Adding:
    def __init__(self, amount: int) -> None:
        self.amount = amount

    def __call__(self, value: int) -> int:
        return value + self.amount


def counted(factor: int) -> Callable[[int], int]:
    return lambda value: times(factor, value)


def timed(factor: int) -> Any:
    return partial(times, factor)


def bound(amount: int) -> Any:
    return Adding(amount).__call__


def either(factor: int) -> Any:
    return counted(factor) if factor else times


@pytest.mark.parametrize(
    ("make", "one", "other"),
    [
        (into, "GBP", "USD"),
        (into, {"a": {1, 2}}, {"a": {1, 3}}),
        (timed, 2, 3),
        (Adding, 1, 2),
        (bound, 1, 2),
        (counted, 2, 3),
        (either, 2, 0),
    ],
)
def test_a_change_is_another_where_what_it_was_made_with_is(make: Callable[[Any], Any], one: Any, other: Any) -> None:
    assert identity(make(one)) == identity(make(one))
    assert identity(make(one)) != identity(make(other))


def helped(helper: str) -> Any:
    found: dict[str, Any] = {}
    exec(f"def helper(x):\n    return {helper}\ndef change(x):\n    return helper(x)", found)  # noqa: S102 (two modules of one name)
    return found["change"]


def test_a_change_is_another_where_the_function_that_it_calls_is() -> None:
    assert identity(helped("x + 1")) == identity(helped("x + 1"))
    assert identity(helped("x + 1")) != identity(helped("x + 2"))


def test_a_change_is_the_same_in_the_next_run() -> None:
    code = f"from {__name__} import *; print([identity(one) for one in (into('GBP'), partial(times, 2), Adding(1), str.strip, Dog)])"
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in range(2)}

    assert len(runs) == 1


@pytest.mark.parametrize("given", [into(object()), into([object()])])
def test_what_nothing_tells_of_another_is_refused(given: Any) -> None:
    with pytest.raises(DataError, match="write a function of plain values, or give no state") as refused:
        identity(given)

    assert refused.value.code == "data.state"


class Dog(Entity, table=Table("dogs", partition_key="pk")):
    name: Attr[str]

    key = key("DOG#{name}")


DECLARED: Any = attr


def dogs(template: str = "DOG#{name}", *, entity: dict[str, Any] | None = None, **storage: Any) -> Any:
    class Dog(Entity, table=Table("dogs", partition_key="pk"), **(entity or {})):
        name: Attr[str]
        tag: Attr[str] = DECLARED(**{"default": "a", **storage})

        key = key(template)

    return declared([Dog.__gateleg__])


GROWN: list[dict[str, Any]] = [
    {"unique": True},
    {"default": "b"},
    {"max_length": 3},
    {"save": str.upper},
    {"save": str.lower},
    {"load": str.upper},
    {"stored": "t"},
    {"entity": {"upgrades": [into("EUR")]}},
    {"entity": {"upgrades": [into("GBP")]}},
    {"entity": {"unknown": "keep"}},
    {"template": "D#{name}"},
]


def test_each_difference_that_decides_what_is_stored_makes_another_declaration() -> None:
    found = [dogs(), *(dogs(**grown) for grown in GROWN)]

    assert dogs() == found[0]
    assert [found.count(one) for one in found] == [1] * len(found)
