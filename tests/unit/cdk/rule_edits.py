"""A REST API as its template would have it, and edits of it that the cases of the body's rules are made of."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from gateleg.cdk.body_rules import RestApi

Edit = dict[tuple[str | int, ...], Any]

GONE = object()
NO_EDIT: Edit = {}
INTEGRATION = "x-amazon-apigateway-integration"
PUBLIC = "x-gateleg-public"
VALIDATOR = "x-amazon-apigateway-request-validator"
RESPONSES = "x-amazon-apigateway-gateway-responses"
AUTHORIZER, AUTHTYPE = "x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype"
LAMBDA = {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}
STREAM = {
    "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${Fn.Arn}/response-streaming-invocations"
}
TABLE = "arn:aws:apigateway:eu-west-1:dynamodb:action/GetItem"
OK = {"200": {"description": "well"}}
SCHEMA = {"type": "object", "properties": {"example": {"type": "string"}, "list": {"type": "array", "items": {"type": "string"}}}}
CALL = {"type": "aws_proxy", "httpMethod": "POST", "uri": LAMBDA}
DIRECT = {
    "type": "aws",
    "httpMethod": "POST",
    "uri": TABLE,
    "credentials": {"Ref": "Role"},
    "responses": {"default": {"statusCode": "200"}},
}
MOCK = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode":200}'}, "responses": {"default": {"statusCode": "200"}}}
STAGE = {
    "StageName": "live",
    "Variables": {"a": "b"},
    "AccessLogSetting": {"DestinationArn": {"Fn::GetAtt": ["Log", "Arn"]}, "Format": "$context.requestId"},
    "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 9, "ThrottlingBurstLimit": 9}],
}
PROPERTIES: dict[str, Any] = {
    "Name": "chat",
    "Mode": "overwrite",
    "EndpointConfiguration": {"Types": ["REGIONAL"]},
    "Body": {
        "openapi": "3.0.1",
        "info": {"title": "chat", "version": "1.0"},
        "paths": {
            "/a/{id}": {
                "get": {
                    "responses": OK,
                    "security": [{"iam": []}],
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    INTEGRATION: CALL,
                },
                "post": {
                    "responses": {
                        "200": {"description": "well", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
                    },
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}},
                    "security": [{"token": []}],
                    VALIDATOR: "body",
                    INTEGRATION: CALL,
                },
            },
            "/b": {
                "post": {"responses": OK, "security": [], PUBLIC: "orders are for everyone", INTEGRATION: DIRECT},
                "options": {"responses": OK, "security": [], INTEGRATION: MOCK},
            },
        },
        "components": {
            "schemas": {"Item": SCHEMA},
            "securitySchemes": {
                "iam": {"type": "apiKey", "name": "Authorization", "in": "header", AUTHTYPE: "awsSigv4"},
                "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
                "token": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    AUTHTYPE: "custom",
                    AUTHORIZER: {"type": "token", "authorizerUri": LAMBDA, "authorizerResultTtlInSeconds": 300},
                },
            },
        },
        "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True, "validateRequestParameters": False}},
        RESPONSES: {"DEFAULT_4XX": {"responseTemplates": {"application/json": '{"id":"$context.requestId"}'}}},
    },
}
BESIDE = [{"Type": "AWS::ApiGateway::Stage", "Properties": STAGE}]

BODY = ("Body",)
GET, POST = ("Body", "paths", "/a/{id}", "get"), ("Body", "paths", "/a/{id}", "post")
DIRECTLY, PREFLIGHT = ("Body", "paths", "/b", "post"), ("Body", "paths", "/b", "options")
SCHEMAS, SCHEMES = ("Body", "components", "schemas"), ("Body", "components", "securitySchemes")
ITEM = (*SCHEMAS, "Item")
ANSWER = (*POST, "responses", "200", "content", "application/json", "schema")
ACTION = (*DIRECTLY, INTEGRATION)
STAGES = ("beside", 0, "Properties")
MORE = ("beside", 1)


STREAMED: Edit = {(*GET, INTEGRATION, "responseTransferMode"): "STREAM", (*GET, INTEGRATION, "uri"): STREAM}
KEYED: Edit = {(*GET, "security"): [{"key": [], "iam": []}]}


def path(name: str, **operation: Any) -> Edit:
    return {(*BODY, "paths", name): {"get": {"responses": OK, "security": [], INTEGRATION: CALL} | operation}}


def parameter(**said: Any) -> Edit:
    return {(*GET, "parameters", 1): {"name": "q", "in": "query", "schema": {"type": "string"}} | said}


def beside(kind: str, **properties: Any) -> Edit:
    return {MORE: {"Type": f"AWS::{kind}", "Properties": properties}}


def setting(where: str, method: str = "GET", **said: Any) -> Edit:
    given = said or {"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 1}
    return {(*STAGES, "MethodSettings", 1): {"ResourcePath": where, "HttpMethod": method} | given}


def throttles(*keys: str) -> Edit:
    asked: Edit = {(*GET, "security"): [{"key": []}]}
    return asked | beside("ApiGateway::UsagePlan", ApiStages=[{"Throttle": {key: {"RateLimit": 1} for key in keys}}])


def authorizer(**settings: Any) -> Edit:
    return {(*SCHEMES, "token", AUTHORIZER): {"type": "request", "authorizerUri": LAMBDA} | settings}


def mapped(name: str, value: Any) -> Edit:
    return {(*ACTION, "requestParameters"): {name: value}}


PAGES: Edit = {
    (*PREFLIGHT, INTEGRATION, "responses", "default", "responseParameters"): {"method.response.header.Access-Control-Allow-Origin": "'*'"}
}
DECLARED: Edit = {(*PREFLIGHT, "responses", "200", "headers"): {"access-control-allow-origin": {"schema": {"type": "string"}}}}
READABLE = {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}
MANY: dict[str, Any] = {f"/x{number}": {"get": {"responses": OK, "security": [], INTEGRATION: CALL}} for number in range(297)}


def cached(path: str, *uncached: str) -> Edit:
    """A stage that caches the answers to GET of a path, or of all, but of some."""
    throttled = {"HttpMethod": "*", "ThrottlingRateLimit": 9, "ThrottlingBurstLimit": 9}
    settings = [{"ResourcePath": path, "CachingEnabled": True} | throttled]
    settings += [{"ResourcePath": one, "CachingEnabled": False} | throttled for one in uncached]
    return {(*STAGES, "MethodSettings"): settings, (*STAGES, "CacheClusterEnabled"): True}


def sent(template: Any) -> Edit:
    """What an action of DynamoDB is sent by a template."""
    return {(*ACTION, "requestTemplates"): {"application/json": template}}


def templated(template: str) -> Edit:
    return {(*GET, INTEGRATION, "requestTemplates"): {"application/json": template}}


ASKING = {"DomainName": "a.example", "MutualTlsAuthentication": {"TruststoreUri": "s3://a/b"}}


def edited(edit: Edit) -> RestApi:
    # Not by deepcopy, which keeps what is shared shared.
    root: dict[str, Any] = json.loads(json.dumps(PROPERTIES | {"beside": BESIDE}))
    for way, value in edit.items():
        place: Any = root
        for name in way[:-1]:
            place = place[name]
        if value is GONE:
            del place[way[-1]]
        elif place.__class__ is list and way[-1] == len(place):
            place.append(deepcopy(value))
        else:
            place[way[-1]] = deepcopy(value)
    return RestApi({name: part for name, part in root.items() if name != "beside"}, root["beside"])
