"""The default stack draws no finding of cdk-nag that is not acknowledged, each on its one resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from gateleg import description as said
from gateleg.cdk import (
    ApiGatewayAccount,
    Cors,
    HttpGateway,
    JwtAuthorizer,
    ModelTable,
    NoWebAcl,
    RequestAuthorizer,
    RestGateway,
    Throttle,
    TokenAuthorizer,
    UsagePlan,
    WebAcl,
    WebSocketGateway,
)
from gateleg.description import Route
from tests.templates.constructs.samples import CHAT, READ, ROUTES, function, http_description, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow
OFF = NoWebAcl("CloudFront stands before it")


def findings(build: Callable[[Stack], object]) -> list[str]:
    """`rule at construct` of every finding that is left."""
    app = App(context={"gateleg:runtime": "python3.14"})  # of an older one AwsSolutions-L1 would tell
    build(Stack(app, "Test"))
    packs: list[Any] = [AwsSolutionsChecks(app), ServerlessChecks(app)]
    Validations.of(app).add_plugins(*packs)
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)  # noqa: PT017 (it is raised or not, as there are findings)
    report = json.loads(Path(app.outdir, "validation-report.json").read_text(encoding="utf-8"))
    return [
        f"{violation['ruleName']} at {construct['constructPath']}"
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def whole(stack: Stack, code: HandlerCode, web_acl: WebAcl | NoWebAcl | None = OFF) -> WebSocketGateway:
    table = ModelTable(stack, "Table", table=CHAT)
    auth = function(stack, code)
    RestGateway(
        stack,
        "Rest",
        apps=[rest_description(*ROUTES)],
        tables=[table],
        authorizers={"token": TokenAuthorizer(auth)},
        cors=Cors(["https://a.example"]),
        function_options={"code": code},
        usage_plans={"partners": UsagePlan(["acme"], Throttle(1, 1))},
        web_acl=web_acl,
    )
    HttpGateway(
        stack,
        "Http",
        apps=[http_description(*ROUTES)],
        tables=[table],
        authorizers={"people": JwtAuthorizer("https://login.example.com/", ["shop"])},
        cors=Cors(["https://a.example"]),
        throttles={"GET /docs": Throttle(1, 1)},
        function_options={"code": code},
    )
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h", uses=(READ,))))
    ApiGatewayAccount(stack, "Account")
    return WebSocketGateway(
        stack,
        "Socket",
        app=app,
        tables=[table],
        authorizer=RequestAuthorizer(auth.function, ["querystring.token"]),
        function_options={"code": code},
    )


def test_the_default_stack_is_clean(code: HandlerCode) -> None:
    assert findings(lambda stack: whole(stack, code)) == []


def test_a_web_acl_is_on_or_off_with_the_author_s_reason_or_missing(code: HandlerCode) -> None:
    assert findings(lambda stack: whole(stack, code, WebAcl())) == []
    assert findings(lambda stack: whole(stack, code, None)) == ["AwsSolutions-APIG3 at Test/Rest/Stage/Resource"]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("*", "AwsSolutions-IAM5[Resource::*] at Test/Socket/SvcSocket/Role/DefaultPolicy/Resource"),
        ("arn:aws:s3:::bucket/*", "AwsSolutions-IAM5"),
    ],
)
def test_an_acknowledgement_hides_nothing_that_a_user_adds(arn: str, expected: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        socket = whole(stack, code)
        statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=[arn])
        socket.functions["svc.socket:app"].function.add_to_role_policy(statement)

    found = findings(build)
    assert [one for one in found if one.startswith(expected)]


def test_a_public_socket_is_acknowledged_with_its_reason_and_an_added_route_is_not(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        from aws_cdk import aws_apigatewayv2 as apigatewayv2

        app = said.App("svc.socket:app", "websocket", (Route("$connect", "h", public="prices are public"),))
        socket = WebSocketGateway(stack, "Socket", app=app, function_options={"code": code})
        apigatewayv2.CfnRoute(stack, "Own", api_id=socket.api.api_id, route_key="own")

    assert findings(build) == ["AwsSolutions-APIG4 at Test/Own"]


def reasons(socket: WebSocketGateway, route: str) -> list[str]:
    found = [entry.data for entry in socket.node.find_child(f"Route{route}").node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
    return [reason for rules in found for reason in rules.values()]


def test_a_guarded_connect_route_is_never_acknowledged_and_a_public_one_with_the_authors_reason(code: HandlerCode) -> None:
    guarded = whole(Stack(App(), "Test"), code)
    assert reasons(guarded, "$connect") == []
    assert ["opens with $connect" in reason for reason in reasons(guarded, "send")] == [True]
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h", public="prices are public"),))
    public = WebSocketGateway(Stack(App(), "Test"), "Socket", app=app, function_options={"code": code})
    assert reasons(public, "$connect") == ["Anyone may connect: prices are public"]
