"""A model accepts all that a body's schema accepts, and is written in what API Gateway and CloudFormation can read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateleg.cdk.integrations.models import strict_model
from gateleg.cdk.schemas import Models

OBJECT: dict[str, Any] = {"type": "object", "properties": {"a": {}}, "required": ["a"]}


def model(schema: Any) -> dict[str, Any]:
    models = Models()
    name = models.add(schema, "Thing")
    return {} if name is None else models.schemas[name]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, {}),
        ({"type": "integer"}, {"type": "number"}),
        ({"type": ["number", "string"]}, {"anyOf": [{"type": "number"}, {"type": "string"}]}),
        ({"type": ["array"]}, {"type": "array", "items": {}}),
        ({"type": "null"}, {}),
        ({"type": ["string", "null"]}, {}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {}),
        ({"anyOf": [{"type": "string"}, {}]}, {}),
        ({"anyOf": [{"type": "string"}, {"enum": ["a"]}]}, {"anyOf": [{"type": "string"}, {"enum": ["a"]}]}),
        (
            {"type": ["string", "number"], "anyOf": [{"minLength": 1}]},
            {"allOf": [{"anyOf": [{"type": "string"}, {"type": "number"}]}, {"anyOf": [{"minLength": 1}]}]},
        ),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
        ({"type": "number", "exclusiveMaximum": 9}, {"type": "number", "maximum": 9, "exclusiveMaximum": True}),
        ({"type": "number", "exclusiveMinimum": 2**53}, {"type": "number"}),
        ({"type": "number", "exclusiveMaximum": -(2**53)}, {"type": "number"}),
        ({"type": "number", "multipleOf": 5}, {"type": "number"}),
        ({"type": "string", "format": "uuid", "title": "T"}, {"type": "string"}),
        ({"type": "string", "minLength": 1, "maxLength": 2}, {"type": "string", "minLength": 1, "maxLength": 2}),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, {"type": "array", "items": {}}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "object", "required": []}, {"type": "object"}),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"type": "object", "additionalProperties": {"type": "boolean"}}),
    ],
)
def test_keywords_are_said_in_draft_4_or_left_out(schema: Any, expected: dict[str, Any]) -> None:
    assert model(schema) == expected


@pytest.mark.parametrize("name", ["Ref", "Fn::Sub", "Condition", "$ref"])
def test_properties_that_others_would_read_as_their_own_are_left_out_and_open_the_object(name: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "string"}, "a": {"type": "string"}}, "required": [name]}
    closed = schema | {"additionalProperties": False}

    assert model(closed) == {"type": "object", "properties": {"a": {"type": "string"}}, "required": [name]}


def test_a_closed_object_stays_closed() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    assert model(schema) == schema


@pytest.mark.parametrize("pattern", ["^[a-z0-9-]{1,20}$", "^(red|blue)$", r"^v[0-9]+\.[0-9]+$"])
def test_patterns_that_mean_the_same_everywhere_are_kept(pattern: str) -> None:
    assert model({"type": "string", "pattern": pattern}) == {"type": "string", "pattern": pattern}


@pytest.mark.parametrize("pattern", [r"^\d+$", r"\w", "a.c", "(?i)a", "a++", "a*?", "[^/]+", r"\p{L}", "é"])
def test_patterns_that_depend_on_the_dialect_are_left_out(pattern: str) -> None:
    assert model({"type": "string", "pattern": pattern}) == {"type": "string"}


@pytest.mark.parametrize(
    ("wanted", "name"), [("Page_Message_-Input", "PageMessageInput"), ("Ref", "RefModel"), ("Condition", "ConditionModel"), ("__", "Model")]
)
def test_models_have_alphanumeric_names_that_cloudformation_does_not_read(wanted: str, name: str) -> None:
    models = Models()
    schema = {"type": "array", "items": {"$ref": f"#/$defs/{wanted}"}, "$defs": {wanted: OBJECT}}

    models.add(schema, "Thing")

    assert models.schemas == {name: OBJECT, "Thing": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}}


def test_a_schema_that_contains_itself_is_cut_where_it_repeats() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "value": {"type": "string"}}}
    assert model({"$ref": "#/$defs/Node", "$defs": {"Node": node}}) == {
        "type": "object",
        "properties": {"next": {}, "value": {"type": "string"}},
    }


def test_equal_schemas_share_a_model_and_different_ones_of_one_name_do_not() -> None:
    models = Models()
    names = [models.add({"type": "object", "required": [key]}, "Item") for key in ("qty", "qty", "amount")]

    assert names == ["Item", "Item", "Item2"]
    assert [models.schemas[name]["required"] for name in ("Item", "Item2")] == [["qty"], ["amount"]]


def test_a_schema_without_a_name_of_its_own_is_any_model_that_says_the_same() -> None:
    models, text = Models(), {"type": "string"}
    order: dict[str, Any] = {"type": "object", "properties": {"id": text}}

    models.add({"type": "array", "items": {"$ref": "#/$defs/Order"}, "$defs": {"Order": order}}, "GetOrders200")

    assert models.add({**order, "$defs": {}}, "GetOrder200") == "Order"
    assert models.add({"type": "array", "items": text}, "GetNames200") == "GetNames200"
    assert models.add({"items": text, "type": "array"}, "GetTags200") == "GetNames200"
    assert set(models.schemas) == {"Order", "GetOrders200", "GetNames200"}


def test_what_would_check_nothing_is_no_model() -> None:
    models = Models()
    assert models.add({"anyOf": [{"type": "null"}, {"type": "object"}]}, "Open") is None
    assert models.add({"$ref": "#/$defs/Open", "$defs": {"Open": {}}}, "Open") is None
    assert json.dumps(models.schemas) == "{}"


def test_what_only_the_gateway_checks_is_checked_beside_a_reference_too() -> None:
    models, ref = Models(), {"$ref": "#/$defs/Kind"}
    kind, name = {"type": "string", "enum": ["a", "bbbb"]}, {"maxLength": 3, "description": "short"}
    order = {"type": "object", "properties": {"a": ref | name, "b": ref | {"description": "any"}}, "$defs": {"Kind": kind}}
    assert strict_model(models, order, "Order") == "Order"
    kept = {"$ref": "#/components/schemas/Kind"}
    assert models.schemas["Order"]["properties"] == {"a": {"allOf": [kept, {"maxLength": 3}]}, "b": kept}
