"""Stages of an HTTP API beside its first: one deployment, settings of their own, and who may use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam

from gateleg.cdk import Cache, CachedRoute, Canary, DirectRoute, Domain, HttpGateway, Throttle
from gateleg.errors import DeclarationError, RouteError
from tests.templates.constructs.samples import ROUTES, Template, function, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

STAGE = "AWS::ApiGatewayV2::Stage"


def stage_of(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any]
    [found] = [one["Properties"] for one in template.all(STAGE).values() if one["Properties"]["StageName"] == name]
    return found


def test_a_second_stage_has_the_deployment_of_the_first_and_its_own_settings(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        made = http_gateway(stack, code, throttling_rate_limit=9)
        beta = made.add_stage("beta", throttling_rate_limit=5, throttles={"GET /docs": Throttle(1, 1)}, variables={"shop": "beta"})
        assert made.stages == [made.stage, beta]

    template = synthesized(build)
    first, beta = stage_of(template, "$default"), stage_of(template, "beta")
    assert beta["DeploymentId"] == first["DeploymentId"] == {"Ref": template.id_of("AWS::ApiGatewayV2::Deployment")}
    assert (beta["AutoDeploy"], beta["StageVariables"]) == (False, {"shop": "beta"})
    assert beta["DefaultRouteSettings"]["ThrottlingRateLimit"] == 5
    assert (list(beta["RouteSettings"]), first.get("RouteSettings")) == (["GET /docs"], None)
    groups = [one["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0] for one in (first, beta)]
    assert len({*groups}) == len(template.all("AWS::Logs::LogGroup").keys() & {*groups}) == 2


@pytest.mark.parametrize("late", [0, 1])
def test_every_function_and_every_caller_may_use_a_stage_that_is_added(code: HandlerCode, late: int) -> None:
    def build(stack: Stack) -> None:
        made = http_gateway(stack, code)
        caller = iam.Role(stack, "Caller", assumed_by=cast("Any", iam.AccountRootPrincipal()))
        made.grant_invoke(caller, "POST /rooms/{room}/messages")
        made.add_stage("beta")
        for _ in range(late):
            made.add_route("GET /late", DirectRoute(function(stack, code, "Late"), "iam"))

    template = synthesized(build)
    sources = [one["Properties"]["SourceArn"]["Fn::Join"][1][-1] for one in template.all("AWS::Lambda::Permission").values()]
    assert sources == ["/*"] * (1 + late), "of every stage"
    assert "/beta/POST/rooms/*/messages" in json.dumps(template.all("AWS::IAM::Policy"))


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("beta", {"cache": Cache({"GET /docs": CachedRoute()})}, "for REST APIs"),
        ("beta", {"canary": Canary()}, "for REST APIs"),
        ("beta", {"throtles": {}}, "write one of throttles"),
        ("beta", {"throttles": {"GET /doc": Throttle(1, 1)}}, "write one of 'GET /docs'"),
        ("be ta", {}, "be ta"),
    ],
)
def test_what_a_stage_that_is_added_cannot_have_is_refused(code: HandlerCode, name: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises((DeclarationError, RouteError), match=told):
        http_gateway(Stack(App(), "Test"), code).add_stage(name, **options)


def test_a_stage_is_added_once_and_needs_a_domain_where_the_api_has_no_url(code: HandlerCode) -> None:
    made = http_gateway(Stack(App(), "Test"), code)
    made.add_stage("beta")
    with pytest.raises(DeclarationError, match="has a stage or a part 'beta'"):
        made.add_stage("beta")

    def hidden(stack: Stack, beta: str | None = None) -> None:
        certificate = acm.Certificate.from_certificate_arn(stack, "C", "arn:aws:acm:eu-central-1:111111111111:certificate/a")
        api = http_gateway(stack, code, domain=Domain("a.example.com", certificate), default_endpoint=False)
        api.add_stage("beta", domain=None if beta is None else Domain(beta, certificate))

    with pytest.raises(RuntimeError, match="the stage beta: nothing leads there"):
        synthesized(hidden)
    assert len(synthesized(lambda stack: hidden(stack, "b.example.com")).all("AWS::ApiGatewayV2::ApiMapping")) == 2


def test_an_app_that_finds_no_route_below_a_stage_is_refused_one_whenever_it_comes(code: HandlerCode) -> None:
    old = rest_description(*ROUTES[2:], app="svc.rest:app")
    made = HttpGateway(Stack(App(), "Test"), "Http", apps=[old], function_options={"code": code})
    with pytest.raises(DeclarationError, match=r"svc.rest:app is an APIGatewayRestResolver.*of the stage 'beta' does"):
        made.add_stage("beta")


@pytest.mark.parametrize("cache", [1, Cache({"GET /docs": CachedRoute()})])
def test_a_stage_that_is_added_has_no_cache_whatever_is_said_of_it(cache: Any, code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="an HTTP API keeps no answers") as raised:
        synthesized(lambda stack: http_gateway(stack, code).add_stage("v1", cache=cache))
    assert raised.value.code == "declaration.rest_only"
