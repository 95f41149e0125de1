"""An OpenAPI document that came first: bound by operation ids, kept in the body, and refused where handlers say otherwise."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack

from gateleg.cdk import Contract, IamAuthorizer, RestApp
from gateleg.cdk.contract_document import read_document
from gateleg.cdk.contract_schemas import modern
from gateleg.description import Route
from gateleg.errors import ContractError, DeclarationError
from tests.templates.constructs.samples import MOCK, gateway, http_description, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateleg.cdk import HandlerCode

ROOM = {"type": "object", "properties": {"name": {"type": "string", "description": "How it is called."}}, "required": ["name"]}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Rooms", "version": "2.1", "description": "All rooms."},
    "security": [{"iam": []}],
    "paths": {
        "/rooms": {
            "parameters": [{"$ref": "#/components/parameters/Limit"}],
            "get": {
                "operationId": "listRooms",
                "summary": "List the rooms",
                "description": "Newest first.",
                "tags": ["rooms"],
                "responses": {"200": {"$ref": "#/components/responses/Rooms"}},
            },
        },
        "/rooms/{roomId}": {
            "put": {
                "operationId": "open_room",
                "parameters": [
                    {"name": "roomId", "in": "path", "required": True, "description": "Which one.", "schema": {"type": "string"}}
                ],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}}},
                "responses": {"201": {"description": "Opened."}},
            }
        },
        "/health": {"get": {"operationId": "health", "security": [], "responses": {"200": {"description": "Well."}}}},
    },
    "components": {
        "parameters": {"Limit": {"name": "limit", "in": "query", "description": "At most.", "schema": {"type": "integer", "minimum": 1}}},
        "responses": {
            "Rooms": {
                "description": "The rooms.",
                "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Room"}}}},
            }
        },
        "schemas": {"Room": ROOM},
    },
}
LIMIT = {"name": "limit", "in": "query", "required": False, "schema": {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Limit"}}
ROOM_ID = {"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}
TAKEN = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewRoom"}}}}
LIST = Route("GET /rooms", "svc.rest:list_rooms", operation={"operationId": "listRooms", "parameters": [LIMIT], "responses": {}})
OPEN = Route(
    "PUT /rooms/{room}", "svc.rest:open_room", operation={"operationId": "open_room_put", "parameters": [ROOM_ID], "requestBody": TAKEN}
)
HEALTH = Route("GET /health", "svc.rest:health", public="a load balancer asks", operation={})
OURS = {"NewRoom": {"type": "object", "properties": {"name": {"type": "string", "title": "Name"}}, "required": ["name"]}}
GATEWAYS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "rest": (gateway, rest_description),
    "http": (http_gateway, http_description),
}


def edited(**changes: Any) -> dict[str, Any]:
    """The document with parts changed, by their pointers with `__` between: `None` removes."""
    document = copy.deepcopy(DOCUMENT)
    for pointer, value in changes.items():
        *steps, last = pointer.split("__")
        part = document
        for step in steps:
            part = part[step]
        if value is None:
            del part[last]
        else:
            part[last] = value
    return document


def made(kind: str, code: HandlerCode, *routes: Route, document: Any = None, **props: Any) -> Any:
    build, describe = GATEWAYS[kind]
    app = describe(*(routes or (LIST, OPEN, HEALTH)), schemas=OURS)
    return synthesized(lambda stack: build(stack, code, **({"apps": [app], "contract": Contract(document or DOCUMENT)} | props)))


def body_of(template: Any, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = template.one("AWS::ApiGateway::RestApi" if kind == "rest" else "AWS::ApiGatewayV2::Api")["Body"]
    return found


def test_the_body_of_a_rest_api_keeps_what_the_document_tells(code: HandlerCode) -> None:
    body = body_of(made("rest", code), "rest")
    listed, opened = body["paths"]["/rooms"]["get"], body["paths"]["/rooms/{room}"]["put"]
    assert body["info"] == {"title": "Rooms", "version": "2.1", "description": "All rooms."}
    assert (listed["operationId"], listed["summary"], listed["description"], listed["tags"]) == (
        "listRooms",
        "List the rooms",
        "Newest first.",
        ["rooms"],
    )
    assert listed["parameters"] == [
        {"name": "limit", "in": "query", "required": False, "description": "At most.", "schema": {"type": "integer"}}
    ]
    assert listed["responses"]["200"]["description"] == "The rooms."
    assert opened["parameters"][0]["description"] == "Which one."
    assert opened["responses"].keys() == {"201"}
    schemas = json.dumps(body["components"]["schemas"])
    assert "How it is called." in schemas
    assert opened["security"] == listed["security"] == [{"iam": []}]
    assert body["paths"]["/health"]["get"]["security"] == []


def test_the_body_of_an_http_api_keeps_what_its_import_reads(code: HandlerCode) -> None:
    body = body_of(made("http", code), "http")
    assert body["info"]["title"] == "Rooms"
    assert body["paths"]["/rooms"]["get"]["operationId"] == "listRooms"
    assert body["paths"]["/rooms/{room}"]["put"]["security"] == [{"iam": []}]


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_route_beside_the_apps_may_answer_an_operation(kind: str, code: HandlerCode) -> None:
    from gateleg.cdk import DirectRoute

    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://a.example"} if kind == "http" else MOCK
    routes = {"GET /health": DirectRoute(proxy, public="a load balancer asks")}
    body = body_of(made(kind, code, LIST, OPEN, routes=routes), kind)
    assert body["paths"]["/health"]["get"]["operationId"] == "health"


def bound(document: Any, *routes: Route) -> dict[str, Any]:
    """By operation id, what answers it."""
    app, entry = rest_description(*routes), RestApp("svc.rest:app")
    [(_, _, told)] = Contract(document).bound([(entry, app, list(routes))], ())
    return {str((route.operation or {})["operationId"]): (route.key, route.handler) for route in told}


def two(**paths: str) -> dict[str, Any]:
    """A document of operations by their ids."""
    document: dict[str, Any] = {"openapi": "3.0.3", "info": {"title": "Two", "version": "1"}, "paths": {}}
    document["paths"] |= {path: {"get": {"operationId": name, "responses": {}}} for name, path in paths.items()}
    return document


def test_an_operation_id_is_taken_before_a_function_of_its_name() -> None:
    named, called = (
        Route("GET /b", "svc:first", operation={"operationId": "made_b"}),
        Route("GET /a", "svc:a", operation={"operationId": "first"}),
    )
    with pytest.raises(ContractError) as caught:
        bound(two(first="/a"), named, called)
    assert caught.value.differences == ("GET /b of svc:first is not in the document: no operation is called 'made_b' or 'first'",)
    assert bound(two(first="/a"), called) == {"first": ("GET /a", "svc:a")}


def test_of_functions_of_one_name_the_one_with_the_operation_s_key_answers_it() -> None:
    first, second = (Route(f"GET /{path}", f"svc.{path}:both", operation={"operationId": f"made_{path}"}) for path in "ab")
    with pytest.raises(ContractError) as caught:
        bound(two(both="/b"), first, second)
    assert caught.value.differences == ("GET /a of svc.a:both is not in the document: no operation is called 'made_a' or 'both'",)
    assert bound(two(both="/b"), second) == {"both": ("GET /b", "svc.b:both")}


def test_a_slash_at_the_end_of_a_path_says_nothing() -> None:
    routes = Route("GET /a", "svc:a", operation={}), Route("GET /", "svc:root", operation={})
    assert bound(two(a="/a/", root="/"), *routes) == {"a": ("GET /a", "svc:a"), "root": ("GET /", "svc:root")}


@pytest.mark.parametrize("paths", [{"a": "/a/", "b": "/a"}, {"a": "/a/{x}", "b": "/a/{y}"}, {"a": "/{x+}", "b": "/{y+}/"}])
def test_operations_that_are_one_to_api_gateway_are_refused(paths: dict[str, str]) -> None:
    with pytest.raises(DeclarationError, match="are one to API Gateway; leave one of them out"):
        Contract(two(**paths))
    assert Contract(two(a=paths["a"]))


@pytest.mark.parametrize("kind", GATEWAYS)
def test_the_document_says_who_may_call_a_route_beside_the_apps(kind: str, code: HandlerCode) -> None:
    from gateleg.cdk import DirectRoute

    proxy: dict[str, Any] = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://a.example"} if kind == "http" else MOCK

    def refused(route: Any, security: Any) -> str:
        document = edited(**{"paths__/health__get__security": security})
        with pytest.raises(ContractError) as caught:
            made(kind, code, LIST, OPEN, document=document, routes={"GET /health": route}, authorizers=authorizers)
        return caught.value.message

    authorizers = {"iam": IamAuthorizer(), "second": IamAuthorizer()}
    assert "GET /health (health): the document asks for iam, and the integration of GET /health is public ('why')" in refused(
        DirectRoute(proxy, public="why"), [{"iam": []}]
    )
    assert "asks for iam, and the integration of GET /health for second" in refused(DirectRoute(proxy, authorizer="second"), [{"iam": []}])
    assert "lets anyone call it" in (said := refused(proxy, []))
    assert said.endswith("or DirectRoute(..., public='why')")
    document = edited(**{"paths__/health__get__security": [{"second": []}]})
    body = body_of(made(kind, code, LIST, OPEN, document=document, routes={"GET /health": proxy}, authorizers=authorizers), kind)
    assert body["paths"]["/health"]["get"]["security"] == [{"second": []}]


@pytest.mark.parametrize("functions", ["route", "all"])
def test_any_grouping_answers_a_document(functions: str, code: HandlerCode) -> None:
    assert body_of(made("rest", code, functions=functions), "rest")["paths"]["/rooms"]["get"]["summary"] == "List the rooms"


def test_the_document_s_security_holds_where_a_route_says_nothing(code: HandlerCode) -> None:
    document = edited(**{"paths__/rooms__get__security": [{"second": []}]})
    authorizers = {"iam": IamAuthorizer(), "second": IamAuthorizer()}
    body = body_of(made("rest", code, document=document, authorizers=authorizers), "rest")
    assert body["paths"]["/rooms"]["get"]["security"] == [{"second": []}]


def test_without_security_in_the_document_the_gateway_s_own_rules_hold(code: HandlerCode) -> None:
    document = edited(security=None, **{"paths__/health__get__security": None})
    body = body_of(made("rest", code, document=document), "rest")
    assert body["paths"]["/rooms"]["get"]["security"] == [{"iam": []}]


def took(*parameters: Any, body: Any = None) -> Route:
    operation = {"operationId": "listRooms", "parameters": list(parameters)} | ({} if body is None else {"requestBody": body})
    return Route("GET /rooms", "svc.rest:list_rooms", operation=operation)


X = {"name": "x", "in": "query", "required": True, "schema": {"type": "string"}}
PROPERTIES = "components__schemas__Room"
PUT = "paths__/rooms/{roomId}__put"
LIMIT_AS_CONTENT = {"name": "limit", "in": "query", "content": {"application/json": {"schema": {"type": "boolean"}}}}
NAMED: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "integer"}}}
SIZED: dict[str, Any] = {"required": ["name", "size"], "properties": {"size": {"type": "string"}}}
WHOLE = {"allOf": [{"$ref": "#/components/schemas/Named"}, SIZED]}
SCHEMAS = {"Room": WHOLE, "Named": NAMED}
DIFFERENCES: dict[str, tuple[dict[str, Any], tuple[Route, ...], str]] = {
    "no handler": ({}, (LIST, HEALTH), "PUT /rooms/{roomId} (open_room) has no handler: write operation_id='open_room' on its route"),
    "no operation": (
        {},
        (LIST, OPEN, HEALTH, Route("GET /x", "svc.rest:x", operation={})),
        "GET /x of svc.rest:x is not in the document: no operation is called 'x'",
    ),
    "method": (
        {},
        (Route("POST /rooms", "svc.rest:listRooms", operation={}), OPEN, HEALTH),
        "GET /rooms (listRooms) is POST /rooms in svc.rest:listRooms",
    ),
    "path": ({}, (Route("GET /rooms/all", "svc.rest:listRooms", operation={}), OPEN, HEALTH), "GET /rooms (listRooms) is GET /rooms/all"),
    "parameter of the document": (
        {},
        (took(), OPEN, HEALTH),
        "the document has the query parameter limit, which the handler does not take",
    ),
    "parameter of the handler": (
        {},
        (took(LIMIT, X), OPEN, HEALTH),
        "the handler takes the query parameter x, which the document does not have",
    ),
    "header of the handler": ({}, (took(LIMIT, X | {"in": "header"}), OPEN, HEALTH), "the handler takes the header parameter x"),
    "required parameter": (
        {},
        (took(LIMIT | {"required": True}), OPEN, HEALTH),
        "the query parameter limit is optional in the document and required in the handler",
    ),
    "type of a parameter": (
        {},
        (took(LIMIT | {"schema": {"type": "string"}}), OPEN, HEALTH),
        "the query parameter limit is integer in the document and string in the handler",
    ),
    "body of the handler": ({}, (took(LIMIT, body=TAKEN), OPEN, HEALTH), "the handler takes a body, which the document does not have"),
    "body of the document": (
        {},
        (LIST, Route("PUT /rooms/{room}", "svc.rest:open_room", operation={}), HEALTH),
        "the document has a body, which the handler does not take",
    ),
    "optional body": (
        {f"{PUT}__requestBody__required": False},
        (LIST, OPEN, HEALTH),
        "the body is optional in the document and required in the handler",
    ),
    "media type": ({f"{PUT}__requestBody__content": {"text/csv": {}}}, (LIST, OPEN, HEALTH), "the body is text/csv in the document alone"),
    "property": (
        {f"{PROPERTIES}__properties__size": {"type": "integer"}},
        (LIST, OPEN, HEALTH),
        "size of the body is in the document alone",
    ),
    "property of the handler": ({f"{PROPERTIES}__properties": {}}, (LIST, OPEN, HEALTH), "name of the body is in the handler alone"),
    "required property": (
        {f"{PROPERTIES}__required": []},
        (LIST, OPEN, HEALTH),
        "name of the body is optional in the document and required in the handler",
    ),
    "type of a property": (
        {f"{PROPERTIES}__properties__name__type": "integer"},
        (LIST, OPEN, HEALTH),
        "name of the body is integer in the document and string in the handler",
    ),
    "type in a part of allOf": (
        {"components__schemas": SCHEMAS},
        (LIST, OPEN, HEALTH),
        "name of the body is integer in the document and string in the handler",
    ),
    "property in a part of allOf": ({"components__schemas": SCHEMAS}, (LIST, OPEN, HEALTH), "size of the body is in the document alone"),
    "type in two parts": (
        {PROPERTIES: {"allOf": [ROOM, {"properties": {"name": {"type": "integer"}}}]}},
        (LIST, OPEN, HEALTH),
        "name of the body is integer in the document and string in the handler",
    ),
    "required beside allOf": (
        {PROPERTIES: {"allOf": [{"properties": ROOM["properties"]}], "required": []}},
        (LIST, OPEN, HEALTH),
        "name of the body is optional in the document and required in the handler",
    ),
    "content of a parameter": (
        {"components__parameters__Limit": LIMIT_AS_CONTENT},
        (LIST, OPEN, HEALTH),
        "the query parameter limit is boolean in the document and integer in the handler",
    ),
    "a reference into a schema": (
        {
            f"{PROPERTIES}__properties__name": {"$ref": "#/components/schemas/Other/properties/name"},
            "components__schemas__Other": {"properties": {"name": {"type": "boolean"}}},
            "components__schemas__name": {"type": "string"},
        },
        (LIST, OPEN, HEALTH),
        "name of the body is boolean in the document and string in the handler",
    ),
    "an operation that API Gateway has not": (
        {"paths__/rooms__trace": {"operationId": "trace_rooms"}},
        (LIST, OPEN, HEALTH),
        "/rooms has 'trace', which API Gateway has not; leave it out",
    ),
    "public and guarded": (
        {"paths__/health__get__security": [{"iam": []}]},
        (LIST, OPEN, HEALTH),
        "the document asks for iam, and svc.rest:health is public",
    ),
    "open and guarded": (
        {"paths__/rooms__get__security": []},
        (LIST, OPEN, HEALTH),
        "the document lets anyone call it, and svc.rest:list_rooms does not say why: write @public('why')",
    ),
    "open among others": ({"paths__/rooms__get__security": [{}, {"iam": []}]}, (LIST, OPEN, HEALTH), "the document lets anyone call it"),
    "another authorizer": (
        {},
        (Route("GET /rooms", "svc.rest:list_rooms", security=({"key": []},), operation=LIST.operation), OPEN, HEALTH),
        "the document asks for iam, and svc.rest:list_rooms for key",
    ),
    "nothing told": (
        {},
        (Route("GET /rooms", "svc.rest:listRooms"), OPEN, HEALTH),
        "svc.rest:listRooms tells nothing of its parameters and bodies",
    ),
    "an extension": (
        {"paths__/rooms__get__x-amazon-apigateway-integration": {}},
        (LIST, OPEN, HEALTH),
        "GET /rooms has x-amazon-apigateway-integration, which the gateway renders itself",
    ),
    "an authorizer": (
        {"components__securitySchemes": {"iam": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"}}},
        (LIST, OPEN, HEALTH),
        "iam has x-amazon-apigateway-authtype, which the gateway renders itself",
    ),
    "an endpoint": (
        {"servers": [{"url": "/", "x-amazon-apigateway-endpoint-configuration": {}}]},
        (LIST, OPEN, HEALTH),
        "servers 0 has x-amazon-apigateway-endpoint-configuration",
    ),
    "an integration of several": (
        {"components__x-amazon-apigateway-integrations": {}},
        (LIST, OPEN, HEALTH),
        "components has x-amazon-apigateway-integrations",
    ),
    "an extension of all": ({"x-amazon-apigateway-policy": {}}, (LIST, OPEN, HEALTH), "the document has x-amazon-apigateway-policy"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_refused_and_named(name: str, code: HandlerCode) -> None:
    changes, routes, said = DIFFERENCES[name]
    with pytest.raises(ContractError) as caught:
        made("rest", code, *routes, document=edited(**changes))
    assert any(said in difference for difference in caught.value.differences), caught.value.differences
    assert caught.value.code == "declaration.contract"


@pytest.mark.parametrize("kind", GATEWAYS)
def test_all_differences_are_told_at_once(kind: str, code: HandlerCode) -> None:
    with pytest.raises(ContractError) as caught:
        made(kind, code, took(X), document=edited(**{"paths__/health": None}))
    assert len(caught.value.differences) == 3
    assert all(f"- {difference}" in str(caught.value) for difference in caught.value.differences)


def test_an_authorizer_that_the_gateway_lacks_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="'session'"):
        made("rest", code, document=edited(security=[{"session": []}]))


def test_parts_that_make_what_the_handler_takes_are_no_difference(code: HandlerCode) -> None:
    parts = [{"properties": {"name": {"type": ["string", "null"]}}, "required": ["name"]}, {"type": "object"}]
    assert made("rest", code, document=edited(**{PROPERTIES: {"allOf": parts}}))
    union = {"anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}
    assert made("rest", code, document=edited(**{PROPERTIES: {"allOf": [ROOM, union]}}))


def test_the_content_of_a_parameter_is_told_as_its_type(code: HandlerCode) -> None:
    limit = LIMIT_AS_CONTENT | {"content": {"application/json": {"schema": {"type": "integer"}}}}
    body = body_of(made("rest", code, document=edited(components__parameters__Limit=limit)), "rest")
    assert body["paths"]["/rooms"]["get"]["parameters"][0]["schema"] == {"type": "integer"}


def test_nullable_and_unions_are_not_told_as_differences(code: HandlerCode) -> None:
    document = edited(**{f"{PROPERTIES}__properties__name": {"type": "string", "nullable": True}})
    assert made("rest", code, document=document)
    document = edited(**{f"{PROPERTIES}__properties__name": {"oneOf": [{"type": "string"}, {"type": "integer"}]}})
    assert made("rest", code, document=document)


def test_a_schema_that_holds_itself_is_read(code: HandlerCode) -> None:
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "inner": {"$ref": "#/components/schemas/Room"}},
        "required": ["name"],
    }
    ours = {"NewRoom": tree | {"properties": tree["properties"] | {"inner": {"$ref": "#/components/schemas/NewRoom"}}}}  # type: ignore[operator]
    app = rest_description(LIST, OPEN, HEALTH, schemas=ours)
    assert synthesized(lambda stack: gateway(stack, code, apps=[app], contract=Contract(edited(components__schemas__Room=tree))))


def test_files_are_read(tmp_path: Path) -> None:
    written = tmp_path / "api.json"
    written.write_text(json.dumps(DOCUMENT))
    assert Contract(written).read.operations == Contract(DOCUMENT).read.operations
    yaml = pytest.importorskip("yaml")
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    assert Contract(str(tmp_path / "api.yaml")).read.operations == Contract(DOCUMENT).read.operations


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3, "takes a file"),
        ("absent.json", "there is no document absent.json"),
        ({"swagger": "2.0"}, "is not an OpenAPI document of 3.0 or 3.1"),
        (edited(**{"paths__/rooms__get__operationId": None}), "gives GET /rooms no operationId"),
        (edited(**{"paths__/health__get__operationId": "listRooms"}), "one operationId, 'listRooms'"),
        (edited(**{"paths__/rooms__parameters": [{"$ref": "#/components/parameters/Nothing"}]}), "which is not in it"),
        (edited(**{"paths__/rooms__parameters": [{"$ref": "other.json#/a"}]}), "which is not in it"),
        (edited(components__parameters__Limit={"$ref": "#/components/parameters/Limit"}), "leads to itself"),
    ],
)
def test_what_is_no_document_is_refused(given: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        Contract(given)


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text("{")
    with pytest.raises(DeclarationError, match="is not JSON"):
        Contract(tmp_path / "api.json")
    (tmp_path / "api.yml").write_text("{")
    with pytest.raises(DeclarationError, match=r"is not YAML|PyYAML is not installed"):
        Contract(tmp_path / "api.yml")


@pytest.mark.parametrize("kind", GATEWAYS)
def test_anything_else_is_no_contract(kind: str, code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    with pytest.raises(DeclarationError, match=r"contract=\.\.\.\) takes a Contract"):
        GATEWAYS[kind][0](stack, code, contract=DOCUMENT)


def test_schemas_of_3_0_are_read_as_those_of_3_1() -> None:
    assert modern({"type": "string", "nullable": True}) == {"type": ["string", "null"]}
    assert modern({"$ref": "#/a", "nullable": True}) == {"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}
    assert modern({"type": "integer", "minimum": 1, "exclusiveMinimum": True}) == {"type": "integer", "exclusiveMinimum": 1}
    assert modern({"type": "integer", "maximum": 9, "exclusiveMaximum": False}) == {"type": "integer", "maximum": 9}
    assert modern({"properties": {"a": {"type": "string", "nullable": True, "example": {"nullable": True}}}}) == {
        "properties": {"a": {"type": ["string", "null"], "example": {"nullable": True}}}
    }
    assert read_document(DOCUMENT).operations[0].told["parameters"][0]["name"] == "limit"
