"""What a REST API will hold, from descriptions to the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateleg.cdk.apps import DirectRoute
from gateleg.cdk.authorizers import IamAuthorizer
from gateleg.cdk.cors import Cors
from gateleg.cdk.rest_plan import RestPlan
from gateleg.cdk.security import Security
from gateleg.description import App, Route
from gateleg.errors import AuthorizerError, RouteError

APP = "svc.rest:app"
MODEL = {"type": "object", "properties": {"body": {"type": "string"}}, "required": ["body"]}


def json_body(schema: Any, *, required: bool = True) -> dict[str, Any]:
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def query(name: str, schema: Any, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def described(*routes: Route, app: str = APP, validates: bool = True, cors: bool = False, **schemas: Any) -> App:
    return App(app, "rest", routes, schemas, validates=validates, cors=cors)


def plan(*descriptions: App, cors: Cors | None = None) -> RestPlan:
    result = RestPlan("Test", Security({"iam": IamAuthorizer()}, None), cors)
    for description in descriptions:
        result.add_app(description)
    return result


def document(built: RestPlan) -> dict[str, Any]:
    uris = {route.target: f"uri:{route.target}" for route in built.routes}
    return built.document(uris, {}, {"iam": {"type": "apiKey"}})


def operation(built: RestPlan, path: str = "/rooms", method: str = "post") -> dict[str, Any]:
    found: dict[str, Any] = document(built)["paths"][path][method]
    return found


def test_a_route_calls_the_function_of_its_app() -> None:
    found = operation(plan(described(Route("GET /rooms/{room}", "svc.rest:get"))), "/rooms/{room}", "get")
    assert found["x-amazon-apigateway-integration"] == {"type": "aws_proxy", "httpMethod": "POST", "uri": f"uri:{APP}"}
    assert found["parameters"] == [{"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert found["security"] == [{"iam": []}]


def test_a_required_json_body_is_checked_against_its_model() -> None:
    body = json_body({"$ref": "#/components/schemas/NewRoom"})
    built = plan(described(Route("POST /rooms", "svc.rest:create", body), NewRoom=MODEL))
    assert operation(built)["x-amazon-apigateway-request-validator"] == "body"
    assert operation(built)["requestBody"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/NewRoom"}}}
    assert document(built)["components"]["schemas"] == {"NewRoom": MODEL}
    assert document(built)["x-amazon-apigateway-request-validators"] == {
        "body": {"validateRequestBody": True, "validateRequestParameters": False}
    }


@pytest.mark.parametrize(
    "operation_given",
    [
        json_body(MODEL, required=False),
        {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": MODEL}}}},
        {
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": MODEL}, "application/x-www-form-urlencoded": {"schema": MODEL}},
            }
        },
        json_body({}),
        {},
        None,
    ],
)
def test_a_body_that_may_be_missing_or_is_no_json_is_left_to_the_handler(operation_given: dict[str, Any] | None) -> None:
    built = plan(described(Route("POST /rooms", "svc.rest:create", operation_given)))
    assert "requestBody" not in operation(built)
    assert "x-amazon-apigateway-request-validator" not in operation(built)


def test_an_app_that_does_not_validate_is_not_validated_for() -> None:
    route = Route("POST /rooms", "svc.rest:create", json_body(MODEL) | {"parameters": [query("n", {"type": "integer"})]})
    assert "x-amazon-apigateway-request-validator" not in operation(plan(described(route, validates=False)))


@pytest.mark.parametrize(
    ("schema", "checked"),
    [
        ({"type": "integer"}, True),
        ({"type": "boolean"}, True),
        ({"type": "string", "minLength": 1}, True),
        ({"type": "string"}, False),
        ({"type": "string", "minLength": 0}, False),
        ({"enum": ["a", "b"], "type": "string"}, True),
        ({"enum": ["a", ""], "type": "string"}, False),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, False),
    ],
)
def test_a_query_parameter_is_required_only_where_blank_is_no_value(schema: dict[str, Any], *, checked: bool) -> None:
    built = plan(
        described(Route("POST /rooms", "h", {"parameters": [query("q", schema), query("r", {"type": "integer"}, required=False)]}))
    )
    names = [parameter["name"] for parameter in operation(built).get("parameters", [])]
    assert names == (["q"] if checked else [])
    assert operation(built).get("x-amazon-apigateway-request-validator") == ("parameters" if checked else None)


def test_body_and_parameters_together_take_the_validator_of_both() -> None:
    given = json_body(MODEL) | {"parameters": [query("q", {"type": "integer"})]}
    assert operation(plan(described(Route("POST /rooms", "h", given))))["x-amazon-apigateway-request-validator"] == "all"


def test_two_apps_with_one_route_are_told_both_handlers() -> None:
    with pytest.raises(RouteError, match="is answered by a:f and by b:g"):
        plan(described(Route("GET /x", "a:f")), described(Route("GET /x", "b:g"), app="b:app"))


def test_a_route_asks_for_the_authorizer_that_powertools_names() -> None:
    with pytest.raises(AuthorizerError, match="'users'"):
        plan(described(Route("GET /x", "a:f", {"security": [{"users": []}]})))


def test_every_path_answers_preflights_for_its_methods_without_authorizer() -> None:
    built = plan(described(Route("GET /x", "h"), Route("POST /x", "h"), Route("ANY /y", "h"), cors=True), cors=Cors(["*"]))
    paths = document(built)["paths"]
    allowed = "method.response.header.Access-Control-Allow-Methods"
    preflights = {path: item["options"] for path, item in paths.items()}
    found = {
        path: one["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"][allowed]
        for path, one in preflights.items()
    }
    assert found == {"/x": "'GET,OPTIONS,POST'", "/y": "'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'"}
    assert all(one["security"] == [] for one in preflights.values())


def test_a_route_for_options_is_left_alone() -> None:
    built = plan(described(Route("OPTIONS /x", "h")), cors=Cors(["*"]))
    assert document(built)["paths"]["/x"]["options"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


def test_an_app_with_cors_of_its_own_answers_its_preflights() -> None:
    found = operation(plan(described(Route("GET /x", "h"), cors=True)), "/x", "options")
    assert found["x-amazon-apigateway-integration"]["uri"] == f"uri:{APP}"
    assert found["security"] == []
    assert "options" not in document(plan(described(Route("GET /x", "h"))))["paths"]["/x"]


def test_gateway_errors_are_json_without_internals() -> None:
    for cors in (None, Cors(["https://a.example"])):
        responses = document(plan(described(Route("GET /x", "h")), cors=cors))["x-amazon-apigateway-gateway-responses"]
        assert set(responses) == {"DEFAULT_4XX", "DEFAULT_5XX"}
        assert json.loads(responses["DEFAULT_5XX"]["responseTemplates"]["application/json"])["message"] == "Internal server error"
        assert all(("responseParameters" in response) == (cors is not None) for response in responses.values())


def test_a_direct_route_stands_beside_the_apps() -> None:
    built = plan(described(Route("GET /x", "h")))
    built.add_direct("GET /health", "Stack/Health", DirectRoute({}, public="checked by the load balancer"))
    assert operation(built, "/health", "get")["security"] == []
    with pytest.raises(RouteError, match="is answered by h and by Stack/Other"):
        built.add_direct("GET /x", "Stack/Other", DirectRoute({}))


def test_a_direct_route_is_denied_by_default() -> None:
    built = RestPlan("Test", Security({}, None), None)
    with pytest.raises(AuthorizerError, match="GET /health of Stack/Health"):
        built.add_direct("GET /health", "Stack/Health", DirectRoute({}))


def test_a_direct_route_is_guarded_or_public_not_both() -> None:
    with pytest.raises(AuthorizerError, match="not both"):
        DirectRoute({}, authorizer="iam", public="why")
    with pytest.raises(AuthorizerError, match="says why"):
        DirectRoute({}, public=" ")


def test_the_author_is_told_what_the_gateway_does_not_check() -> None:
    routes = (
        Route("POST /a", "h", json_body({"type": "object", "not": {}})),
        Route("GET /b", "h", problem="returns a bare Response"),
        Route("GET /u/{id}", "h"),
        Route("GET /u/{user}/x", "h"),
    )
    warnings = plan(described(*routes), cors=Cors(["*"])).warnings
    assert set(warnings) == {f"models:{APP}", f"schemas:{APP}", f"cors:{APP}", "variables"}
    assert "GET /b: returns a bare Response" in warnings[f"schemas:{APP}"]


def test_more_resources_than_the_quota_are_told() -> None:
    assert "quota is 300" in plan(described(*(Route(f"GET /r{number}", "h") for number in range(300)))).warnings["resources"]
    assert plan(described(*(Route(f"GET /r{number}", "h") for number in range(299)))).warnings == {}


def test_the_same_plan_renders_the_same_document() -> None:
    def render() -> str:
        body = json_body({"$ref": "#/components/schemas/M"})
        return json.dumps(document(plan(described(Route("POST /a", "h", body), Route("GET /b", "h"), M=MODEL), cors=Cors(["*"]))))

    assert render() == render()
