"""What handlers tell becomes what API Gateway imports, and what it would drop, ignore or refuse is left out."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.cdk.access import Access
from gateleg.cdk.plan import PlannedRoute
from gateleg.cdk.schemas import Models
from gateleg.cdk.told import Telling
from gateleg.cdk.validation import Checks
from gateleg.description import App, Route

ITEM: dict[str, Any] = {
    "type": "object",
    "title": "Item",
    "properties": {"name": {"type": "string", "title": "Name"}},
    "required": ["name"],
}
ANSWERED: dict[str, Any] = {"description": "well", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
UNTOLD = {"responses": {"200": {"description": "What the integration answers."}}}


def told(operation: dict[str, Any] | None, *, key: str = "GET /a", planned: str = "", checks: Checks | None = None, **schemas: Any) -> Any:
    """The operation of a route, and the models."""
    models = Models()
    app = App("svc:app", "rest", schemas=schemas)
    route = Route(key, "h", operation=operation)
    return Telling([app], models).of(PlannedRoute(planned or key, "svc:app", Access(), (route,), checks or Checks())), models.schemas


def model(schema: Any, **schemas: Any) -> Any:
    """The model that the schema of an answer becomes, and the others."""
    operation, models = told({"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}, **schemas)
    content = operation["responses"]["200"].get("content")
    name = content and content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    return models.pop(name, None), models


def test_summaries_ids_tags_and_deprecation_are_kept() -> None:
    said = {"summary": "S", "description": "D", "operationId": "o", "tags": ["t"], "deprecated": True}
    operation, _ = told(said | {"security": [], "servers": [], "callbacks": {}, "externalDocs": {}})
    assert operation == said | UNTOLD


@pytest.mark.parametrize(
    "operation", [None, {}, {"deprecated": False, "summary": "GET /a", "description": "", "tags": [], "responses": {}}]
)
def test_a_route_that_nothing_is_told_of_has_an_answer(operation: Any) -> None:
    assert told(operation) == (UNTOLD, {})


def test_answers_keep_statuses_that_are_numbers_headers_and_models() -> None:
    answers = {
        "200": ANSWERED | {"headers": {"X-A": {"schema": {"type": "integer"}, "description": "Why."}, "a b": {}}, "links": {}},
        "default": ANSWERED,
        "4XX": ANSWERED,
    }
    operation, models = told({"responses": answers | {404: {}}}, Item=ITEM)
    assert operation["responses"] == {
        "200": ANSWERED | {"headers": {"X-A": {"description": "Why.", "schema": {"type": "string"}}}},
        "404": {"description": "Answer"},
    }
    assert models == {"Item": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}


def test_an_id_that_two_routes_have_is_made_two() -> None:
    telling = Telling([], Models())
    routes = [PlannedRoute("GET /a", "t", Access(), (Route("GET /a", "h", operation={"operationId": "same"}),)) for _ in range(3)]
    assert [telling.of(route)["operationId"] for route in routes] == ["same", "same_2", "same_3"]


def query(name: str, where: str = "query", **said: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": {"type": "string"}} | said


def test_of_a_parameter_its_name_place_type_and_description_are_kept() -> None:
    schema = {"type": "integer", "minimum": 1, "default": 3, "title": "Q"}
    operation, _ = told(
        {"parameters": [query("q", required=True, description="why", schema=schema, style="form", explode=True, example=3)]}
    )
    assert operation["parameters"] == [{"name": "q", "in": "query", "required": True, "description": "why", "schema": {"type": "integer"}}]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, {"type": "string"}),
        ({"type": "boolean"}, {"type": "boolean"}),
        ({"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {"type": "string"}}),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, {"type": "number"}),
        ({"anyOf": [{"type": "number"}, {"type": "integer"}]}, {"type": "string"}),
        ({"$ref": "#/components/schemas/Colour"}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": "string"}),
        ({"type": "object"}, {"type": "string"}),
    ],
)
def test_a_parameters_type_is_one_that_openapi_3_0_has(schema: Any, expected: Any) -> None:
    operation, _ = told({"parameters": [query("q", schema=schema)]})
    assert operation["parameters"][0]["schema"] == expected


def test_what_the_importer_refuses_or_drops_is_no_parameter() -> None:
    wrong = [query("filter[x]"), query("c", "cookie"), query("Authorization", "header"), query("q"), query("q", "header"), query("id")]
    operation, _ = told({"parameters": wrong}, key="GET /a/{id}")
    assert [(said["in"], said["name"]) for said in operation["parameters"]] == [("path", "id"), ("query", "q")]


def test_variables_are_told_under_the_names_that_the_gateway_gives_them() -> None:
    said = [query("who", "path", description="whoever", schema={"type": "integer"})]
    operation, _ = told({"parameters": said}, key="GET /a/{who}/{rest+}", planned="GET /a/{id}/{path+}")
    assert operation["parameters"] == [
        {"name": "id", "in": "path", "required": True, "description": "whoever", "schema": {"type": "integer"}},
        {"name": "path", "in": "path", "required": True, "schema": {"type": "string"}},
    ]


@pytest.mark.parametrize(
    ("checks", "required"),
    [
        (Checks(), {"q": True, "r": True, "h": True}),
        (Checks(model="M"), {"q": True, "r": True, "h": True}),
        (Checks(required=("q",)), {"q": True, "r": False, "h": False}),
        (Checks(model="M", required=("q",)), {"q": True, "r": False, "h": False}),
    ],
)
def test_where_parameters_are_checked_nothing_more_is_required_than_is_checked(checks: Checks, required: dict[str, bool]) -> None:
    said = [query("q", required=True), query("r", required=True), query("h", "header", required=True)]
    operation, _ = told({"parameters": said}, checks=checks)
    assert {parameter["name"]: parameter["required"] for parameter in operation["parameters"]} == required


def test_a_body_is_told_by_a_model() -> None:
    operation, models = told(
        {"requestBody": {"required": True, "content": ANSWERED["content"] | {"text/csv": {}}}}, key="POST /a/{b}", Item=ITEM
    )
    assert operation["requestBody"] == {"required": True, "content": ANSWERED["content"]}
    assert list(models) == ["Item"]
    inline, models = told({"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}}}, key="POST /a/{b}")
    assert inline["requestBody"] == {"required": False, "content": {"text/plain": {"schema": {"$ref": "#/components/schemas/PostABBody"}}}}
    assert models == {"PostABBody": {"type": "string"}}


def test_a_body_that_is_checked_has_no_second_model() -> None:
    operation, models = told({"requestBody": {"content": ANSWERED["content"]}}, key="POST /a", checks=Checks(model="Checked"), Item=ITEM)
    assert (operation, models) == (UNTOLD, {})


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 2.5}, {"type": "integer", "minimum": 1, "maximum": 2.5}),
        (
            {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
            {"type": "integer", "minimum": 0, "maximum": 9, "exclusiveMaximum": True},
        ),
        ({"const": "a", "type": "string"}, {"enum": ["a"], "type": "string"}),
        ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "string", "format": "uuid"}, {"type": "string"}),
        ({"type": "string", "title": "T", "examples": ["a"], "default": "a", "deprecated": True, "readOnly": True}, {"type": "string"}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}], "discriminator": {}}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"allOf": [{"type": "object"}, {}], "description": "D"}, {"allOf": [{"type": "object"}], "description": "D"}),
        ({"type": "object", "additionalProperties": True}, {"type": "object"}),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        ({"type": "array", "items": True}, {"type": "array", "items": {}}),
        (
            {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "or none"}}},
            {"type": "object", "properties": {"a": {"description": "or none"}}},
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "description": "D"}, None),
        ({"description": "D", "title": "T"}, None),
        ({}, None),
        ({"$ref": "#/components/schemas/Nowhere"}, None),
    ],
)
def test_schemas_are_said_in_draft_4_with_descriptions(schema: Any, expected: Any) -> None:
    assert model(schema) == (expected, {})


def test_a_schema_that_refers_to_itself_ends_there() -> None:
    tree = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}
    found, others = model({"$ref": "#/components/schemas/Tree"}, Tree=tree)
    assert found == {"type": "object", "properties": {"below": {"type": "array", "items": {}}}}
    assert others == {}


def test_apps_that_name_two_schemas_alike_have_two_models() -> None:
    models = Models()
    apps = [App("one:app", "rest", schemas={"Item": ITEM}), App("two:app", "rest", schemas={"Item": {"type": "object"}})]
    telling = Telling(apps, models)
    for app in apps:
        telling.of(PlannedRoute("GET /a", app.name, Access(), (Route("GET /a", "h", operation={"responses": {"200": ANSWERED}}),)))
    assert set(models.schemas) == {"Item", "Item2"}


def test_what_stands_beside_a_reference_is_kept_and_what_is_only_shown_leaves_the_reference_alone() -> None:
    ref = {"$ref": "#/components/schemas/Item"}
    kept, models = model(
        {"type": "object", "properties": {"a": ref | {"description": "ours", "minProperties": 1}, "b": ref | {"title": "B"}}}, Item=ITEM
    )
    assert kept["properties"] == {"a": {"description": "ours", "minProperties": 1, "allOf": [ref]}, "b": ref}
    assert models.keys() == {"Item"}
