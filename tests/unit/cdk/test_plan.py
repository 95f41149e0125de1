"""What a REST API will hold, from descriptions to the OpenAPI document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk.access import AccessRules
from gateleg.cdk.authorizers import ApiKeyAuthorizer, IamAuthorizer
from gateleg.cdk.cors import Cors, agreed
from gateleg.cdk.openapi import Document, function_integration, info_of
from gateleg.cdk.path_tree import PathTree
from gateleg.cdk.plan import Plan
from gateleg.cdk.validation import Checks
from gateleg.description import App, CorsConfig, Route
from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

APP = "svc.rest:app"


def app(*routes: Route, name: str = APP, **facts: Any) -> App:
    return App(name, "rest", routes, **facts)


def plan(*apps: App) -> Plan:
    result = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    for one in apps:
        result.add_app(one, one.routes)
    return result


def document(built: Plan, cors: Cors | None = None) -> dict[str, Any]:
    routes = built.routes()
    integrations = {route.target: function_integration(f"uri:{route.target}") for route in routes}
    return Document(info_of("Test", built.apps), routes, {"iam": {"type": "apiKey"}}, cors=cors).render(integrations)


def operation(built: Plan, path: str, method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = document(built)["paths"][path][method]
    return found


def test_a_route_calls_the_function_of_its_app() -> None:
    found = operation(plan(app(Route("GET /rooms/{room}", "svc.rest:get"))), "/rooms/{room}")
    assert found["x-amazon-apigateway-integration"] == {"type": "aws_proxy", "httpMethod": "POST", "uri": f"uri:{APP}"}
    assert found["parameters"] == [{"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert found["security"] == [{"iam": []}]


def test_a_public_route_says_why() -> None:
    found = operation(plan(app(Route("GET /x", "h", public="prices are public"))), "/x")
    assert (found["security"], found["x-gateleg-public"]) == ([], "prices are public")


def test_a_route_of_which_no_request_would_be_answered_is_refused_where_it_is_chosen() -> None:
    lost, found = (
        Route("GET /x", "svc.rest:x", unanswered="is a coroutine; write def x()", place="svc/rest.py:7"),
        Route("GET /y", "svc.rest:y"),
    )

    with pytest.raises(RouteError, match=r"svc/rest\.py:7: GET /x of svc\.rest:x is a coroutine; write def x\(\)"):
        plan(app(lost, found))

    left_out = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    left_out.add_app(app(lost, found), [found])
    assert [each.name for each in left_out.apps] == [APP]


def test_two_apps_with_one_route_are_told_both_handlers() -> None:
    with pytest.raises(RouteError, match="is answered by a:f and by b:g"):
        plan(app(Route("GET /x", "a:f")), app(Route("GET /x", "b:g"), name="b:app"))


def test_a_path_that_would_open_a_guarded_pattern_is_refused() -> None:
    """API Gateway takes `/admin/list` for the public `/admin/{x}`, and the app answers with `/[a-z]+/list`, which it tries first."""
    guarded, opened = Route("GET /{segment1}/list", "h:lists"), Route("GET /admin/{x}", "h:x", public="why", also=("GET /{segment1}/list",))
    with pytest.raises(
        AuthorizerError, match=r"GET /admin/\{x\} of h:x \(public\) may be answered by GET /\{segment1\}/list \(guarded by iam\)"
    ):
        plan(app(guarded, opened))
    same = Route("GET /admin/{x}", "h:x", also=("GET /{segment1}/list",))
    assert len(plan(app(guarded, same)).routes()) == 2


def test_what_is_public_anyway_may_be_answered_behind_any_guard() -> None:
    robots, page = Route("GET /robots.txt", "h:robots", public="for crawlers"), Route("GET /{page}", "h:page", also=("GET /robots.txt",))
    assert len(plan(app(robots, page)).routes()) == 2


@pytest.mark.parametrize(
    ("opened", "left_out", "reached"),
    [
        ("GET /users/{id}", "GET /users/me", True),
        ("GET /{proxy+}", "GET /users/me", True),
        ("ANY /{proxy+}", "GET /users/me", True),
        ("GET /users/{id}", "POST /users/me", False),
        ("GET /users/{id}", "GET /users/me/x", False),
        ("GET /users/{proxy+}", "GET /users", False),
        ("GET /", "GET /users", False),
    ],
)
def test_a_wider_route_does_not_open_a_closer_one_that_was_left_out(opened: str, left_out: str, *, reached: bool) -> None:
    """The app still answers `/users/me` by its own route, and API Gateway now takes that for the public `/users/{id}`."""
    guarded, public = Route(left_out, "h:me", security=({"iam": []},)), Route(opened, "h:user", public="why")
    built = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    if not reached:
        return built.add_app(app(guarded, public), [public])
    with pytest.raises(AuthorizerError, match="may be answered by"):
        built.add_app(app(guarded, public), [public])
    return None


def test_a_route_that_was_not_chosen_is_not_opened_by_one_that_was() -> None:
    hidden, opened = Route("GET /{segment1}/list", "h:lists"), Route("GET /admin/{x}", "h:x", public="why", also=("GET /{segment1}/list",))
    built = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    with pytest.raises(AuthorizerError, match="may be answered by"):
        built.add_app(app(hidden, opened), [opened])


CORS = CorsConfig(("https://a.example",))


def preflights(built: Plan, cors: Cors) -> dict[str, str]:
    allowed = "method.response.header.Access-Control-Allow-Methods"
    items = document(built, cors)["paths"].items()
    assert all(item["options"]["security"] == [] for _, item in items if "options" in item)
    return {
        path: item["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"][allowed]
        for path, item in items
        if "options" in item
    }


def test_every_path_with_cors_answers_preflights_for_its_methods_without_authorizer() -> None:
    routes = (Route("GET /x", "h", cors=True), Route("POST /x", "h"), Route("PUT /x", "h", cors=True), Route("GET /own", "h"))
    assert preflights(plan(app(*routes)), Cors(["*"])) == {"/x": "'GET,OPTIONS,PUT'"}


def test_a_path_of_any_method_answers_preflights_for_all() -> None:
    built = plan(app(Route("ANY /y", "h", cors=True)))
    assert preflights(built, Cors(["*"])) == {"/y": "'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'"}


def test_a_route_for_options_is_left_alone() -> None:
    built = plan(app(Route("OPTIONS /x", "h", cors=True), Route("GET /x", "h", cors=True)))
    assert document(built, Cors(["*"]))["paths"]["/x"]["options"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


def test_gateway_errors_are_json_without_internals() -> None:
    for cors in (None, Cors(["https://a.example"])):
        responses = document(plan(app(Route("GET /x", "h"))), cors)["x-amazon-apigateway-gateway-responses"]
        assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED"} <= set(responses)
        assert json.loads(responses["DEFAULT_5XX"]["responseTemplates"]["application/json"])["message"] == "Internal server error"
        assert all(("responseParameters" in response) == (cors is not None) for response in responses.values())


def agree(cors: Cors | None, *configs: CorsConfig | None) -> Cors | None:
    return agreed(cors, [app(name=f"app{number}:app", cors=config) for number, config in enumerate(configs)])


def test_the_apps_cors_is_the_gateways() -> None:
    assert agree(None, None, CORS, CORS) == Cors(("https://a.example",), allow_headers=())
    given = Cors(["https://a.example"], max_age=1)
    assert agree(given, CORS) == given
    assert agree(None, None) is None


def test_a_preflight_is_remembered_as_long_as_everyone_lets() -> None:
    long, short, silent = (CorsConfig(("https://a.example",), max_age=age) for age in (3_600, 5, None))
    for given, configs, age in (
        (Cors(["https://a.example"], max_age=60), (long, silent), 60),
        (Cors(["https://a.example"], max_age=60), (long, short), 5),
        (None, (long, short), 5),
        (None, (silent, long), 3_600),
        (None, (silent,), 600),
    ):
        found = agree(given, *configs)
        assert (found and found.max_age) == age


@pytest.mark.parametrize(
    ("given", "configs"),
    [
        (Cors(["https://b.example"]), (CORS,)),
        (Cors(["https://a.example"], allow_credentials=True), (CORS,)),
        (None, (CORS, CorsConfig(("https://b.example",)))),
        (None, (CORS, CorsConfig(("*",)))),
    ],
)
def test_cors_that_contradicts_itself_is_refused(given: Cors | None, configs: Sequence[CorsConfig]) -> None:
    with pytest.raises(DeclarationError, match="give both the same"):
        agree(given, *configs)


def test_an_origin_that_cloudformation_makes_is_for_the_gateway_to_say() -> None:
    said = CorsConfig(("https://known-after-deployment",))
    with pytest.raises(DeclarationError, match=r"app0:app .* write cors=Cors\(\[\.\.\.\]\) with that value for the gateway too"):
        agree(None, said)
    given = Cors(["https://${Token[Domain.1]}"])
    assert agree(given, said) == given
    with pytest.raises(DeclarationError, match=r"the gateway .* allows https://a\.example and app0:app"):
        agree(Cors(["https://a.example"]), said)


def test_cors_that_an_app_cannot_have_names_the_app() -> None:
    with pytest.raises(DeclarationError, match=r"app0:app \(cors=CORSConfig\(\.\.\.\)\): .*'https://a\.example/'"):
        agree(None, CorsConfig(("https://a.example/",)))


def test_an_app_that_names_itself_names_the_api() -> None:
    orders = app(title="Orders", version="2.3.0", summary="All orders")
    assert info_of("Orders", [orders, app(name="b:app")]) == {"title": "Orders", "version": "2.3.0", "description": "All orders"}
    assert info_of("Stack-Rest", [app()]) == {"title": "Stack-Rest", "version": "1.0"}


def test_of_several_apps_that_name_themselves_each_is_told() -> None:
    told = info_of("Shop", [app(title="Orders", version="2", summary="All orders"), app(name="b:app", title="Bills")])
    assert told == {"title": "Shop", "version": "1.0", "description": "Orders 2: All orders\nBills"}


def test_a_direct_route_stands_beside_the_apps() -> None:
    built = plan(app(Route("GET /x", "h")))
    built.add_direct(Route("GET /health", "Stack/Health", public="checked by the load balancer"), "Stack/Health")
    assert operation(built, "/health")["security"] == []
    with pytest.raises(RouteError, match="is answered by h and by Stack/Other"):
        built.add_direct(Route("GET /x", "Stack/Other"), "Stack/Other")


def test_what_an_integration_maps_is_declared() -> None:
    """A mapping of what the operation does not declare is an `Invalid mapping expression` when AWS imports the body."""
    cors, queries = "method.response.header.Access-Control-Allow-Origin", "method.request.querystring"
    integration = {
        "type": "aws",
        "requestParameters": {
            "integration.request.path.id": "method.request.path.id",
            "integration.request.querystring.q": f"{queries}.q",
            "integration.request.querystring.again": f"{queries}.q",
            "integration.request.header.X-Ids": "method.request.multivalueheader.X-Ids",
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
        },
        "responses": {
            "default": {"statusCode": "202", "responseParameters": {cors: "'*'"}},
            "4\\d{2}": {"statusCode": 400},
            "5\\d{2}": {"statusCode": "202", "responseParameters": {"method.response.header.Retry-After": "'9'"}},
        },
    }
    built = Plan(AccessRules({}, None), PathTree())
    built.add_direct(Route("POST /queue/{id}", "q", public="why"), "q")
    rendered = Document(info_of("Test", []), built.routes(), {}).render({"q": integration})["paths"]["/queue/{id}"]["post"]
    assert [(one["in"], one["name"], one["required"]) for one in rendered["parameters"]] == [
        ("path", "id", True),
        ("header", "X-Ids", False),
        ("query", "q", False),
    ]
    found = {status: set(one.get("headers", {})) for status, one in rendered["responses"].items()}
    assert found == {"202": {"Access-Control-Allow-Origin", "Retry-After"}, "400": set()}


def test_a_path_that_stands_for_several_patterns_is_checked_by_the_model_of_none() -> None:
    routes = (Route("POST /users/{id}", "svc:number"), Route("POST /users/{name}", "svc:text"), Route("POST /rooms", "svc:room"))
    built = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    built.add_app(app(*routes), routes, lambda route: Checks(model=route.handler.split(":")[1]))
    assert {route.key: route.checks.model for route in built.routes()} == {"POST /users/{id}": None, "POST /rooms": "room"}


def test_the_same_plan_renders_the_same_document() -> None:
    def render() -> str:
        return json.dumps(document(plan(app(Route("POST /a", "h"), Route("GET /b", "h"))), Cors(["*"])))

    assert render() == render()


def test_what_another_route_may_answer_is_not_checked() -> None:
    built = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    described = app(Route("POST /{kind}/new", "first"), Route("POST /items/{id}", "second", also=("POST /{kind}/new",)))
    built.add_app(described, described.routes, lambda _: Checks("Order", ("limit",)))
    assert [route.checks for route in built.routes()] == [Checks("Order", ("limit",)), Checks()]


def test_names_in_another_order_ask_the_same() -> None:
    rules = AccessRules({"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}, None)
    both: list[dict[str, list[str]]] = [{"iam": [], "key": []}, {"key": [], "iam": []}]
    one, other = (rules.of(Route("GET /x", "h", security=(asked,))) for asked in both)
    assert one == other


def test_what_the_gateway_checks_stands_on_the_operation() -> None:
    built = Plan(AccessRules({"iam": IamAuthorizer()}, None), PathTree())
    described = app(Route("GET /x", "h"), Route("POST /x", "h"), Route("PUT /x", "h"))
    checks = {"GET /x": Checks(required=("limit",)), "POST /x": Checks("Order"), "PUT /x": Checks("Order", ("limit",))}
    built.add_app(described, described.routes, lambda route: checks[route.key])
    limit = {"name": "limit", "in": "query", "required": True, "schema": {"type": "string"}}
    item = document(built)["paths"]["/x"]
    assert [item[method].get("parameters") for method in ("get", "post", "put")] == [[limit], None, [limit]]
    assert [item[method]["x-amazon-apigateway-request-validator"] for method in ("get", "post", "put")] == ["parameters", "body", "all"]
    assert item["post"]["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Order"}


def test_any_origin_of_an_app_comes_without_credentials_as_powertools_answers_it() -> None:
    found = agree(None, CorsConfig(("*",), allow_credentials=True, max_age=0))
    assert found is not None
    assert (found.allow_credentials, found.max_age) == (False, 0)
    with pytest.raises(DeclarationError, match="browsers refuse"):
        Cors(["*"], allow_credentials=True)
