"""A change to a gateway that is refused leaves nothing of itself: what is deployed is what it was, and the right change can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2_integrations as http_integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sqs as sqs

from gateleg import description as said
from gateleg.cdk import Cors, DirectRoute, Domain, HttpGateway, IamAuthorizer, RestGateway, WebSocketGateway
from gateleg.cdk.integrations import SqsSend
from gateleg.description import Route
from gateleg.errors import GatelegError
from tests.templates.constructs.samples import MOCK, function, gateway, http_description, http_gateway, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow
HERE = Environment(account="123456789012", region="eu-west-1")
ROUTES = (Route("GET /rooms/{room}", "h"), Route("GET /docs", "h", public="why"))


class Given:
    """A stack with one gateway, and what changes are made with."""

    def __init__(self, kind: type[Any], code: HandlerCode) -> None:
        self.app = App()
        self.stack = Stack(self.app, "Test", env=HERE)
        self.code = code
        self.other = function(self.stack, code, "Other")
        self.slow = function(self.stack, code, "Slow", timeout=Duration.seconds(29))
        self.queue = sqs.Queue(self.stack, "Queue")
        self.latest = self.other.function.latest_version
        self.far: Any = lambda_.Function.from_function_arn(self.stack, "Far", "arn:aws:lambda:us-east-1:123456789012:function:far")
        certificate = acm.Certificate.from_certificate_arn(self.stack, "C", "arn:aws:acm:eu-west-1:123456789012:certificate/c")
        zone = route53.HostedZone.from_hosted_zone_attributes(self.stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
        route53.ARecord(self.stack, "Taken", zone=zone, record_name="api", target=route53.RecordTarget.from_ip_addresses("203.0.113.7"))
        self.domain = Domain("api.example.com", certificate, zone=zone)
        guards: dict[str, Any] = {"iam": IamAuthorizer(), "other": IamAuthorizer()}
        self.gateway: Any = _MADE[kind](self, {"authorizers": guards, "default_authorizer": "iam", "tables": []})


def _socket(given: Given, _: dict[str, Any]) -> WebSocketGateway:
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h")))
    options: Any = {"code": given.code}
    return WebSocketGateway(given.stack, "Socket", app=app, authorizer=IamAuthorizer(), function_options=options)


_MADE: dict[type[Any], Callable[[Given, dict[str, Any]], Any]] = {
    RestGateway: lambda given, props: gateway(given.stack, given.code, apps=[rest_description(*ROUTES)], **props),
    HttpGateway: lambda given, props: http_gateway(
        given.stack, given.code, apps=[http_description(*ROUTES)], cors=Cors(["https://a.example"]), **props
    ),
    WebSocketGateway: _socket,
}
PATHS: dict[str, Callable[[Given], object]] = {
    "there is one": lambda given: given.gateway.add_route("GET /rooms/{room}", given.other),
    "an unknown authorizer": lambda given: given.gateway.add_route("GET /new", DirectRoute(given.other, authorizer="nobody")),
    "a variable beside a greedy one": lambda given: given.gateway.add_route("GET /deep/down/{x}/{x}", given.other),
    "a variable of two kinds": lambda given: given.gateway.add_route("GET /rooms/{all+}", given.other),
    "a name that stands twice in an older route": lambda given: given.gateway.add_route("GET /twice/{b}", given.other),
    "$LATEST": lambda given: given.gateway.add_route("GET /new", given.latest),
    "a function of another region": lambda given: given.gateway.add_route("GET /new", given.far),
    "a slow function": lambda given: given.gateway.add_route("GET /new", given.slow),
    "an integration of no route": lambda given: given.gateway.add_route("GET /new", DirectRoute(SqsSend(given.queue), authorizer="nobody")),
    "what the app guards": lambda given: given.gateway.add_route(
        "GET /rooms/{room}/{all+}", DirectRoute(next(iter(given.gateway.functions.values())), authorizer="other")
    ),
}
REFERENCES: dict[str, Callable[[Given], object]] = {
    "an unknown authorizer": lambda given: given.gateway.add_reference("/help", authorizer="nobody"),
    "a path that is taken": lambda given: given.gateway.add_reference("/docs", public="why"),
    "a path whose files are taken": lambda given: given.gateway.add_reference("/rooms", public="why"),
}
OF_REST: dict[str, Callable[[Given], object]] = {
    "an integration of CDK": lambda given: given.gateway.add_route(
        "GET /docs", DirectRoute(apigateway.LambdaIntegration(cast("Any", given.other.function)), authorizer="iam")
    ),
}
OF_HTTP: dict[str, Callable[[Given], object]] = {
    "preflights that nobody answers": lambda given: given.gateway.add_route("ANY /new", given.other),
    "an integration of CDK": lambda given: given.gateway.add_route(
        "GET /docs", DirectRoute(http_integrations.HttpLambdaIntegration("I", cast("Any", given.other.function)), authorizer="iam")
    ),
    "an integration of REST APIs": lambda given: given.gateway.add_route("GET /new", DirectRoute(MOCK)),
}
FAULTS: dict[tuple[type[Any], str], dict[str, Callable[[Given], object]]] = {
    (RestGateway, "add_route"): PATHS | OF_REST,
    (RestGateway, "add_reference"): REFERENCES,
    (RestGateway, "add_stage"): {
        "there is one": lambda given: given.gateway.add_stage("live"),
        "a route that is not there": lambda given: given.gateway.add_stage("beta", throttles={"GET /nowhere": None}),
        "a name that is taken": lambda given: given.gateway.add_stage("beta", domain=given.domain),
    },
    (HttpGateway, "add_route"): PATHS | OF_HTTP,
    (HttpGateway, "add_reference"): REFERENCES,
    (HttpGateway, "add_stage"): {
        "there is one": lambda given: given.gateway.add_stage("$default"),
        "a route that is not there": lambda given: given.gateway.add_stage("beta", throttles={"GET /nowhere": None}),
        "a name that is taken": lambda given: given.gateway.add_stage("beta", domain=given.domain),
    },
    (WebSocketGateway, "add_route"): {
        "there is one": lambda given: given.gateway.add_route("send", given.other),
        "a key of AWS's": lambda given: given.gateway.add_route("$other", given.other),
        "$LATEST": lambda given: given.gateway.add_route("new", given.latest),
        "a function of another region": lambda given: given.gateway.add_route("new", given.far),
        "a slow function": lambda given: given.gateway.add_route("new", given.slow),
    },
    (WebSocketGateway, "add_publisher"): {"an imported function": lambda given: given.gateway.add_publisher(given.far)},
}
CASES = [(kind, fault, change) for (kind, _), faults in FAULTS.items() for fault, change in faults.items()]


@pytest.mark.parametrize(
    ("kind", "fault", "change"),
    CASES,
    ids=[f"{kind.__name__}.{name} {fault}" for (kind, name), faults in FAULTS.items() for fault in faults],
)
def test_a_change_that_is_refused_leaves_the_gateway_as_it_was(
    kind: type[Any], fault: str, change: Callable[[Given], object], code: HandlerCode
) -> None:
    given = Given(kind, code)
    if fault == "a name that stands twice in an older route":
        given.gateway.add_route("GET /twice/{a}/x/{b}", given.other)
    before = [node.node.path for node in given.gateway.node.find_all()]
    kept = repr_of(given.gateway)
    with pytest.raises(GatelegError):
        change(given)
    assert [node.node.path for node in given.gateway.node.find_all()] == before
    assert repr_of(given.gateway) == kept


def repr_of(gateway: Any) -> Any:
    """What a gateway would render, as far as it says so itself."""
    return [(route.key, route.target, route.access, route.checks) for route in gateway._plan.routes()], sorted(gateway._targets)


def test_every_way_to_change_a_gateway_is_walked() -> None:
    ways = {(kind, name) for kind in (RestGateway, HttpGateway, WebSocketGateway) for name in dir(kind) if name.startswith("add_")}
    assert ways == set(FAULTS)
