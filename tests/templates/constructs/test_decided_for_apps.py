"""What a `RestApp` decides for an app that one will not edit, and facts of the app that the gateway carries or refuses."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Fn

from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    Cors,
    DirectRoute,
    HandlerCode,
    IamAuthorizer,
    RequestAuthorizer,
    RestApp,
    TokenAuthorizer,
)
from gateleg.description import CorsConfig, Route, Use
from gateleg.errors import AuthorizerError, DeclarationError, RouteError
from tests.templates.constructs.samples import Template, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from pathlib import Path

    from aws_cdk import Stack

pytestmark = pytest.mark.slow

ROUTES = (
    Route("GET /a", "svc.rest:a", uses=(Use("chat", "Message", "query"),)),
    Route("GET /b", "svc.rest:b"),
    Route("GET /c", "h", public="said"),
)
AUTHORIZERS: Any = {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}


def build(
    code: HandlerCode, *routes: Route, facts: dict[str, Any] | None = None, props: dict[str, Any] | None = None, **decided: Any
) -> Template:
    app = RestApp(rest_description(*(routes or ROUTES), **(facts or {})), **decided)
    given: dict[str, Any] = {"apps": [app], "authorizers": AUTHORIZERS, "default_authorizer": "iam"}
    given |= props or {}
    return synthesized(lambda stack: gateway(stack, code, **given))


@pytest.mark.parametrize("where", ["gateway", "app"])
def test_a_description_among_the_options_is_refused(where: str, code: HandlerCode) -> None:
    options: Any = {"code": code, "described": rest_description()}
    props: Any = {"props": {"function_options": options}} if where == "gateway" else {"options": options}
    with pytest.raises(DeclarationError, match=r"write RestApp\(description\), and leave described= out"):
        build(code, **props)


def paths(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template.one("AWS::ApiGateway::RestApi")["Body"]["paths"]
    return found


def test_routes_are_made_public_and_guarded_without_editing_the_app(code: HandlerCode) -> None:
    template = build(code, public={"GET /a": "prices are public"}, authorizers={"GET /b": "key", "GET /c": "iam"})
    assert {path: item["get"]["security"] for path, item in paths(template).items()} == {"/a": [], "/b": [{"key": []}], "/c": [{"iam": []}]}
    assert paths(template)["/a"]["get"]["x-gateleg-public"] == "prices are public"
    assert "x-gateleg-public" not in paths(template)["/c"]["get"]


def test_only_the_chosen_routes_are_there_and_only_their_uses_are_granted(code: HandlerCode) -> None:
    template = build(code, only=["GET /b"])
    assert list(paths(template)) == ["/b"]
    assert template.all("AWS::IAM::Policy") == {}


def test_routes_that_are_left_out_decide_nothing(code: HandlerCode) -> None:
    template = build(code, Route("GET /a", "h"), Route("GET /b", "h", binary=True, problem="no schema"), only=["GET /a"])
    assert "BinaryMediaTypes" not in template.one("AWS::ApiGateway::RestApi")
    assert not [message for message in template.messages if "no schema" in message]


@pytest.mark.parametrize(
    ("decided", "error", "told"),
    [
        ({"only": ["GET /z"]}, RouteError, r"no route 'GET /z'; write one of .*'GET /a'"),
        ({"public": {"GET /z": "why"}}, RouteError, "no route 'GET /z'"),
        ({"authorizers": {"GET /z": "iam"}}, RouteError, "no route 'GET /z'"),
        ({"authorizers": {"GET /a": "nobody"}}, AuthorizerError, "'nobody'"),
        ({"public": {"GET /a": " "}}, AuthorizerError, "not empty"),
        ({"only": ["GET /b"], "public": {"GET /a": "why"}}, RouteError, r"'GET /a', which only=\[\.\.\.\] leaves out; add it there"),
        ({"only": ["GET /b"], "authorizers": {"GET /a": "key"}}, RouteError, "leave it out here"),
        ({"id": "Stage"}, DeclarationError, "one of the gateway's own parts; write id='StageFunction'"),
        ({"public": {"GET /a": "why"}, "authorizers": {"GET /a": "iam"}}, AuthorizerError, "leave one of the two out"),
    ],
)
def test_decisions_that_cannot_hold_are_refused(decided: Any, error: type[Exception], told: str, code: HandlerCode) -> None:
    with pytest.raises(error, match=told):
        build(code, **decided)


def test_a_route_that_the_app_guards_is_not_opened_from_outside(code: HandlerCode) -> None:
    with pytest.raises(AuthorizerError, match="leave one of the two out"):
        build(code, Route("GET /a", "h", security=({"iam": []},)), public={"GET /a": "why"})


def test_what_the_whole_app_asks_for_gives_way_to_what_is_decided_for_a_route(code: HandlerCode) -> None:
    """`configure_openapi(security=...)` is the app's default, and no word of the route's own."""
    template = build(code, facts={"security": ({"key": []},)}, public={"GET /a": "why"}, authorizers={"GET /b": "iam"})
    assert {path: item["get"]["security"] for path, item in paths(template).items()} == {"/a": [], "/b": [{"iam": []}], "/c": []}
    assert paths(build(code, facts={"security": ({"key": []},)}))["/a"]["get"]["security"] == [{"key": []}]


def test_scopes_stay_where_the_authorizer_is_the_one_that_is_asked_for_them(code: HandlerCode) -> None:
    pool: Any = SimpleNamespace(user_pool_arn="arn:aws:cognito-idp:eu-central-1:123456789012:userpool/p")
    props: dict[str, Any] = {"authorizers": {**AUTHORIZERS, "people": CognitoAuthorizer([pool])}}
    read = ({"people": ["orders/read"]},)
    own = (Route("GET /a", "h", security=read), Route("GET /b", "h", security=({"people": ["x/y"]}, {"iam": []})), Route("GET /c", "h"))
    decided = dict.fromkeys([route.key for route in own], "people")
    found = paths(build(code, *own, facts={"security": read}, props=props, authorizers=decided))
    assert {path: item["get"]["security"] for path, item in found.items()} == {
        "/a": [{"people": ["orders/read"]}],
        "/b": [{"people": ["x/y"]}],
        "/c": [{"people": ["orders/read"]}],
    }


def test_scopes_that_nobody_would_check_are_refused(code: HandlerCode) -> None:
    with pytest.raises(
        AuthorizerError, match=r"asks 'people' for the scopes \['orders/read'\], which nobody would check behind 'iam'; give the"
    ):
        build(code, Route("GET /a", "h", security=({"people": ["orders/read"]},)), authorizers={"GET /a": "iam"})
    assert paths(build(code, Route("GET /a", "h", security=({"people": []},)), authorizers={"GET /a": "iam"}))["/a"]


def test_a_function_may_be_named(code: HandlerCode) -> None:
    assert [name for name in build(code, id="Orders").all("AWS::Lambda::Function") if name.startswith("RestOrders")]


def test_names_that_collide_are_told_apart(tmp_path: Path) -> None:
    for package in ("orders", "billing"):
        (tmp_path / package / "api").mkdir(parents=True)
        (tmp_path / package / "api" / "rest.py").write_text("app = None\n")
    apps = [rest_description(Route(f"GET /{name}", "h"), app=f"{name}.api.rest:app") for name in ("orders", "billing")]
    both = synthesized(lambda stack: gateway(stack, HandlerCode(tmp_path), apps=apps))
    turned = synthesized(lambda stack: gateway(stack, HandlerCode(tmp_path), apps=apps[::-1]))
    names = set(both.all("AWS::Lambda::Function"))
    assert {name[:18] for name in names} == {"RestOrdersApiRest" + name[17] for name in names if "Orders" in name} | {
        "RestBillingApiRest" for name in names if "Billing" in name
    }
    assert names == set(turned.all("AWS::Lambda::Function"))
    with pytest.raises(DeclarationError, match=r"give one of them RestApp\(\.\.\., id=\.\.\.\)"):
        synthesized(lambda stack: gateway(stack, HandlerCode(tmp_path), apps=[RestApp(apps[0], id="X"), RestApp(apps[1], id="X")]))


BYTES = Route("GET /image", "svc.rest:image", binary=True)


def test_bytes_are_rendered_as_binary_media_types(code: HandlerCode) -> None:
    def types(route: Route, **props: Any) -> Any:
        return build(code, route, props=props).one("AWS::ApiGateway::RestApi").get("BinaryMediaTypes")

    assert types(BYTES) == ["*/*"]
    assert types(BYTES, binary_media_types=["image/png"]) == ["image/png"]
    assert types(ROUTES[0]) is None
    assert types(ROUTES[0], binary_media_types=["image/png"]) == ["image/png"]


UPLOAD = Route("POST /files", "svc.rest:upload", uploads=True)


def test_files_are_taken_as_bytes(code: HandlerCode) -> None:
    def types(**props: Any) -> Any:
        return build(code, UPLOAD, props=props).one("AWS::ApiGateway::RestApi").get("BinaryMediaTypes")

    assert types() == ["multipart/form-data"]
    for given in (["multipart/form-data"], ["multipart~1form-data"], ["image/png", "*/*"], ["Multipart/*"]):
        assert types(binary_media_types=given) == given
    advice = ["image/png", "multipart/form-data"]
    with pytest.raises(DeclarationError, match=r"svc\.rest:upload takes files.*write binary_media_types=" + re.escape(str(advice))):
        types(binary_media_types=["image/png"])
    assert types(binary_media_types=advice) == advice


def test_bytes_are_not_sent_as_base64(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"svc\.rest:image answers bytes.*write binary_media_types=\['\*/\*'\]"):
        build(code, BYTES, props={"binary_media_types": []})


def test_preflights_stay_text_where_everything_is_binary(code: HandlerCode) -> None:
    """With `*/*` API Gateway takes the request of a preflight for bytes too, and its template is never read: 500."""
    template = build(code, BYTES, props={"cors": Cors(["https://a.example"])})
    preflight = paths(template)["/image"]["options"]["x-amazon-apigateway-integration"]
    assert preflight["contentHandling"] == "CONVERT_TO_TEXT"
    assert preflight["responses"]["default"]["contentHandling"] == "CONVERT_TO_TEXT"


PAGES = CorsConfig(("https://a.example",))


def test_cors_of_the_app_reaches_the_gateways_own_errors(code: HandlerCode) -> None:
    template = build(code, Route("GET /a", "h", cors=True), Route("GET /b", "h"), facts={"cors": PAGES})
    responses = template.one("AWS::ApiGateway::RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]
    header = "gatewayresponse.header.Access-Control-Allow-Origin"
    assert {one["responseParameters"][header] for one in responses.values()} == {"'https://a.example'"}
    assert {path: "options" in item for path, item in paths(template).items()} == {"/a": True, "/b": False}


def test_pages_may_send_what_an_idempotent_route_reads(code: HandlerCode) -> None:
    template = build(code, Route("POST /a", "h", headers=("Idempotency-Key",)), props={"cors": Cors(["https://a.example"])})
    answered = paths(template)["/a"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert answered["method.response.header.Access-Control-Allow-Headers"].strip("'").split(",")[-1] == "Idempotency-Key"


def test_pages_may_send_what_a_handler_declares(code: HandlerCode) -> None:
    said = [{"name": name, "in": kind} for name, kind in (("X-Tenant", "header"), ("Accept-Language", "header"), ("limit", "query"))]
    template = build(code, Route("POST /a", "h", operation={"parameters": said}), props={"cors": Cors(["https://a.example"])})
    answered = paths(template)["/a"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert answered["method.response.header.Access-Control-Allow-Headers"] == (
        "'Authorization,Content-Type,X-Amz-Date,X-Api-Key,X-Amz-Security-Token,X-Tenant'"
    )


def test_cors_of_the_app_and_of_the_gateway_must_agree(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="give both the same"):
        build(code, Route("GET /a", "h", cors=True), facts={"cors": PAGES}, props={"cors": Cors(["https://b.example"])})
    routes = (Route("GET /a", "h", cors=True), Route("GET /b", "h"))
    agreed = build(code, *routes, facts={"cors": PAGES}, props={"cors": Cors(["https://a.example"])})
    assert {path: "options" in item for path, item in paths(agreed).items()} == {"/a": True, "/b": False}, "the app says which routes"


WARNED: list[tuple[Any, Any, str]] = [
    (
        (Route("GET /bare", "h", problem="its answer has no schema"),),
        {},
        "these routes of svc.rest:app have no schema: GET /bare: its answer has",
    ),
    ((Route("GET /a", "h"),), {"cors": Cors(["https://a.example"])}, "pages cannot read the responses of svc.rest:app"),
    (tuple(Route(f"GET /a{number}", "h") for number in range(300)), {}, "needs 301 API Gateway resources"),
    ((Route("GET /a/{one}", "h"), Route("GET /a/{two}/b", "h")), {}, "GET /a/{two}/b of h is GET /a/{one}/b at the gateway"),
]


@pytest.mark.parametrize(("routes", "props", "told"), WARNED)
def test_what_is_lost_or_may_surprise_is_told_at_synth(routes: Any, props: Any, told: str, code: HandlerCode) -> None:
    [message] = build(code, *routes, props=props).messages
    assert told in message
    assert build(code, Route("GET /a", "h")).messages == ()


def test_a_page_at_a_domain_that_cloudformation_makes_may_call(tmp_path: Path) -> None:
    """The advice of the refusal, carried out: the gateway is given the value that the app reads from its variable."""
    text = (
        "import os\nfrom aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig\n"
        "app = APIGatewayRestResolver(cors=CORSConfig(allow_origin=os.environ['PAGE']))\n@app.get('/a')\ndef a(): ...\n"
    )
    (tmp_path / "svc.py").write_text(text)
    code = HandlerCode(root=tmp_path, provided=["aws-lambda-powertools"])
    page = f"https://{Fn.import_value('page')}"
    given: dict[str, Any] = {"authorizers": AUTHORIZERS, "default_authorizer": "iam"}
    given["apps"] = [RestApp("svc:app", options={"code": code, "environment": {"PAGE": page}})]
    with pytest.raises(DeclarationError, match=r"svc:app .* allows https://known-after-deployment"):
        synthesized(lambda stack: gateway(stack, code, **given))
    template = synthesized(lambda stack: gateway(stack, code, **given, cors=Cors([page])))
    assert "Fn::ImportValue" in json.dumps(paths(template)["/a"]["options"])


def test_a_route_that_comes_late_and_renames_a_variable_is_refused_at_once(code: HandlerCode) -> None:
    def made(stack: Stack) -> None:
        rest = gateway(stack, code, apps=[rest_description(Route("GET /{a}/rooms/{b}", "h"))])
        rest.add_route("GET /{b}", DirectRoute({"type": "mock"}))

    with pytest.raises(RouteError, match="b"):
        synthesized(made)


PUBLISHING = Route("POST /say", "svc.rest:say", publishes=True)


def test_a_route_that_broadcasts_needs_a_publisher(code: HandlerCode) -> None:
    with pytest.raises(RuntimeError, match=r"POST /say of svc\.rest:say sends to WebSocket connections.*add_publisher\(function\)"):
        build(code, PUBLISHING)
    build(code, PUBLISHING, options={"environment": {"GATELEG_WEBSOCKET_ENDPOINT": "https://x"}})


@pytest.mark.parametrize("inner", [False, True])
def test_a_publisher_may_be_named_after_the_gateway_is_made(inner: bool, code: HandlerCode) -> None:  # noqa: FBT001 (a column)
    from gateleg import description as said
    from gateleg.cdk import WebSocketGateway

    def made(stack: Stack) -> None:
        rest = gateway(stack, code, apps=[rest_description(PUBLISHING)])
        socket = said.App("svc.socket:app", "websocket", (Route("$connect", "h"),))
        options: Any = {"code": code}
        gate = WebSocketGateway(stack, "Socket", app=socket, authorizer=IamAuthorizer(), function_options=options)
        publisher = rest.functions["svc.rest:app"]
        gate.add_publisher(publisher.function if inner else publisher)

    assert "GATELEG_WEBSOCKET_ENDPOINT" in str(synthesized(made).all("AWS::Lambda::Function"))


def test_preflights_allow_what_authorizers_read_and_apps_allow(code: HandlerCode) -> None:
    cors, routes = Cors(["https://a.example"], allow_headers=["X-Request-Id"]), (Route("GET /a", "h", cors=True),)
    says = CorsConfig(("https://a.example",), allow_headers=("X-Partner",), expose_headers=("X-Page",))

    def answered(stack: Stack) -> None:
        judge = function(stack, code)
        guards = {"one": TokenAuthorizer(judge, header="X-Token"), "two": RequestAuthorizer(judge, ["header.X-Tenant", "querystring.q"])}
        app = rest_description(*routes, cors=says)
        gateway(stack, code, apps=[app], authorizers=guards, default_authorizer="one", cors=cors)

    template = synthesized(answered)
    options = paths(template)["/a"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert options["method.response.header.Access-Control-Allow-Headers"] == "'X-Request-Id,X-Token,X-Tenant,X-Partner'"
    assert options["method.response.header.Access-Control-Expose-Headers"] == "'X-Page'"
    known = [one["Properties"].get("Environment", {}).get("Variables", {}) for one in template.all("AWS::Lambda::Function").values()]
    assert [json.loads(one["GATELEG_CORS"])["allow_headers"] for one in known if "GATELEG_CORS" in one] == [
        ["X-Request-Id", "X-Token", "X-Tenant"]
    ]
