"""Which of pydantic's words clients read."""

from __future__ import annotations

import string
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AliasPath, BaseModel, BeforeValidator, Discriminator, Field, Tag, TypeAdapter, ValidationError
from pydantic.version import version_short
from pydantic_core import PydanticCustomError
from pydantic_core._pydantic_core import list_all_errors  # the only list of the types there is

from gateleg.client.problems import _DECLARED, _INSTEAD, summary, told, told_of, top_of  # pyright: ignore[reportPrivateUsage]

OF_THE_DECLARATION = {
    *("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "actual_length", "pattern", "expected", "expected_plural"),
    *("field_type", "max_digits", "decimal_places", "whole_digits", "expected_schemes", "expected_version"),
}


class InternalCard(BaseModel):
    number: str


class InternalColor(Enum):
    RED = "red"


@dataclass
class InternalPoint:
    x: int


def _internal_tag(value: Any) -> str:
    return str(value)


def _internal_check(value: Any) -> Any:
    if value == "hunter2":
        raise ValueError("hunter2 is taken by InternalCard")
    if value == "hunter3":
        raise PydanticCustomError("password_taken", "{given} is taken", {"given": value})
    return value


Checked = Annotated[str, BeforeValidator(_internal_check)]
TAGGED = Annotated[Annotated[InternalCard, Tag("card")] | Annotated[int, Tag("number")], Discriminator(_internal_tag)]


class Form(BaseModel):
    card: InternalCard | list[Checked] | None = None
    point: InternalPoint | None = None
    color: Literal[InternalColor.RED] | None = None
    enum: InternalColor | None = None
    name: Checked = ""
    tagged: TAGGED | None = None
    deep: int = Field(default=0, validation_alias=AliasPath("a", 0))
    counts: dict[str, int] = {}


def problems_of(data: Any) -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Form).validate_python(data)
    return told_of([dict(problem) for problem in caught.value.errors()], data)


def test_all_types_whose_words_are_told_are_made_of_the_declaration() -> None:
    templates = {str(error["type"]): error["message_template_python"] for error in list_all_errors()}
    assert set(templates) >= {*_DECLARED, *_INSTEAD} or version_short() < "2.14", "pydantic has had all of them since 2.14"
    for kind in set(_DECLARED) & set(templates):
        assert {name for _, name, _, _ in string.Formatter().parse(templates[kind]) if name} <= OF_THE_DECLARATION, kind


@pytest.mark.parametrize(
    ("data", "loc", "kind", "message"),
    [
        ({"card": {}}, ["card", "number"], "missing", "Field required"),
        ({"card": [3, "hunter2"]}, ["card", 1], "value_error", "the value is not valid"),
        ({"card": "hunter2"}, ["card"], "model_type", "Input should be an object"),
        ({"point": "hunter2"}, ["point"], "dataclass_type", "Input should be an object"),
        ({"color": "hunter2"}, ["color"], "literal_error", "the value is not valid"),
        ({"enum": "hunter2"}, ["enum"], "enum", "Input should be 'red'"),
        ({"name": "hunter2"}, ["name"], "value_error", "the value is not valid"),
        ({"name": "hunter3"}, ["name"], "password_taken", "the value is not valid"),
        ({"tagged": "hunter2"}, ["tagged"], "union_tag_invalid", "Input should be of one of the declared kinds"),
        ({"a": ["hunter2"]}, ["a", 0], "int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
        (
            {"counts": {"x": "hunter2"}},
            ["counts", "x"],
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        ),
        ("hunter2", [], "model_type", "Input should be an object"),
    ],
)
def test_a_problem_is_told_by_its_path_and_its_type(data: Any, loc: list[Any], kind: str, message: str) -> None:
    found = problems_of(data)
    assert {"loc": loc, "msg": message, "type": kind} in found
    for internal in ("hunter", "Internal", "_internal", "function-", "list["):
        assert internal not in str(found)


def test_long_paths_are_cut() -> None:
    [*steps] = told({"type": "int_type", "msg": "x"}, ["k" * 500] * 500)["loc"]
    assert len(steps) == 10
    assert {len(step) for step in steps} == {80}


@pytest.mark.parametrize(
    ("place", "top"),
    [((), ()), (("a",), ("a",)), (("a", 0, 1), ("a", 0, 1)), (("a", "Internal", "b"), ("a",)), (("a", 0, "b", 1), ("a", 0))],
)
def test_without_the_data_only_the_field_is_certain(place: tuple[Any, ...], top: tuple[Any, ...]) -> None:
    assert top_of(place) == top


def test_a_summary_names_the_first() -> None:
    assert summary([{"loc": ["a", 1], "msg": "no"}]) == "a.1: no"
    assert summary([{"loc": [], "msg": "no"}, {}, {}]) == "no (and 2 more)"
