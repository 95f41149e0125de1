"""Each rule of an HTTP API's body is broken by an input and held by another one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from gateleg.cdk.authorizers import JwtAuthorizer
from gateleg.cdk.body_rules import HTTP, HttpApi, judge
from gateleg.cdk.http_authorizers import http_scheme
from tests.unit.cdk.rule_edits import GONE, INTEGRATION, Edit

AUTHORIZER = "x-amazon-apigateway-authorizer"
SHARED = "x-amazon-apigateway-integrations"
OK = {"default": {"description": "x"}}
APP = {INTEGRATION: {"$ref": f"#/components/{SHARED}/app"}, "responses": OK}
JUDGE = {
    "type": "request",
    "authorizerUri": "arn:x",
    "authorizerPayloadFormatVersion": "2.0",
    "enableSimpleResponses": True,
    "authorizerResultTtlInSeconds": 300,
    "identitySource": "$request.header.X, $context.routeKey",
}
PROPERTIES: dict[str, Any] = {
    "Body": {
        "openapi": "3.0.1",
        "info": {"title": "shop", "version": "1"},
        "paths": {
            "/a": {"get": {**APP, "security": [{"jwt": ["orders/read"]}]}, "post": {**APP, "security": [{"judge": []}]}},
            "/b/{proxy+}": {
                "x-amazon-apigateway-any-method": {**APP, "security": [{"iam": []}]},
                "options": {**APP, "security": [], "x-gateleg-public": "preflights carry no credentials"},
            },
            "/jobs": {
                "post": {
                    "security": [{"iam": []}],
                    "responses": OK,
                    INTEGRATION: {
                        "type": "aws_proxy",
                        "integrationSubtype": "SQS-SendMessage",
                        "payloadFormatVersion": "1.0",
                        "credentials": {"Fn::GetAtt": ["Role", "Arn"]},
                        "requestParameters": {"QueueUrl": {"Ref": "Queue"}, "MessageBody": "$request.body"},
                    },
                },
            },
        },
        "components": {
            SHARED: {
                "app": {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": "arn:x"}, "payloadFormatVersion": "2.0"},
                "inside": {
                    "type": "http_proxy",
                    "httpMethod": "ANY",
                    "uri": {"Ref": "Listener"},
                    "payloadFormatVersion": "1.0",
                    "connectionType": "VPC_LINK",
                    "connectionId": {"Ref": "Link"},
                    "timeoutInMillis": 5_000,
                },
            },
            "securitySchemes": {
                "jwt": http_scheme(JwtAuthorizer("https://login.example.com/", ["shop"]), str),
                "judge": {"type": "apiKey", "in": "header", "name": "X", AUTHORIZER: JUDGE},
                "iam": {"type": "apiKey", "in": "header", "name": "Authorization", "x-amazon-apigateway-authtype": "awsSigv4"},
            },
        },
        "x-amazon-apigateway-cors": {"allowOrigins": ["https://shop.example.com"]},
    }
}
STAGE = {
    "ApiId": {"Ref": "Api"},
    "StageName": "$default",
    "DeploymentId": {"Ref": "Deployment"},
    "RouteSettings": {"GET /a": {"ThrottlingRateLimit": 1}, "ANY /b/{proxy+}": {}},
    "AccessLogSettings": {"Format": "$context.requestId"},
}
B, C = ("Body",), ("Body", "components")
GET, ANY = (*B, "paths", "/a", "get"), (*B, "paths", "/b/{proxy+}", "x-amazon-apigateway-any-method")
JOBS = (*B, "paths", "/jobs", "post", INTEGRATION)
SCHEMES = (*C, "securitySchemes")
INSIDE = (*C, SHARED, "inside")
INSIDE_GET: Edit = {(*GET, INTEGRATION): {"$ref": f"#/components/{SHARED}/inside"}}
JWT, JUDGED = (*SCHEMES, "jwt"), (*SCHEMES, "judge")
STAGED = ("stage",)

ASKING = {"DomainName": "a.example", "MutualTlsAuthentication": {"TruststoreUri": "s3://a/b"}}
ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
OFF: Edit = {(*B, "servers"): [{"url": "/", ENDPOINT: {"disableExecuteApiEndpoint": True}}]}
REDUNDANT: dict[str, Any] = {"Name": "x", "ProtocolType": "HTTP", "CorsConfiguration": {}, "IpAddressType": "dualstack"}

BROKEN: dict[str, list[Edit]] = {
    "H1": [{(*B, "openapi"): "3.1.0"}, {(*B, "openapi"): GONE}],
    "H2": [{(*INSIDE, "type"): kind} for kind in ("mock", "http", "AWS")],
    "H23": [{("BodyS3Location",): {"Bucket": "a", "Key": "b"}}],
    "H22": [{("domain",): ASKING}, {("domain",): ASKING, (*B, "servers"): [{"url": "/", ENDPOINT: {"disableExecuteApiEndpoint": False}}]}],
    "H27": [{(*B, "components", "securitySchemes", "other"): {"type": "apiKey", AUTHORIZER: JUDGE}}],
    "H26": [
        {(*B, "x-amazon-apigateway-cors"): {"allowOrigins": ["https://a.example.com", one], "allowCredentials": True}}
        for one in ("*", "https://*", "http://*")
    ],
    "H25": [
        {(*INSIDE, "requestParameters"): {"append:header.X": "$context.requestID"}, **INSIDE_GET},
        {(*INSIDE, "requestParameters"): {"append:header.X": "$context.identity.userArn"}, **INSIDE_GET},
        {(*INSIDE, "requestParameters"): {"append:header.X": "of ${request.path.id}"}, **INSIDE_GET},
        {(*INSIDE, "responseParameters"): {"200": {"append:header.X": "$context.resourcePath"}}, **INSIDE_GET},
        {(*JOBS, "requestParameters", "MessageBody"): "$context.authorizer.claims.sub"},
        {(*JUDGED, AUTHORIZER, "identitySource"): "$request.header.X, $context.routekey"},
        {(*STAGED, "AccessLogSettings", "Format"): "$context.requestId $context.resourcePath"},
        {(*INSIDE, "requestParameters"): {"append:header.X": "$context.identity.clientCert.subjectDN"}, **INSIDE_GET},
    ],
    "H24": [OFF, OFF | {("mapping",): {"Stage": "v1"}}],
    "H3": [
        {(*B, ENDPOINT): {"disableExecuteApiEndpoint": True}},
        {(*B, "x-amazon-apigateway-gateway-responses"): {}},
        {(*GET, "x-amazon-apigateway-request-validator"): "body"},
    ],
    "H4": [
        {(*C, SHARED, "app", "payloadFormatVersion"): GONE},
        {(*INSIDE, "payloadFormatVersion"): "2.0"},
        {(*JOBS, "payloadFormatVersion"): "2.0"},
    ],
    "H5": [{(*B, "paths", "$default"): {"x-amazon-apigateway-any-method": {**APP, "isDefaultRoute": True, "security": []}}}],
    "H6": [{(*GET, "security"): [{"jwt": [], "iam": []}]}, {(*GET, "security"): [{"jwt": []}, {"iam": []}]}],
    "H7": [
        {(*JWT, "type"): "http"},
        {(*JWT, AUTHORIZER, "jwtConfiguration", "issuer"): GONE},
        {(*JWT, AUTHORIZER, "jwtConfiguration", "audience"): []},
        {(*JWT, AUTHORIZER, "jwtConfiguration", "audience"): ["a"] * 51},
        {(*JWT, AUTHORIZER, "identitySource"): "$request.header.A, $request.header.B"},
        {(*JWT, AUTHORIZER, "identitySource"): GONE},
        {(*GET, "security"): [{"jwt": [str(number) for number in range(11)]}]},
    ],
    "H8": [
        {(*JUDGED, "type"): "http"},
        {(*JUDGED, "in"): "query"},
        {(*JUDGED, AUTHORIZER, "type"): "token"},
        {(*JUDGED, AUTHORIZER, "authorizerPayloadFormatVersion"): GONE},
        {(*JUDGED, AUTHORIZER, "authorizerPayloadFormatVersion"): "1.0"},
        {(*JUDGED, AUTHORIZER, "identitySource"): "method.request.header.X, $context.routeKey"},
        {(*JUDGED, AUTHORIZER, "identitySource"): GONE},
        {(*JUDGED, AUTHORIZER, "identitySource"): "$request.header.X"},
        {(*JUDGED, AUTHORIZER, "authorizerResultTtlInSeconds"): 3601},
    ],
    "H9": [{(*SCHEMES, "iam", "x-amazon-apigateway-authtype"): GONE}, {(*GET, "security"): [{"nobody": []}]}],
    "H20": [{(*GET, "security"): GONE}, {(*GET, "security"): []}, {(*ANY, "security"): [{}]}],
    "H21": [{(*INSIDE, "uri"): "https://${stageVariables.host}/"}, {(*JUDGED, AUTHORIZER, "identitySource"): "$stageVariables.host"}],
    "H11": [{(name,): value} for name, value in REDUNDANT.items()],
    "H12": [{(*B, "paths", "/b/{proxy+}", "options"): GONE}, {(*B, "paths", "/a", "options"): {**APP, "security": [{"iam": []}]}}],
    "H13": [{(*STAGED, "RouteSettings"): {"GET /b": {}}}],
    "H14": [{(*STAGED, "DeploymentId"): GONE}],
    "H15": [
        {(*JOBS, "integrationSubtype"): "S3-PutObject"},
        {(*JOBS, "requestParameters", "MessageBody"): GONE},
        {(*JOBS, "credentials"): GONE},
    ],
    "H16": [{(*INSIDE, "type"): "aws_proxy"}, {(*INSIDE, "connectionId"): GONE}, {(*INSIDE, "uri"): "https://inside.example.com"}],
    "H17": [
        {(*C, SHARED): {f"i{number}": {**PROPERTIES["Body"]["components"][SHARED]["app"]} for number in range(301)}},
        {(*B, "paths"): {f"/p{number}": {"get": {**APP, "security": []}} for number in range(301)}},
        {(*SCHEMES, f"jwt{number}"): PROPERTIES["Body"]["components"]["securitySchemes"]["jwt"] for number in range(9)},
        {(*STAGED, "AccessLogSettings", "Format"): "x" * 3_073},
    ],
    "H18": [{(*INSIDE, "timeoutInMillis"): value} for value in (49, 30_001)],
    "H19": [{(*B, "servers"): [{"url": "https://example.com/v1"}]}],
}
HELD: dict[str, list[Edit]] = {
    "H1": [{(*B, "openapi"): "3.0.3"}],
    "H2": [{(*INSIDE, "type"): "HTTP_PROXY"}],
    "H23": [{("Tags",): {"a": "b"}}],
    "H22": [
        {("domain",): {"DomainName": "a.example"}},
        {("domain",): ASKING, (*B, "servers"): [{"url": "/", ENDPOINT: {"disableExecuteApiEndpoint": True}}]},
    ],
    "H27": [{}],
    "H26": [
        {(*B, "x-amazon-apigateway-cors"): {"allowOrigins": ["*"]}},
        {(*B, "x-amazon-apigateway-cors"): {"allowOrigins": ["*"], "allowCredentials": False}},
        {(*B, "x-amazon-apigateway-cors"): {"allowOrigins": ["https://*.example.com"], "allowCredentials": True}},
    ],
    "H25": [
        {(*INSIDE, "requestParameters"): {"append:header.X": "$context.authorizer.claims.sub $context.routeKey"}, **INSIDE_GET},
        {(*JOBS, "requestParameters", "MessageBody"): "$context.identity.userArn"},
        {
            (*B, "paths", "/b/{proxy+}", "x-amazon-apigateway-any-method", INTEGRATION): {
                "requestParameters": {"overwrite:path": "$request.path.proxy"}
            }
        },
        {(*STAGED, "AccessLogSettings", "Format"): "$context.requestId $context.routeKey $context.integrationErrorMessage"},
        {(*INSIDE, "requestParameters"): {"append:header.X": "$context.identity.clientCert.subjectDN"}, **INSIDE_GET, ("domain",): ASKING},
    ],
    "H24": [{}, OFF | {("mapping",): {"Stage": "$default"}}],
    "H3": [{(*B, "x-amazon-apigateway-tag-value"): "x"}, {(*B, "x-other"): {}}],
    "H4": [{(*C, SHARED, "app", "payloadFormatVersion"): "1.0"}],
    "H5": [{(*B, "paths", "/$default"): {"x-amazon-apigateway-any-method": {**APP, "isDefaultRoute": True, "security": []}}}],
    "H6": [{(*GET, "security"): []}],
    "H7": [
        {(*JWT, AUTHORIZER, "jwtConfiguration", "issuer"): {"Fn::Join": ["", []]}},
        {(*JWT, AUTHORIZER, "jwtConfiguration", "audience"): {"Ref": "Clients"}},
        {(*JWT, AUTHORIZER, "identitySource"): "$request.querystring.token"},
    ],
    "H8": [
        {(*JUDGED, AUTHORIZER, "authorizerResultTtlInSeconds"): 0, (*JUDGED, AUTHORIZER, "identitySource"): GONE},
        {(*JUDGED, AUTHORIZER, "enableSimpleResponses"): False, (*JUDGED, AUTHORIZER, "identitySource"): "$request.header.X"},
        {(*JUDGED, AUTHORIZER, "identitySource"): "$stageVariables.x, $context.routeKey"},
        {(*JUDGED, AUTHORIZER, "identitySource"): ["$request.header.X", "$context.routeKey"]},
    ],
    "H9": [{(*GET, "security"): []}],
    "H20": [{(*GET, "security"): [], (*GET, "x-gateleg-public"): "why"}],
    "H21": [{(*INSIDE, "uri"): "https://${stageVariables.host}/", (*STAGED, "StageVariables"): {"host": "a.example"}}],
    "H11": [{("FailOnWarnings",): True, ("Tags",): {"a": "b"}, ("Name",): None}],
    "H12": [{(*B, "x-amazon-apigateway-cors"): GONE, (*B, "paths", "/b/{proxy+}", "options"): GONE}],
    "H13": [{(*STAGED, "RouteSettings"): GONE}],
    "H14": [{(*STAGED, "DeploymentId"): GONE, (*STAGED, "AutoDeploy"): True}],
    "H15": [{(*JOBS, "requestParameters", "DelaySeconds"): "1"}],
    "H16": [
        {(*INSIDE, "uri"): "arn:aws:servicediscovery:eu-west-1:1:service/x"},
        {(*INSIDE, "connectionType"): GONE, (*INSIDE, "uri"): "https://x.example.com"},
    ],
    "H17": [{(*STAGED, "AccessLogSettings", "Format"): "x" * 3_072}],
    "H18": [{(*INSIDE, "timeoutInMillis"): value} for value in (50, 30_000, {"Ref": "Timeout"})],
    "H19": [
        {(*B, "servers"): [{"url": "https://example.com/"}]},
        {(*B, "servers"): [{"url": "https://example.com/v1"}], ("BasePath",): "prepend"},
    ],
}
WARNED = {"H19"}


def edited(edit: Edit) -> HttpApi:
    """The API after an edit; the way to a part of the stage begins with `stage`, a domain is `domain`, and its mapping `mapping`."""
    properties, stage = deepcopy(PROPERTIES), deepcopy(STAGE)
    kinds: dict[tuple[str | int, ...], str] = {("domain",): "AWS::ApiGatewayV2::DomainName", ("mapping",): "AWS::ApiGatewayV2::ApiMapping"}
    domains = [{"Type": kinds[way], "Properties": value} for way, value in edit.items() if way in kinds]
    for (*way, last), value in ((way, value) for way, value in edit.items() if way not in kinds):
        place: Any = stage if way[:1] == ["stage"] else properties
        for step in way[1:] if way[:1] == ["stage"] else way:
            place = place[step]
        if value is GONE:
            del place[last]
        else:
            place[last] = deepcopy(value)
    return HttpApi(properties, [{"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage}, *domains])


def cases(table: dict[str, list[Edit]]) -> list[Any]:
    return [pytest.param(rule, edit, id=f"{rule}-{number}") for rule, edits in table.items() for number, edit in enumerate(edits)]


@pytest.mark.parametrize(("rule", "edit"), cases(BROKEN))
def test_what_breaks_a_rule_is_found_with_what_to_write(rule: str, edit: Edit) -> None:
    found = [finding for finding in judge(edited(edit)) if finding.rule == rule]
    assert found
    assert all(finding.where and len(finding.said) > 20 for finding in found)
    if rule in WARNED:
        assert {finding.severity for finding in found} == {"warning"}


@pytest.mark.parametrize(("rule", "edit"), cases(HELD))
def test_what_only_looks_like_it_is_not_found(rule: str, edit: Edit) -> None:
    assert [str(finding) for finding in judge(edited(edit)) if finding.rule == rule] == []


def test_every_rule_is_broken_and_held_and_names_its_source() -> None:
    assert set(BROKEN) == set(HELD) == set(HTTP)
    assert [
        rule for rule, function in HTTP.items() if not any(mark in (function.__doc__ or "") for mark in ("http", "#", "Same page"))
    ] == []


def test_an_api_that_holds_all_rules_is_silent() -> None:
    assert judge(edited({})) == []
