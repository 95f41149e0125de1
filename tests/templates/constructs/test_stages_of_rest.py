"""Stages of a REST API: what each takes, keeps and logs, and which deployment it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from gateleg.cdk import (
    ApiKeyAuthorizer,
    Cache,
    CachedRoute,
    Canary,
    Domain,
    IamAuthorizer,
    RestApp,
    RestGateway,
    Throttle,
    TrustStore,
    UsagePlan,
)
from gateleg.description import Route
from gateleg.errors import DeclarationError, RouteError
from tests.templates.constructs.samples import MOCK, Template, function, gateway, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

API, STAGE, DEPLOYMENT = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment"
LIMIT = {"in": "query", "name": "limit", "schema": {"type": "integer"}}
LANGUAGE = {"in": "header", "name": "accept-language", "schema": {"type": "string"}}
PAINTS = Route(
    "GET /paints/{shade}", "svc.rest:paints", operation={"parameters": [LIMIT, LANGUAGE]}, public="the catalogue is for everyone"
)
MINE = Route("GET /mine", "svc.rest:mine", operation={"parameters": [LIMIT]})
PLACE = Route("POST /orders", "svc.rest:place")


def shop(stack: Stack, code: HandlerCode, **props: Any) -> RestGateway:
    routes = props.pop("described", (PAINTS, MINE, PLACE))
    facts = props.pop("facts", {})
    return gateway(stack, code, **({"apps": [rest_description(*routes, **facts)], "tables": []} | props))


def settings(template: Template, stage: str | None = None) -> dict[str, dict[str, Any]]:
    """The settings of a stage by method and path."""
    [found] = [one["Properties"] for one in template.all(STAGE).values() if stage in {None, one["Properties"]["StageName"]}]
    return {f"{one['HttpMethod']} {one['ResourcePath']}": one for one in found["MethodSettings"]}


def integration(template: Template, path: str) -> dict[str, Any]:
    found: dict[str, Any] = template.one(API)["Body"]["paths"][path]["get"]["x-amazon-apigateway-integration"]
    return found


def certificate(stack: Stack) -> acm.ICertificate:
    return acm.Certificate.from_certificate_arn(stack, "Certificate", "arn:aws:acm:eu-west-1:123456789012:certificate/x")


def test_variables_are_the_stages_and_make_no_deployment(code: HandlerCode) -> None:
    plain = synthesized(lambda stack: shop(stack, code))
    told = synthesized(lambda stack: shop(stack, code, variables={"level": "DEBUG", "table": stack.stack_name}))
    assert told.one(STAGE)["Variables"] == {"level": "DEBUG", "table": "Test"}
    assert told.id_of(DEPLOYMENT) == plain.id_of(DEPLOYMENT)
    http = synthesized(lambda stack: http_gateway(stack, code, variables={"level": "DEBUG"}))
    assert http.one("AWS::ApiGatewayV2::Stage")["StageVariables"] == {"level": "DEBUG"}


@pytest.mark.parametrize("variables", [{"a-b": "x"}, {"a": "x y"}, {"a": ""}, {"a": "x" * 513}, {"a" * 65: "x"}, {"a": 3}])
def test_variables_that_api_gateway_refuses_are_refused(variables: Any, code: HandlerCode) -> None:
    for make in (shop, http_gateway):
        with pytest.raises(DeclarationError, match="variables"):
            make(Stack(), code, variables=variables)


def test_a_stage_more_has_its_own_settings_and_the_same_deployment(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = shop(stack, code)
        rest.add_stage(
            "beta",
            throttling_rate_limit=5,
            throttling_burst_limit=2,
            throttles={"GET /mine": Throttle(1, 1)},
            variables={"level": "DEBUG"},
            access_log_retention=logs.RetentionDays.ONE_DAY,
        )

    template = synthesized(build)
    stages = {one["Properties"]["StageName"]: one["Properties"] for one in template.all(STAGE).values()}
    assert stages.keys() == {"live", "beta"}
    assert {repr(one["DeploymentId"]) for one in stages.values()} == {repr({"Ref": template.id_of(DEPLOYMENT)})}
    assert "Variables" not in stages["live"]
    assert settings(template, "beta")["GET /~1mine"]["ThrottlingRateLimit"] == 1
    assert settings(template, "beta")["* /*"]["ThrottlingRateLimit"] == 5
    assert settings(template, "live")["* /*"]["ThrottlingRateLimit"] == 100
    groups = [one["Properties"] for name, one in template.all("AWS::Logs::LogGroup").items() if "beta" in name]
    assert [group["RetentionInDays"] for group in groups] == [1, 1]
    assert template.id_of(DEPLOYMENT) == synthesized(lambda stack: shop(stack, code)).id_of(DEPLOYMENT)


def test_every_stage_may_call_what_answers_also_what_is_added_later(code: HandlerCode) -> None:
    def sources(build: Callable[[RestGateway, Stack], object]) -> list[str]:
        permissions = synthesized(lambda stack: build(shop(stack, code), stack)).all("AWS::Lambda::Permission").values()
        return [one["Properties"]["SourceArn"]["Fn::Join"][1][-1] for one in permissions]

    def late(rest: RestGateway, stack: Stack) -> None:
        rest.add_stage("beta")
        rest.add_route("GET /late", function(stack, code))

    assert sources(lambda rest, _: rest) == ["/live/*/*"]
    assert sources(lambda rest, _: rest.add_stage("beta")) == ["/*"]
    assert sources(late) == ["/*", "/*"]


def test_a_stage_more_is_guarded_by_the_same_web_acl(code: HandlerCode) -> None:
    template = synthesized(
        lambda stack: shop(stack, code, web_acl="arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/x/y").add_stage("beta")
    )
    guarded = template.all("AWS::WAFv2::WebACLAssociation").values()
    assert len({repr(one["Properties"]["ResourceArn"]) for one in guarded}) == 2
    assert {one["Properties"]["WebACLArn"] for one in guarded} == {"arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/x/y"}


def test_keys_are_taken_on_a_stage_more_as_often_as_the_plan_says(code: HandlerCode) -> None:
    plans = {"partners": UsagePlan(["acme"], throttles={"GET /mine": Throttle(2, 1)})}
    key: Any = {"authorizers": {"key": ApiKeyAuthorizer()}, "usage_plans": plans}
    found = synthesized(lambda stack: shop(stack, code, **key).add_stage("beta")).one("AWS::ApiGateway::UsagePlan")["ApiStages"]
    assert len({repr(one["Stage"]) for one in found}) == 2
    assert [one["Throttle"] for one in found] == [{"/mine/GET": {"RateLimit": 2, "BurstLimit": 1}}] * 2


def test_a_stage_more_calls_the_functions_of_cdks_integrations_too(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = shop(stack, code, authorizers={"iam": IamAuthorizer()})
        functions: list[Any] = [function(stack, code, name).function for name in ("First", "Second")]
        first, second = map(apigateway.LambdaIntegration, functions)
        rest.add_route("GET /first", first)
        rest.add_stage("beta")
        rest.add_route("GET /second", second)

    found = synthesized(build).all("AWS::Lambda::Permission").values()
    sources = [(repr(one["Properties"]["FunctionName"]), repr(one["Properties"]["SourceArn"])) for one in found]
    for name in ("First", "Second"):
        assert sorted("beta/" in source for function, source in sources if name in function) == [False, True]


def test_a_domain_for_everybody_before_a_private_api_is_refused(code: HandlerCode) -> None:
    stack = Stack()
    with pytest.raises(
        DeclarationError, match=r"a private API answers within VPCs alone, and https://\S+ is for everybody; leave domain out, or endpoint"
    ):
        shop(stack, code, domain=Domain("api.example.com", certificate(stack)), endpoint=apigateway.EndpointType.PRIVATE)


def test_a_stage_that_is_there_is_refused(code: HandlerCode) -> None:
    rest = shop(Stack(), code)
    rest.add_stage("beta")
    for name in ("live", "beta"):
        with pytest.raises(DeclarationError, match="name this one otherwise"):
            rest.add_stage(name)
    with pytest.raises(DeclarationError, match="a stage is named"):
        rest.add_stage("be ta")


def test_a_stage_more_is_checked_as_the_first_is(code: HandlerCode) -> None:
    stack = Stack()
    private = shop(stack, code, endpoint=apigateway.EndpointType.PRIVATE)
    with pytest.raises(DeclarationError, match="a private API answers within VPCs alone"):
        private.add_stage("beta", domain=Domain("b.example.com", certificate(stack)))
    stack = Stack()
    store = TrustStore(s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), "ca.pem")
    with pytest.raises(DeclarationError, match=r"its own URL asks nobody; write default_endpoint=False"):
        shop(stack, code).add_stage("beta", domain=Domain("b.example.com", certificate(stack), trust_store=store))
    with pytest.raises(RuntimeError, match=r"the stage live or beta: .*give it domain=Domain\(\.\.\.\)"):
        synthesized(
            lambda stack: shop(stack, code, domain=Domain("b.example.com", certificate(stack)), default_endpoint=False).add_stage("beta")
        )


def test_a_stage_that_was_refused_can_be_added_again(code: HandlerCode) -> None:
    rest = shop(Stack(), code)
    with pytest.raises(RouteError, match="names no route"):
        rest.add_stage("beta", cache=Cache({"GET /none": CachedRoute()}))
    assert rest.add_stage("beta")


def test_a_stage_whose_id_an_app_has_is_refused(code: HandlerCode) -> None:
    rest = gateway(Stack(), code, apps=[RestApp(rest_description(MINE), id="Stage-beta")], tables=[])
    with pytest.raises(DeclarationError, match=r"name the stage or its RestApp\(id=\.\.\.\) otherwise"):
        rest.add_stage("beta")


@pytest.mark.parametrize("kind", ["none", "renamed"])
def test_a_hook_that_makes_another_stage_is_refused(kind: str, code: HandlerCode) -> None:
    class Hooked(RestGateway):
        def _define_stage(self, **props: Any) -> Any:
            return None if kind == "none" else super()._define_stage(**{**props, "stage_name": "v9"})

    options: Any = {"code": code}
    with pytest.raises(DeclarationError, match=r"_define_stage\(\)"):
        Hooked(Stack(), "Rest", apps=[rest_description(PAINTS)], function_options=options)


def test_the_function_of_a_route_is_called_by_each_stage_for_that_route_alone(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        shop(stack, code, functions="route").add_stage("beta")

    found = synthesized(build).all("AWS::Lambda::Permission").values()
    parts = ["GET/paints/*", "GET/mine", "POST/orders"]
    assert sorted(one["Properties"]["SourceArn"]["Fn::Join"][1][-1] for one in found) == sorted(
        f"/{stage}/{part}" for stage in ("live", "beta") for part in parts
    )


# Throttles


def test_a_route_is_throttled_by_one_property_and_keeps_what_the_stage_says(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        shop(stack, code, throttles={"GET /paints/{shade}": Throttle(10, 5)}, routes={"GET /": function(stack, code)})

    found = settings(synthesized(build))
    assert found["GET /~1paints~1{shade}"] == {
        "DataTraceEnabled": False,
        "HttpMethod": "GET",
        "LoggingLevel": "ERROR",
        "MetricsEnabled": True,
        "ResourcePath": "/~1paints~1{shade}",
        "ThrottlingBurstLimit": 5,
        "ThrottlingRateLimit": 10,
    }


@pytest.mark.parametrize("argument", ["throttles", "cache"])
def test_settings_of_no_route_and_of_any_method_are_refused(argument: str, code: HandlerCode) -> None:
    values: dict[str, Callable[[str], Any]] = {
        "throttles": lambda key: {key: Throttle(1, 1)},
        "cache": lambda key: Cache({key: CachedRoute()}),
    }
    with pytest.raises(RouteError, match=r"names no route of the gateway; write one of 'GET /mine'"):
        shop(Stack(), code, **{argument: values[argument]("GET /mines")})
    with pytest.raises(RouteError, match="give the route its methods"):
        shop(Stack(), code, described=(replace(MINE, key="ANY /mine"),), **{argument: values[argument]("ANY /mine")})


def test_the_root_is_throttled_by_its_key(code: HandlerCode) -> None:
    root = Route("GET /", "svc.rest:root")
    found = settings(synthesized(lambda stack: shop(stack, code, described=(root,), throttles={"GET /": Throttle(1, 1)})))
    assert found["GET /"]["ThrottlingRateLimit"] == 1


# Canaries


def test_a_canary_stays_with_a_deployment_that_is_kept(code: HandlerCode) -> None:
    def build(canary: Canary | None) -> Template:
        return synthesized(lambda stack: shop(stack, code, canary=canary, variables={"level": "INFO"}))

    none, ready = build(None), build(Canary())
    [deployment] = ready.all(DEPLOYMENT).values()
    assert (deployment["DeletionPolicy"], deployment["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert "DeletionPolicy" not in next(iter(none.all(DEPLOYMENT).values()))
    assert [one["Value"] for name, one in ready.data["Outputs"].items() if "LiveDeployment" in name] == [{"Ref": ready.id_of(DEPLOYMENT)}]
    assert ready.one(STAGE) == none.one(STAGE)
    canary = build(Canary(5, stable="k2x9ab", variables={"level": "DEBUG"}))
    stage = canary.one(STAGE)
    assert stage["DeploymentId"] == "k2x9ab"
    assert stage["CanarySetting"] == {
        "DeploymentId": {"Ref": canary.id_of(DEPLOYMENT)},
        "PercentTraffic": 5,
        "StageVariableOverrides": {"level": "DEBUG"},
        "UseStageCache": False,
    }
    assert canary.id_of(DEPLOYMENT) == ready.id_of(DEPLOYMENT) == none.id_of(DEPLOYMENT)
    [group] = [one["Properties"] for name, one in canary.all("AWS::Logs::LogGroup").items() if "Canary" in name]
    assert (group["LogGroupName"]["Fn::Join"][1][-1], group["RetentionInDays"]) == ("/live/Canary", 90)


def test_a_canary_of_which_nothing_is_stable_is_refused() -> None:
    with pytest.raises(DeclarationError, match="write stable='k2x9ab'"):
        Canary(variables={"a": "b"})
    with pytest.raises(DeclarationError, match="the id of a deployment"):
        Canary(stable="the last one")
    with pytest.raises(DeclarationError, match="from 0 to 100"):
        Canary(101)


# Streaming


def test_an_http_proxy_streams_and_a_mock_is_refused(code: HandlerCode) -> None:
    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://feed.example.com", "responseTransferMode": "STREAM"}
    template = synthesized(lambda stack: shop(stack, code, routes={"GET /feed": proxy | {"timeoutInMillis": 900_000}}))
    assert integration(template, "/feed")["responseTransferMode"] == "STREAM"
    with pytest.raises(RuntimeError, match="a stream lasts at most 900000 ms"):
        synthesized(lambda stack: shop(stack, code, routes={"GET /feed": proxy | {"timeoutInMillis": 900_001}}))
    with pytest.raises(RuntimeError, match="does not stream; write aws_proxy or http_proxy"):
        synthesized(lambda stack: shop(stack, code, routes={"GET /feed": MOCK | {"responseTransferMode": "STREAM"}}))


# Compression


def test_compression_is_one_property_and_is_deployed(code: HandlerCode) -> None:
    plain, small = (synthesized(lambda stack, size=size: shop(stack, code, minimum_compression_size=size)) for size in (None, 0))  # type: ignore[misc]
    assert "MinimumCompressionSize" not in plain.one(API)
    assert small.one(API)["MinimumCompressionSize"] == 0
    assert small.id_of(DEPLOYMENT) != plain.id_of(DEPLOYMENT)


@pytest.mark.parametrize("size", [-1, 10_485_761, 1.5])
def test_a_size_that_api_gateway_refuses_is_refused(size: Any, code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="a whole number from 0 to 10485760"):
        shop(Stack(), code, minimum_compression_size=size)


def test_nothing_of_this_changes_the_template_of_who_does_not_ask(chat: Template) -> None:
    assert len(chat.all(STAGE)) == len(chat.all(DEPLOYMENT)) == 1
    assert chat.one(STAGE).keys() == {
        "AccessLogSetting",
        "DeploymentId",
        "MethodSettings",
        "RestApiId",
        "StageName",
        "TracingEnabled",
    }
