"""An OpenAPI body as the resources that API Gateway's import makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.local.openapi.document import Document
from gateleg.local.openapi.gateway_responses import gateway_responses
from gateleg.local.passes.rest_bodies import expand_rest_bodies
from gateleg.local.template import Target
from gateleg.local.validators import validated_methods

Json = dict[str, Any]
PROXY: Json = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": "lambda"}}}


def expanded(body: Json, **properties: Any) -> Json:
    template = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body, **properties}},
            "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Other", "Properties": {"RestApiId": {"Ref": "Api"}}},
            "Elsewhere": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "OtherApi"}}},
        }
    }
    resources: Json = expand_rest_bodies(template, Target(port=1))["Resources"]
    return resources


def of_type(resources: Json, kind: str) -> dict[str, Json]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == f"AWS::ApiGateway::{kind}"}


def methods(body: Json) -> dict[tuple[str, str], Json]:
    """Return the methods by path and verb, which also proves the resource tree."""
    resources = expanded(body)
    tree = of_type(resources, "Resource")

    def path(reference: Json) -> str:
        if reference == {"Fn::GetAtt": ["Api", "RootResourceId"]}:
            return ""
        properties = tree[reference["Ref"]]
        return f"{path(properties['ParentId'])}/{properties['PathPart']}"

    return {(path(method["ResourceId"]) or "/", method["HttpMethod"]): method for method in of_type(resources, "Method").values()}


def one_method(operation: Json, **document: Any) -> Json:
    return methods({"paths": {"/a": {"get": {**PROXY, **operation}}}, **document})["/a", "GET"]


def test_each_path_gets_its_tree_and_each_operation_its_method() -> None:
    body: Json = {
        "paths": {
            "/": {"get": PROXY},
            "/a/{id}": {"get": PROXY, "post": PROXY},
            "/a/{id}/b/{rest+}": {"x-amazon-apigateway-any-method": PROXY},
        }
    }
    assert methods(body).keys() == {("/", "GET"), ("/a/{id}", "GET"), ("/a/{id}", "POST"), ("/a/{id}/b/{rest+}", "ANY")}


def test_keys_of_a_path_that_are_no_methods_make_none() -> None:
    body: Json = {"paths": {"/a": {"parameters": [], "summary": "x", "get": PROXY}}}
    assert methods(body).keys() == {("/a", "GET")}


def test_names_stay_the_same_when_another_route_comes() -> None:
    one = {"paths": {"/a": {"get": PROXY}}}
    two = {"paths": {"/b/{x}": {"get": PROXY}, "/a": {"get": PROXY}}}
    assert expanded(one).items() <= {**expanded(two), "Deployment": expanded(one)["Deployment"]}.items()


def test_like_paths_get_names_of_their_own() -> None:
    assert len(methods({"paths": {"/a-b": {"get": PROXY}, "/ab": {"get": PROXY}, "/{ab}": {"get": PROXY}, "/AB": {"get": PROXY}}})) == 4


def test_the_deployment_waits_for_everything_and_other_apis_deployments_do_not() -> None:
    resources = expanded({"paths": {"/a": {"get": PROXY}}, "x-amazon-apigateway-gateway-responses": {"THROTTLED": {}}})
    made = resources.keys() - {"Api", "Deployment", "Elsewhere"}
    assert set(resources["Deployment"]["DependsOn"]) == {"Other", *made}
    assert "DependsOn" not in resources["Elsewhere"]


def test_an_integration_keeps_its_settings() -> None:
    given = {
        "type": "aws",
        "uri": {"Fn::Sub": "x"},
        "httpMethod": "POST",
        "credentials": {"Ref": "Role"},
        "passthroughBehavior": "when_no_templates",
        "timeoutInMillis": 5000,
        "requestTemplates": {"application/json": "$input.body"},
        "responses": {"default": {"statusCode": 200}, "4\\d\\d": {"statusCode": "400", "responseTemplates": {"a/b": "x"}}},
    }
    assert one_method({"x-amazon-apigateway-integration": given})["Integration"] == {
        "Type": "AWS",
        "Uri": {"Fn::Sub": "x"},
        "IntegrationHttpMethod": "POST",
        "Credentials": {"Ref": "Role"},
        "PassthroughBehavior": "WHEN_NO_TEMPLATES",
        "TimeoutInMillis": 5000,
        "RequestTemplates": {"application/json": "$input.body"},
        "IntegrationResponses": [
            {"StatusCode": "200", "SelectionPattern": ""},
            {"StatusCode": "400", "SelectionPattern": "4\\d\\d", "ResponseTemplates": {"a/b": "x"}},
        ],
    }


@pytest.mark.parametrize("template", ["{statusCode: 204}", '{"statusCode": 204}', "{ statusCode : 204 }"])
def test_a_mocks_status_is_readable_for_the_emulator(template: str) -> None:
    given = {"type": "mock", "requestTemplates": {"application/json": template}}
    text = one_method({"x-amazon-apigateway-integration": given})["Integration"]["RequestTemplates"]["application/json"]
    assert '"statusCode"' in text
    assert text.count('"') == 2


SCHEMES: Json = {
    "token": {
        "type": "apiKey",
        "name": "X-Token",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": {"Fn::Sub": "t"}, "authorizerResultTtlInSeconds": 0},
    },
    "request": {
        "type": "apiKey",
        "name": "Unused",
        "in": "header",
        "x-amazon-apigateway-authorizer": {"type": "request", "authorizerUri": "r", "identitySource": "method.request.querystring.key"},
    },
    "request_any": {"type": "apiKey", "name": "Unused", "in": "header", "x-amazon-apigateway-authorizer": {"type": "request"}},
    "pool": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [{"Fn::GetAtt": ["Pool", "Arn"]}]},
    },
    "signature": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
}


SECURITY: list[tuple[list[Json], str, bool | None]] = [
    ([{"token": []}], "CUSTOM", None),
    ([{"request": []}], "CUSTOM", None),
    ([{"pool": ["read"]}], "COGNITO_USER_POOLS", None),
    ([{"signature": []}], "AWS_IAM", None),
    ([{"key": []}], "NONE", True),
    ([{"token": [], "key": []}], "CUSTOM", True),
    ([], "NONE", None),
    ([{"unknown": []}], "NONE", None),
]


@pytest.mark.parametrize(("security", "kind", "key"), SECURITY)
def test_security_says_who_may_call(security: list[Json], kind: str, key: bool | None) -> None:  # noqa: FBT001 - a table of cases
    method = one_method({"security": security}, components={"securitySchemes": SCHEMES}, security=[{"token": []}])
    assert (method["AuthorizationType"], method.get("ApiKeyRequired")) == (kind, key)
    assert ("AuthorizerId" in method) == (kind in {"CUSTOM", "COGNITO_USER_POOLS"})
    assert method.get("AuthorizationScopes") == (["read"] if kind == "COGNITO_USER_POOLS" else None)


@pytest.mark.parametrize("section", [{"components": {"securitySchemes": SCHEMES}}, {"securityDefinitions": SCHEMES}])
def test_security_of_the_document_holds_where_an_operation_has_none(section: Json) -> None:
    assert one_method({}, security=[{"token": []}], **section)["AuthorizationType"] == "CUSTOM"


def test_each_scheme_with_an_authorizer_makes_one() -> None:
    resources = expanded({"paths": {"/a": {"get": PROXY}}, "components": {"securitySchemes": SCHEMES}})
    made = {properties["Name"]: properties for properties in of_type(resources, "Authorizer").values()}
    assert made.keys() == {"token", "request", "request_any", "pool"}
    assert made["token"] | {"AuthType": ""} == {
        "RestApiId": {"Ref": "Api"},
        "Name": "token",
        "Type": "TOKEN",
        "AuthType": "",
        "IdentitySource": "method.request.header.X-Token",
        "AuthorizerUri": {"Fn::Sub": "t"},
        "AuthorizerResultTtlInSeconds": 0,
    }
    assert made["request"]["IdentitySource"] == "method.request.querystring.key"
    assert made["request_any"]["IdentitySource"] == ""
    assert made["pool"]["ProviderARNs"] == [{"Fn::GetAtt": ["Pool", "Arn"]}]


def test_parameters_of_path_and_operation_are_joined_and_followed() -> None:
    shared = {"$ref": "#/components/parameters/Limit"}
    path_parameter = {"name": "id", "in": "path", "required": True}
    body: Json = {
        "paths": {
            "/a/{id}": {
                "parameters": [path_parameter, {"name": "X-H", "in": "header"}],
                "get": {**PROXY, "parameters": [shared, {"name": "X-H", "in": "header", "required": True}]},
            }
        },
        "components": {"parameters": {"Limit": {"name": "limit", "in": "query"}}},
    }
    assert methods(body)["/a/{id}", "GET"]["RequestParameters"] == {
        "method.request.path.id": True,
        "method.request.querystring.limit": False,
        "method.request.header.X-H": True,
    }


CHECKED = {"x-amazon-apigateway-request-validator": "body"}


def model_of(schema: Json, schemas: Json, checked: Json = CHECKED) -> tuple[Json, dict[str, Json]]:
    content = {"application/json": {"schema": schema}}
    operation = {**PROXY, **checked, "requestBody": {"content": content}}
    resources = expanded({"paths": {"/a": {"post": operation}}, "components": {"schemas": schemas}})
    (method,) = of_type(resources, "Method").values()
    return method, {properties["Name"]: properties["Schema"] for properties in of_type(resources, "Model").values()}


def test_a_model_holds_all_that_it_refers_to() -> None:
    schemas = {
        "Tree": {
            "type": "object",
            "properties": {
                "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "leaf": {"$ref": "#/components/schemas/Leaf"},
            },
        },
        "Leaf": {"type": "string", "nullable": True},
    }
    method, models = model_of({"$ref": "#/components/schemas/Tree"}, schemas)
    assert method["RequestModels"] == {"application/json": "Tree"}
    assert models.keys() == {"Tree"}
    assert models["Tree"]["definitions"]["Leaf"] == {"type": ["string", "null"]}
    assert models["Tree"]["properties"]["leaf"] == {"$ref": "#/definitions/Leaf"}
    assert models["Tree"]["definitions"].keys() == {"Tree", "Leaf"}


def test_a_schema_without_a_name_gets_a_model_of_its_own() -> None:
    method, models = model_of({"type": "array"}, {})
    assert models == {method["RequestModels"]["application/json"]: {"type": "array"}}


def test_a_schema_by_which_nothing_is_checked_makes_no_model() -> None:
    method, models = model_of({"$ref": "#/components/schemas/Told"}, {"Told": {"type": "object"}}, checked={})
    assert (method["RequestModels"], models) == ({}, {})


def test_a_swagger_body_parameter_names_the_model() -> None:
    operation = {**CHECKED, "parameters": [{"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Item"}}]}
    method = one_method(operation, definitions={"Item": {"type": "object"}})
    assert (method["RequestModels"], method["RequestParameters"]) == ({"application/json": "Item"}, {})


def test_gateway_responses_and_settings_of_the_api_are_kept() -> None:
    body: Json = {
        "info": {"title": "from the body", "version": "1"},
        "paths": {"/a": {"get": PROXY}},
        "x-amazon-apigateway-binary-media-types": ["image/png"],
        "x-amazon-apigateway-gateway-responses": {"UNAUTHORIZED": {"statusCode": 418, "responseParameters": {"a": "'b'"}}},
    }
    resources = expanded(body)
    (response,) = of_type(resources, "GatewayResponse").values()
    assert response == {"RestApiId": {"Ref": "Api"}, "ResponseType": "UNAUTHORIZED", "StatusCode": 418, "ResponseParameters": {"a": "'b'"}}
    assert resources["Api"]["Properties"] == {"Name": "from the body", "BinaryMediaTypes": ["image/png"]}
    assert expanded(body, Name="given")["Api"]["Properties"]["Name"] == "given"


def test_a_rest_api_without_a_body_stays() -> None:
    template = {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "plain"}}}}
    assert expand_rest_bodies(template, Target(port=1)) == template


def test_validators_are_read_from_the_body_and_from_resources() -> None:
    both = {"validateRequestBody": True, "validateRequestParameters": True}
    body: Json = {
        "paths": {"/": {"get": PROXY}, "/a": {"post": {**PROXY, "x-amazon-apigateway-request-validator": "none"}}},
        "x-amazon-apigateway-request-validator": "both",
        "x-amazon-apigateway-request-validators": {"both": both, "none": {}},
    }
    of_body = {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}}}
    assert validated_methods(of_body, "Api") == {("/", "GET"): (True, True)}
    api = {"RestApiId": {"Ref": "Api"}}
    of_resources = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGateway::RestApi"},
            "A": {
                "Type": "AWS::ApiGateway::Resource",
                "Properties": {**api, "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "a"},
            },
            "B": {"Type": "AWS::ApiGateway::Resource", "Properties": {**api, "ParentId": {"Ref": "A"}, "PathPart": "{b}"}},
            "V": {"Type": "AWS::ApiGateway::RequestValidator", "Properties": {**api, "ValidateRequestBody": True}},
            "M": {
                "Type": "AWS::ApiGateway::Method",
                "Properties": {**api, "ResourceId": {"Ref": "B"}, "HttpMethod": "PUT", "RequestValidatorId": {"Ref": "V"}},
            },
        }
    }
    assert validated_methods(of_resources, "Api") == {("/a/{b}", "PUT"): (True, False)}


def test_what_the_emulator_cannot_say_of_an_invalid_request_is_said_by_its_message() -> None:
    template = '{"detail":[{"msg":"$context.error.validationErrorString"}]}'
    given = {"statusCode": "422", "responseTemplates": {"application/json": template}}
    made = gateway_responses("Api", Document({"x-amazon-apigateway-gateway-responses": {"BAD_REQUEST_BODY": given}}))
    (resource,) = made.values()

    assert resource["Properties"]["StatusCode"] == "422"
    assert resource["Properties"]["ResponseTemplates"] == {"application/json": '{"detail":[{"msg":"$context.error.message"}]}'}
