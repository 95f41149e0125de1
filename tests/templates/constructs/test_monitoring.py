"""What calls somebody, and what the dashboard shows: of an API of each kind, its functions and its table, in one synth."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from gateleg import description as said
from gateleg.cdk import (
    Events,
    FunctionOptions,
    HttpGateway,
    IamAuthorizer,
    ModelTable,
    Monitoring,
    Release,
    RequestAuthorizer,
    RestGateway,
    Thresholds,
    WebSocketGateway,
    Workers,
)
from gateleg.description import Route
from gateleg.errors import DeclarationError, RouteError
from gateleg.model import Table
from tests.templates.constructs.samples import CHAT, MOCK, ROUTES, Template, function, rest_description, stream_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

PLAIN = Table("chat", partition_key="pk")
ROUTE = "GET /rooms/{room}/messages"
pytestmark = pytest.mark.slow
"""The library loads all of `aws_cdk`."""


@dataclass(frozen=True)
class Watched:
    """The template, and what its alarms and its dashboard say."""

    template: Template
    alarms: dict[str, dict[str, Any]]
    dashboard: str

    @classmethod
    def of(cls, template: Template) -> Watched:
        found = template.all("AWS::CloudWatch::Alarm").values()
        # The names begin with the construct's, and end with what each alarm is.
        named = {one["Properties"]["AlarmName"].partition("Monitoring-")[2].partition("-")[2]: one["Properties"] for one in found}
        assert len(named) == len(found)
        [board] = template.all("AWS::CloudWatch::Dashboard").values()
        return cls(template, named, json.dumps(board["Properties"]["DashboardBody"]))

    def metrics(self, alarm: str) -> set[tuple[str, str, frozenset[str]]]:
        """Namespace, name and dimensions of all that an alarm looks at."""
        given = self.alarms[alarm]
        each = [given, *(one["MetricStat"]["Metric"] for one in given.get("Metrics", ()) if "MetricStat" in one)]
        return {
            (one["Namespace"], one["MetricName"], frozenset(two["Name"] for two in one.get("Dimensions", ())))
            for one in each
            if "MetricName" in one
        }


@pytest.fixture(scope="module")
def watched(code: HandlerCode) -> Watched:
    def build(stack: Stack) -> None:
        table = ModelTable(stack, "Table", table=CHAT)
        changes = table.on_change(stream_description(), code=code)
        rest = RestGateway(
            stack,
            "Rest",
            apps=[rest_description(*ROUTES)],
            tables=[table],
            authorizers={"iam": IamAuthorizer()},
            function_options={"code": code},
        )
        rest.add_stage("beta")
        rest.add_reference("/reference", public="it holds no data")
        app = said.App("svc.admin:app", "http", (Route("GET /", "h", public="it greets"), Route(ROUTE, "h", public="it reads")))
        http = HttpGateway(stack, "Http", apps=[app], function_options={"code": code})
        app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h")), sharded=True, channels=True)
        socket = WebSocketGateway(
            stack,
            "Socket",
            app=app,
            authorizer=RequestAuthorizer(function(stack, code, "Connect").function, ["querystring.token"]),
            function_options=FunctionOptions(code=code, timeout=Duration.seconds(10)),
            workers=Workers(),
            events=Events(function(stack, code, "Subscribe", release=Release())),
        )
        consumer = function(stack, code, "Consumer")
        socket.add_publisher(consumer)
        queue = sqs.Queue(stack, "Queue")
        target: Any = consumer.function
        lambda_.EventSourceMapping(consumer, "Source", target=target, event_source_arn=queue.queue_arn)
        key: Any = kms.Key(stack, "Key")
        Monitoring(
            stack,
            "Monitoring",
            gateways=[rest, http, socket],
            routes=[ROUTE],
            tables=[table],
            consumers=[changes],
            functions=[consumer],
            dead_letters=[sqs.Queue(stack, "Dead")],
            topic=sns.Topic(stack, "Topic", enforce_ssl=True, master_key=key),
            thresholds=Thresholds(client_errors=0.2),
        )

    return Watched.of(synthesized(build))


LAMBDA, DYNAMODB, GATEWAY = "AWS/Lambda", "AWS/DynamoDB", "AWS/ApiGateway"
API_METHOD = frozenset({"ApiId", "Stage", "Method", "Resource"})
STAGE, API_STAGE, METHOD = (
    frozenset({"ApiName", "Stage"}),
    frozenset({"ApiId", "Stage"}),
    frozenset({"ApiName", "Stage", "Method", "Resource"}),
)
FUNCTION, INDEX = frozenset({"FunctionName"}), frozenset({"TableName", "GlobalSecondaryIndexName"})
FUNCTIONS = (
    *("Rest-SvcRest", "Http-SvcAdmin", "Socket-SvcSocket", "Rest-Reference", "Connect", "Subscribe"),
    *("Consumer", "Table-SvcAdmin-Function"),
)
ALARMS: dict[str, tuple[str, str, frozenset[str], float]] = {
    **{
        f"{name}-{what}-Alarm": (GATEWAY, metric, dimensions, most)
        for name, dimensions in {
            "Rest-live": STAGE,
            "Rest-beta": STAGE,
            "Rest-live-GET-rooms-room-messages-01dc": METHOD,
            "Rest-beta-GET-rooms-room-messages-c77a": METHOD,
        }.items()
        for what, metric, most in (("Latency-P99", "Latency", 3000), ("Fault-Rate", "5XXError", 0.01), ("Error-Rate", "4XXError", 0.2))
    },
    **{
        f"{name}-{what}-Alarm": (GATEWAY, metric, dimensions, most)
        for name, dimensions in {"Http-default-c15c": API_STAGE, "Http-default-GET-rooms-room-messages-771e": API_METHOD}.items()
        for what, metric, most in (("Latency-P99", "Latency", 3000), ("Fault-Rate", "5xx", 0.01), ("Error-Rate", "4xx", 0.2))
    },
    "Socket-live-Failed-Messages-Alarm": (GATEWAY, "ExecutionError", API_STAGE, 0.01),
    "Socket-live-Gone-Connections-Alarm": ("gateleg", "GoneConnections", frozenset({"Api"}), 0.5),
    "Socket-live-Latency-P99-Alarm": (GATEWAY, "IntegrationLatency", API_STAGE, 3000),
    **{f"{name}-Fault-Rate-Alarm": (LAMBDA, "Errors", FUNCTION, 0.01) for name in FUNCTIONS},
    **{f"{name}-Throttled-Count-Alarm": (LAMBDA, "Throttles", FUNCTION, 0) for name in FUNCTIONS},
    # 0.8 of 15 seconds, and of the 10 that one is given.
    **{f"{name}-Latency-Maximum-Alarm": (LAMBDA, "Duration", FUNCTION, 8000 if "Socket" in name else 12000) for name in FUNCTIONS},
    **{f"{name}-Iterator-Age-Max-Alarm": (LAMBDA, "IteratorAge", FUNCTION, 60_000) for name in FUNCTIONS[6:]},
    "chat-SystemError-Count-Alarm": (DYNAMODB, "SystemErrors", frozenset({"TableName", "Operation"}), 0),
    **{
        f"{name}-{way}-Throttled-Events-Alarm": (DYNAMODB, f"{way}ThrottleEvents", dimensions, 0)
        for way in ("Read", "Write")
        for name, dimensions in {
            "chat": frozenset({"TableName"}),
            **{f"chat-{index.name}": INDEX for index in CHAT.indexes},
        }.items()
    },
    **{
        f"{name}-Queue-Message-Count-Max-Alarm": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", frozenset({"QueueName"}), 0)
        for name in ("Dead", "Table-SvcAdmin-DeadLetters", "Socket-Broadcasts-DeadLetters")
    },
    "Socket-Broadcasts-Queue-Message-Age-Max-Alarm": ("AWS/SQS", "ApproximateAgeOfOldestMessage", frozenset({"QueueName"}), 60),
    "Socket-Channels-Failed-Publishes-Alarm": ("AWS/AppSync", "5XXError", frozenset({"EventAPIId"}), 0.01),
}


def test_each_alarm_looks_at_its_figure(watched: Watched) -> None:
    assert watched.alarms.keys() == ALARMS.keys()
    for name, (namespace, metric, dimensions, most) in ALARMS.items():
        assert (namespace, metric, dimensions) in watched.metrics(name), name
        given = watched.alarms[name]
        assert (given["Threshold"], given["ComparisonOperator"]) == (most, "GreaterThanThreshold"), name


def test_alarms_call_the_topic_after_three_times_and_for_dead_letters_at_once(watched: Watched) -> None:
    topic = {"Ref": watched.template.id_of("AWS::SNS::Topic")}
    for name, given in watched.alarms.items():
        times = 1 if "-Queue-Message-Count-" in name else 3
        assert (given["AlarmActions"], given["ActionsEnabled"]) == ([topic], True)
        assert (given["EvaluationPeriods"], given["DatapointsToAlarm"]) == (times, times)
        assert given["TreatMissingData"] in {"notBreaching", "missing"}, name


def test_cloudwatch_may_publish_to_the_topic_and_use_its_key(watched: Watched) -> None:
    """`enforce_ssl=True` makes a policy, which takes the place of the one by which an account's services may publish."""
    topic = watched.template.id_of("AWS::SNS::Topic")
    [policy] = watched.template.all("AWS::SNS::TopicPolicy").values()
    [key] = watched.template.all("AWS::KMS::Key").values()
    who = {"Service": "cloudwatch.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    allowed = [one for one in policy["Properties"]["PolicyDocument"]["Statement"] if one.get("Principal") == who]
    used = [one for one in key["Properties"]["KeyPolicy"]["Statement"] if one.get("Principal") == who]

    assert [(one["Effect"], one["Action"], one["Resource"], one["Condition"]) for one in allowed] == [
        ("Allow", "sns:Publish", {"Ref": topic}, own)
    ]
    assert [(one["Effect"], one["Action"], one["Condition"]) for one in used] == [("Allow", ["kms:Decrypt", "kms:GenerateDataKey*"], own)]


def test_a_topic_that_alarms_cannot_reach_is_refused() -> None:
    def topic(stack: Stack, key: Any) -> dict[str, Any]:
        return {"topic": sns.Topic(stack, "Encrypted", master_key=key), "tables": [ModelTable(stack, "Table", table=PLAIN)]}

    stack = Stack()
    with pytest.raises(DeclarationError, match=r"CloudWatch may not use; write Topic\(\.\.\., master_key=Key\(\.\.\.\)\)"):
        Monitoring(stack, "Monitoring", **topic(stack, kms.Alias.from_alias_name(stack, "Aws", "alias/aws/sns")))
    assert stack.node.try_find_child("Monitoring") is None
    followed = Stack()
    Monitoring(followed, "Monitoring", **topic(followed, kms.Key(followed, "Key")))


def test_who_sends_to_connections_counts_those_that_are_gone_and_nobody_else_does(watched: Watched) -> None:
    counting = {
        logical_id: one["Properties"]["Environment"]["Variables"]["GATELEG_POSTS"]
        for logical_id, one in watched.template.all("AWS::Lambda::Function").items()
        if "GATELEG_POSTS" in one["Properties"].get("Environment", {}).get("Variables", {})
    }
    assert sorted(name[:-8] for name in counting) == ["Consumer", "SocketSvcSocket"]
    [(rate, metrics)] = [
        (one["Expression"], [two for two in metrics if "MetricStat" in two])
        for metrics in [watched.alarms["Socket-live-Gone-Connections-Alarm"]["Metrics"]]
        for one in metrics
        if "Expression" in one
    ]
    assert rate == "gone / posts"
    dimensions = {two["Value"] for one in metrics for two in one["MetricStat"]["Metric"]["Dimensions"]}
    assert dimensions == set(counting.values())
    assert {one["Id"]: (one["MetricStat"]["Metric"]["MetricName"], one["MetricStat"]["Stat"]) for one in metrics} == {
        "posts": ("Posts", "Sum"),
        "gone": ("GoneConnections", "Sum"),
    }


def test_messages_that_nobody_sends_do_not_fail(watched: Watched) -> None:
    [rate] = [one for one in watched.alarms["Socket-live-Failed-Messages-Alarm"]["Metrics"] if "Expression" in one]
    assert rate["Expression"] == "(FILL(execution, 0) + FILL(integration, 0)) / messages"


def test_messages_that_clients_are_sent_hide_none_that_fail(watched: Watched) -> None:
    metrics = watched.alarms["Socket-live-Failed-Messages-Alarm"]["Metrics"]
    [sent] = [one["MetricStat"] for one in metrics if one["Id"] == "messages"]
    assert (sent["Metric"]["MetricName"], sent["Stat"]) == ("IntegrationLatency", "SampleCount")


def test_the_dashboard_shows_what_calls_and_what_does_not(watched: Watched) -> None:
    shown = ("ConnectCount", "MessageCount", "ClientError", "ConcurrentExecutions", "ConsumedReadCapacityUnits", "SuccessfulRequestLatency")
    assert [name for name in shown if name not in watched.dashboard] == []
    assert "initDurationMs" in watched.dashboard


def test_questions_are_saved_for_the_logs_of_every_function(watched: Watched) -> None:
    found = watched.template.all("AWS::Logs::QueryDefinition").values()
    assert {one["Properties"]["Name"].partition("/")[2] for one in found} == {"errors", "one request", "slowest", "cold starts"}
    for one in found:
        accesses = [named for named in one["Properties"]["LogGroupNames"] if "AccessLogs" in named["Ref"]]
        assert len(accesses) == (4 if one["Properties"]["Name"].endswith("/one request") else 0)
        assert len(one["Properties"]["LogGroupNames"]) == len(FUNCTIONS) + len(accesses)
        assert one["Properties"]["QueryString"].count("\n| ") >= 1


WITHOUT = {
    "server_errors": {"Http-default-c15c-Fault-Rate-Alarm"},
    "latency": {"Http-default-c15c-Latency-P99-Alarm"},
    "function_errors": {"Http-SvcAdmin-Fault-Rate-Alarm"},
    "timeout_share": {"Http-SvcAdmin-Latency-Maximum-Alarm"},
    "throttles": {"Http-SvcAdmin-Throttled-Count-Alarm", "chat-Read-Throttled-Events-Alarm", "chat-Write-Throttled-Events-Alarm"},
    "table_errors": {"chat-SystemError-Count-Alarm"},
}


def small(code: HandlerCode, **props: Any) -> Watched:
    """An HTTP API and a table."""

    def build(stack: Stack) -> None:
        table = ModelTable(stack, "Table", table=PLAIN)
        given: dict[str, Any] = {"topic": sns.Topic(stack, "Topic")} | props
        app = said.App("svc.admin:app", "http", (Route("GET /", "h", public="it greets"),))
        http = HttpGateway(stack, "Http", apps=[app], function_options={"code": code})
        Monitoring(stack, "Monitoring", gateways=[http], tables=[table], **given)

    return Watched.of(synthesized(build))


@pytest.mark.parametrize("name", WITHOUT)
def test_what_has_no_threshold_calls_nobody(name: str, code: HandlerCode) -> None:
    everything = {alarm for alarms in WITHOUT.values() for alarm in alarms}
    assert small(code, thresholds=Thresholds(**{name: None})).alarms.keys() == everything - WITHOUT[name]


def test_without_a_topic_there_is_the_dashboard_alone(code: HandlerCode) -> None:
    watched = small(code, topic=None)
    assert watched.alarms == {}
    assert "5xx" in watched.dashboard


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "nothing to watch; write gateways"),
    "a table for a gateway": ({"gateways": ["rest"]}, "takes a list of which each is a RestGateway, HttpGateway or WebSocketGateway"),
    "a function by its name": ({"functions": ["svc:handler"]}, "a ServiceFunction or a Function of aws_lambda"),
    "a queue by its name": ({"dead_letters": ["queue"]}, "a Queue of aws_sqs"),
    "a topic by its name": ({"tables": [], "topic": "arn:aws:sns:eu-west-1:1:t"}, "a Topic of aws_sns"),
    "thresholds as a dict": ({"thresholds": {"latency": 3}}, "a Thresholds"),
    "one route as a text": ({"routes": ROUTE}, "a list"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_watched_is_refused_before_anything_is_made(name: str) -> None:
    stack = Stack()
    given, said = WRONG[name]
    with pytest.raises(DeclarationError, match=re.escape(said)):
        Monitoring(stack, "Monitoring", **given)
    assert stack.node.children == []


ELSEWHERE: dict[str, Callable[[Stack], dict[str, Any]]] = {
    "a function of another region": lambda it: {
        "functions": [lambda_.Function.from_function_arn(it, "F", f"arn:aws:lambda:us-east-1:{OWN}:function:f")]
    },
    "a function of another account": lambda it: {
        "functions": [lambda_.Function.from_function_arn(it, "F", "arn:aws:lambda:eu-west-1:222222222222:function:f")]
    },
    "a queue of another region": lambda it: {"dead_letters": [sqs.Queue.from_queue_arn(it, "Q", f"arn:aws:sqs:us-east-1:{OWN}:q")]},
    "a table of another region": lambda it: {"tables": [ModelTable(_stack(it.node.root, "Far", "us-east-1"), "Table", table=PLAIN)]},
    "a topic of another region": lambda it: {
        "dead_letters": [sqs.Queue(it, "Q")],
        "topic": sns.Topic.from_topic_arn(it, "T", f"arn:aws:sns:us-east-1:{OWN}:t"),
    },
}
OWN = "111111111111"


def _stack(scope: Any, name: str, region: str) -> Stack:
    return Stack(scope, name, env=Environment(account=OWN, region=region))


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_elsewhere_is_refused_since_no_alarm_sees_it(name: str) -> None:
    stack = _stack(App(), "Here", "eu-west-1")
    with pytest.raises(
        DeclarationError, match=r"not in 111111111111/eu-west-1, .*; write a (Monitoring in a stack there|topic of this region)"
    ) as caught:
        Monitoring(stack, "Monitoring", **ELSEWHERE[name](stack))
    assert caught.value.code == "declaration.monitoring.region"
    assert stack.node.try_find_child("Monitoring") is None


def test_what_is_imported_from_here_and_a_topic_of_another_account_are_taken() -> None:
    stack = _stack(App(), "Here", "eu-west-1")
    function = lambda_.Function.from_function_arn(stack, "F", f"arn:aws:lambda:eu-west-1:{OWN}:function:f")
    queue = sqs.Queue.from_queue_arn(stack, "Q", f"arn:aws:sqs:eu-west-1:{OWN}:q.fifo")
    topic = sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:eu-west-1:222222222222:t")
    Monitoring(stack, "Monitoring", functions=[function], dead_letters=[queue], topic=topic)
    alarms = _alarms(stack)
    values = {one["Value"] for alarm in alarms for one in _dimensions(alarm)}
    assert values == {"f", "q.fifo"}


def _alarms(stack: Stack) -> list[dict[str, Any]]:
    template = cast("App", stack.node.root).synth().get_stack_by_name(stack.stack_name).template
    return [one["Properties"] for one in Template(template).all("AWS::CloudWatch::Alarm").values()]


def _dimensions(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    each = [alarm, *(one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one)]
    return [said for one in each for said in one.get("Dimensions", ())]


def test_what_is_given_twice_is_watched_once_and_what_is_called_alike_is_told_apart() -> None:
    app = App()
    here, other = _stack(app, "Here", "eu-west-1"), _stack(app, "Other", "eu-west-1")
    tables = [ModelTable(stack, "Table", table=PLAIN) for stack in (here, other)]
    queues = [sqs.Queue(stack, "Queue") for stack in (here, other)]
    apis = [RestGateway(stack, "Rest", routes={"GET /health": MOCK}, authorizers={"iam": IamAuthorizer()}) for stack in (here, other)]
    Monitoring(
        here,
        "Monitoring",
        gateways=[*apis, apis[0]],
        tables=[*tables, tables[0]],
        dead_letters=[*queues, queues[0]],
        topic=sns.Topic(here, "Topic"),
    )
    alarms = _alarms(here)
    names = [alarm["AlarmName"].partition("Monitoring-")[2].partition("-")[2] for alarm in alarms]
    for kind in ("Rest", "chat", "Queue"):
        assert any(name.startswith(f"{kind}-") for name in names)
    for path in ("Other-Rest", "Other-Table", "Other-Queue"):
        assert any(name.startswith(f"{path}-") for name in names)
    assert len(names) == len(set(names))


def test_a_route_that_is_not_there_is_refused_with_those_like_it(code: HandlerCode) -> None:
    with pytest.raises(RouteError, match=r"names no route of the gateways; write one of 'GET /'") as refused:
        small(code, routes=["GET /rooms"])
    assert refused.value.value == "GET /rooms"
    assert "Http-default-GET-8e02-Latency-P99-Alarm" in small(code, routes=["GET /"]).alarms


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"server_errors": 1}, "a share from 0 to below 1"),
        ({"timeout_share": "80%"}, "a share from 0 to below 1"),
        ({"latency": 3}, "a Duration above 0"),
        ({"iterator_age": Duration.seconds(0)}, "a Duration above 0"),
        ({"throttles": -1}, "a number from 0"),
        ({"table_errors": True}, "a number from 0"),
    ],
)
def test_a_threshold_that_is_not_one_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        Thresholds(**given)
