"""Documentation parts tell what handlers tell, and change their version with it alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_cognito as cognito

from gateleg.cdk import ApiKeyAuthorizer, CognitoAuthorizer, Cors, IamAuthorizer, RequestAuthorizer
from gateleg.cdk.management.documentation import documentation_of
from gateleg.description import Body, Route
from tests.templates.constructs.samples import MOCK, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from aws_cdk import Stack

    from gateleg.cdk import HandlerCode

PAINT: dict[str, Any] = {
    "type": "object",
    "description": "A paint on the shelf.",
    "properties": {"shade": {"type": "string", "description": "Its colour."}, "litres": {"type": "number"}},
}
PAINT_JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Paint"}}}
OPERATION: dict[str, Any] = {
    "summary": "List the paints",
    "description": "All of them.",
    "tags": ["paints"],
    "parameters": [
        {"in": "query", "name": "limit", "description": "How many.", "schema": {"type": "integer"}},
        {"in": "query", "name": "page", "schema": {"type": "integer"}},
        {"in": "header", "name": "X-Shop", "description": "Whose shelf.", "schema": {"type": "string"}},
        {"in": "path", "name": "shade", "description": "Which colour.", "schema": {"type": "string"}},
    ],
    "responses": {
        "200": {
            "description": "The paints",
            "headers": {"ETag": {"description": "Their version."}, "X-Count": {"schema": {"type": "integer"}}},
            "content": PAINT_JSON,
        }
    },
}
PUT: dict[str, Any] = {
    "summary": "Put a paint there",
    "requestBody": {"description": "What to put there.", "content": PAINT_JSON},
    "responses": {"204": {"description": "It is there"}},
}
POST: dict[str, Any] = {"requestBody": {"content": PAINT_JSON}, "responses": {"200": {"description": "Mixed"}}}
FIELDS = {
    "API": set[str](),
    "AUTHORIZER": {"name"},
    "MODEL": {"name"},
    "METHOD": {"path", "method"},
    "PATH_PARAMETER": {"path", "method", "name"},
    "QUERY_PARAMETER": {"path", "method", "name"},
    "REQUEST_HEADER": {"path", "method", "name"},
    "REQUEST_BODY": {"path", "method"},
    "RESPONSE": {"path", "method", "statusCode"},
    "RESPONSE_HEADER": {"path", "method", "statusCode", "name"},
    "RESPONSE_BODY": {"path", "method", "statusCode"},
}
"""The valid fields of a location by its type: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html."""


def rest(stack: Stack, code: HandlerCode, operation: Any = OPERATION, **props: Any) -> None:
    routes = (
        Route("GET /paints/{shade}", "h", operation=operation),
        Route("PUT /paints/{shade}", "h", operation=PUT, body=Body({"type": "object", "required": ["shade"]})),
        Route("POST /mixes", "h", operation=POST, security=({"judge": []},)),
        Route("ANY /any", "h", operation={"summary": "Any"}),
    )
    apps = [rest_description(*routes, summary="A shop", version="2.0.0", schemas={"Paint": PAINT})]
    authorizers = {
        "iam": IamAuthorizer(),
        "key": ApiKeyAuthorizer(),
        "pool": CognitoAuthorizer([cognito.UserPool(stack, "Pool")]),
        "judge": RequestAuthorizer(function(stack, code), identity_sources=["header.X-Token", "querystring.token"]),
    }
    given: dict[str, Any] = {
        "apps": apps,
        "authorizers": authorizers,
        "default_authorizer": "iam",
        "routes": {"GET /health": MOCK},
        "cors": Cors(["https://a.example"]),
    }
    gateway(stack, code, **(given | props))


def body(code: HandlerCode, operation: Any = OPERATION, **props: Any) -> Any:
    return synthesized(partial(rest, code=code, operation=operation, **props)).one("AWS::ApiGateway::RestApi")["Body"]


def documentation(code: HandlerCode, operation: Any = OPERATION, **props: Any) -> Any:
    return body(code, operation, **props).get("x-amazon-apigateway-documentation")


def told(documentation: Any) -> dict[str, Any]:
    """By where it stands, what a part says: `PUT /paints/{shade} 204 RESPONSE`."""
    said: dict[str, Any] = {}
    for part in documentation["documentationParts"]:
        at, words = part["location"], part["properties"]
        place = " ".join(at[name] for name in ("method", "path", "statusCode", "type", "name") if name in at)
        assert place not in said  # API Gateway keeps one part a place
        said[place] = words["description"] if words.keys() == {"description"} else words
    return said


@pytest.mark.slow
def test_parts_tell_what_handlers_tell_and_nothing_of_preflights(code: HandlerCode) -> None:
    assert told(documentation(code, documentation=True)) == {
        "API": {"info": {"description": "A shop", "version": "2.0.0"}},
        "AUTHORIZER pool": "A token of the user pool. It is sent as header Authorization.",
        "AUTHORIZER judge": "What the authorizer judges. It is sent as header X-Token and query token.",
        "MODEL Paint": "A paint on the shelf.",
        "MODEL Paint.shade": "Its colour.",
        "GET /paints/{shade} METHOD": {"summary": "List the paints", "description": "All of them.", "tags": ["paints"]},
        "GET /paints/{shade} PATH_PARAMETER shade": "Which colour.",
        "GET /paints/{shade} QUERY_PARAMETER limit": "How many.",
        "GET /paints/{shade} REQUEST_HEADER X-Shop": "Whose shelf.",
        "GET /paints/{shade} 200 RESPONSE": "The paints",
        "GET /paints/{shade} 200 RESPONSE_HEADER ETag": "Their version.",
        "GET /paints/{shade} 200 RESPONSE_BODY": "A paint on the shelf.",
        "PUT /paints/{shade} METHOD": {"summary": "Put a paint there"},
        "PUT /paints/{shade} REQUEST_BODY": "What to put there.",
        "PUT /paints/{shade} 204 RESPONSE": "It is there",
        "POST /mixes REQUEST_BODY": "A paint on the shelf.",
        "POST /mixes 200 RESPONSE": "Mixed",
        "* /any METHOD": {"summary": "Any"},
    }
    assert documentation(code) is None


@pytest.mark.slow
def test_a_body_that_the_gateway_checks_keeps_its_words(code: HandlerCode) -> None:
    checked = body(code, documentation=True, validate_requests=True)
    assert checked["paths"]["/paints/{shade}"]["put"]["requestBody"]["description"] == "What to put there."
    assert told(checked["x-amazon-apigateway-documentation"])["PUT /paints/{shade} REQUEST_BODY"] == "What to put there."


@pytest.mark.slow
def test_parts_name_what_the_body_holds_by_the_fields_that_their_type_has(code: HandlerCode) -> None:
    document = body(code, documentation=True)
    for part in document["x-amazon-apigateway-documentation"]["documentationParts"]:
        at = part["location"]
        assert at.keys() == {"type", *FIELDS[at["type"]]}
        if "path" in at:
            member = "x-amazon-apigateway-any-method" if at["method"] == "*" else at["method"].lower()
            operation = document["paths"][at["path"]][member]
            assert "statusCode" not in at or at["statusCode"] in operation["responses"]
        elif at["type"] == "AUTHORIZER":
            assert "x-amazon-apigateway-authorizer" in document["components"]["securitySchemes"][at["name"]]
        elif at["type"] == "MODEL":
            model, _, field = at["name"].partition(".")
            assert not field or field in document["components"]["schemas"][model]["properties"]


@pytest.mark.slow
def test_the_version_follows_what_is_told(code: HandlerCode) -> None:
    first, same = (documentation(code, documentation=True)["version"] for _ in range(2))
    other = documentation(code, OPERATION | {"summary": "List"}, documentation=True)["version"]
    assert first == same != other


@pytest.mark.parametrize(("fields", "parts"), [(1_998, 2_000), (1_999, 2)])
def test_fields_of_models_are_left_out_where_an_api_could_not_have_them_all(fields: int, parts: int) -> None:
    said = {f"f{number}": {"description": "A field."} for number in range(fields)}
    schemas = {"Wide": {"description": "Wide.", "properties": said}}
    document = {"info": {"description": "An API", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}
    assert len(documentation_of(document, {})["documentationParts"]) == parts
