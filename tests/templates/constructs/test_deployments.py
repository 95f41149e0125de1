"""A new deployment for every edit of what is rendered, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import jsii
import pytest
from aws_cdk import App, Aspects, Duration, IAspect, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from gateleg import description as said
from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    Cors,
    DirectRoute,
    Domain,
    HandlerCode,
    HttpGateway,
    IamAuthorizer,
    RequestAuthorizer,
    RestGateway,
    Throttle,
    TokenAuthorizer,
    WebSocketGateway,
)
from gateleg.description import Route
from tests.templates.constructs.samples import MOCK, ROUTES, Template, function, gateway, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs import IConstruct

pytestmark = pytest.mark.slow

DEPLOYMENT, SOCKET_DEPLOYMENT = "AWS::ApiGateway::Deployment", "AWS::ApiGatewayV2::Deployment"
Edit = dict[str, Any]
NEW_ROUTE = Route("DELETE /rooms/{room}", "svc.rest:drop")


def deployment(build: Callable[[Stack], object]) -> str:
    return synthesized(build).id_of(DEPLOYMENT)


def resource(rest: RestGateway) -> apigateway.CfnRestApi:
    found = rest.api.node.default_child
    assert isinstance(found, apigateway.CfnRestApi)
    return found


def full(stack: Stack, code: HandlerCode, **edit: Any) -> RestGateway:
    auth, other = function(stack, code), function(stack, code, "Other")
    defaults: Edit = {"ttl": 60, "judge": auth, "header": "Authorization", "pattern": None, "health": auth, "memory": 128, "props": {}}
    settings = defaults | edit
    judge: Any = other if settings["judge"] == "other" else auth
    health: Any = other if settings["health"] == "other" else auth
    token = TokenAuthorizer(judge, header=settings["header"], ttl=Duration.seconds(settings["ttl"]), pattern=settings["pattern"])
    props: Edit = {
        "apps": [rest_description(*ROUTES)],
        "authorizers": {"token": token, "iam": IamAuthorizer()},
        "default_authorizer": "token",
        "routes": {"GET /health": health},
        "cors": Cors(["https://a.example"]),
        "function_options": {"code": code, "memory_size": settings["memory"]},
    }
    return gateway(stack, code, **(props | settings["props"]))


ANYBODY: Any = iam.AnyPrincipal()
EDITS: dict[str, Edit] = {
    "a new route": {"props": {"apps": [rest_description(*ROUTES, NEW_ROUTE)]}},
    "a route less": {"props": {"apps": [rest_description(*ROUTES[1:])]}},
    "another method": {"props": {"apps": [rest_description(replace(ROUTES[0], key="PUT /rooms/{room}/messages"), *ROUTES[1:])]}},
    "another path": {"props": {"apps": [rest_description(replace(ROUTES[0], key="GET /halls"), *ROUTES[1:])]}},
    "a route made public": {"props": {"apps": [rest_description(replace(ROUTES[0], public="why"), *ROUTES[1:])]}},
    "another authorizer on a route": {"props": {"apps": [rest_description(replace(ROUTES[0], security=({"iam": []},)), *ROUTES[1:])]}},
    "the authorizer's time to live": {"ttl": 61},
    "the authorizer's function": {"judge": "other"},
    "the authorizer's header": {"header": "X-Token"},
    "the authorizer's pattern": {"pattern": "^x$"},
    "another default authorizer": {"props": {"default_authorizer": "iam"}},
    "one more authorizer": {"props": {"default_authorizer": "iam", "authorizers": {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}}},
    "a direct route's function": {"health": "other"},
    "a direct route's reason": {"props": {"routes": {"GET /health": DirectRoute(MOCK, public="why")}}},
    "an origin": {"props": {"cors": Cors(["https://b.example"])}},
    "one more origin": {"props": {"cors": Cors(["https://a.example", "https://b.example"])}},
    "the age of preflights": {"props": {"cors": Cors(["https://a.example"], max_age=1)}},
    "allowed headers": {"props": {"cors": Cors(["https://a.example"], allow_headers=["X-A"])}},
    "no cors": {"props": {"cors": None}},
    "binary bodies": {"props": {"binary_media_types": ["image/png"]}},
    "the policy": {
        "props": {
            "policy": iam.PolicyDocument(
                statements=[iam.PolicyStatement(actions=["execute-api:Invoke"], resources=["*"], principals=[ANYBODY])]
            )
        }
    },
    "the tls policy": {"props": {"security_policy": "SecurityPolicy_TLS13_1_3_2025_09"}},
}
OTHER_EDITS: dict[str, Edit] = {
    "throttling": {"props": {"throttling_rate_limit": 1}},
    "logs": {"props": {"access_log_retention": None}},
    "memory": {"memory": 256},
}


@pytest.fixture(scope="module")
def before(code: HandlerCode) -> str:
    return deployment(lambda stack: full(stack, code))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_of_the_api_is_deployed(edit: Edit, code: HandlerCode, before: str) -> None:
    assert deployment(lambda stack: full(stack, code, **edit)) != before


@pytest.mark.parametrize("edit", OTHER_EDITS.values(), ids=OTHER_EDITS.keys())
def test_an_edit_elsewhere_is_not(edit: Edit, code: HandlerCode, before: str) -> None:
    assert deployment(lambda stack: full(stack, code, **edit)) == before


def test_other_constructs_made_first_change_no_deployment(code: HandlerCode) -> None:
    """Tokens are numbered in the order of their making; the hash must not see the numbers."""

    def late(stack: Stack) -> None:
        for number in range(5):
            lambda_.Function(
                stack, f"F{number}", code=lambda_.Code.from_inline("x"), handler="index.x", runtime=lambda_.Runtime.PYTHON_3_14
            ).add_environment("ARN", stack.format_arn(service="x", resource=f"y{number}"))
        build(stack)

    def build(stack: Stack) -> None:
        far = Stack(stack, "Far")
        judge = function(far, code)
        authorizers = {"pool": CognitoAuthorizer([cognito.UserPool(stack, "Pool")]), "far": RequestAuthorizer(judge)}
        gateway(stack, code, authorizers=authorizers, default_authorizer="pool")

    assert deployment(build) == deployment(late)


def test_an_override_of_the_body_is_deployed(code: HandlerCode, before: str) -> None:
    def build(stack: Stack) -> None:
        resource(full(stack, code)).add_property_override("Body.info.description", "by hand")

    def removed(stack: Stack) -> None:
        resource(full(stack, code)).add_property_deletion_override("Body.x-amazon-apigateway-gateway-responses.THROTTLED")

    def named(stack: Stack) -> None:
        resource(full(stack, code)).minimum_compression_size = 1_000

    assert len({deployment(build), deployment(removed), deployment(named), before}) == 4
    assert synthesized(build).one("AWS::ApiGateway::RestApi")["Body"]["info"]["description"] == "by hand"


def test_a_route_added_later_is_deployed(code: HandlerCode, before: str) -> None:
    assert deployment(lambda stack: full(stack, code).add_route("GET /late", DirectRoute(MOCK, public="why"))) != before


def test_the_stage_points_to_the_deployment(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code))
    assert template.one("AWS::ApiGateway::Stage")["DeploymentId"] == {"Ref": template.id_of(DEPLOYMENT)}


@jsii.implements(IAspect)
class Describe:
    """An Aspect as a company may have one: it changes what others made, after they are done."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, apigateway.CfnRestApi):
            node.description = "seen"
        if isinstance(node, apigatewayv2.CfnIntegration):
            node.timeout_in_millis = 5_000


