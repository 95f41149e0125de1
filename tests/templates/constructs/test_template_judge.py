"""Templates are judged as they are written, whatever aspects and overrides did to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
import pytest
from aws_cdk import Acknowledgment, Aspects, CfnResource, IAspect, NestedStack, Stack, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53

from gateleg import description as said
from gateleg.cdk import Domain, WebSocketGateway
from gateleg.description import Route
from tests.templates.constructs.samples import function, gateway, http_gateway, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

    from gateleg.cdk import HandlerCode, ServiceFunction

pytestmark = pytest.mark.slow


@jsii.implements(IAspect)
class _Slower:
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, lambda_.CfnFunction):
            node.timeout = 60


def slower(stack: Stack, code: HandlerCode) -> None:
    http_gateway(stack, code)
    Aspects.of(stack).add(cast("Any", _Slower()))


def nested(stack: Stack, code: HandlerCode) -> None:
    gateway(NestedStack(stack, "Nested"), code)
    Aspects.of(stack).add(cast("Any", _Slower()))


def slow(stack: Stack, code: HandlerCode) -> ServiceFunction:
    made = function(stack, code, "Slow")
    cast("Any", made.function.node.default_child).add_property_override("Timeout", 60)
    return made


def of_the_parent(stack: Stack, code: HandlerCode) -> None:
    gateway(NestedStack(stack, "Nested"), code, routes={"GET /slow": slow(stack, code)})


def of_a_nested_stack(stack: Stack, code: HandlerCode) -> None:
    gateway(stack, code, routes={"GET /slow": slow(NestedStack(stack, "Nested"), code)})


def overridden(stack: Stack, code: HandlerCode) -> None:
    function = gateway(stack, code).functions["svc.rest:app"].function.node.default_child
    cast("Any", function).add_property_override("Timeout", 60)


def retyped(stack: Stack, code: HandlerCode) -> None:
    rest = gateway(stack, code)
    child = CfnResource(rest.api, "Child", type="AWS::SNS::Topic", properties={"RestApiId": rest.api.rest_api_id})
    child.add_override("Type", "AWS::ApiGateway::Method")


def retyped_stage(stack: Stack, code: HandlerCode) -> None:
    stage = gateway(stack, code).stage.node.default_child
    cast("Any", stage).add_override("Type", "AWS::SNS::Topic")


def pointed(stack: Stack, code: HandlerCode) -> None:
    rest = gateway(stack, code)
    part = apigateway.CfnAuthorizer(stack, "A", rest_api_id="another", name="a", type="TOKEN")
    part.add_property_override("RestApiId", rest.api.rest_api_id)


def taken(stack: Stack, code: HandlerCode) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
    gateway(stack, code, domain=Domain("api.example.com", certificate(stack), zone=zone))
    route53.ARecord(stack, "Taken", zone=zone, record_name="api", target=route53.RecordTarget.from_ip_addresses("203.0.113.7"))


def certificate(stack: Stack) -> Any:
    return acm.Certificate.from_certificate_arn(stack, "C", "arn:aws:acm:eu-west-1:123456789012:certificate/c")


def shared(stack: Stack, code: HandlerCode) -> None:
    gateway(stack, code, domain=Domain("api.example.com", certificate(stack)))
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "svc.socket:connect", public="all may"),))
    socket = WebSocketGateway(stack, "Socket", app=app, function_options={"code": code})
    apigatewayv2.CfnApiMapping(
        NestedStack(stack, "Later"),
        "M",
        api_id=socket.api.api_id,
        domain_name="api.example.com",
        stage=socket.stage.stage_name,
        api_mapping_key="s",
    )


def certified(stack: Stack, code: HandlerCode) -> None:
    rest = gateway(stack, code)
    trusted = apigateway.CfnDomainName.MutualTlsAuthenticationProperty(truststore_uri="s3://b/k")
    domain = apigateway.CfnDomainName(stack, "D", domain_name="api.example.com", mutual_tls_authentication=trusted)
    apigateway.CfnBasePathMapping(stack, "M", domain_name=domain.ref, rest_api_id=rest.api.rest_api_id, stage=rest.stage.stage_name)


DOORS: dict[str, tuple[Callable[[Stack, HandlerCode], object], str]] = {
    "an aspect": (slower, "answers routes of Test/Http and may run for 60 s"),
    "an aspect of a nested stack": (nested, "answers GET /rooms/{room}/messages of Test/Nested/Rest and may run for 60 s"),
    "a function of the parent of a nested stack": (of_the_parent, "answers GET /slow of Test/Nested/Rest and may run for 60 s"),
    "a function of a nested stack": (of_a_nested_stack, "answers GET /slow of Test/Rest and may run for 60 s"),
    "an override": (overridden, "answers GET /rooms/{room}/messages of Test/Rest and may run for 60 s"),
    "another type": (retyped, "adds an AWS::ApiGateway::Method beside the OpenAPI body of Test/Rest"),
    "another type of a part": (retyped_stage, "is an AWS::SNS::Topic in the template, by an override of its type"),
    "a part that is given the API": (pointed, "adds an AWS::ApiGateway::Authorizer beside the OpenAPI body of Test/Rest"),
    "a record that is made later": (taken, "are records of api.example.com in one zone"),
    "a mapping of sockets that is made later": (
        shared,
        "maps it to a REST or HTTP API; they share no domain",
    ),
    "a domain of mutual TLS that is made later": (
        certified,
        "api.example.com asks clients for certificates, and the API's own URL asks nobody",
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_written_in_the_end_is_judged(door: str, code: HandlerCode) -> None:
    build, told = DOORS[door]
    assert told in judged(lambda stack: build(stack, code), refused=True)


def test_an_acknowledged_finding_hides_no_other(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        routes = {f"GET /{name}": slow(NestedStack(stack, name), code) for name in ("One", "Two")}
        gateway(stack, code, routes=routes)
        acknowledgment = Acknowledgment(id="gateleg::timeout", reason="the account's quota is raised")
        Validations.of(stack.node.find_child("One")).acknowledge(acknowledgment)

    told = judged(build, refused=True)
    assert "answers GET /Two" in told
    assert "answers GET /One" not in told
