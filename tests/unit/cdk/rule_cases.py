"""Inputs that break each rule of the body, and inputs that are near to it and hold, by the rule's id."""

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


def templated(template: str) -> Edit:
    return {(*GET, INTEGRATION, "requestTemplates"): {"application/json": template}}


ASKING = {"DomainName": "a.example", "MutualTlsAuthentication": {"TruststoreUri": "s3://a/b"}}
BROKEN: dict[str, list[Edit]] = {
    "M1": [{(*SCHEMAS, "Page_Item_"): SCHEMA}],
    "M2": [{(*ITEM, "$id"): "x"}, {(*ITEM, "const"): 1}, {(*ITEM, "properties", "example", "exclusiveMinimum"): 0}, {(*ITEM, "$defs"): {}}],
    "M3": [{(*ITEM, word): True} for word in ("discriminator", "example", "readOnly", "deprecated", "default", "exclusiveMinimum")],
    "M4": [{(*ITEM, "properties", "example"): schema} for schema in ({"nullable": True}, {"type": "null"}, {"type": ["string", "null"]})],
    "M5": [
        {(*ITEM, "properties", "list", "minItems"): 1, (*POST, INTEGRATION): DIRECT},
        {(*ITEM, "properties", "list", "maxItems"): 1, (*POST, INTEGRATION): DIRECT},
    ],
    "M6": [{(*ITEM, "properties", "example", "format"): named} for named in ("int32", "int64", "decimal")],
    "M7": [{(*ITEM, "oneOf"): [{"type": "string"}]}],
    "M9": [
        {(*ANSWER, "$ref"): "#/components/schemas/Gone"},
        {(*ITEM, "properties", "example"): {"$ref": "models.json#/Item"}},
        {(*GET, "responses", "500"): {"$ref": "#/responses/Unexpected"}},
    ],
    "M10": [{ANSWER: {"type": "string"}}],
    "M11": [{ANSWER: SCHEMA}, {(*POST, "requestBody", "content", "application/json", "schema"): {"type": "array", "items": {}}}],
    "M12": [{(*ITEM, "description"): "x" * 400_000}],
    "P1": [
        parameter(style="form"),
        parameter(schema={"type": "string", "enum": ["a"]}),
        parameter(schema={"type": "integer", "minimum": 1}),
    ],
    "P2": [parameter(**{"in": "cookie"})],
    "P3": [parameter(name="id")],
    "P4": [parameter(name="filter[x]")],
    "P6": [
        mapped("integration.request.querystring.q", "method.request.querystring.q"),
        mapped("integration.request.path.id", "method.request.path.id"),
        {(*ACTION, "cacheKeyParameters"): ["method.request.header.X"]},
        mapped("integration.request.header.X", "method.request.header.X") | {(*DIRECTLY, "parameters"): [{"name": "X", "in": "query"}]},
    ],
    "P7": [
        mapped("integration.request.header.X", "*"),
        mapped("integration.request.header.X", 5),
        mapped("integration.request.cookie.X", "'x'"),
        PAGES | {(*PREFLIGHT, INTEGRATION, "responses", "default", "responseParameters", "method.response.header.X"): "x"},
        {(*BODY, RESPONSES, "DEFAULT_4XX", "responseParameters"): {"gatewayresponse.header.X": "*"}},
    ],
    "P9": [{(*POST, VALIDATOR): "strict"}, {(*BODY, VALIDATOR): "strict"}, {(*POST, VALIDATOR): GONE, (*POST, INTEGRATION): DIRECT}],
    "D1": [
        {(*BODY, "openapi"): "3.1.0"},
        {(*BODY, "openapi"): GONE},
        {(*BODY, "info", "title"): GONE},
        {GET: "a string"},
        {(*BODY, "paths", "/b"): []},
        {(*GET, "parameters"): {}},
    ],
    "D2": [path("/a/{other}/b"), path("/a/{proxy+}")],
    "D3": [path("/c/{proxy+}/d")],
    "D4": [path("/c{id}"), path("/~me"), path("/*"), path("/a b"), path("c")],
    "D5": [path("/b/")],
    "D6": [path("/ping") | beside("ApiGateway::BasePathMapping"), path("/sping") | beside("ApiGatewayV2::ApiMapping")],
    "D7": [{(*GET, INTEGRATION): GONE}, {(*BODY, "paths"): {}}],
    "D9": [{(*BODY, "paths", "/b", "trace"): {"responses": OK, INTEGRATION: CALL}}],
    "D10": [{(*GET, "responses"): GONE}, {(*GET, "responses"): {}}],
    "D11": [{(*GET, "responses", "default"): {"description": "rest"}}, {(*GET, "responses", "4XX"): {"description": "no"}}],
    "D12": [{(*GET, "operationId"): "same", (*POST, "operationId"): "same"}],
    "D13": [{(*BODY, "servers"): [{"url": "https://a.example/v1"}]}, {(*BODY, "servers"): [{"url": "/{basePath}"}]}],
    "D14": [{(*BODY, "info", "title"): "talk"}],
    "S0": [{(*BODY, "security"): [{"iam": []}], (*GET, "security"): GONE}],
    "S1": [
        {(*GET, "security"): [{"nobody": []}]},
        {(*SCHEMES, "token", AUTHORIZER): GONE},
        {(*SCHEMES, "iam"): {"type": "http", "scheme": "bearer"}},
        {(*SCHEMES, "key", "name"): "X-Own", (*GET, "security"): [{"key": []}]},
    ],
    "S14": [
        beside("ApiGatewayV2::DomainName", **ASKING),
        beside("ApiGateway::DomainName", **ASKING) | {("DisableExecuteApiEndpoint",): False},
    ],
    "S13": [
        {(*GET, "security"): GONE},
        {(*GET, "security"): []},
        {(*GET, "security"): [{}]},
        {(*GET, "security"): [{"iam": []}, {}]},
        {(*DIRECTLY, PUBLIC): " "},
        {(*PREFLIGHT, INTEGRATION): CALL},
    ],
    "S2": [{(*SCHEMES, "token", AUTHTYPE): GONE}],
    "S3": [{(*SCHEMES, "token", "type"): "oauth2"}],
    "S4": [{(*GET, "security"): [{"iam": [], "token": []}]}, {(*GET, "security"): [{"iam": []}, {"token": []}]}],
    "S5": [{(*GET, "security"): [{"token": []}, {"key": []}]}],
    "S6": [{(*GET, "x-amazon-apigateway-auth"): {"type": "AWS_IAM"}}, {(*BODY, "x-amazon-apigateway-auth"): {"type": "AWS_IAM"}}],
    "S7": [authorizer(type="cognito_user_pools"), authorizer(type="cognito_user_pools", providerARNs=[])],
    "S8": [
        authorizer(),
        authorizer(authorizerResultTtlInSeconds=300),
        authorizer(identitySource="method.request.header.A", authorizerResultTtlInSeconds=3601),
        authorizer(identitySource="method.request.path.id"),
    ],
    "S11": [PAGES | DECLARED, PAGES | DECLARED | {(*BODY, RESPONSES): {"DEFAULT_4XX": READABLE}}],
    "S12": [
        {(*BODY, "x-amazon-apigateway-api-key-source"): "QUERY"},
        {(*BODY, "x-amazon-apigateway-api-key-source"): "AUTHORIZER", (*SCHEMES, "token"): GONE, (*POST, "security"): []},
    ],
    "I1": [{(*GET, INTEGRATION, "httpMethod"): "GET"}],
    "I2": [{(*GET, INTEGRATION, "httpMethod"): GONE}],
    "I3": [
        {(*ACTION, "uri"): "arn:aws:lambda:eu-west-1:123456789012:function:f"},
        {(*ACTION, "uri"): "arn:aws:apigateway:eu-west-1:dynamodb:GetItem"},
        {ACTION: {"type": "http_proxy", "httpMethod": "GET", "uri": "a.example"}},
        {(*ACTION, "uri"): GONE},
    ],
    "I4": [{(*GET, INTEGRATION, "uri"): TABLE}],
    "I5": [
        {(*ACTION, "timeoutInMillis"): 49},
        {(*ACTION, "timeoutInMillis"): 29_001},
        {(*ACTION, "timeoutInMillis"): 29_001, ("EndpointConfiguration", "Types"): ["EDGE"]},
        {(*ACTION, "timeoutInMillis"): 300_001},
    ],
    "I6": [
        {(*ACTION, "responseTransferMode"): "STREAM"},
        {(*GET, INTEGRATION, "responseTransferMode"): "STREAM"},
        STREAMED | {(*GET, INTEGRATION, "timeoutInMillis"): 900_001},
        STREAMED | {("MinimumCompressionSize",): 1000},
        STREAMED | setting("/~1a~1{id}", CachingEnabled=True),
        STREAMED | setting("/*", "*", CachingEnabled=True),
    ],
    "I7": [PAGES, {(*ACTION, "responses", "default", "statusCode"): "204"}],
    "I8": [{(*ACTION, "responses"): {"200": {"statusCode": "200"}}}, {(*PREFLIGHT, INTEGRATION, "responses"): GONE}],
    "I9": [{(*ACTION, "uri"): LAMBDA, (*ACTION, "responses", "200"): {"statusCode": "200"}}],
    "I10": [
        {(*PREFLIGHT, INTEGRATION, "requestTemplates"): GONE},
        {(*PREFLIGHT, INTEGRATION, "requestTemplates", "application/json"): "{}"},
    ],
    "I11": [{("BinaryMediaTypes",): ["*/*"]}, {(*BODY, "x-amazon-apigateway-binary-media-types"): ["application/json"]}],
    "I13": [{(*ACTION, "passthroughBehavior"): "always"}, {(*ACTION, "passthroughBehavior"): "never"}],
    "I14": [{(*ACTION, "requestTemplates"): {"application/json": "x" * 300_001}}],
    "I15": [{(*GET, INTEGRATION): {"$ref": "#/components/x-amazon-apigateway-integrations/a"}}],
    "I16": [
        {(*BODY, RESPONSES, "TEAPOT"): {"statusCode": "418"}},
        {(*BODY, RESPONSES, "REQUEST_TOO_LARGE"): {"statusCode": "413"}},
        {(*BODY, RESPONSES, "DEFAULT_4XX", "responseTemplates", "application/json"): "#set($a = 1)$a"},
    ],
    "T1": [{("Mode",): GONE}, {("Mode",): "merge"}],
    "T3": [
        {("EndpointConfiguration",): GONE},
        {("EndpointConfiguration", "Types"): ["EDGE", "REGIONAL"]},
        {(*BODY, "x-amazon-apigateway-endpoint-configuration"): {}},
        {("EndpointConfiguration",): {"Types": ["PRIVATE"], "IpAddressType": "ipv4"}},
    ],
    "T4": [{("EndpointConfiguration", "Types"): ["PRIVATE"]}],
    "T5": [{("Policy",): {"Statement": ["x" * 8192]}}, {(*BODY, "x-amazon-apigateway-policy"): {"Statement": ["x" * 8192]}}],
    "T6": [{(*BODY, "info", "description"): "x" * 1_000_000}],
    "T8": [
        {("MinimumCompressionSize",): -1},
        {("MinimumCompressionSize",): 10_485_761},
        {(*BODY, "x-amazon-apigateway-minimum-compression-size"): -1},
    ],
    "T9": [{(*BODY, "x-amazon-apigateway-documentation"): {"documentationParts": [{}] * 2001}}],
    "T10": [
        {("beside", number): {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "F"}}} for number in range(1, 52)}
    ],
    "T11": [
        {("SecurityPolicy",): "SecurityPolicy_TLS13_1_3_2025_09"},
        {("SecurityPolicy",): "SecurityPolicy_TLS13_2025_EDGE", ("EndpointAccessMode",): "BASIC"},
        {
            ("SecurityPolicy",): "SecurityPolicy_TLS13_1_3_2025_09",
            ("EndpointAccessMode",): "BASIC",
            ("EndpointConfiguration", "Types"): ["EDGE"],
        },
    ],
    "Q1": [
        {(*BODY, "paths", name): item for name, item in MANY.items()},
        {
            (*SCHEMES, f"a{number}"): {"type": "apiKey", "name": "A", "in": "header", AUTHTYPE: "custom", AUTHORIZER: {"type": "token"}}
            for number in range(10)
        },
        {("beside", number): {"Type": "AWS::ApiGateway::Stage", "Properties": STAGE} for number in range(1, 11)},
    ],
    "Q2": [
        setting("/a/{id}"),
        setting("/~1gone"),
        setting("/~1a~1{id}", "DELETE"),
        setting("/~1b", "POST", Unknown=1),
        setting("~1b", "POST"),
    ],
    "Q3": [
        throttles("/~1a~1{id}/GET"),
        throttles("/gone/GET"),
        throttles("/gone/*"),
        throttles("/a/{id}/DELETE"),
        throttles(*["/a/{id}/GET", *(f"/x{n}/GET" for n in range(20))]),
    ],
    "Q4": [beside("ApiGateway::UsagePlan", ApiStages=[])],
    "Q5": [setting("/~1b", "POST", MetricsEnabled=True), setting("/~1b", "POST", ThrottlingRateLimit=1)],
    "Q6": [
        {(*STAGES, "AccessLogSetting", "Format"): "$context.status"},
        {(*STAGES, "AccessLogSetting", "Format"): "$context.requestId\n$context.status"},
        {(*STAGES, "AccessLogSetting", "Format"): "$context.requestId" + "x" * 3072},
        {(*STAGES, "AccessLogSetting", "DestinationArn"): "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs"},
    ],
    "Q8": [
        setting("/~1b", "POST", CachingEnabled=True, ThrottlingRateLimit=1, ThrottlingBurstLimit=1),
        setting("/~1b", "POST", CacheTtlInSeconds=3601, ThrottlingRateLimit=1, ThrottlingBurstLimit=1),
        {(*STAGES, "CacheClusterSize"): "2"},
    ],
    "Q10": [
        {(*STAGES, "StageName"): "a.b"},
        {(*STAGES, "Variables", "a"): "b c"},
        {(*STAGES, "Variables", "a-b"): "c"},
        {(*STAGES, "Variables", "a"): "b" * 513},
        {(*STAGES, "Variables"): {f"a{number}": "b" for number in range(101)}},
        beside("ApiGateway::ApiKey", Value="short"),
    ],
    "Q11": [KEYED],
    "Q12": [beside("ApiGateway::ApiKey", Value="k" * 20)],
    "Q13": [
        {(*GET, INTEGRATION, "uri"): "https://${stageVariables.host}/a"},
        {(*GET, INTEGRATION, "uri"): {"Fn::Sub": "https://${!stageVariables.host}/${A}"}},
        {
            (*GET, INTEGRATION, "uri"): {"Fn::Join": ["", ["https://${stageVariables.host}.", {"Ref": "Domain"}]]},
            (*STAGES, "Variables"): {"hosts": "a"},
        },
        *map(templated, ("#if($a)$stageVariables.host#end", "$stageVariables.get('host')", "$stageVariables['host']")),
    ],
    "Q14": [{(*STAGES, "Variables"): {"a": "b"}, (*STAGES, "CanarySetting"): {"StageVariableOverrides": {"c": "d"}}}],
}
"""What breaks each rule, as edits of an API that holds all."""

