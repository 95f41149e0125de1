"""A WebSocket API from a description: few resources, guarded connections, its own connections only."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk.aws_events import Schedule

from gateleg.cdk import (
    ApiKeyAuthorizer,
    DirectRoute,
    IamAuthorizer,
    ModelTable,
    RequestAuthorizer,
    RestApp,
    ServiceFunction,
    WebSocketGateway,
)
from gateleg.description import App, Route, Use
from gateleg.errors import AuthorizerError, DeclarationError, RouteError, UsesError
from tests.templates.constructs.samples import CHAT, CREATE, Template, function, gateway, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

ROUTE, INTEGRATION, PERMISSION = "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration", "AWS::Lambda::Permission"
APP = App(
    "svc.socket:app",
    "websocket",
    (
        Route("$connect", "svc.socket:connect", uses=(Use("chat", "Connection", "put"),)),
        Route("$disconnect", "svc.socket:disconnect", uses=(Use("chat", "Connection", "delete"),)),
        Route("send", "svc.socket:send", uses=(CREATE,)),
    ),
)


def socket(stack: Stack, code: HandlerCode, **props: Any) -> WebSocketGateway:
    given: dict[str, Any] = {"app": APP, "authorizer": IamAuthorizer(), "function_options": {"code": code}}
    if "tables" not in props:
        given["tables"] = [ModelTable(stack, "Table", table=CHAT)]
    return WebSocketGateway(stack, "Socket", **(given | props))


@pytest.fixture(scope="module")
def template(code: HandlerCode) -> Template:
    return synthesized(lambda stack: socket(stack, code, authorizer=RequestAuthorizer(function(stack, code), ["querystring.token"])))


def routes(found: Template) -> dict[str, dict[str, Any]]:
    return {one["Properties"]["RouteKey"]: one["Properties"] for one in found.all(ROUTE).values()}


@pytest.mark.slow
def test_each_route_is_one_resource_beside_a_fixed_number(code: HandlerCode) -> None:
    def count(more: int) -> int:
        extra = tuple(Route(f"r{number}", "h") for number in range(more))
        found = synthesized(lambda stack: socket(stack, code, app=replace(APP, routes=APP.routes + extra)))
        return len([name for name in found.resources if name.startswith("Socket") and not name.startswith("SocketSvc")])

    assert count(0) == len(APP.routes) + 7
    assert count(40) == len(APP.routes) + 40 + 7


def test_messages_are_routed_by_their_action(template: Template) -> None:
    found = template.one("AWS::ApiGatewayV2::Api")
    assert (found["ProtocolType"], found["RouteSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    assert set(routes(template)) == {"$connect", "$disconnect", "send"}
    assert len({json.dumps(route["Target"]) for route in routes(template).values()}) == 1


def test_the_authorizer_is_asked_when_a_connection_opens(template: Template) -> None:
    assert {key: route["AuthorizationType"] for key, route in routes(template).items()} == {
        "$connect": "CUSTOM",
        "$disconnect": "NONE",
        "send": "NONE",
    }
    assert routes(template)["$connect"]["AuthorizerId"] == {"Ref": template.id_of("AWS::ApiGatewayV2::Authorizer")}
    assert template.one("AWS::ApiGatewayV2::Authorizer")["IdentitySource"] == ["route.request.querystring.token"]


def test_connections_may_be_signed_instead(code: HandlerCode) -> None:
    assert routes(synthesized(lambda stack: socket(stack, code)))["$connect"]["AuthorizationType"] == "AWS_IAM"


def test_without_authorizer_or_reason_nobody_is_let_in(code: HandlerCode) -> None:
    with pytest.raises(AuthorizerError, match=r"\$connect of svc\.socket:connect has no authorizer"):
        synthesized(lambda stack: socket(stack, code, authorizer=None))


@pytest.mark.parametrize("props", [{"authorizer": None, "public": "all may"}, {}], ids=["public", "guarded"])
def test_a_name_for_the_authorizer_of_connections_is_refused(props: dict[str, Any], code: HandlerCode) -> None:
    app = RestApp(APP, authorizers={"$connect": "users"})
    with pytest.raises(AuthorizerError, match=r"\$connect of .* is to be guarded by users, .*give it to the gateway as authorizer="):
        synthesized(lambda stack: socket(stack, code, app=app, **props))


def test_a_check_of_messages_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="validate_requests=True; leave it out"):
        synthesized(lambda stack: socket(stack, code, app=RestApp(APP, validate_requests=True)))


def test_a_reason_opens_the_door(code: HandlerCode) -> None:
    marked = replace(APP, routes=(replace(APP.routes[0], public="prices are public"), *APP.routes[1:]))
    for props in ({"authorizer": None, "public": "prices are public"}, {"authorizer": None, "app": marked}):
        found = synthesized(partial(socket, code=code, **props))
        assert routes(found)["$connect"]["AuthorizationType"] == "NONE"


def test_a_direct_way_in_says_why_anyone_may_connect(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        way_in = DirectRoute(function(stack, code, "In"), public="prices are public")
        socket(stack, code, app=None, authorizer=None, routes={"$connect": way_in})

    assert routes(synthesized(build))["$connect"]["AuthorizationType"] == "NONE"


@pytest.mark.parametrize(
    "props", [{"public": "why"}, {"authorizer": None, "public": " "}, {"authorizer": "IAM"}, {"authorizer": ApiKeyAuthorizer()}]
)
def test_contradictions_and_other_authorizers_are_refused(props: dict[str, Any], code: HandlerCode) -> None:
    with pytest.raises(AuthorizerError):
        synthesized(lambda stack: socket(stack, code, **props))


def test_a_missing_connect_route_is_added_because_api_gateway_would_let_anyone_in(code: HandlerCode) -> None:
    quiet = replace(APP, routes=APP.routes[2:])
    assert routes(synthesized(lambda stack: socket(stack, code, app=quiet)))["$connect"]["AuthorizationType"] == "AWS_IAM"
    with pytest.raises(AuthorizerError, match=r"\$connect"):
        synthesized(lambda stack: socket(stack, code, app=quiet, authorizer=None))
    with pytest.raises(RouteError, match="anyone may connect"):
        synthesized(lambda stack: socket(stack, code, app=None, tables=[]))


def test_routes_named_directly_stand_beside_the_app(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        ping = function(stack, code, "Ping")
        gate = socket(stack, code, routes={"ping": ping, "pong": ping})
        assert gate.add_route("$default", ping) is ping

    found = synthesized(build)
    assert set(routes(found)) == {"$connect", "$disconnect", "send", "ping", "pong", "$default"}
    assert len(found.all(INTEGRATION)) == 2
    assert len(found.all(PERMISSION)) == 2


@pytest.mark.parametrize(
    ("key", "route", "told"),
    [
        ("send", None, r"send is answered by svc\.socket:send and by .*Ping"),
        ("$other", None, r"\$connect, \$default, \$disconnect"),
        ("", None, "route key"),
        ("x" * 129, None, "128"),
        ("mock", DirectRoute({"type": "mock"}), "answered by a function"),
        ("guarded", "authorizer", "has one for connections"),
    ],
)
def test_routes_that_cannot_be_are_refused(key: str, route: Any, told: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        ping = function(stack, code, "Ping")
        given = DirectRoute(ping, authorizer="x") if route == "authorizer" else route or ping
        socket(stack, code, routes={key: given})

    with pytest.raises(RouteError, match=told):
        synthesized(build)


def test_a_function_that_outlasts_the_gateway_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="29 s"):
        synthesized(lambda stack: socket(stack, code, app=RestApp(APP, options={"timeout": Duration.seconds(30)})))


def test_a_rest_app_belongs_to_the_other_gateway(code: HandlerCode) -> None:
    with pytest.raises(RouteError, match="RestGateway"):
        synthesized(lambda stack: socket(stack, code, app=App("svc.rest:app", "rest")))


def test_uses_of_a_table_that_was_not_given_are_refused(code: HandlerCode) -> None:
    with pytest.raises(UsesError, match="'chat'"):
        synthesized(lambda stack: socket(stack, code, tables=[]))


def test_the_socket_may_do_what_it_declares_and_reach_its_own_connections(template: Template) -> None:
    [role] = [name for name in template.all("AWS::IAM::Role") if name.startswith("SocketSvc")]
    data, connections = template.statements(role)
    assert data["Action"] == ["dynamodb:DeleteItem", "dynamodb:PutItem"]
    assert data["Resource"] == {"Fn::GetAtt": [template.id_of("AWS::DynamoDB::GlobalTable"), "Arn"]}
    assert connections["Action"] == "execute-api:ManageConnections"
    parts = connections["Resource"]["Fn::Join"][1]
    assert parts[-2:] == [{"Ref": template.id_of("AWS::ApiGatewayV2::Api")}, "/live/*/@connections/*"]


def test_permissions_name_the_stage_and_the_authorizers(template: Template) -> None:
    assert sorted(one["Properties"]["SourceArn"]["Fn::Join"][1][-1] for one in template.all(PERMISSION).values()) == [
        "/authorizers/*",
        "/live/*",
    ]


def test_a_publisher_may_send_and_knows_where(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = gateway(stack, code)
        gate = WebSocketGateway(
            stack,
            "Socket",
            app=replace(APP, routes=(Route("$connect", "h"),)),
            authorizer=IamAuthorizer(),
            function_options={"code": code},
        )
        handlers = rest.functions["svc.rest:app"]
        assert gate.add_publisher(handlers) is handlers

    found = synthesized(build)
    [name] = [name for name in found.all("AWS::Lambda::Function") if name.startswith("RestSvc")]
    endpoint = found.resources[name]["Properties"]["Environment"]["Variables"]["GATELEG_WEBSOCKET_ENDPOINT"]["Fn::Join"][1]
    assert (endpoint[0], endpoint[1], endpoint[-1]) == ("https://", {"Ref": found.id_of("AWS::ApiGatewayV2::Api")}, "/live")
    assert [
        name for name, one in found.all("AWS::IAM::Policy").items() if "ManageConnections" in json.dumps(one) and name.startswith("RestSvc")
    ]


def test_a_publisher_without_environment_is_refused(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        socket(stack, code).add_publisher(function(stack, code).function.current_version)

    with pytest.raises(DeclarationError, match="environment variable"):
        synthesized(build)


def test_the_stage_logs_json_and_throttles(template: Template) -> None:
    stage = template.one("AWS::ApiGatewayV2::Stage")
    settings = stage["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"], settings["DataTraceEnabled"]) == (100, 50, False)
    assert "connectionId" in json.loads(stage["AccessLogSettings"]["Format"])
    assert all(group["Properties"]["RetentionInDays"] == 90 for group in template.all("AWS::Logs::LogGroup").values())


def test_the_stage_waits_for_the_group_that_api_gateway_would_make_itself(template: Template) -> None:
    [stage] = template.all("AWS::ApiGatewayV2::Stage").values()
    [group] = [name for name, one in template.all("AWS::Logs::LogGroup").items() if "LogGroupName" in one["Properties"]]
    assert group in stage["DependsOn"]


def test_the_url_is_an_output(template: Template) -> None:
    [(name, output)] = template.data["Outputs"].items()
    assert name.startswith("SocketUrl")
    assert output["Value"]["Fn::Join"][1][0] == "wss://"
    assert output["Value"]["Fn::Join"][1][-1] == "/live"


@pytest.mark.slow
def test_an_edit_is_deployed_and_only_an_edit(code: HandlerCode) -> None:
    def deployment(**props: Any) -> str:
        return synthesized(lambda stack: socket(stack, code, **props)).id_of("AWS::ApiGatewayV2::Deployment")

    def guarded(source: str, judge: str = "Auth") -> str:
        def build(stack: Stack) -> WebSocketGateway:
            return socket(stack, code, authorizer=RequestAuthorizer(function(stack, code, judge), [source]))

        return synthesized(build).id_of("AWS::ApiGatewayV2::Deployment")

    first = deployment()
    edits = {
        deployment(app=replace(APP, routes=(*APP.routes, Route("more", "h")))),
        deployment(app=replace(APP, routes=APP.routes[:2])),
        deployment(authorizer=None, public="why"),
        guarded("querystring.token"),
        guarded("header.Authorization"),
        guarded("querystring.token", "Other"),
    }
    assert len(edits | {first}) == 7
    assert deployment(throttling_rate_limit=1) == first
    assert deployment(function_options={"code": code, "memory_size": 128}) == first


def test_the_deployment_waits_for_every_route(template: Template) -> None:
    [deployment] = template.all("AWS::ApiGatewayV2::Deployment").values()
    assert set(deployment["DependsOn"]) == set(template.all(ROUTE))


def test_the_l2_views_are_at_hand(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        gate = socket(stack, code)
        gate.api.metric("ConnectCount").create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
        assert gate.stage.stage_name == "live"

    assert len(synthesized(build).all("AWS::CloudWatch::Alarm")) == 1


class CompanySocket(WebSocketGateway):
    """A subclass that uses each documented hook."""

    def _define_function(self, id: str, *, handler: str, options: Any) -> ServiceFunction:  # noqa: A002 (the construct grammar of CDK)
        return super()._define_function(id, handler=handler, options=options | {"memory_size": 2048})

    def _define_stage(self, **props: Any) -> apigatewayv2.WebSocketStage:
        return super()._define_stage(**props, description="company stage")


def test_a_subclass_may_change_function_and_stage(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        table = ModelTable(stack, "Table", table=CHAT)
        CompanySocket(stack, "Socket", app=APP, tables=[table], authorizer=IamAuthorizer(), function_options={"code": code})

    found = synthesized(build)
    assert found.one("AWS::Lambda::Function")["MemorySize"] == 2048
    assert found.one("AWS::ApiGatewayV2::Stage")["Description"] == "company stage"


SWEPT = replace(APP, routes=(*APP.routes, Route("join", "svc.socket:join", uses=(Use("chat", "SocketConnection", "check"),))))


def test_a_sweep_runs_the_app_on_a_schedule_and_may_read_the_table(code: HandlerCode) -> None:
    found = synthesized(lambda stack: socket(stack, code, app=SWEPT, sweep=Schedule.rate(Duration.hours(1))))
    rule = found.one("AWS::Events::Rule")
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    [target] = rule["Targets"]
    assert "gateleg.sweep" in json.dumps(target["Input"])
    assert "/live" in json.dumps(target["Input"])
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    assert "dynamodb:Scan" in json.dumps(found.all("AWS::IAM::Policy"))
    assert "secretsmanager:GetSecretValue" not in json.dumps(found.all("AWS::IAM::Policy"))
    principals = {one["Properties"]["Principal"] for one in found.all(PERMISSION).values()}
    assert principals == {"apigateway.amazonaws.com", "events.amazonaws.com"}


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"sweep": Schedule.rate(Duration.hours(1))}, r"the app has none; write WebSocketResolver\(connections="),
        ({"sweep": "rate(1 hour)"}, r"a Schedule \(aws_cdk.aws_events.Schedule\)"),
    ],
)
def test_a_sweep_of_nothing_or_at_no_time_is_refused(code: HandlerCode, props: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        synthesized(lambda stack: socket(stack, code, **props))


COUNTING = replace(APP, counts_principals=True)


@pytest.mark.parametrize(
    ("who", "why"),
    [({"public": "prices are public"}, "anyone may connect"), ({"authorizer": IamAuthorizer()}, "an IamAuthorizer names no")],
)
def test_messages_of_a_principal_are_counted_only_where_an_authorizer_names_one(code: HandlerCode, who: dict[str, Any], why: str) -> None:
    given = {"authorizer": None} | who
    with pytest.raises(
        DeclarationError, match=rf"counts the messages of each principal, and {why}.*per_connection.*RequestAuthorizer\(\.\.\.\)"
    ):
        synthesized(lambda stack: socket(stack, code, app=COUNTING, **given))
    assert synthesized(lambda stack: socket(stack, code, app=APP, **given)).all(ROUTE)
    judged = synthesized(
        lambda stack: socket(stack, code, app=COUNTING, authorizer=RequestAuthorizer(function(stack, code), ["querystring.token"]))
    )
    assert judged.all(ROUTE)