def socket(stack: Stack, code: HandlerCode, **props: Any) -> WebSocketGateway:
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h")))
    given: dict[str, Any] = {"app": app, "authorizer": IamAuthorizer(), "function_options": {"code": code}}
    return WebSocketGateway(stack, "Socket", **(given | props))


def test_what_an_aspect_changes_is_deployed(code: HandlerCode, before: str) -> None:
    def both(stack: Stack) -> None:
        full(stack, code)
        socket(stack, code)

    def seen(stack: Stack) -> None:
        both(stack)
        Aspects.of(stack).add(Describe())

    plain, changed = synthesized(both), synthesized(seen)
    for kind in (DEPLOYMENT, SOCKET_DEPLOYMENT):
        assert plain.id_of(kind) != changed.id_of(kind)
    assert plain.id_of(DEPLOYMENT) == before


SOCKET_CHANGES: dict[str, Callable[[WebSocketGateway], object]] = {
    "an override of the API": lambda one: child(one.api).add_property_override("RouteSelectionExpression", "$request.body.type"),
    "an attribute of the API": lambda one: setattr(child(one.api), "route_selection_expression", "$request.body.type"),
    "an attribute of an integration": lambda one: setattr(integration(one), "timeout_in_millis", 5_000),
    "an override of an integration": lambda one: integration(one).add_property_override("TimeoutInMillis", 5_000),
    "an attribute of a route": lambda one: setattr(one.node.find_child("Routesend"), "route_response_selection_expression", "$default"),
    "an override of a route": lambda one: cast("Any", one.node.find_child("Routesend")).add_override("Properties.OperationName", "x"),
}


