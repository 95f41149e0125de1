"""What HTTP APIs call of services, and what of a request they put into the call."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from gateleg.local.server.http_services import Asked, called

ASKED = Asked(
    b'{"room": {"no": 1}, "who": "ann"}', {"x-who": "bob"}, {"q": ["1", "2"]}, {"room": "a b"}, {"stage": "v1"}, {"table": "shop"}
)


@pytest.mark.parametrize(
    ("mapping", "value"),
    [
        ("plain", "plain"),
        ("costs $5", "costs $5"),
        ("$request.body", '{"room": {"no": 1}, "who": "ann"}'),
        ("$request.body.who", "ann"),
        ("$request.body.room", '{"no": 1}'),
        ("$request.body.room.no", "1"),
        ("$request.body.nobody", None),
        ("$request.header.X-Who", "bob"),
        ("$request.querystring.q", "1,2"),
        ("$request.querystring.p", None),
        ("$request.path.room", "a b"),
        ("$context.stage", "v1"),
        ("$stageVariables.table", "shop"),
        ("rooms/${request.path.room}/${request.body.nobody}", "rooms/a b/"),
    ],
)
def test_a_parameter_is_mapped_from_the_request(mapping: str, value: str | None) -> None:
    assert ASKED.value(mapping) == value


def test_a_body_that_is_no_json_has_no_members() -> None:
    asked = Asked(b"no json", {}, {}, {}, {}, {})
    assert (asked.value("$request.body"), asked.value("$request.body.who")) == ("no json", None)


def sent(subtype: str, **mappings: str) -> Any:
    call = called(subtype, mappings, ASKED, "us-east-1")
    assert call is not None
    form = call.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    told = {name: values[0] for name, values in parse_qs(call.body.decode()).items()} if form else json.loads(call.body)
    return call.service, call.region, call.headers.get("X-Amz-Target"), told


def test_services_are_told_what_they_read() -> None:
    attributes = json.dumps({"kind": {"DataType": "String", "StringValue": "x"}})
    found = sent("SQS-SendMessage", QueueUrl="u", MessageBody="$request.body.who", DelaySeconds="5", MessageAttributes=attributes)
    assert found[3] == {
        "Action": "SendMessage",
        "Version": "2012-11-05",
        "QueueUrl": "u",
        "MessageBody": "ann",
        "DelaySeconds": "5",
        "MessageAttribute.1.Name": "kind",
        "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "x",
    }
    assert sent("SQS-ReceiveMessage", QueueUrl="u", AttributeNames='["All"]')[3]["AttributeName.1"] == "All"
    entry = {"Source": "s", "DetailType": "d", "Detail": "ann", "Resources": ["r"]}
    told = {"Source": "s", "DetailType": "d", "Detail": "$request.body.who", "Resources": '["r"]', "Region": "eu-west-1"}
    assert sent("EventBridge-PutEvents", **told) == ("events", "eu-west-1", "AWSEvents.PutEvents", {"Entries": [entry]})
    started = sent("StepFunctions-StartExecution", StateMachineArn="m", Input="$request.body.room", Name="$request.querystring.p")
    assert started == ("states", "us-east-1", "AWSStepFunctions.StartExecution", {"stateMachineArn": "m", "input": '{"no": 1}'})
    put = sent("Kinesis-PutRecord", StreamName="s", Data="$request.body.who", PartitionKey="k")
    assert put[3] == {"StreamName": "s", "Data": "YW5u", "PartitionKey": "k"}


def test_what_is_not_called_here_is_none() -> None:
    assert called("AppConfig-GetConfiguration", {}, ASKED, "us-east-1") is None
