"""What `ModelTable.on_change` makes: the event source, what its function may do, and where it is told what was given up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from gateleg.cdk import Delivery, ModelTable, encrypt
from gateleg.description import Route, Use
from gateleg.errors import DeclarationError, UsesError
from gateleg.model import StreamView, Table
from tests.templates.constructs.samples import CHAT, READ, Template, rest_description, stream_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

MAPPING, QUEUE, POLICY = "AWS::Lambda::EventSourceMapping", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy"


def consumed(code: HandlerCode, **given: Any) -> Callable[[Stack], Any]:
    app = given.pop("app", None) or stream_description()
    return lambda stack: ModelTable(stack, "Table", table=CHAT).on_change(app, code=code, **given)


@pytest.fixture(scope="module")
def plain(code: HandlerCode) -> Template:
    return synthesized(consumed(code))


def test_what_was_taken_is_not_sent_again_and_what_was_not_is_halved(plain: Template) -> None:
    found = plain.one(MAPPING)
    [table] = plain.all("AWS::DynamoDB::GlobalTable")
    assert found["EventSourceArn"] == {"Fn::GetAtt": [table, "StreamArn"]}
    assert found["FunctionName"] == {"Ref": plain.id_of("AWS::Lambda::Function")}
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (found["BisectBatchOnFunctionError"], found["BatchSize"], found["ParallelizationFactor"]) == (True, 100, 1)
    assert (found["MaximumRetryAttempts"], found["MaximumRecordAgeInSeconds"], found["StartingPosition"]) == (10, 82_800, "TRIM_HORIZON")
    assert found["Enabled"] is True
    assert [json.loads(one["Pattern"]) for one in found["FilterCriteria"]["Filters"]] == [{"eventName": ["INSERT"]}]


def test_the_function_may_read_this_stream_do_what_is_declared_and_tell_what_was_given_up(plain: Template) -> None:
    [table], [queue], [secret] = plain.all("AWS::DynamoDB::GlobalTable"), plain.all(QUEUE), plain.all("AWS::SecretsManager::Secret")
    [role] = [name for name in plain.all("AWS::IAM::Role") if "Function" in name]
    allowed = {json.dumps(one["Resource"]): one["Action"] for one in plain.statements(role)}
    assert allowed == {
        json.dumps({"Fn::GetAtt": [table, "Arn"]}): "dynamodb:Query",
        json.dumps({"Ref": secret}): "secretsmanager:GetSecretValue",
        json.dumps({"Fn::GetAtt": [table, "StreamArn"]}): [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
        json.dumps({"Fn::GetAtt": [queue, "Arn"]}): "sqs:SendMessage",
    }
    variables = plain.one("AWS::Lambda::Function")["Environment"]["Variables"]
    assert variables["GATELEG_TABLE_CHAT"] == {"Ref": table}


def test_the_dead_letters_are_encrypted_take_tls_alone_and_stay_for_two_weeks(plain: Template) -> None:
    assert plain.one(QUEUE) == {"MessageRetentionPeriod": 14 * 86_400, "SqsManagedSseEnabled": True}
    [statement] = plain.one(POLICY)["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert plain.one(MAPPING)["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [plain.id_of(QUEUE), "Arn"]}}}


def test_the_delivery_is_what_the_event_source_has(code: HandlerCode) -> None:
    delivery = Delivery(
        batch_size=500,
        max_batching_window=Duration.seconds(9),
        parallelization_factor=4,
        retry_attempts=3,
        max_record_age=Duration.hours(2),
        starting_position="LATEST",
        enabled=False,
    )
    found = synthesized(consumed(code, app=stream_description(filters=()), delivery=delivery)).one(MAPPING)
    names = ("BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds")
    assert [found[name] for name in names] == [500, 9, 4, 3, 7_200]
    assert (found["StartingPosition"], found["Enabled"], "FilterCriteria" in found) == ("LATEST", False, False)


@pytest.mark.parametrize(
    ("make", "action"),
    [
        (sqs.Queue, "sqs:SendMessage"),
        (sns.Topic, "sns:Publish"),
        (s3.Bucket, "s3:PutObject"),
    ],
)
def test_another_destination_takes_the_place_of_the_queue(make: Callable[[Stack, str], Any], action: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        table = ModelTable(stack, "Table", table=CHAT)
        consumer = table.on_change(stream_description(), code=code, delivery=Delivery(on_failure=make(stack, "Mine")))
        assert consumer.dead_letters is None

    made = synthesized(build)
    [arn] = made.one(MAPPING)["DestinationConfig"]["OnFailure"]["Destination"].values()
    text = json.dumps(list(made.all("AWS::IAM::Policy").values()))
    assert "Mine" in str(arn)
    assert action in text
    assert len(made.all(QUEUE)) == (1 if action.startswith("sqs") else 0)


def test_with_a_key_of_yours_the_stream_can_be_read_and_the_dead_letters_are_under_it(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        encrypt(stack, kms.Key(stack, "Key"))
        consumed(code, app=stream_description(Route("INSERT Message", "svc.admin:added")))(stack)

    made = synthesized(build, account="111122223333", region="eu-west-1")
    key = {"Fn::GetAtt": [made.id_of("AWS::KMS::Key"), "Arn"]}
    assert made.one(QUEUE)["KmsMasterKeyId"] == key
    [role] = [name for name in made.all("AWS::IAM::Role") if "Function" in name]
    actions = [action for one in made.statements(role) if one["Resource"] == key for action in one["Action"]]
    assert {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"} == set(actions)


def test_other_tables_and_uses_are_granted(code: HandlerCode) -> None:
    votes = Table("votes", partition_key="pk")

    def build(stack: Stack) -> None:
        other = ModelTable(stack, "Votes", table=votes)
        app = stream_description(Route("INSERT Message", "svc.admin:added", (Use("votes", "Vote", "create"),)))
        ModelTable(stack, "Table", table=CHAT).on_change(app, code=code, tables=[other], uses=[Use("chat", "Message", "delete")])

    made = synthesized(build)
    assert {"GATELEG_TABLE_CHAT", "GATELEG_TABLE_VOTES"} <= set(made.one("AWS::Lambda::Function")["Environment"]["Variables"])
    [role] = [name for name in made.all("AWS::IAM::Role") if "Function" in name]
    actions = [one["Action"] for one in made.statements(role)]
    assert "dynamodb:PutItem" in actions
    assert "dynamodb:DeleteItem" in actions


def test_a_table_that_is_there_already_is_consumed_by_its_stream(code: HandlerCode) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/chat"

    def build(stack: Stack, **stream: Any) -> None:
        known = dynamodb.TableV2.from_table_attributes(stack, "Known", table_arn=arn, **stream)
        ModelTable.from_table(stack, "Table", table=CHAT, existing=known).on_change(stream_description(), code=code)

    made = synthesized(lambda stack: build(stack, table_stream_arn=f"{arn}/stream/2026-11-26T00:00:00.000"))
    assert made.one(MAPPING)["EventSourceArn"] == f"{arn}/stream/2026-11-26T00:00:00.000"
    with pytest.raises(DeclarationError, match=r"imported without its stream; write .*table_stream_arn"):
        build(Stack())


def refused(code: HandlerCode, **given: Any) -> pytest.ExceptionInfo[DeclarationError]:
    with pytest.raises(DeclarationError) as caught:
        consumed(code, **given)(Stack())
    return caught


def test_an_app_of_another_kind_or_table_is_refused(code: HandlerCode) -> None:
    other = Table("other", partition_key="pk", stream=StreamView.NEW_IMAGE)
    narrower = replace(CHAT.shape(), stream="KEYS_ONLY")
    assert "is a rest app, and changes are taken by a StreamResolver" in str(refused(code, app=rest_description()).value)
    assert "takes the changes of the table 'other'" in str(refused(code, app=stream_description(table=other.shape())).value)
    assert "reads a stream of KEYS_ONLY, and the table 'chat' has NEW_AND_OLD" in str(
        refused(code, app=stream_description(table=narrower)).value
    )
    needs = stream_description(Route("INSERT Message", "h", (replace(READ, table="votes"),)))
    with pytest.raises(UsesError, match="votes"):
        consumed(code, app=needs)(Stack())


def test_a_third_reader_is_refused(code: HandlerCode) -> None:
    table = ModelTable(Stack(), "Table", table=CHAT)
    for number in range(2):
        table.on_change(stream_description(), id=f"Reader{number}", code=code)
    with pytest.raises(
        DeclarationError, match="would be the third to read the stream of the table 'chat', beside Default/Table/Reader0 and"
    ):
        table.on_change(stream_description(), id="Reader2", code=code)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 10_001}, "batch_size"),
        ({"max_batching_window": Duration.minutes(6)}, "max_batching_window"),
        ({"parallelization_factor": 11}, "parallelization_factor"),
        ({"retry_attempts": -1}, "retry_attempts"),
        ({"max_record_age": Duration.seconds(59)}, "max_record_age"),
        ({"max_record_age": Duration.hours(25)}, "max_record_age"),
        ({"starting_position": "AT_TIMESTAMP"}, "starting_position"),
    ],
)
def test_what_lambda_does_not_take_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        Delivery(**given)


def test_lambda_sends_to_no_queue_that_keeps_an_order() -> None:
    with pytest.raises(DeclarationError, match="first-in-first-out"):
        Delivery(on_failure=sqs.Queue(Stack(), "Queue", fifo=True))
    with pytest.raises(DeclarationError, match="first-in-first-out"):
        Delivery(on_failure=sns.Topic(Stack(), "Topic", fifo=True))


def test_what_sends_to_sockets_must_know_where_they_are(code: HandlerCode) -> None:
    app = stream_description(Route("INSERT Message", "svc.admin:added", publishes=True))
    with pytest.raises(RuntimeError, match="sends to WebSocket connections"):
        synthesized(consumed(code, app=app))
