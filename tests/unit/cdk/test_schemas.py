"""A schema for API Gateway accepts all that the handler's own schema accepts, and is written in draft 4."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gateleg.cdk.schemas import ModelRegistry, SchemaConverter
from tests.unit.cdk.draft4 import Judge


def convert(schema: Any, components: dict[str, Any] | None = None) -> tuple[dict[str, Any], SchemaConverter, ModelRegistry]:
    registry = ModelRegistry()
    converter = SchemaConverter(components or {}, registry)
    return converter.convert(schema, "Thing"), converter, registry


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Dot(BaseModel):
    kind: Literal["dot"]
    x: Annotated[float, Field(gt=-1000, lt=1000)]


class Line(BaseModel):
    kind: Literal["line"]
    start: Dot
    length: Annotated[int, Field(ge=0, le=10, multiple_of=2)]


class Drawing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=5, pattern="^[a-z]+$")]
    shapes: list[Annotated[Dot | Line, Field(discriminator="kind")]]
    color: Color | None = None
    made: datetime
    day: date | None = None
    owner: UUID
    corner: tuple[int, str]
    tags: set[str] = Field(default_factory=set, max_length=3)
    scores: dict[str, int]
    either: int | str
    price: Decimal = Decimal(1)
    on: bool = True
    version: Literal[1, 2]


@settings(max_examples=60, deadline=None)
@given(
    drawing=st.builds(
        Drawing,
        name=st.text("abcxyz", min_size=1, max_size=5),
        shapes=st.lists(
            st.builds(Dot, kind=st.just("dot"), x=st.floats(-999, 999))
            | st.builds(
                Line, kind=st.just("line"), start=st.builds(Dot, kind=st.just("dot"), x=st.just(0.0)), length=st.sampled_from([0, 2, 10])
            ),
            max_size=3,
        ),
        color=st.none() | st.sampled_from(Color),
        made=st.datetimes(),
        day=st.none() | st.dates(),
        owner=st.uuids(),
        corner=st.tuples(st.integers(-5, 5), st.text(max_size=3)),
        tags=st.sets(st.text(max_size=2), max_size=3),
        scores=st.dictionaries(st.text(max_size=3), st.integers(-5, 5), max_size=3),
        either=st.integers(-5, 5) | st.text(max_size=3),
        price=st.decimals(0, 100, places=2),
        on=st.booleans(),
        version=st.sampled_from([1, 2]),
    )
)
def test_whatever_the_handler_takes_the_gateway_takes(drawing: Drawing) -> None:
    schema = TypeAdapter(Drawing).json_schema(ref_template="#/components/schemas/{model}", mode="validation")
    registry = ModelRegistry()
    converter = SchemaConverter(schema.pop("$defs"), registry)
    converted = converter.convert(schema, "Drawing")
    judge = Judge(registry.models)
    assert converted["required"] == ["name", "shapes", "made", "owner", "corner", "scores", "either", "version"]
    assert judge.accepts(converted, drawing.model_dump(mode="json"))
    assert not judge.accepts(converted, drawing.model_dump(mode="json") | {"name": "toolong"})


def test_null_or_a_value_is_left_open() -> None:
    converted, converter, _ = convert(
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "b": {"type": ["integer", "null"]}}}
    )
    assert converted == {"type": "object", "properties": {"a": {}, "b": {}}}
    assert converter.notes == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": "a"}, {"enum": ["a"]}),
        ({"const": None}, {}),
        ({"enum": ["a", None]}, {}),
        ({"type": "integer"}, {"type": "number", "multipleOf": 1}),
        ({"type": "integer", "multipleOf": 5}, {"type": "number", "multipleOf": 5}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0, "exclusiveMinimum": True}),
        ({"type": "number", "exclusiveMaximum": 9}, {"type": "number", "maximum": 9, "exclusiveMaximum": True}),
        ({"type": "number", "minimum": 3, "exclusiveMinimum": 1}, {"type": "number", "minimum": 3}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": 3}, {"type": "number", "minimum": 3, "exclusiveMinimum": True}),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": 3}, {"type": "number", "maximum": 1}),
        ({"type": "number", "minimum": float("inf")}, {"type": "number"}),
        ({"type": ["string", "number"]}, {"anyOf": [{"type": "string"}, {"type": "number"}]}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "string", "format": "date-time", "examples": ["x"], "title": "T", "default": None}, {"type": "string"}),
        ({"type": "object", "required": []}, {"type": "object"}),
        ({"type": "object", "additionalProperties": True}, {"type": "object"}),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"type": "object", "additionalProperties": {"type": "boolean"}}),
        (True, {}),
        (False, {}),
        (None, {}),
    ],
)
def test_keywords_are_said_in_draft_4(schema: Any, expected: dict[str, Any]) -> None:
    assert convert(schema)[0] == expected


def test_one_of_becomes_any_of_because_a_loosened_branch_may_match_too() -> None:
    converted, _, _ = convert(
        {"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}], "discriminator": {"propertyName": "x"}}
    )
    assert converted == {"anyOf": [{"type": "string"}, {"type": "string"}]}


def test_an_open_branch_opens_the_whole_choice() -> None:
    assert convert({"anyOf": [{"type": "string"}, {}]})[0] == {}


def test_all_of_keeps_what_can_be_said() -> None:
    converted, _, _ = convert(
        {"allOf": [{"type": "object"}, {"not": {"required": ["a"]}}], "anyOf": [{"required": ["b"]}, {"required": ["c"]}]}
    )
    assert converted == {"allOf": [{"anyOf": [{"required": ["b"]}, {"required": ["c"]}]}, {"type": "object"}]}


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("not", {}),
        ("patternProperties", {"^a": {}}),
        ("if", {}),
        ("propertyNames", {}),
        ("contains", {}),
        ("dependentRequired", {}),
        ("prefixItems", []),
    ],
)
def test_what_cannot_be_said_is_left_out_and_noted(keyword: str, value: Any) -> None:
    converted, converter, _ = convert({"type": "object", "additionalProperties": False, keyword: value})
    assert keyword not in converted
    assert len(converter.notes) == 1
    assert "Thing" in converter.notes[0]


def test_a_closed_object_is_opened_when_some_of_its_properties_cannot_be_said() -> None:
    assert "additionalProperties" not in convert({"patternProperties": {"^a": {}}, "additionalProperties": False})[0]
    assert convert({"type": "object", "properties": {"a": {}}, "additionalProperties": False})[0]["additionalProperties"] is False


@pytest.mark.parametrize("name", ["Ref", "Fn::Sub", "Condition"])
def test_properties_that_cloudformation_would_read_as_its_own_are_left_out(name: str) -> None:
    converted, _, _ = convert({"type": "object", "properties": {name: {"type": "string"}}, "additionalProperties": False})
    assert converted == {"type": "object"}


@pytest.mark.parametrize("pattern", ["^[a-z0-9-]{1,20}$", "^(red|blue)$", r"^v[0-9]+\.[0-9]+$"])
def test_patterns_that_mean_the_same_everywhere_are_kept(pattern: str) -> None:
    assert convert({"type": "string", "pattern": pattern})[0]["pattern"] == pattern


@pytest.mark.parametrize("pattern", [r"^\d+$", r"\w", "a.c", "(?i)a", "a++", "a*?", "[^/]+", r"\p{L}", "é"])
def test_patterns_that_depend_on_the_dialect_are_left_out_and_noted(pattern: str) -> None:
    converted, converter, _ = convert({"type": "string", "pattern": pattern})
    assert converted == {"type": "string"}
    assert pattern in converter.notes[0]


def test_references_lead_to_models_with_alphanumeric_names() -> None:
    converted, _, registry = convert({"$ref": "#/components/schemas/Page_Message_-Input"}, {"Page_Message_-Input": {"type": "object"}})
    assert converted == {"$ref": "#/components/schemas/PageMessageInput"}
    assert registry.models == {"PageMessageInput": {"type": "object"}}


def test_definitions_inside_a_schema_are_found() -> None:
    _, converter, registry = convert({"type": "array", "items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"type": "string"}}})
    assert registry.models == {"A": {"type": "string"}}
    assert converter.notes == []


def test_a_schema_that_contains_itself_is_cut_where_it_repeats_and_noted() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "value": {"type": "string"}}}
    _, converter, registry = convert({"$ref": "#/components/schemas/Node"}, {"Node": node})
    assert registry.models["Node"]["properties"] == {"next": {}, "value": {"type": "string"}}
    assert "Node contains itself" in converter.notes[0]


def test_a_reference_that_leads_nowhere_accepts_anything_and_is_noted() -> None:
    converted, converter, _ = convert({"$ref": "https://example.com/schema"})
    assert converted == {}
    assert "leads nowhere" in converter.notes[0]


def test_equal_schemas_of_two_apps_share_a_model_and_different_ones_do_not() -> None:
    registry = ModelRegistry()
    same, other = {"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}
    names = [SchemaConverter({"M": schema}, registry).model({"$ref": "#/components/schemas/M"}, "Body") for schema in (same, same, other)]
    assert names == ["M", "M", "M2"]
    assert registry.models["M2"]["required"] == ["b"]


def test_an_inline_body_gets_a_name_and_an_open_one_gets_no_model() -> None:
    registry = ModelRegistry()
    converter = SchemaConverter({}, registry)
    assert converter.model({"type": "array", "items": {"type": "string"}}, "PostItemsBody") == "PostItemsBody"
    assert converter.model({"anyOf": [{"type": "null"}, {"type": "object"}]}, "Open") is None
    assert set(registry.models) == {"PostItemsBody"}
