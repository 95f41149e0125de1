"""An HTTP API that is one OpenAPI body reads like one of resources, and what is taken out of it shows."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.testing import TemplateView

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = "x-amazon-apigateway-integrations"
AUTHORIZER = "x-amazon-apigateway-authorizer"
CALL = {"x-amazon-apigateway-integration": {"$ref": f"#/components/{SHARED}/app"}, "responses": {}}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Fn": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "shop.handler", "Runtime": "python3.14"}},
        "Http": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Body": {
                    "openapi": "3.0.1",
                    "info": {"title": "shop", "version": "1"},
                    "paths": {
                        "/orders/{id}": {"get": {**CALL, "security": [{"people": ["orders/read"]}]}},
                        "/orders": {"post": {**CALL, "security": [{"judge": []}]}},
                        "/report": {"get": {**CALL, "security": [{"aws": []}]}},
                        "/paints": {"get": {**CALL, "security": [], "x-gateleg-public": "for everyone"}},
                        "/files/{proxy+}": {"x-amazon-apigateway-any-method": {**CALL, "security": [{"aws": []}]}},
                    },
                    "components": {
                        SHARED: {
                            "app": {
                                "type": "aws_proxy",
                                "httpMethod": "POST",
                                "payloadFormatVersion": "2.0",
                                "uri": {
                                    "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"
                                },
                            }
                        },
                        "securitySchemes": {
                            "people": {
                                "type": "oauth2",
                                AUTHORIZER: {
                                    "type": "jwt",
                                    "identitySource": "$request.header.Authorization",
                                    "jwtConfiguration": {"issuer": "https://login.example.com/", "audience": ["shop", {"Ref": "Client"}]},
                                },
                            },
                            "judge": {
                                "type": "apiKey",
                                AUTHORIZER: {
                                    "type": "request",
                                    "identitySource": "$request.header.X, $context.routeKey",
                                    "authorizerResultTtlInSeconds": 60,
                                    "authorizerUri": {
                                        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"
                                    },
                                },
                            },
                            "aws": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
                            "nothing": {"type": "http", "scheme": "bearer"},
                        },
                    },
                }
            },
        },
        "Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "socket", "ProtocolType": "WEBSOCKET"}},
    }
}
BODY = TEMPLATE["Resources"]["Http"]["Properties"]["Body"]


def viewed(edit: Callable[[dict[str, Any]], object] | None = None) -> TemplateView:
    """The template, after a change of its body."""
    template = deepcopy(TEMPLATE)
    if edit is not None:
        edit(template["Resources"]["Http"]["Properties"]["Body"])
    return TemplateView.from_json(json.dumps(template))


def test_each_route_of_the_body_tells_who_may_call_it() -> None:
    assert {route.key: (route.authorizer, route.authorizer_type, route.scopes) for route in viewed().routes()} == {
        "GET /orders/{id}": ("people", "JWT", ("orders/read",)),
        "POST /orders": ("judge", "REQUEST", ()),
        "GET /report": ("aws", "AWS_IAM", ()),
        "GET /paints": (None, None, ()),
        "ANY /files/{proxy+}": ("aws", "AWS_IAM", ()),
    }


def test_a_route_tells_its_function_its_payload_and_why_it_is_public() -> None:
    route = viewed().route("GET /paints")
    assert route.function is not None
    assert (route.function.logical_id, route.integration_type, route.payload_version) == ("Fn", "AWS_PROXY", "2.0")
    assert route.public_reason == "for everyone"


def test_the_authorizers_of_the_body_are_told() -> None:
    view = viewed()
    assert sorted(view.authorizers()) == ["aws", "judge", "people"]
    people, judge = view.authorizer("people"), view.authorizer("judge")
    assert (people.issuer, people.audience) == ("https://login.example.com/", ("shop", "${Client}"))
    assert people.identity_sources == ("$request.header.Authorization",)
    assert (judge.ttl, judge.identity_sources) == (60, ("$request.header.X", "$context.routeKey"))
    assert judge.function is not None


def test_an_api_with_a_body_is_no_websocket() -> None:
    with pytest.raises(Exception, match="no WebSocket route"):
        viewed().websocket_routes()


def test_the_default_route_has_its_name() -> None:
    def edit(body: dict[str, Any]) -> None:
        body["paths"] = {"/$default": {"x-amazon-apigateway-any-method": {**CALL, "isDefaultRoute": True}}}

    assert [route.key for route in viewed(edit).routes()] == ["$default"]


MUTATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "the authorizer of a route dropped": lambda body: body["paths"]["/orders/{id}"]["get"].update(security=[]),
    "an alternative that asks for nothing": lambda body: body["paths"]["/orders/{id}"]["get"]["security"].append({}),
    "the security left to the document": lambda body: (
        body["paths"]["/orders/{id}"]["get"].pop("security"),
        body.update(security=[{"people": []}]),
    ),
    "a scope dropped": lambda body: body["paths"]["/orders/{id}"]["get"].update(security=[{"people": []}]),
    "another authorizer": lambda body: body["paths"]["/orders"]["post"].update(security=[{"aws": []}]),
    "a scheme that makes no authorizer": lambda body: body["paths"]["/orders"]["post"].update(security=[{"nothing": []}]),
    "the authorizer gone": lambda body: body["components"]["securitySchemes"]["people"].pop(AUTHORIZER),
    "the authtype gone": lambda body: body["components"]["securitySchemes"]["aws"].pop("x-amazon-apigateway-authtype"),
    "a wider audience": lambda body: body["components"]["securitySchemes"]["people"][AUTHORIZER]["jwtConfiguration"]["audience"].append(
        "all"
    ),
    "another issuer": lambda body: body["components"]["securitySchemes"]["people"][AUTHORIZER]["jwtConfiguration"].update(
        issuer="https://evil.example/"
    ),
    "answers remembered for longer": lambda body: body["components"]["securitySchemes"]["judge"][AUTHORIZER].update(
        authorizerResultTtlInSeconds=3600
    ),
    "answers remembered for all routes": lambda body: body["components"]["securitySchemes"]["judge"][AUTHORIZER].update(
        identitySource="$request.header.X"
    ),
    "another payload": lambda body: body["components"][SHARED]["app"].update(payloadFormatVersion="1.0"),
    "another target": lambda body: body["components"][SHARED]["app"].update(uri="arn:aws:lambda:eu-west-1:1:function:other"),
    "another type": lambda body: body["components"][SHARED]["app"].update(type="http_proxy"),
    "a route gone": lambda body: body["paths"].pop("/report"),
    "a route more": lambda body: body["paths"].update({"/more": {"get": CALL}}),
}


def told(view: TemplateView) -> list[Any]:
    """All that a test can ask of routes and authorizers."""
    return [
        [
            (one.key, one.authorizer, one.authorizer_type, one.scopes, one.payload_version, one.integration_type, one.integration_uri)
            for one in view.routes()
        ],
        [(one.name, one.type, one.ttl, one.identity_sources, one.uri, one.issuer, one.audience) for one in view.authorizers().values()],
    ]


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_changed_shows(name: str) -> None:
    assert told(viewed(MUTATIONS[name])) != told(viewed())
