"""The gateways are CDK's own L2s where there are any: stages, metrics, domain names and logs behave as their users know them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack, Stage
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm

from gateleg import description as said
from gateleg.cdk import ApiGatewayAccount, IamAuthorizer, TokenAuthorizer, WebSocketGateway
from gateleg.description import Route
from tests.templates.constructs.samples import ROUTES, Template, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

REST_STAGE, SOCKET_STAGE = "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"
SOCKET = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h")))

BILLS = Route("GET /bills", "svc.admin:bills")


def socket(stack: Stack, code: HandlerCode, **props: Any) -> WebSocketGateway:
    given: dict[str, Any] = {"app": SOCKET, "authorizer": IamAuthorizer(), "function_options": {"code": code}}
    return WebSocketGateway(stack, "Socket", **(given | props))


def certificate(stack: Stack) -> acm.ICertificate:
    return acm.Certificate.from_certificate_arn(stack, "Certificate", "arn:aws:acm:eu-west-1:111111111111:certificate/x")


def test_a_sockets_stage_says_where_it_is_and_is_its_own_escape_hatch(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    gate = socket(stack, code)
    children = len(gate.node.children)
    assert isinstance(gate.stage, apigatewayv2.WebSocketStage)
    assert isinstance(gate.stage.node.default_child, apigatewayv2.CfnStage)
    assert json.dumps(stack.resolve(gate.stage.url)).startswith('{"Fn::Join": ["", ["wss://')
    assert stack.resolve(gate.stage.callback_url) == stack.resolve(gate.callback_url)
    assert gate.stage.metric("ConnectCount") is not None
    assert len(gate.node.children) == children


def test_domain_mappings_wait_for_the_stage(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest, gate = gateway(stack, code), socket(stack, code)
        found = certificate(stack)
        endpoint = apigateway.EndpointType.REGIONAL
        domain = apigateway.DomainName(stack, "Domain", domain_name="api.example.com", certificate=found, endpoint_type=endpoint)
        domain.add_base_path_mapping(rest.api, base_path="v1")
        other = apigatewayv2.DomainName(stack, "Other", domain_name="ws.example.com", certificate=found)
        apigatewayv2.ApiMapping(stack, "Mapping", api=gate.api, domain_name=other, stage=gate.stage)

    template = synthesized(build)
    assert template.one("AWS::ApiGateway::BasePathMapping")["Stage"] == {"Ref": template.id_of(REST_STAGE)}
    [mapping] = template.all("AWS::ApiGatewayV2::ApiMapping").values()
    assert template.id_of(SOCKET_STAGE) in mapping["DependsOn"]


@pytest.mark.parametrize(
    ("apps", "props", "name"),
    [
        ([rest_description(*ROUTES)], {}, "Test-Rest"),
        ([rest_description(*ROUTES, title="Orders", version="2.3.0")], {}, "Orders"),
        ([rest_description(*ROUTES, title="Orders")], {"api_name": "orders-prod"}, "orders-prod"),
        ([rest_description(*ROUTES, title="Orders"), rest_description(BILLS, app="svc.admin:app", title="Bills")], {}, "Test-Rest"),
    ],
)
def test_metrics_name_the_api_that_exists(apps: Any, props: Any, name: str, code: HandlerCode) -> None:
    """API Gateway renames an API by the title of what it imports, so that and the name agree."""

    def build(stack: Stack) -> None:
        api = gateway(stack, code, apps=apps, **props).api
        api.metric_count().create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)

    template = synthesized(build)
    api = template.one("AWS::ApiGateway::RestApi")
    [dimension] = template.one("AWS::CloudWatch::Alarm")["Dimensions"]
    assert (api["Name"], api["Body"]["info"]["title"], dimension["Value"]) == (name, name, name)


def test_an_import_replaces_what_was_there(code: HandlerCode) -> None:
    api = synthesized(lambda stack: gateway(stack, code)).one("AWS::ApiGateway::RestApi")
    assert (api["Mode"], api["EndpointConfiguration"]["Types"], api.get("FailOnWarnings")) == ("overwrite", ["REGIONAL"], None)
    strict = synthesized(lambda stack: gateway(stack, code, fail_on_warnings=True)).one("AWS::ApiGateway::RestApi")
    assert strict["FailOnWarnings"] is True


def test_every_operation_names_its_security_and_every_scheme_its_authorizer(code: HandlerCode) -> None:
    """Otherwise API Gateway drops it in silence, and the route is open."""

    def build(stack: Stack) -> None:
        authorizers = {"token": TokenAuthorizer(function(stack, code)), "iam": IamAuthorizer()}
        gateway(stack, code, authorizers=authorizers, default_authorizer="token")

    body = synthesized(build).one("AWS::ApiGateway::RestApi")["Body"]
    assert "security" not in body
    assert all("security" in operation for item in body["paths"].values() for operation in item.values())
    schemes = body["components"]["securitySchemes"]
    assert {name: (one["type"], one["x-amazon-apigateway-authtype"]) for name, one in schemes.items()} == {
        "token": ("apiKey", "custom"),
        "iam": ("apiKey", "awsSigv4"),
    }
    assert "authorizerUri" in schemes["token"]["x-amazon-apigateway-authorizer"]


def both(stack: Stack, code: HandlerCode) -> None:
    gateway(stack, code)
    socket(stack, code)


@pytest.mark.parametrize("first", ["the account", "the gateways"])
def test_stages_with_logs_wait_for_the_accounts_role(first: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        if first == "the account":
            ApiGatewayAccount(stack, "Account")
        both(stack, code)
        if first == "the gateways":
            ApiGatewayAccount(stack, "Account")

    template = synthesized(build)
    account = template.id_of("AWS::ApiGateway::Account")
    for kind in (REST_STAGE, SOCKET_STAGE):
        [stage] = template.all(kind).values()
        assert account in stage["DependsOn"]


def test_stages_wait_for_the_account_of_another_stack_of_the_same_place(code: HandlerCode) -> None:
    app = App()
    here, there = Environment(account="111111111111", region="eu-west-1"), Environment(account="111111111111", region="us-east-1")
    stack = Stack(app, "Test", env=here)
    both(stack, code)
    account, far = Stack(app, "Account", env=here), Stack(app, "Far", env=there)
    ApiGatewayAccount(account, "Account")
    ApiGatewayAccount(far, "Account")
    app.synth()
    assert account in stack.dependencies
    assert far not in stack.dependencies


def test_stages_do_not_wait_for_the_account_of_another_assembly(code: HandlerCode) -> None:
    app = App()
    ApiGatewayAccount(Stack(app, "Account"), "Account")
    stages = [Stage(app, name) for name in ("Beta", "Prod")]
    stacks = [Stack(stage, "Test") for stage in stages]
    for stack in stacks:
        both(stack, code)
    within = Stack(stages[0], "Account")
    ApiGatewayAccount(within, "Account")
    app.synth()
    assert [stack.dependencies for stack in stacks] == [[within], []]


def test_stages_without_logs_wait_for_nobody(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        ApiGatewayAccount(stack, "Account")
        gateway(stack, code, access_log_retention=None)

    [stage] = synthesized(build).all(REST_STAGE).values()
    assert "DependsOn" not in stage


def test_route_keys_that_differ_in_a_slash_stand_side_by_side(code: HandlerCode) -> None:
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("room/join", "h"), Route("room-join", "h")))
    template = synthesized(lambda stack: socket(stack, code, app=app))
    keys = [one["Properties"]["RouteKey"] for one in template.all("AWS::ApiGatewayV2::Route").values()]
    assert sorted(keys) == ["$connect", "room-join", "room/join"]


def test_integrations_keep_their_ids_whatever_stands_beside_them(code: HandlerCode) -> None:
    def integrations(*names: str) -> dict[str, Any]:
        def build(stack: Stack) -> None:
            functions = {name: function(stack, code, f"F{name}") for name in names}
            socket(stack, code, routes=functions)

        found = synthesized(build).all("AWS::ApiGatewayV2::Integration")
        return {name: one["Properties"]["IntegrationUri"] for name, one in found.items()}

    one, two, three = integrations("a", "b"), integrations("b", "a"), integrations("b")
    assert one == two
    assert three.items() <= one.items()


def test_a_public_socket_says_why_in_the_template(code: HandlerCode) -> None:
    template = synthesized(lambda stack: socket(stack, code, authorizer=None, public="prices are public"))
    [connect] = [one for one in template.all("AWS::ApiGatewayV2::Route").values() if one["Properties"]["RouteKey"] == "$connect"]
    assert connect["Metadata"]["x-gateleg-public"] == "prices are public"
    assert any("$connect (prices are public)" in message for message in template.messages)


def test_public_routes_are_told_at_synth_and_guarded_ones_are_not(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code))
    assert [message for message in template.messages if "anyone may call" in message] == [
        "anyone may call GET /docs (documentation is for everyone) [ack: gateleg:public]"
    ]


def test_the_key_of_an_action_is_carried_to_the_gateway(code: HandlerCode) -> None:
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"),), action_key="type")
    assert (
        synthesized(lambda stack: socket(stack, code, app=app)).one("AWS::ApiGatewayV2::Api")["RouteSelectionExpression"]
        == "$request.body.type"
    )


def test_l2_views_of_both_kinds(code: HandlerCode) -> None:
    def build(stack: Stack) -> Template | None:
        rest, gate = gateway(stack, code), socket(stack, code)
        plan = rest.api.add_usage_plan("Plan", api_stages=[apigateway.UsagePlanPerApiStage(api=rest.api, stage=rest.stage)])
        plan.add_api_key(rest.api.add_api_key("Key"))
        assert rest.api.url_for_path("/x") == rest.stage.url_for_path("/x")
        assert rest.api.deployment_stage is not None
        grantee: Any = function(stack, code, "Grantee").function
        gate.stage.grant_management_api_access(grantee)
        gate.api.grant_manage_connections(grantee)
        assert gate.api.api_endpoint
        return None

    template = synthesized(build)
    assert template.one("AWS::ApiGateway::UsagePlan")["ApiStages"][0]["Stage"] == {"Ref": template.id_of(REST_STAGE)}
