"""Who may call an HTTP API: its authorizers, and the pages of other origins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito

from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    Cors,
    DirectRoute,
    HandlerCode,
    HttpGateway,
    IamAuthorizer,
    JwtAuthorizer,
    RequestAuthorizer,
    Throttle,
    TokenAuthorizer,
    WebSocketGateway,
)
from gateleg.description import CorsConfig, Route
from gateleg.errors import AuthorizerError, RouteError
from tests.templates.constructs.samples import (
    ROUTES,
    Template,
    function,
    gateway,
    http_description,
    http_gateway,
    inline,
    rest_description,
    synthesized,
)

if TYPE_CHECKING:
    from collections.abc import Callable

API = "AWS::ApiGatewayV2::Api"
ISSUER = "https://login.example.com/"
PAGE = "https://shop.example.com"


def body(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template.one(API)["Body"]
    return found


@pytest.fixture(scope="module")
def http(code: HandlerCode) -> Template:
    return synthesized(lambda stack: http_gateway(stack, code, cors=Cors([PAGE]), throttles={"GET /docs": Throttle(2, 1)}))


@pytest.fixture(scope="module")
def guarded(code: HandlerCode) -> Template:
    def build(stack: Stack) -> None:
        pool = cognito.UserPool(stack, "Pool")
        asked: dict[str, list[str]] = {"jwt": ["orders/read"], "users": [], "simple": [], "policy": [], "iam": []}
        routes = [Route(f"GET /{name}", "h", security=({name: scopes},)) for name, scopes in asked.items()]
        authorizers = {
            "jwt": JwtAuthorizer(ISSUER, ["shop"]),
            "users": CognitoAuthorizer([pool], clients=[pool.add_client("Page")]),
            "simple": RequestAuthorizer(function(stack, code), ["header.X-Key", "context.identity.sourceIp"], simple_responses=True),
            "policy": RequestAuthorizer(inline(stack, "Judge"), ["querystring.t"], ttl=Duration.seconds(60)),
            "iam": IamAuthorizer(),
        }
        http_gateway(stack, code, apps=[http_description(*routes)], authorizers=authorizers)

    return synthesized(build)


def settings(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = body(template)["components"]["securitySchemes"][name]["x-amazon-apigateway-authorizer"]
    return found


def test_a_jwt_authorizer_checks_issuer_audience_and_scopes(guarded: Template) -> None:
    assert settings(guarded, "jwt") == {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": ISSUER, "audience": ["shop"]},
    }
    assert body(guarded)["components"]["securitySchemes"]["jwt"]["type"] == "oauth2"
    assert body(guarded)["paths"]["/jwt"]["get"]["security"] == [{"jwt": ["orders/read"]}]


def test_a_pool_is_a_jwt_authorizer_for_its_clients(guarded: Template) -> None:
    configuration = settings(guarded, "users")["jwtConfiguration"]
    assert configuration["audience"] == [{"Ref": guarded.id_of("AWS::Cognito::UserPoolClient")}]
    parts = ["https://cognito-idp.", {"Ref": "AWS::Region"}, ".amazonaws.com/", {"Ref": guarded.id_of("AWS::Cognito::UserPool")}]
    assert configuration["issuer"] == {"Fn::Join": ["", parts]}


def test_a_simple_answer_is_remembered_for_one_route_and_a_policy_for_those_that_it_names(guarded: Template) -> None:
    simple, policy = settings(guarded, "simple"), settings(guarded, "policy")
    assert (simple["authorizerPayloadFormatVersion"], simple["enableSimpleResponses"]) == ("2.0", True)
    assert simple["identitySource"] == "$request.header.X-Key, $context.identity.sourceIp, $context.routeKey"
    assert (policy["authorizerPayloadFormatVersion"], policy["enableSimpleResponses"]) == ("1.0", False)
    assert (policy["identitySource"], policy["authorizerResultTtlInSeconds"]) == ("$request.querystring.t", 60)


def test_a_simple_answer_that_is_not_remembered_needs_no_route(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        judge = RequestAuthorizer(inline(stack, "Judge"), [], ttl=Duration.seconds(0), simple_responses=True)
        http_gateway(stack, code, authorizers={"simple": judge})

    found = settings(synthesized(build), "simple")
    assert "identitySource" not in found
    assert found["authorizerResultTtlInSeconds"] == 0


def test_iam_is_asked_by_the_authtype(guarded: Template) -> None:
    assert body(guarded)["components"]["securitySchemes"]["iam"]["x-amazon-apigateway-authtype"] == "awsSigv4"


def pool(stack: Stack) -> cognito.UserPool:
    return cognito.UserPool(stack, f"Pool{len(stack.node.children)}")


NO_HTTP_AUTHORIZERS: list[tuple[Callable[[Stack], Any], str]] = [
    (
        lambda stack: TokenAuthorizer(inline(stack, "Judge")),
        r"TokenAuthorizer, which only REST APIs have; write RequestAuthorizer\(function\)",
    ),
    (lambda _: ApiKeyAuthorizer(), "an HTTP API has no keys and no usage plans"),
    (lambda stack: CognitoAuthorizer([pool(stack)]), r"write CognitoAuthorizer\(\[pool\], clients=\[client\]\)"),
    (lambda stack: CognitoAuthorizer([pool(stack), pool(stack)]), "tokens of one issuer; name an authorizer for each pool"),
    (
        lambda stack: CognitoAuthorizer([one := pool(stack)], clients=[one.add_client("c")], ttl=Duration.seconds(9)),
        "decides itself how long it remembers; leave ttl out",
    ),
    (lambda stack: RequestAuthorizer(inline(stack, "Judge"), ["multivalueheader.X"]), "joins repeated values; write header.NAME"),
    (lambda _: object(), "would let everybody in; write one of JwtAuthorizer, CognitoAuthorizer, RequestAuthorizer, IamAuthorizer"),
]
NO_REST_AUTHORIZERS: list[tuple[Callable[[Stack], Any], str]] = [
    (lambda _: JwtAuthorizer(ISSUER, ["a"]), r"write CognitoAuthorizer\(\[pool\]\) or TokenAuthorizer\(function\), or use HttpGateway"),
    (lambda stack: RequestAuthorizer(inline(stack, "Judge"), simple_responses=True), "takes IAM policies alone; leave it out"),
    (
        lambda stack: CognitoAuthorizer([one := pool(stack)], clients=[one.add_client("c")]),
        "tokens of every client of the pool; leave clients out",
    ),
]


@pytest.mark.parametrize(("make", "message"), NO_HTTP_AUTHORIZERS)
def test_what_cannot_guard_an_http_api_is_refused(code: HandlerCode, make: Callable[[Stack], Any], message: str) -> None:
    with pytest.raises(AuthorizerError, match=f"the authorizer 'users' .*{message}"):
        synthesized(lambda stack: http_gateway(stack, code, authorizers={"users": make(stack)}))


@pytest.mark.parametrize(("make", "message"), NO_REST_AUTHORIZERS)
def test_what_cannot_guard_a_rest_api_is_refused(code: HandlerCode, make: Callable[[Stack], Any], message: str) -> None:
    with pytest.raises(AuthorizerError, match=message):
        synthesized(lambda stack: gateway(stack, code, authorizers={"users": make(stack)}))


@pytest.mark.parametrize(
    "arguments", [("http://login.example.com", ["a"]), (ISSUER, []), (ISSUER, ["a"] * 51), (ISSUER, ["a"], "cookie.x")]
)
def test_a_jwt_authorizer_that_no_token_could_satisfy_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(AuthorizerError, match=r"JwtAuthorizer\(|1 to 50 audiences"):
        JwtAuthorizer(*arguments)


def test_a_simple_answer_opens_no_socket() -> None:
    stack = Stack()
    with pytest.raises(
        AuthorizerError, match="the authorizer of connections has simple_responses=True, and a WebSocket API takes IAM policies"
    ):
        WebSocketGateway(stack, "Socket", authorizer=RequestAuthorizer(inline(stack, "Judge"), simple_responses=True))


def test_cors_is_the_gateways_and_handlers_know_it(http: Template) -> None:
    assert body(http)["x-amazon-apigateway-cors"] == {
        "allowOrigins": [PAGE],
        "allowMethods": ["GET", "OPTIONS", "POST"],
        "allowHeaders": ["Authorization", "Content-Type", "X-Amz-Date", "X-Api-Key", "X-Amz-Security-Token"],
        "exposeHeaders": [],
        "allowCredentials": False,
        "maxAge": 600,
    }
    assert PAGE in http.one("AWS::Lambda::Function")["Environment"]["Variables"]["GATELEG_CORS"]
    assert "options" not in json.dumps(body(http)["paths"])


def test_the_cors_of_an_app_is_the_apis(code: HandlerCode) -> None:
    app = http_description(*(Route(route.key, route.handler, public="x", cors=True) for route in ROUTES), cors=CorsConfig((PAGE,)))
    assert body(synthesized(lambda stack: http_gateway(stack, code, apps=[app])))["x-amazon-apigateway-cors"]["allowOrigins"] == [PAGE]


def test_without_cors_no_page_may_call(guarded: Template) -> None:
    assert "x-amazon-apigateway-cors" not in body(guarded)


def test_a_route_that_shall_have_no_cors_is_refused_where_others_have(code: HandlerCode) -> None:
    app = http_description(Route("GET /a", "h", cors=True), Route("GET /b", "h", cors=False), cors=CorsConfig((PAGE,)))
    with pytest.raises(RouteError, match=r"GET /b of svc\.rest:app says cors=False, and an HTTP API answers pages alike"):
        synthesized(lambda stack: http_gateway(stack, code, apps=[app]))


@pytest.mark.parametrize("key", ["ANY /late", "OPTIONS /late"])
def test_a_guarded_route_that_would_take_preflights_is_refused(code: HandlerCode, key: str) -> None:
    def build(stack: Stack, **routes: Any) -> HttpGateway:
        return http_gateway(stack, code, cors=Cors([PAGE]), routes=routes)

    with pytest.raises(AuthorizerError, match="name its methods, or add 'OPTIONS /late'"):
        synthesized(lambda stack: build(stack, **{key: inline(stack, "Late")}))
    with pytest.raises(AuthorizerError, match="name its methods, or add 'OPTIONS /late'"):
        synthesized(lambda stack: build(stack).add_route(key, inline(stack, "Late")))


def test_a_guarded_any_route_stands_beside_an_open_one_for_preflights(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        late = inline(stack, "Late")
        preflight = DirectRoute(late, public="preflights carry no credentials")
        http_gateway(stack, code, cors=Cors([PAGE]), routes={"ANY /late": late, "OPTIONS /late": preflight})

    template = synthesized(build)
    assert body(template)["paths"]["/late"]["x-amazon-apigateway-any-method"]["security"] == [{"iam": []}]
    assert body(template)["x-amazon-apigateway-cors"]["allowMethods"] == ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


def test_pages_may_send_what_authorizers_read(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        guards: Any = {
            "people": JwtAuthorizer(ISSUER, ["shop"], identity_source="header.X-Session"),
            "partners": RequestAuthorizer(inline(stack, "Judge"), ["header.X-Partner-Key"]),
        }
        http_gateway(stack, code, authorizers=guards, default_authorizer="people", cors=Cors([PAGE], allow_headers=["X-A"]))

    allowed = body(synthesized(build))["x-amazon-apigateway-cors"]["allowHeaders"]
    assert allowed == ["X-A", "X-Session", "X-Partner-Key"]


def test_a_path_with_a_line_feed_at_its_end_opens_nothing(code: HandlerCode) -> None:
    """API Gateway takes `/items/admin%0A` for `/items/{item}`, and a resolver answers by `/items/admin`."""

    def build(stack: Stack, *routes: Route, app: Callable[..., Any] = http_description, make: Callable[..., Any] = http_gateway) -> None:
        make(stack, code, apps=[app(*routes)])

    open_: dict[str, Any] = {"public": "anyone may look"}
    guarded: dict[str, Any] = {"security": ({"iam": []},)}
    admin = Route("GET /items/admin", "h", **guarded)
    with pytest.raises(AuthorizerError, match=r"GET /items/\{item\} of h .* may be answered by GET /items/admin .*%0A\); guard both alike"):
        synthesized(lambda stack: build(stack, Route("GET /items/{item}", "h", **open_), admin))
    with pytest.raises(AuthorizerError, match=r"GET /\{proxy\+\} of h .* may be answered by GET /items/admin "):
        synthesized(lambda stack: build(stack, Route("GET /{proxy+}", "h", **open_), admin))
    synthesized(lambda stack: build(stack, Route("GET /items/{item}", "h", **guarded), admin))
    synthesized(lambda stack: build(stack, Route("GET /items/{item}", "h", **open_), Route("GET /admin/items", "h", **guarded)))
    # The narrowest of those that take it is the one that is asked.
    nearer = Route("GET /items/{item}", "h", **guarded)
    synthesized(lambda stack: build(stack, Route("GET /{proxy+}", "h", **open_), nearer, admin))
    # A REST API hands a path on as it was sent.
    synthesized(lambda stack: build(stack, Route("GET /items/{item}", "h", **open_), admin, app=rest_description, make=gateway))
