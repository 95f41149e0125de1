"""The OpenAPI body of an HTTP API as the resources that API Gateway's import makes of it."""

from __future__ import annotations

from typing import Any

from gateleg.local.passes.http_bodies import expand_http_bodies
from gateleg.local.template import Target

Json = dict[str, Any]
CALL: Json = {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": "lambda"}, "payloadFormatVersion": "1.0"}
ROUTE: Json = {"x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/app"}}
JUDGE: Json = {
    "type": "request",
    "authorizerUri": {"Fn::Sub": "judge"},
    "authorizerPayloadFormatVersion": "2.0",
    "enableSimpleResponses": True,
    "authorizerResultTtlInSeconds": 300,
    "identitySource": "$request.header.X, $context.routeKey",
}
SCHEMES: Json = {
    "jwt": {
        "type": "oauth2",
        "x-amazon-apigateway-authorizer": {
            "type": "jwt",
            "identitySource": "$request.header.Authorization",
            "jwtConfiguration": {"issuer": "https://login.example.com/", "audience": ["shop"]},
        },
    },
    "judge": {"type": "apiKey", "x-amazon-apigateway-authorizer": JUDGE},
    "iam": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
}


def expanded(paths: Json, **document: Any) -> Json:
    body = {
        "openapi": "3.0.1",
        "info": {"title": "shop", "version": "1"},
        "paths": paths,
        "components": {"x-amazon-apigateway-integrations": {"app": CALL}, "securitySchemes": SCHEMES},
    }
    template = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body | document, "FailOnWarnings": True, "Tags": {"a": "b"}}},
            "Deployment": {"Type": "AWS::ApiGatewayV2::Deployment", "Properties": {"ApiId": {"Ref": "Api"}}},
            "Elsewhere": {"Type": "AWS::ApiGatewayV2::Deployment", "Properties": {"ApiId": {"Ref": "Other"}}},
            "Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "socket", "ProtocolType": "WEBSOCKET"}},
        }
    }
    resources: Json = expand_http_bodies(template, Target(port=1))["Resources"]
    return resources


def of_type(resources: Json, kind: str) -> dict[str, Json]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == f"AWS::ApiGatewayV2::{kind}"}


def route(operation: Json) -> tuple[Json, Json]:
    """The only route of a document, and all resources."""
    resources = expanded({"/a": {"get": {**ROUTE, **operation}}})
    [found] = of_type(resources, "Route").values()
    return found, resources


def test_routes_of_one_integration_share_it() -> None:
    resources = expanded({"/a": {"get": ROUTE, "post": ROUTE}, "/{proxy+}": {"x-amazon-apigateway-any-method": ROUTE}})
    [(name, integration)] = of_type(resources, "Integration").items()
    assert integration == {
        "ApiId": {"Ref": "Api"},
        "IntegrationType": "AWS_PROXY",
        "IntegrationMethod": "POST",
        "IntegrationUri": {"Fn::Sub": "lambda"},
        "PayloadFormatVersion": "1.0",
    }
    routes = of_type(resources, "Route").values()
    assert {one["RouteKey"] for one in routes} == {"GET /a", "POST /a", "ANY /{proxy+}"}
    assert all(one["Target"] == {"Fn::Join": ["", ["integrations/", {"Ref": name}]]} for one in routes)


def test_an_integration_in_its_place_is_its_own() -> None:
    found, resources = route(
        {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://a.example.com"}}
    )
    [integration] = of_type(resources, "Integration").values()
    assert (found["RouteKey"], integration["IntegrationType"]) == ("GET /a", "HTTP_PROXY")


def test_the_default_route_is_one() -> None:
    resources = expanded({"/$default": {"x-amazon-apigateway-any-method": {**ROUTE, "isDefaultRoute": True}}})
    assert [one["RouteKey"] for one in of_type(resources, "Route").values()] == ["$default"]


def test_a_token_is_asked_with_its_scopes() -> None:
    found, resources = route({"security": [{"jwt": ["orders/read"]}]})
    authorizer = resources[found["AuthorizerId"]["Ref"]]["Properties"]
    assert (found["AuthorizationType"], found["AuthorizationScopes"]) == ("JWT", ["orders/read"])
    assert authorizer["JwtConfiguration"] == {"Issuer": "https://login.example.com/", "Audience": ["shop"]}
    assert (authorizer["AuthorizerType"], authorizer["IdentitySource"]) == ("JWT", ["$request.header.Authorization"])


def test_a_function_judges_with_its_settings() -> None:
    found, resources = route({"security": [{"judge": []}]})
    authorizer = resources[found["AuthorizerId"]["Ref"]]["Properties"]
    assert found["AuthorizationType"] == "CUSTOM"
    assert authorizer["IdentitySource"] == ["$request.header.X", "$context.routeKey"]
    assert (authorizer["AuthorizerPayloadFormatVersion"], authorizer["EnableSimpleResponses"]) == ("2.0", True)
    assert (authorizer["AuthorizerResultTtlInSeconds"], authorizer["AuthorizerUri"]) == (300, {"Fn::Sub": "judge"})


def test_a_signature_is_asked_and_a_public_route_asks_nothing() -> None:
    assert route({"security": [{"iam": []}]})[0]["AuthorizationType"] == "AWS_IAM"
    assert "AuthorizationType" not in route({"security": []})[0]


def test_the_api_keeps_its_name_its_pages_and_what_stands_beside_the_body() -> None:
    cors = {"allowOrigins": ["https://shop.example.com"], "maxAge": 5}
    resources = expanded({"/a": {"get": ROUTE}}, **{"x-amazon-apigateway-cors": cors})
    assert of_type(resources, "Api")["Api"] == {
        "Name": "shop",
        "ProtocolType": "HTTP",
        "Description": "",
        "CorsConfiguration": cors,
        "Tags": {"a": "b"},
    }
    assert of_type(resources, "Api")["Socket"] == {"Name": "socket", "ProtocolType": "WEBSOCKET"}


def test_a_deployment_waits_for_the_routes_that_it_is_of() -> None:
    resources = expanded({"/a": {"get": ROUTE}})
    assert set(of_type(resources, "Route")) < set(resources["Deployment"]["DependsOn"])
    assert "DependsOn" not in resources["Elsewhere"]


def test_the_service_that_an_integration_calls_stands_where_a_uri_would() -> None:
    given = {"type": "aws_proxy", "integrationSubtype": "SQS-SendMessage", "credentials": {"Ref": "Role"}, "requestParameters": {"a": "b"}}
    resources = expanded({"/a": {"post": {"x-amazon-apigateway-integration": given}}})
    [integration] = of_type(resources, "Integration").values()
    assert integration["IntegrationUri"] == {"Fn::Join": [" ", ["SQS-SendMessage", {"Ref": "Role"}]]}
    assert integration["RequestParameters"] == {"a": "b"}