def child(construct: Any) -> Any:
    return construct.node.default_child


def integration(gate: WebSocketGateway) -> Any:
    return next(one for one in gate.node.children if isinstance(one, apigatewayv2.CfnIntegration))


@pytest.mark.parametrize("change", SOCKET_CHANGES.values(), ids=SOCKET_CHANGES.keys())
def test_what_a_user_changes_of_a_socket_is_deployed(change: Callable[[WebSocketGateway], object], code: HandlerCode) -> None:
    def changed(stack: Stack) -> None:
        change(socket(stack, code))

    assert synthesized(changed).id_of(SOCKET_DEPLOYMENT) != synthesized(lambda stack: socket(stack, code)).id_of(SOCKET_DEPLOYMENT)


HTTP_CHANGES: dict[str, Callable[[HttpGateway], object]] = {
    "a route added later": lambda one: one.add_route(
        "GET /late", DirectRoute(HttpUrlIntegration("Late", "https://a.example"), public="why")
    ),
    "an override of the body": lambda one: child(one.api).add_property_override("Body.info.description", "by hand"),
    "an attribute of the API": lambda one: setattr(
        child(one.api), "body", {"openapi": "3.0.1", "info": {"title": "x", "version": "1"}, "paths": {}}
    ),
}


@pytest.mark.parametrize("change", HTTP_CHANGES.values(), ids=HTTP_CHANGES.keys())
def test_what_a_user_changes_of_an_http_api_is_deployed(
    change: Callable[[HttpGateway], object], code: HandlerCode, http_before: str
) -> None:
    def changed(stack: Stack) -> None:
        change(http_gateway(stack, code))

    assert synthesized(changed).id_of(SOCKET_DEPLOYMENT) != http_before


HTTP_EDITS: dict[str, Edit] = {
    "an origin": {"cors": Cors(["https://a.example"])},
    "the default endpoint off": {"default_endpoint": False, "domain": True},
    "another authorizer": {"authorizers": {"other": IamAuthorizer()}},
    "the payload": {"apps": [rest_description(*ROUTES)]},
}
OTHER_HTTP_EDITS: dict[str, Edit] = {
    "a domain": {"domain": True},
    "throttling": {"throttling_rate_limit": 1},
    "a route's throttle": {"throttles": {"GET /docs": Throttle(1, 1)}},
    "logs": {"access_log_retention": None},
}


def http_deployment(code: HandlerCode, **edit: Any) -> str:
    def build(stack: Stack) -> None:
        certificate = acm.Certificate.from_certificate_arn(stack, "Cert", "arn:aws:acm:eu-west-1:111111111111:certificate/a")
        domain = {"domain": Domain("api.example.com", certificate)} if "domain" in edit else {}
        http_gateway(stack, code, **(edit | domain))

    return synthesized(build).id_of(SOCKET_DEPLOYMENT)


