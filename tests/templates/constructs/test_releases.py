"""Versions and aliases of functions: who invokes them, how a new one takes over, and that guards know the function behind an alias."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_codedeploy import LambdaDeploymentConfig
from aws_cdk.aws_events import Schedule

from gateleg import description as said
from gateleg.cdk import (
    DirectRoute,
    Events,
    HandlerCode,
    HttpGateway,
    IamAuthorizer,
    ModelTable,
    Release,
    RequestAuthorizer,
    RestGateway,
    TokenAuthorizer,
    WebSocketGateway,
    Workers,
)
from gateleg.description import Route, Use
from gateleg.errors import AuthorizerError, DeclarationError
from tests.templates.constructs.samples import CHAT, ROUTES, Template, function, gateway, rest_description, stream_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

SHIFT = LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES
CONNECTIONS = Use("chat", "SocketConnection", "put")
SOCKET = said.App("svc.socket:app", "websocket", (Route("$connect", "h", (CONNECTIONS,)), Route("send", "h", (CONNECTIONS,))), sharded=True)


def everything(stack: Stack, code: HandlerCode) -> None:
    """All that invokes functions."""
    options: Any = {"code": code, "release": Release()}
    table = ModelTable(stack, "Table", table=CHAT)
    table.on_change(stream_description(), **options)
    judge = function(stack, code, "Judge", release=Release())
    asks = {"token": TokenAuthorizer(judge)}
    rest = RestGateway(stack, "Rest", apps=[rest_description(*ROUTES)], tables=[table], authorizers=asks, function_options=options)
    rest.add_stage("beta")
    rest.add_reference("/reference", public="it holds no data")
    app = said.App("svc.admin:app", "http", (Route("GET /", "h"),))
    HttpGateway(stack, "Http", apps=[app], authorizers={"iam": IamAuthorizer()}, function_options=options, functions="all")
    WebSocketGateway(
        stack,
        "Socket",
        app=SOCKET,
        tables=[table],
        authorizer=RequestAuthorizer(judge, identity_sources=["route.request.querystring.token"]),
        function_options=options,
        sweep=Schedule.rate(Duration.hours(1)),
        workers=Workers(),
    )


def bare(stack: Stack, code: HandlerCode) -> None:
    """Functions that are passed in the place of the `ServiceFunction` around them."""
    judge, other, direct = (function(stack, code, name, release=Release()) for name in ("Judge", "Other", "Direct"))
    asks = {"token": TokenAuthorizer(judge.function)}
    routes = {"GET /direct": DirectRoute(direct.function, public="an example")}
    RestGateway(stack, "Rest", apps=[], authorizers=asks, default_authorizer="token", routes={**routes, "GET /asked": direct.function})
    WebSocketGateway(
        stack,
        "Socket",
        app=replace(SOCKET, sharded=False, channels=True),
        tables=[ModelTable(stack, "Table", table=CHAT)],
        authorizer=RequestAuthorizer(judge.function, identity_sources=["querystring.token"]),
        routes={"direct": direct.function},
        function_options={"code": code},
        events=Events(other.function),
    )


def released(template: Template) -> dict[str, str]:
    """The aliases, by the functions that they stand for."""
    return {one["Properties"]["FunctionName"]["Ref"]: name for name, one in template.all("AWS::Lambda::Alias").items()}


def test_a_function_passed_in_place_of_its_service_function_is_invoked_by_its_alias(code: HandlerCode) -> None:
    template = synthesized(lambda stack: bare(stack, code))

    aliases = released(template)
    invoking = {
        name: json.dumps(one["Properties"])
        for kind in ("ApiGateway::RestApi", "AppSync::Api", "ApiGatewayV2::Integration", "ApiGatewayV2::Authorizer", "Lambda::Permission")
        for name, one in template.all(f"AWS::{kind}").items()
    }
    assert len(aliases) == 3
    assert {alias for text in invoking.values() for alias in aliases.values() if f'"{alias}"' in text} == set(aliases.values())
    assert [
        name for name, text in invoking.items() for released_one in aliases if f'"{released_one}"' in text or f"{{{released_one}." in text
    ] == []


def test_all_that_invokes_a_function_invokes_its_alias_and_nothing_the_function_itself(code: HandlerCode) -> None:
    template = synthesized(lambda stack: everything(stack, code))

    aliases = released(template)
    assert len(aliases) == 5
    invoking = {
        name: json.dumps(one["Properties"])
        for kind in (
            *("ApiGateway::RestApi", "ApiGatewayV2::Api", "ApiGatewayV2::Integration", "ApiGatewayV2::Authorizer"),
            *("Lambda::Permission", "Lambda::EventSourceMapping", "Events::Rule"),
        )
        for name, one in template.all(f"AWS::{kind}").items()
    }
    named = {name: [alias for alias in aliases.values() if alias in text] for name, text in invoking.items()}
    # The page of the reference has no versions, and the WebSocket API's own resource calls nobody.
    others = [name for name, found in named.items() if not found]
    assert [name for name in others if "Reference" not in name and not name.startswith("SocketApi")] == []
    assert {alias for found in named.values() for alias in found} == {*aliases.values()}
    assert [name for name, text in invoking.items() for own in aliases if f'"{own}"' in text or f"${{{own}." in text] == []


def test_a_version_is_published_for_what_runs_otherwise_and_for_nothing_else(code: HandlerCode) -> None:
    def version(other: str = "", **options: Any) -> str:
        def build(stack: Stack) -> None:
            stack.template_options.description = other
            function(stack, code, release=Release(), **options)

        return synthesized(build).id_of("AWS::Lambda::Version")

    first = version()
    assert first == version() == version("another description of the stack")
    assert len({first, version(environment={"LIMIT": "3"}), version(memory_size=512)}) == 3


def test_without_a_release_there_is_neither_version_nor_alias(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code))
    assert [kind for kind in ("Version", "Alias") if template.all(f"AWS::Lambda::{kind}")] == []


def test_a_shift_is_called_off_by_failing_invocations_of_the_alias_and_by_what_else_rings(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        slow = cloudwatch.Alarm(
            stack, "Slow", metric=cloudwatch.Metric(namespace="AWS/Lambda", metric_name="Duration"), threshold=1, evaluation_periods=1
        )
        function(stack, code, release=Release(alias="prod", shift=SHIFT, alarms=[slow]))

    template = synthesized(build)
    group = template.one("AWS::CodeDeploy::DeploymentGroup")
    alarms = template.all("AWS::CloudWatch::Alarm")
    [failing] = [name for name in alarms if not name.startswith("Slow")]
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert group["AlarmConfiguration"] == {
        "Alarms": [{"Name": {"Ref": name}} for name in (failing, *(set(alarms) - {failing}))],
        "Enabled": True,
    }
    assert set(group["AutoRollbackConfiguration"]["Events"]) == {
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST",
    }
    [alias] = template.all("AWS::Lambda::Alias").values()
    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {
        "Ref": template.id_of("AWS::CodeDeploy::DeploymentGroup")
    }
    told = alarms[failing]["Properties"]
    assert (told["Threshold"], told["TreatMissingData"], told["ComparisonOperator"]) == (0.01, "notBreaching", "GreaterThanThreshold")
    of_alias = {"Fn::Join": ["", [{"Ref": released_function(template)}, ":prod"]]}
    metrics = [one["MetricStat"] for one in told["Metrics"] if "MetricStat" in one]
    assert {one["Metric"]["MetricName"]: (one["Stat"], one["Period"]) for one in metrics} == {
        "Errors": ("Sum", 60),
        "Invocations": ("Sum", 60),
    }
    assert [{"Name": "Resource", "Value": of_alias} in one["Metric"]["Dimensions"] for one in metrics] == [True, True]


def released_function(template: Template) -> str:
    [name] = released(template)
    return name


def test_environments_are_kept_started_or_start_from_a_snapshot(code: HandlerCode) -> None:
    kept = synthesized(lambda stack: function(stack, code, release=Release(provisioned_concurrency=3)))
    assert kept.one("AWS::Lambda::Alias")["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 3}
    assert "SnapStart" not in kept.one("AWS::Lambda::Function")
    runtime = lambda_.Runtime.PYTHON_3_13
    snapped = synthesized(lambda stack: function(stack, code, runtime=runtime, release=Release(snap_start=True)))
    assert snapped.one("AWS::Lambda::Function")["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert "ProvisionedConcurrencyConfig" not in snapped.one("AWS::Lambda::Alias")


def test_an_open_route_to_an_alias_opens_what_its_app_guards(code: HandlerCode) -> None:
    """As one to the function itself does."""
    for release in ({}, {"release": Release()}):
        stack = Stack(App(), "Test")
        inner = gateway(stack, code, function_options={"code": code, **release})
        own = next(iter(inner.functions.values()))
        for target in (own, own.invoked):
            with pytest.raises(AuthorizerError, match=r"may be answered by GET /rooms/\{room\}/messages \(guarded by iam\)"):
                inner.add_route("ANY /{proxy+}", DirectRoute(target, public="a sample"))


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "digits": (lambda: Release(alias="7"), r"Release\(alias=\.\.\.\) takes the name of an alias, .*, got '7'"),
    "no shift": (lambda: Release(shift=cast("Any", "canary")), r"Release\(shift=\.\.\.\) takes a LambdaDeploymentConfig"),
    "nothing kept": (lambda: Release(provisioned_concurrency=0), r"Release\(provisioned_concurrency=\.\.\.\)"),
    "alarms alone": (
        lambda: Release(alarms=[cast("Any", cloudwatch.Alarm.from_alarm_arn(Stack(), "A", "arn:aws:cloudwatch:eu-west-1:1:alarm:a"))]),
        r"no shift that they could call off; write shift=LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES",
    ),
    "both": (
        lambda: Release(snap_start=True, provisioned_concurrency=1),
        r"snap_start=True and provisioned_concurrency=1; leave one of the two out",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_released_is_refused(case: str) -> None:
    make, message = REFUSED[case]
    with pytest.raises(DeclarationError, match=message):
        make()


def test_what_the_function_cannot_is_refused_before_anything_is_made_and_the_advice_holds(code: HandlerCode) -> None:
    stack = Stack()
    old: dict[str, Any] = {"runtime": lambda_.Runtime.PYTHON_3_11, "release": Release(snap_start=True)}
    with pytest.raises(
        DeclarationError, match=r"python3\.11, of which Lambda takes no snapshots; write runtime=lambda_\.Runtime\.PYTHON_3_13"
    ):
        function(stack, code, **old)
    new: dict[str, Any] = old | {"runtime": lambda_.Runtime.PYTHON_3_13}
    few: dict[str, Any] = {"reserved_concurrency": 2, "release": Release(provisioned_concurrency=3)}
    with pytest.raises(DeclarationError, match=r"may run 2 times at once, and Release keeps 3 started; raise reserved_concurrency"):
        function(stack, code, **few)
    with pytest.raises(DeclarationError, match=r"takes a Release, such as Release\(provisioned_concurrency=2\)"):
        function(stack, code, release="live")
    assert stack.node.try_find_child("Auth") is None
    function(stack, code, **new)
    function(stack, code, "Other", **(few | {"reserved_concurrency": 3}))
