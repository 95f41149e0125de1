"""Workers of a WebSocket API: a queue that keeps each shard's order, what is given up, and who may do what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from gateleg.cdk import IamAuthorizer, ModelTable, ServiceFunction, WebSocketGateway, Workers, encrypt
from gateleg.description import App, Route
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import CHAT, CREATE, Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

SHARDED = App(
    "svc.socket:app", "websocket", (Route("$connect", "svc.socket:connect", uses=(CREATE,)), Route("send", "svc.socket:send")), sharded=True
)
QUEUE, MAPPING, POLICY = "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping", "AWS::IAM::Policy"


def socket(stack: Stack, code: HandlerCode, **props: Any) -> WebSocketGateway:
    given: dict[str, Any] = {
        "app": SHARDED,
        "authorizer": IamAuthorizer(),
        "function_options": {"code": code},
        "tables": [ModelTable(stack, "Table", table=CHAT)],
        "workers": Workers(concurrency=20),
    }
    return WebSocketGateway(stack, "Socket", **(given | props))


@pytest.fixture(scope="module")
def template(code: HandlerCode) -> Template:
    return synthesized(lambda stack: socket(stack, code))


def queues(found: Template) -> tuple[dict[str, Any], dict[str, Any]]:
    """The workers' queue, and the dead letters."""
    one, other = (each["Properties"] for each in found.all(QUEUE).values())
    return (one, other) if "RedrivePolicy" in one else (other, one)


def rights(found: Template, of: str) -> dict[str, set[str]]:
    """By logical id of a queue or key, the actions that the policies of roles of this name allow on it."""
    allowed: dict[str, set[str]] = {}
    policies: dict[str, Any] = {name: one for name, one in found.all(POLICY).items() if of in name}
    statements: list[Any] = [one for policy in policies.values() for one in policy["Properties"]["PolicyDocument"]["Statement"]]
    for statement in statements:
        if "Fn::GetAtt" in statement["Resource"]:
            actions: Any = statement["Action"]
            allowed.setdefault(statement["Resource"]["Fn::GetAtt"][0], set()).update([actions] if isinstance(actions, str) else actions)
    return {name: {one for one in actions if one.startswith(("sqs:", "kms:"))} for name, actions in allowed.items()}


def test_messages_wait_in_the_order_of_their_shard_for_as_long_as_who_is_to_get_them_may_be_connected(template: Template) -> None:
    queue, letters = queues(template)
    assert {name: queue[name] for name in queue if name != "RedrivePolicy"} == {
        "FifoQueue": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "MessageRetentionPeriod": 7_200,
        "VisibilityTimeout": 90,  # six times the function's fifteen seconds
        "SqsManagedSseEnabled": True,
    }
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert letters == {"FifoQueue": True, "MessageRetentionPeriod": 14 * 86_400, "SqsManagedSseEnabled": True}
    refused = [policy["Properties"]["PolicyDocument"]["Statement"][0] for policy in template.all("AWS::SQS::QueuePolicy").values()]
    assert [(one["Effect"], one["Condition"]) for one in refused] == [("Deny", {"Bool": {"aws:SecureTransport": "false"}})] * 2


def test_the_app_s_function_works_through_it_a_shard_at_a_time(template: Template) -> None:
    mapping = template.one(MAPPING)
    assert {name: mapping[name] for name in ("BatchSize", "FunctionResponseTypes", "ScalingConfig")} == {
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 20},
    }
    variables = template.one("AWS::Lambda::Function")["Environment"]["Variables"]
    assert variables["GATELEG_BROADCAST_QUEUE"] == {"Ref": next(name for name in template.all(QUEUE) if "DeadLetters" not in name)}
    assert "/live" in json.dumps(variables["GATELEG_WEBSOCKET_ENDPOINT"])


def test_it_may_send_take_and_delete_and_nothing_else(template: Template) -> None:
    [name] = [name for name in template.all(QUEUE) if "DeadLetters" not in name]
    assert {key: value for key, value in rights(template, "Socket").items() if value} == {
        name: {"sqs:SendMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
    }


def test_a_publisher_hands_messages_to_the_workers_and_takes_none(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        publisher = ServiceFunction(stack, "Publisher", handler="svc.rest:app", described=App("svc.rest:app", "rest"), code=code)
        socket(stack, code).add_publisher(publisher)

    found = synthesized(build)
    [name] = [name for name in found.all(QUEUE) if "DeadLetters" not in name]
    assert rights(found, "Publisher")[name] == {"sqs:SendMessage"}
    [publisher] = [one["Properties"] for key, one in found.all("AWS::Lambda::Function").items() if key.startswith("Publisher")]
    assert publisher["Environment"]["Variables"]["GATELEG_BROADCAST_QUEUE"] == {"Ref": name}


def test_a_key_of_yours_encrypts_what_waits_and_who_sends_may_use_it(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        encrypt(stack, kms.Key(stack, "Key"))
        publisher = ServiceFunction(stack, "Publisher", handler="svc.rest:app", described=App("svc.rest:app", "rest"), code=code)
        socket(stack, code).add_publisher(publisher)

    found = synthesized(build, region="eu-west-1")
    [key] = found.all("AWS::KMS::Key")
    assert {json.dumps(one["KmsMasterKeyId"]) for one in queues(found)} == {json.dumps({"Fn::GetAtt": [key, "Arn"]})}
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= rights(found, "Publisher")[key]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: Workers(concurrency=1), r"Workers\(concurrency=...\) takes .*2.*1000.*, got 1"),
        (lambda: Workers(concurrency=1_001), "got 1001"),
        (lambda: Workers(batch_size=11), r"Workers\(batch_size=...\) takes .*10"),
        (lambda: Workers(attempts=0), r"Workers\(attempts=...\)"),
    ],
)
def test_what_lambda_or_sqs_would_refuse_is_refused(build: Callable[[], object], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        build()


def test_workers_without_a_topic_of_several_shards_are_refused(code: HandlerCode) -> None:
    said = r"no registry of the app has any; write WebSocketResolver\(connections=Connections\(TABLE, shards=8\)\)"
    with pytest.raises(DeclarationError, match=said):
        synthesized(lambda stack: socket(stack, code, app=replace(SHARDED, sharded=False)))
    with pytest.raises(DeclarationError, match=r"WebSocketGateway\(workers=...\) takes Workers, got 8"):
        synthesized(lambda stack: socket(stack, code, workers=8))


def test_without_workers_there_is_no_queue(code: HandlerCode) -> None:
    found = synthesized(lambda stack: socket(stack, code, workers=None))
    assert not found.all(QUEUE)
    assert "GATELEG_BROADCAST_QUEUE" not in found.one("AWS::Lambda::Function")["Environment"]["Variables"]


def test_a_message_is_given_up_before_it_is_forgotten(code: HandlerCode) -> None:
    """Two hours hold 80 times the 90 seconds of a function that may run for 15."""
    with pytest.raises(DeclarationError, match=r"every 90 s and kept for 7200, .*write attempts=80 or less"):
        socket(Stack(), code, workers=Workers(attempts=81))

    assert socket(Stack(), code, workers=Workers(attempts=80)).broadcasts is not None
