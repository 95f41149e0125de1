"""Documentation parts tell what handlers tell, and change their version with it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import Cors
from gateleg.description import Route
from tests.templates.constructs.samples import gateway, rest_description, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

OPERATION: dict[str, Any] = {
    "summary": "List the paints",
    "description": "All of them.",
    "tags": ["paints"],
    "parameters": [
        {"in": "query", "name": "limit", "description": "How many.", "schema": {"type": "integer"}},
        {"in": "query", "name": "page", "schema": {"type": "integer"}},
    ],
    "responses": {"200": {"description": "The paints"}},
}


def documentation(code: HandlerCode, operation: Any = OPERATION, **props: Any) -> Any:
    routes = (Route("GET /paints/{shade}", "h", operation=operation), Route("ANY /any", "h", operation={"summary": "Any"}))
    apps = [rest_description(*routes, summary="A shop", version="2.0.0")]
    template = synthesized(lambda stack: gateway(stack, code, apps=apps, tables=[], cors=Cors(["https://a.example"]), **props))
    return template.one("AWS::ApiGateway::RestApi")["Body"].get("x-amazon-apigateway-documentation")


def test_parts_tell_what_handlers_tell_and_nothing_of_preflights(code: HandlerCode) -> None:
    place = {"path": "/paints/{shade}", "method": "GET"}
    assert documentation(code, documentation=True)["documentationParts"] == [
        {"location": {"type": "API"}, "properties": {"info": {"description": "A shop", "version": "2.0.0"}}},
        {
            "location": {"type": "METHOD", **place},
            "properties": {"summary": "List the paints", "description": "All of them.", "tags": ["paints"]},
        },
        {"location": {"type": "QUERY_PARAMETER", **place, "name": "limit"}, "properties": {"description": "How many."}},
        {"location": {"type": "RESPONSE", **place, "statusCode": "200"}, "properties": {"description": "The paints"}},
        {"location": {"type": "METHOD", "path": "/any", "method": "*"}, "properties": {"summary": "Any"}},
    ]
    assert documentation(code) is None


def test_the_version_follows_what_is_told(code: HandlerCode) -> None:
    first, same = (documentation(code, documentation=True)["version"] for _ in range(2))
    other = documentation(code, OPERATION | {"summary": "List"}, documentation=True)["version"]
    assert first == same != other
