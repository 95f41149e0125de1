"""The Event API of a WebSocket API: who publishes, who is asked about subscriptions, and what functions are told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import EventChannels, Events, IamAuthorizer, ModelTable, ServiceFunction, WebSocketGateway
from gateleg.description import App, Route
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import CHAT, CREATE, Template, synthesized

if TYPE_CHECKING:
    from aws_cdk import Stack

    from gateleg.cdk import HandlerCode

CHANNELS = App(
    "svc.socket:app",
    "websocket",
    (Route("$connect", "svc.socket:connect", uses=(CREATE,)), Route("send", "svc.socket:send")),
    channels=True,
)
API, NAMESPACE, FUNCTION, POLICY, PERMISSION = (
    "AWS::AppSync::Api",
    "AWS::AppSync::ChannelNamespace",
    "AWS::Lambda::Function",
    "AWS::IAM::Policy",
    "AWS::Lambda::Permission",
)


def service(stack: Stack, name: str, code: HandlerCode) -> ServiceFunction:
    return ServiceFunction(stack, name, handler="svc.rest:app", described=App("svc.rest:app", "rest"), code=code)


def socket(stack: Stack, code: HandlerCode, **props: Any) -> WebSocketGateway:
    given: dict[str, Any] = {
        "app": CHANNELS,
        "authorizer": IamAuthorizer(),
        "function_options": {"code": code},
        "tables": [ModelTable(stack, "Table", table=CHAT)],
        "events": Events(service(stack, "Asked", code)),
    }
    return WebSocketGateway(stack, "Socket", **(given | props))


@pytest.fixture(scope="module")
def template(code: HandlerCode) -> Template:
    def build(stack: Stack) -> None:
        socket(stack, code).add_publisher(service(stack, "Publisher", code))

    return synthesized(build)


def named(found: Template, kind: str, prefix: str) -> dict[str, Any]:
    [one] = [one["Properties"] for name, one in found.all(kind).items() if name.startswith(prefix)]
    return dict(one)


def publishes(found: Template, prefix: str) -> list[Any]:
    """On what roles of this name may do anything in AppSync."""
    policies = [one["Properties"] for name, one in found.all(POLICY).items() if name.startswith(prefix)]
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    return [
        statement["Resource"]
        for statement in statements
        if "appsync:" in json.dumps(statement["Action"]) and statement["Action"] == "appsync:EventPublish"
    ]


def test_roles_publish_and_a_function_is_asked_who_may_connect_and_subscribe(template: Template) -> None:
    config = template.one(API)["EventConfig"]
    modes = ("ConnectionAuthModes", "DefaultSubscribeAuthModes", "DefaultPublishAuthModes")
    assert [config[mode] for mode in modes] == [[{"AuthType": "AWS_LAMBDA"}], [{"AuthType": "AWS_LAMBDA"}], [{"AuthType": "AWS_IAM"}]]
    [asked] = [name for name in template.all(FUNCTION) if name.startswith("Asked")]
    assert config["AuthProviders"] == [
        {"AuthType": "AWS_IAM"},
        {
            "AuthType": "AWS_LAMBDA",
            "LambdaAuthorizerConfig": {"AuthorizerResultTtlInSeconds": 0, "AuthorizerUri": {"Fn::GetAtt": [asked, "Arn"]}},
        },
    ]
    [api] = template.all(API)
    [permission] = [
        one["Properties"] for one in template.all(PERMISSION).values() if one["Properties"]["Principal"] == "appsync.amazonaws.com"
    ]
    assert (permission["FunctionName"], permission["SourceArn"]) == ({"Fn::GetAtt": [asked, "Arn"]}, {"Fn::GetAtt": [api, "ApiArn"]})


def test_a_namespace_holds_the_channels_of_all_topics_and_changes_no_mode(template: Template) -> None:
    namespace = template.one(NAMESPACE)
    assert namespace["Name"] == "topics"
    assert not {"PublishAuthModes", "SubscribeAuthModes", "CodeHandlers"} & namespace.keys()


@pytest.mark.parametrize("who", ["Socket", "Publisher"])
def test_who_broadcasts_may_publish_to_the_namespace_and_knows_where(template: Template, who: str) -> None:
    [where] = publishes(template, who)
    assert json.dumps(where).endswith('"/channelNamespace/topics"]]}')
    [api] = template.all(API)
    variables = named(template, FUNCTION, who)["Environment"]["Variables"]
    assert variables["GATELEG_EVENTS_ENDPOINT"] == {"Fn::Join": ["", ["https://", {"Fn::GetAtt": [api, "Dns.Http"]}]]}


def test_who_is_asked_may_publish_nothing(template: Template) -> None:
    assert publishes(template, "Asked") == []
    assert "GATELEG_EVENTS_ENDPOINT" not in json.dumps(named(template, FUNCTION, "Asked"))


def test_the_address_for_clients_is_an_output(template: Template) -> None:
    [api] = template.all(API)
    urls = [one["Value"] for name, one in template.data["Outputs"].items() if "Channels" in name]
    assert urls == [{"Fn::Join": ["", ["wss://", {"Fn::GetAtt": [api, "Dns.Realtime"]}, "/event/realtime"]]}]


def test_topics_that_are_channels_need_an_event_api_and_the_other_way_round(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"there is no Event API to send to; write WebSocketGateway\(events=Events\(function\)\)"):
        synthesized(lambda stack: socket(stack, code, events=None))
    with pytest.raises(DeclarationError, match=r"no registry of the app has any; write .*Connections\(TABLE, channels=True\)"):
        synthesized(lambda stack: socket(stack, code, app=replace(CHANNELS, channels=False)))


def test_what_is_no_function_is_refused(code: HandlerCode) -> None:
    wrong: Any = "svc.auth:handler"
    with pytest.raises(DeclarationError, match=r"Events\(authorizer=...\) takes a Function, .*got 'svc.auth:handler'"):
        Events(wrong)
    with pytest.raises(DeclarationError, match=r"WebSocketGateway\(events=...\) takes Events, got 8"):
        synthesized(lambda stack: socket(stack, code, events=8))


def test_without_events_there_is_no_event_api(code: HandlerCode) -> None:
    found = synthesized(lambda stack: socket(stack, code, app=replace(CHANNELS, channels=False), events=None))
    assert not found.all(API)
    assert "GATELEG_EVENTS_ENDPOINT" not in json.dumps(found.all(FUNCTION))


def test_a_function_answers_one_event_api(code: HandlerCode) -> None:
    def twice(stack: Stack, again: str) -> None:
        asked = {name: service(stack, name, code) for name in sorted({"one", again})}
        for name, function in zip(("First", "Second"), ("one", again), strict=True):
            EventChannels(stack, name, events=Events(asked[function]))

    with pytest.raises(
        DeclarationError, match="a function answers one Event API, and 'Test/one' answers another already; make a ServiceFunction"
    ):
        synthesized(lambda stack: twice(stack, "one"))
    assert len(synthesized(lambda stack: twice(stack, "two")).all(API)) == 2