HELD: dict[str, list[Edit]] = {
    "M1": [{(*SCHEMAS, "PageItem2"): SCHEMA}],
    "M2": [{(*ITEM, "properties", "const"): {"type": "string"}}, {(*ITEM, "minimum"): 0}],
    "M3": [{(*ITEM, "properties", "default"): {"type": "string"}}, {(*GET, "deprecated"): True}],
    "M4": [{(*ITEM, "properties", "null"): {}}],
    "M5": [{(*ITEM, "properties", "list", "minItems"): 1}],
    "M6": [{(*ITEM, "properties", "example", "format"): "date-time"}],
    "M7": [{(*ITEM, "anyOf"): [{"type": "object"}]}],
    "M9": [{(*ITEM, "properties", "again"): {"$ref": "#/components/schemas/Item"}}, {(*ITEM, "properties", "$ref"): {"type": "string"}}],
    "M10": [{(*POST, "requestBody", "content", "text/plain"): {"schema": {"type": "string"}}}],
    "M11": [{ANSWER: {"type": "object"}}],
    "M12": [{(*ITEM, "description"): "x" * 300_000}],
    "P1": [parameter(description="why", required=True), parameter(schema={"type": "array", "items": {"type": "string"}})],
    "P2": [parameter(**{"in": "header"})],
    "P3": [parameter()],
    "P4": [parameter(name="x-$a.b_c")],
    "P6": [
        mapped("integration.request.header.X", "method.request.multivalueheader.X")
        | {(*DIRECTLY, "parameters"): [{"name": "X", "in": "header"}]},
        mapped("integration.request.querystring.q", "method.request.querystring.q")
        | {(*DIRECTLY, "parameters"): [{"name": "q", "in": "query", "schema": {"type": "string"}}]},
        {(*GET, INTEGRATION, "requestParameters"): {"integration.request.path.id": "method.request.path.id"}},
    ],
    "P7": [
        mapped("integration.request.header.X", "'application/x-amz-json-1.1'"),
        mapped("integration.request.header.X", {"Fn::Join": ["", ["'", {"Ref": "Name"}, "'"]]}),
        mapped("integration.request.header.X", {"Fn::GetAtt": ["A", "B"]}),
        mapped("integration.request.header.X", "context.requestId"),
        mapped("integration.request.header.X", "method.request.body.name"),
        {(*BODY, RESPONSES, "DEFAULT_4XX"): READABLE},
    ],
    "P9": [{(*BODY, VALIDATOR): "body"}, {(*POST, VALIDATOR): GONE}],
    "D1": [{(*BODY, "openapi"): "3.0.3"}],
    "D2": [path("/a/{id}/b"), path("/a/literal"), path("/c/{other}")],
    "D3": [path("/c/{proxy+}")],
    "D4": [path("/"), path("/a-b_c.d:e,f/{x}"), path("/v1:batch")],
    "D5": [path("/c/")],
    "D6": [path("/ping"), path("/status/ping") | beside("ApiGateway::BasePathMapping")],
    "D7": [path("/c")],
    "D9": [
        {(*BODY, "paths", "/b", "x-amazon-apigateway-any-method"): {"responses": OK, INTEGRATION: CALL}},
        {(*BODY, "paths", "/b", "summary"): "b"},
    ],
    "D10": [{(*GET, "responses"): OK}],
    "D11": [{(*GET, "responses", "404"): {"description": "gone"}}],
    "D12": [{(*GET, "operationId"): "one", (*POST, "operationId"): "two"}],
    "D13": [
        {(*BODY, "servers"): [{"url": "https://a.example/"}]},
        {(*BODY, "servers"): [{"url": "/v1"}], ("Parameters",): {"basepath": "prepend"}},
    ],
    "D14": [{("Name",): {"Ref": "Name"}}],
    "S0": [{(*BODY, "security"): [{"iam": []}]}],
    "S1": [KEYED],
    "S14": [
        beside("ApiGatewayV2::DomainName", DomainName="a.example"),
        beside("ApiGatewayV2::DomainName", **ASKING) | {("DisableExecuteApiEndpoint",): True},
        beside("ApiGatewayV2::DomainName", **ASKING) | {("DisableExecuteApiEndpoint",): {"Ref": "Off"}},
    ],
    "S13": [NO_EDIT, {(*GET, "security"): GONE, (*GET, PUBLIC): "why"}],
    "S2": [{(*SCHEMES, "token", AUTHTYPE): "oauth2"}],
    "S3": [NO_EDIT],
    "S4": [KEYED],
    "S5": [KEYED, {(*GET, "security"): [{"key": []}]}],
    "S6": [{(*GET, "x-amazon-apigateway-auth"): {"type": "AWS_IAM"}, (*GET, "security"): []}],
    "S7": [authorizer(type="cognito_user_pools", providerARNs=[{"Fn::GetAtt": ["Pool", "Arn"]}])],
    "S8": [authorizer(authorizerResultTtlInSeconds=0), authorizer(identitySource="method.request.header.A, context.path")],
    "S11": [PAGES | DECLARED | {(*BODY, RESPONSES): {"DEFAULT_4XX": READABLE, "DEFAULT_5XX": READABLE}}],
    "S12": [{(*BODY, "x-amazon-apigateway-api-key-source"): source} for source in ("HEADER", "AUTHORIZER")],
    "I1": [{ACTION: {"type": "http_proxy", "httpMethod": "GET", "uri": "https://a.example"}}],
    "I2": [NO_EDIT],
    "I3": [
        {(*ACTION, "uri"): {"Fn::GetAtt": ["Call", "Uri"]}},
        {(*ACTION, "uri"): {"Fn::Join": ["", ["arn:", {"Ref": "P"}, ":apigateway:eu-west-1:s3:path/{bucket}"]]}},
        {(*ACTION, "uri"): {"Fn::Sub": ["${Uri}", {"Uri": {"Ref": "U"}}]}},
        {ACTION: {"type": "http_proxy", "httpMethod": "GET", "uri": "https://${stageVariables.host}/a"}},
    ],
    "I4": [{(*GET, INTEGRATION, "uri"): "arn:aws:apigateway:eu-west-1:firehose:action/PutRecord"}],
    "I5": [{(*ACTION, "timeoutInMillis"): 50}, {(*ACTION, "timeoutInMillis"): 29_000}],
    "I6": [
        STREAMED | {(*GET, INTEGRATION, "timeoutInMillis"): 900_000},
        STREAMED | setting("/~1a~1{id}", "POST", CachingEnabled=True),
    ],
    "I7": [PAGES | DECLARED | {(*BODY, RESPONSES): {"DEFAULT_4XX": READABLE, "DEFAULT_5XX": READABLE}}],
    "I8": [{(*ACTION, "responses"): {".*": {"statusCode": "200"}}}],
    "I9": [{(*ACTION, "responses", "200"): {"statusCode": "200"}}],
    "I10": [{(*PREFLIGHT, INTEGRATION, "requestTemplates", "application/json"): {"Fn::GetAtt": ["A", "B"]}}],
    "I11": [
        {("BinaryMediaTypes",): ["*/*"], (*PREFLIGHT, INTEGRATION, "contentHandling"): "CONVERT_TO_TEXT"},
        {("BinaryMediaTypes",): ["image/png"]},
    ],
    "I13": [
        {(*ACTION, "passthroughBehavior"): "never", (*ACTION, "requestTemplates"): {"application/json": "{}"}},
        {(*ACTION, "passthroughBehavior"): "WHEN_NO_MATCH"},
    ],
    "I14": [{(*ACTION, "requestTemplates"): {"application/json": "x" * 300_000}}],
    "I15": [NO_EDIT],
    "I16": [{(*BODY, RESPONSES, "THROTTLED"): {"responseTemplates": {"application/json": '{"colour":"#fff"}'}}}],
    "T1": [NO_EDIT],
    "T3": [
        {("EndpointConfiguration",): GONE, (*BODY, "servers"): [{"url": "/", "x-amazon-apigateway-endpoint-configuration": {}}]},
        {("EndpointConfiguration", "Types"): ["EDGE"]},
    ],
    "T4": [
        {("EndpointConfiguration", "Types"): ["PRIVATE"], ("Policy",): {"Statement": []}},
        {("EndpointConfiguration", "Types"): ["PRIVATE"], (*BODY, "x-amazon-apigateway-policy"): {"Statement": []}},
    ],
    "T5": [{("Policy",): {"Statement": ["x" * 8000]}}],
    "T6": [{(*BODY, "info", "description"): "x" * 900_000}],
    "T8": [{("MinimumCompressionSize",): 0}, {("MinimumCompressionSize",): 10_485_760}],
    "T9": [{(*BODY, "x-amazon-apigateway-documentation"): {"documentationParts": [{}] * 2000}}],
    "T10": [
        {
            ("beside", number): {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": f"F{number % 2}"}}}
            for number in range(1, 52)
        }
    ],
    "T11": [
        {("SecurityPolicy",): "SecurityPolicy_TLS13_1_3_2025_09", ("EndpointAccessMode",): "STRICT"},
        {("SecurityPolicy",): "TLS_1_2"},
        {
            ("SecurityPolicy",): "SecurityPolicy_TLS13_2025_EDGE",
            ("EndpointAccessMode",): "BASIC",
            ("EndpointConfiguration", "Types"): ["EDGE"],
        },
    ],
    "Q1": [{(*BODY, "paths", name): item for name, item in list(MANY.items())[:296]}],
    "Q2": [setting("/~1a~1{id}"), setting("/~1a~1{id}", "*"), setting("/*", "*"), path("/") | setting("/")],
    "Q3": [throttles("/a/{id}/GET", "/b/POST")],
    "Q4": [KEYED | beside("ApiGateway::UsagePlan", ApiStages=[])],
    "Q5": [setting("/~1b", "POST", ThrottlingRateLimit=1, ThrottlingBurstLimit=1)],
    "Q6": [
        {(*STAGES, "AccessLogSetting", "Format"): "$context.extendedRequestId\n"},
        {(*STAGES, "AccessLogSetting", "DestinationArn"): "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-logs"},
    ],
    "Q8": [
        setting("/~1b", "POST", CachingEnabled=True, ThrottlingRateLimit=1, ThrottlingBurstLimit=1)
        | {(*STAGES, "CacheClusterEnabled"): True, (*STAGES, "CacheClusterSize"): "0.5"}
    ],
    "Q10": [
        {(*STAGES, "StageName"): "v1_live-2"},
        {(*STAGES, "Variables", "a"): "https://a.example/?b=c"},
        beside("ApiGateway::ApiKey", Value="k" * 20),
    ],
    "Q11": [KEYED | beside("ApiGateway::UsagePlan", ApiStages=[]), KEYED | {("beside", 0): GONE}],
    "Q12": [beside("ApiGateway::ApiKey", Name="acme"), beside("ApiGateway::ApiKey", Value={"Ref": "Parameter"})],
    "Q13": [
        {(*GET, INTEGRATION, "uri"): "https://${stageVariables.host}/a", (*STAGES, "Variables", "host"): "a.example"},
        {(*GET, INTEGRATION, "uri"): "https://${stageVariables.host}/a", (*STAGES, "Variables"): {"Ref": "Made"}},
        {
            (*GET, INTEGRATION, "uri"): "https://${stageVariables.host}/a",
            (*STAGES, "CanarySetting"): {"StageVariableOverrides": {"host": "b"}},
        },
        {
            (*GET, INTEGRATION, "requestTemplates"): {
                "application/json": "#if($stageVariables.host)$stageVariables.host#end$!{stageVariables.other}"
            }
        },
        {(*GET, INTEGRATION, "uri"): "https://${stageVariables.host}/a", ("beside", 0): GONE},
    ],
    "Q14": [{(*STAGES, "Variables"): {"a": "b"}, (*STAGES, "CanarySetting"): {"StageVariableOverrides": {"a": "d"}}}],
}
"""What is near to breaking it, and does not."""

WARNED = {"M4", "M7", "P2", "D5", "D11", "D12", "D14", "S4", "S5", "T1", "T5", "T9", "Q1", "Q4", "Q11", "Q14"}
"""The rules that only ever warn: inferred, or a quota that AWS raises."""


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
