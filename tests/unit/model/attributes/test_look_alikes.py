# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Types that would come back as others, names that would hide operations, and values without an end."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum, StrEnum
from typing import Any, Literal
from uuid import UUID

import pytest

from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, key
from gateleg.store import Store

TABLE = Table("look-alikes", partition_key="pk")


class Mood(Enum):
    """Text by another name."""

    GOOD = "good"


class Tone(StrEnum):
    """Text by another name that equals it."""

    LOUD = "loud"


class Size(Enum):
    """Numbers by another name."""

    SMALL = 1


def declare(annotation: Any, settings: Any = None) -> Any:
    declared: Any = attr(default=None) if settings is None else settings

    class Thing(Entity, table=Table("look-alike-types", partition_key="pk")):
        name: Attr[str]
        value: Attr[annotation] = declared  # pyright: ignore[reportInvalidTypeForm]
        key = key("THING#{name}")

    return Thing


@pytest.mark.parametrize(
    "annotation",
    [
        str | UUID,
        str | datetime | None,
        date | str,
        str | time,
        Mood | str,
        date | datetime,
        list[str | UUID],
        dict[str, int | list[Mood | str]],
    ],
)
def test_two_types_that_are_stored_as_one_text_are_refused(annotation: Any) -> None:
    with pytest.raises(DeclarationError, match=r"Thing\.value holds .* which are stored as one kind of text"):
        declare(annotation)


@pytest.mark.parametrize(
    "annotation",
    [str | int | None, Tone | str, Size | str, Literal["a"] | int, UUID | int, datetime | None, dict[UUID, str], tuple[str, UUID]],
)
def test_types_that_are_told_apart_are_taken(annotation: Any) -> None:
    declare(annotation)


def test_who_tells_them_apart_may_have_both() -> None:
    declare(str | UUID, attr(default=None, save=repr, load=str))


@pytest.mark.parametrize("name", ["get", "update", "check", "scan"])
def test_a_method_hides_no_operation(name: str) -> None:
    def method(self: object) -> object:
        return self

    make: Any = type(Entity)
    with pytest.raises(DeclarationError, match=f"Wrong.{name} is what a handler declares or calls; name the method otherwise"):
        make("Wrong", (Entity,), {"__module__": __name__, name: method})


@pytest.mark.slow
def test_values_without_an_end_are_refused_before_anything_is_sent() -> None:
    class Free(Entity, table=TABLE):
        name: Attr[str]
        value: Attr[Any] = attr(default=None)
        key = key("FREE#{name}")

    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ItemInvalidError, match=r"Free\.value.*32 levels"):
        Store(TABLE, table_name="t").prepare.put(Free(name="a", value=deep)).params()
