"""Whatever weakens the stage of a WebSocket API, or the Event API beside it, is found by the shipped matchers, without any snapshot."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import Domain, Events, ExecutionLogs, Throttle, Workers
from gateleg.errors import TemplateMismatchError
from gateleg.testing import TemplateView
from tests.templates.constructs.samples import synthesized
from tests.templates.constructs.test_event_channels import service
from tests.templates.constructs.test_socket_stages import APP, PLANS, certificate, socket

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from gateleg.cdk import HandlerCode

Json = dict[str, Any]
API, STAGE, MAPPING, DOMAIN, PLAN, QUEUE, EVENTS, NAMESPACE = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGateway::UsagePlan",
    "AWS::SQS::Queue",
    "AWS::AppSync::Api",
    "AWS::AppSync::ChannelNamespace",
)
LOGGED = {"DetailedMetricsEnabled": True, "DataTraceEnabled": False, "LoggingLevel": "INFO"}
TELEMETRY = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.fixture(scope="module")
def template(code: HandlerCode) -> Json:
    def build(stack: Stack) -> None:
        socket(
            stack,
            code,
            app=replace(APP, sharded=True, channels=True),
            throttles={"send": Throttle(20, 10), "$connect": Throttle(2, 1)},
            domain=Domain("chat.example.com", certificate(stack), "v1"),
            variables={"shop": "main"},
            execution_logs=ExecutionLogs("INFO"),
            usage_plans=PLANS,
            workers=Workers(concurrency=20),
            events=Events(service(stack, "Asked", code)),
        )

    return synthesized(build, region="eu-north-1", account="123456789012").data


def check_stage(view: TemplateView) -> None:
    stage, mapping = view.only(STAGE).properties, view.only(MAPPING).properties
    assert {route.key: (route.authorizer_type, route.api_key) for route in view.websocket_routes()} == {
        "$connect": ("AWS_IAM", True),
        "send": (None, False),
    }
    assert stage["RouteSettings"] == {
        "send": {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 10, **LOGGED},
        "$connect": {"ThrottlingRateLimit": 2, "ThrottlingBurstLimit": 1, **LOGGED},
    }
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 50, **LOGGED}
    assert (stage["StageVariables"], stage["StageName"], stage.get("AutoDeploy")) == ({"shop": "main"}, "live", False)
    assert view.text(stage["DeploymentId"]) == f"${{{view.only('AWS::ApiGatewayV2::Deployment').logical_id}}}"
    assert "requestId" in stage["AccessLogSettings"]["Format"]
    assert all(group.properties.get("RetentionInDays") for group in view.resources("AWS::Logs::LogGroup"))
    assert (mapping["ApiMappingKey"], mapping["Stage"], view.text(mapping["ApiId"])) == ("v1", "live", f"${{{view.only(API).logical_id}}}")
    [configuration] = view.only(DOMAIN).properties["DomainNameConfigurations"]
    assert (configuration["SecurityPolicy"], configuration["EndpointType"]) == ("TLS_1_2", "REGIONAL")


def check_plan(view: TemplateView) -> None:
    plan = view.only(PLAN).properties
    assert [(view.text(one["ApiId"]), one["Stage"]) for one in plan["ApiStages"]] == [(f"${{{view.only(API).logical_id}}}", "live")]
    assert (plan["Throttle"], plan["Quota"]) == ({"RateLimit": 10, "BurstLimit": 5}, {"Limit": 1000, "Period": "DAY"})
    key = view.only("AWS::ApiGateway::UsagePlanKey").properties
    assert view.text(key["KeyId"]) == f"${{{view.only('AWS::ApiGateway::ApiKey').logical_id}}}"
    assert view.only("AWS::ApiGateway::ApiKey").properties.get("Value") is None


def check_events(view: TemplateView) -> None:
    config = view.only(EVENTS).properties["EventConfig"]
    assert [
        [mode["AuthType"] for mode in config[name]]
        for name in ("ConnectionAuthModes", "DefaultSubscribeAuthModes", "DefaultPublishAuthModes")
    ] == [
        ["AWS_LAMBDA"],
        ["AWS_LAMBDA"],
        ["AWS_IAM"],
    ]
    [asked] = [provider["LambdaAuthorizerConfig"] for provider in config["AuthProviders"] if provider["AuthType"] == "AWS_LAMBDA"]
    [function] = [name for name in (one.logical_id for one in view.resources("AWS::Lambda::Function")) if name.startswith("Asked")]
    assert (view.text(asked["AuthorizerUri"]), asked["AuthorizerResultTtlInSeconds"]) == (f"${{{function}.Arn}}", 0)
    assert not {"PublishAuthModes", "SubscribeAuthModes"} & view.only(NAMESPACE).properties.keys()


def check_functions(view: TemplateView) -> None:
    [app, asked] = sorted(view.functions(), key=lambda one: one.app != "svc.socket:app")
    queue = next(one.logical_id for one in view.resources(QUEUE) if "RedrivePolicy" in one.properties)
    may = {action for actions in app.permissions.values() for action in actions if not action.startswith("dynamodb:")} - TELEMETRY
    assert may == {
        "execute-api:ManageConnections",
        "appsync:EventPublish",
        "sqs:SendMessage",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    }
    assert {resource for resource, actions in app.permissions.items() if "sqs:SendMessage" in actions} == {f"${{{queue}.Arn}}"}
    assert [resource.rpartition(":")[2] for resource, actions in app.permissions.items() if "appsync:EventPublish" in actions] == [
        f"apis/${{{view.only(EVENTS).logical_id}.ApiId}}/channelNamespace/topics"
    ]
    assert {action for actions in asked.permissions.values() for action in actions} <= TELEMETRY
    assert {one.properties.get("FifoQueue") for one in view.resources(QUEUE)} == {True}
    assert all(one.properties.get("SqsManagedSseEnabled") for one in view.resources(QUEUE))


def check(view: TemplateView) -> None:
    for part in (check_stage, check_plan, check_events, check_functions):
        part(view)


def of(template: Json, kind: str, hint: str = "") -> Json:
    found: Json = next(one["Properties"] for name, one in template["Resources"].items() if one["Type"] == kind and hint in name)
    return found


def route(template: Json, key: str) -> Json:
    found: Json = next(one["Properties"] for one in template["Resources"].values() if one["Properties"].get("RouteKey") == key)
    return found


def config(template: Json) -> Json:
    found: Json = of(template, EVENTS)["EventConfig"]
    return found


def asked(template: Json) -> Json:
    found: Json = next(one for one in config(template)["AuthProviders"] if "LambdaAuthorizerConfig" in one)["LambdaAuthorizerConfig"]
    return found


def allow(template: Json, hint: str, action: str, resource: str) -> None:
    policy = of(template, "AWS::IAM::Policy", hint)["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})


MUTATIONS: dict[str, Callable[[Json], object]] = {
    "anybody connects": lambda it: route(it, "$connect").update(AuthorizationType="NONE"),
    "no key is asked for": lambda it: route(it, "$connect").pop("ApiKeyRequired"),
    "a key is asked for later": lambda it: route(it, "send").update(ApiKeyRequired=True),
    "a throttle goes": lambda it: of(it, STAGE)["RouteSettings"].pop("send"),
    "connections are not throttled": lambda it: of(it, STAGE)["RouteSettings"].pop("$connect"),
    "a throttle is of another route": lambda it: of(it, STAGE)["RouteSettings"].update(sned=of(it, STAGE)["RouteSettings"].pop("send")),
    "a throttle lets more through": lambda it: of(it, STAGE)["RouteSettings"]["send"].update(ThrottlingRateLimit=2_000),
    "the stage takes any number": lambda it: of(it, STAGE)["DefaultRouteSettings"].pop("ThrottlingRateLimit"),
    "messages are logged whole": lambda it: of(it, STAGE)["DefaultRouteSettings"].update(DataTraceEnabled=True),
    "one route's messages are logged whole": lambda it: of(it, STAGE)["RouteSettings"]["send"].update(DataTraceEnabled=True),
    "nothing is logged": lambda it: of(it, STAGE)["DefaultRouteSettings"].update(LoggingLevel="OFF"),
    "there is no access log": lambda it: of(it, STAGE).pop("AccessLogSettings"),
    "logs are kept for ever": lambda it: of(it, "AWS::Logs::LogGroup").pop("RetentionInDays"),
    "a variable changes": lambda it: of(it, STAGE)["StageVariables"].update(shop="beta"),
    "whatever is changed is live": lambda it: of(it, STAGE).update(AutoDeploy=True),
    "the stage serves another deployment": lambda it: of(it, STAGE).update(DeploymentId="a1b2c3"),
    "the domain leads elsewhere": lambda it: of(it, MAPPING).update(ApiId="a1b2c3"),
    "the domain leads to another stage": lambda it: of(it, MAPPING).update(Stage="beta"),
    "old TLS is spoken": lambda it: of(it, DOMAIN)["DomainNameConfigurations"][0].update(SecurityPolicy="TLS_1_0"),
    "the plan has no throttle": lambda it: of(it, PLAN).pop("Throttle"),
    "the plan has no quota": lambda it: of(it, PLAN).pop("Quota"),
    "the quota is of a week": lambda it: of(it, PLAN)["Quota"].update(Period="WEEK"),
    "the plan is of another API": lambda it: of(it, PLAN)["ApiStages"][0].update(ApiId="a1b2c3"),
    "the plan is unbound": lambda it: of(it, PLAN).update(ApiStages=[]),
    "the key is another's": lambda it: of(it, "AWS::ApiGateway::UsagePlanKey").update(KeyId="a1b2c3"),
    "the key is written down": lambda it: of(it, "AWS::ApiGateway::ApiKey").update(Value="k" * 40),
    "readers come with a key": lambda it: config(it).update(ConnectionAuthModes=[{"AuthType": "API_KEY"}]),
    "readers subscribe with a key": lambda it: config(it)["DefaultSubscribeAuthModes"].append({"AuthType": "API_KEY"}),
    "who is asked about readers is asked about publishers": lambda it: config(it).update(
        DefaultPublishAuthModes=[{"AuthType": "AWS_LAMBDA"}]
    ),
    "answers about readers are kept": lambda it: asked(it).pop("AuthorizerResultTtlInSeconds"),
    "another function is asked": lambda it: asked(it).update(AuthorizerUri="arn:aws:lambda:eu-north-1:1:function:other"),
    "one namespace is open": lambda it: of(it, NAMESPACE).update(SubscribeAuthModes=[{"AuthType": "API_KEY"}]),
    "the app publishes anywhere": lambda it: allow(it, "Socket", "appsync:EventPublish", "*"),
    "the app changes Event APIs": lambda it: allow(it, "Socket", "appsync:UpdateApi", "*"),
    "the app sends to every queue": lambda it: allow(it, "Socket", "sqs:SendMessage", "*"),
    "the app empties queues": lambda it: allow(it, "Socket", "sqs:PurgeQueue", "*"),
    "messages lose their order": lambda it: of(it, QUEUE).pop("FifoQueue"),
    "messages wait in the clear": lambda it: of(it, QUEUE).pop("SqsManagedSseEnabled"),
}


def test_the_template_itself_passes(template: Json) -> None:
    check(TemplateView.from_json(template))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_weaker_template_is_found(template: Json, mutation: str) -> None:
    weaker = copy.deepcopy(template)
    MUTATIONS[mutation](weaker)
    assert weaker != template
    with pytest.raises((AssertionError, TemplateMismatchError, LookupError, ValueError)):
        check(TemplateView.from_json(weaker))
