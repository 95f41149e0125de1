"""Parts that a function leads to: the same paths as by names, and nothing but a way to a part is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, RootModel

from gateleg.errors import AttributeUnknownError, ExpressionError
from gateleg.model import Attr, Entity, Table, attr, key

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Table("walks", partition_key="pk")


@dataclass
class Spot:
    x: int
    at: int = 0


class Words(RootModel[dict[str, str]]):
    pass


class Nested(BaseModel):
    """With fields named as what stands for it might have members."""

    city: str
    step: int = 0
    path: str | None = None
    set: list[str] = []
    spots: list[Spot] = []
    words: Words = Words({})


class Walk(Entity, table=TABLE):
    name: Attr[str]
    nested: Attr[Nested | None] = attr(default=None)
    many: Attr[dict[str, Nested]] = attr(default_factory=dict)
    spot: Attr[Spot] = attr(default=Spot(1))
    pairs: Attr[tuple[int, Spot]] = attr(default=(1, Spot(1)))

    key = key("WALK#{name}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (Walk.nested.at(lambda nested: nested.city), "Walk.nested['city']"),
        (Walk.nested.at(lambda nested: nested.step), "Walk.nested['step']"),
        (Walk.nested.at(lambda nested: nested.path), "Walk.nested['path']"),
        (Walk.nested.at(lambda nested: nested.set)[0], "Walk.nested['set'][0]"),
        (Walk.nested.at(lambda nested: nested.spots[2].at), "Walk.nested['spots'][2]['at']"),
        (Walk.nested.at(lambda nested: nested.words.root["a"]), "Walk.nested['words']['a']"),
        (Walk.nested.at(lambda nested: nested), "Walk.nested"),
        (Walk.many["a"].at(lambda nested: nested.spots)[1].at(lambda spot: spot.x), "Walk.many['a']['spots'][1]['x']"),
        (Walk.spot.at(lambda spot: spot.x), "Walk.spot['x']"),
        (Walk.pairs.at(lambda pairs: pairs[1].x), "Walk.pairs[1]['x']"),
    ],
)
def test_a_function_leads_where_names_do(path: object, expected: str) -> None:
    assert repr(path) == expected


def test_what_it_leads_to_is_a_path_as_others() -> None:
    there = Walk.nested.at(lambda nested: nested.city)
    assert (there.attribute, there.steps, there.annotation()) == (Walk.nested.attribute, ("city",), str)
    with pytest.raises(ExpressionError, match="should be a valid string"):
        there.set(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


NOWHERE: list[Callable[[Any], Any]] = [
    lambda nested: nested.stret,
    lambda nested: nested.spots[0].y,
    lambda nested: nested.city.upper,
    lambda nested: nested.spots.x,
]


@pytest.mark.parametrize("function", NOWHERE)
def test_a_part_that_there_is_not_is_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(AttributeUnknownError, match=r"Walk\.nested.* has no '"):
        Walk.nested.at(function)


SOMETHING_ELSE: list[tuple[Callable[[Any], Any], str]] = [
    (lambda nested: nested.step + 1, "it failed"),
    (lambda nested: nested.city == "a", "it gave False"),
    (lambda nested: len(nested.spots), "it failed"),
    (lambda nested: list(nested.spots), "it failed"),
    (lambda nested: "a" in nested.spots, "it failed"),
    (lambda nested: nested.path or nested.city, "it failed"),
    (lambda nested: not nested.city, "it failed"),
    (lambda nested: f"{nested.city}", "it gave '"),
    (lambda nested: setattr(nested, "city", "a"), "it failed"),
    (lambda nested: nested.city(), "it failed"),
    (lambda _: Walk.name, r"it gave Walk\.name"),
]


@pytest.mark.parametrize(("function", "said"), SOMETHING_ELSE)
def test_what_does_something_else_than_to_lead_to_a_part_is_refused(function: Callable[[Any], Any], said: str) -> None:
    with pytest.raises(ExpressionError, match=said) as refused:
        Walk.nested.at(function)
    assert "Walk.nested.at(lambda value: value.part)" in str(refused.value)


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(ExpressionError, match=r"takes a function .* 'city' was given"):
        Walk.nested.at("city")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