@pytest.fixture(scope="module")
def http_before(code: HandlerCode) -> str:
    return http_deployment(code)


@pytest.mark.parametrize("edit", HTTP_EDITS.values(), ids=HTTP_EDITS.keys())
def test_an_edit_of_an_http_api_is_deployed(edit: Edit, code: HandlerCode, http_before: str) -> None:
    assert http_deployment(code, **edit) != http_before


@pytest.mark.parametrize("edit", OTHER_HTTP_EDITS.values(), ids=OTHER_HTTP_EDITS.keys())
def test_an_edit_beside_an_http_api_is_not(edit: Edit, code: HandlerCode, http_before: str) -> None:
    assert http_deployment(code, **edit) == http_before


def test_the_order_of_a_sockets_routes_is_no_edit(code: HandlerCode) -> None:
    def deployed(*names: str) -> str:
        def build(stack: Stack) -> None:
            found = {name: function(stack, code, name) for name in ("One", "Two")}
            socket(stack, code, routes={name.lower(): found[name] for name in names})

        return synthesized(build).id_of(SOCKET_DEPLOYMENT)

    assert deployed("One", "Two") == deployed("Two", "One") != deployed("One")


def test_a_function_of_another_stack_with_the_same_id_is_deployed(code: HandlerCode) -> None:
    """Blue and green: both functions have one logical id, and only the export that is imported tells them apart."""

    def deployed(chosen: str) -> tuple[str, str]:
        app = App()
        colours = {name: function(Stack(app, name), code, "Same") for name in ("Blue", "Green")}
        api = Stack(app, "Test")
        gateway(api, code, apps=[], routes={"GET /x": colours[chosen].function}, authorizers={"token": TokenAuthorizer(colours[chosen])})
        routes = {"$connect": colours[chosen]}
        WebSocketGateway(api, "Socket", authorizer=RequestAuthorizer(colours[chosen], ["querystring.t"]), routes=routes)
        template = Template(app.synth().get_stack_by_name("Test").template)
        assert template.one("AWS::ApiGatewayV2::Stage")["DeploymentId"] == {"Ref": template.id_of(SOCKET_DEPLOYMENT)}
        return template.id_of(DEPLOYMENT), template.id_of(SOCKET_DEPLOYMENT)

    blue, green = deployed("Blue"), deployed("Green")
    assert blue[0] != green[0]
    assert blue[1] != green[1]
    assert deployed("Blue") == blue


def test_an_authorizer_of_another_stack_with_the_same_id_is_deployed(code: HandlerCode) -> None:
    """Nothing else of the socket tells them apart: the authorizer's own id does not follow its function."""

    def deployed(chosen: str) -> str:
        app = App()
        judges = {name: function(Stack(app, name), code, "Same") for name in ("Blue", "Green")}
        socket(Stack(app, "Test"), code, authorizer=RequestAuthorizer(judges[chosen], ["querystring.t"]))
        return Template(app.synth().get_stack_by_name("Test").template).id_of(SOCKET_DEPLOYMENT)

    assert deployed("Blue") != deployed("Green")
    assert deployed("Blue") == deployed("Blue")


def test_code_is_not_what_an_api_deploys(tmp_path: Path) -> None:
    (tmp_path / "svc").mkdir()
    ids: set[tuple[str, str]] = set()
    for text in ("x = 1", "x = 2"):
        (tmp_path / "svc" / "rest.py").write_text(text)
        (tmp_path / "svc" / "socket.py").write_text(text)

        def both(stack: Stack) -> None:
            options: Any = {"code": HandlerCode(tmp_path)}
            gateway(stack, HandlerCode(tmp_path))
            socket(stack, HandlerCode(tmp_path), function_options=options)

        template = synthesized(both)
        ids.add((template.id_of(DEPLOYMENT), template.id_of(SOCKET_DEPLOYMENT)))
    assert len(ids) == 1
