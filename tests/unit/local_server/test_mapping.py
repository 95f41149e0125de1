"""What is mapped of requests to integrations, and of their answers."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.local.server.direct import called
from gateleg.local.server.mapping import Received, Sent, answered

PARAMETERS = {"path": {"id": "a b"}, "querystring": {"q": "1"}, "header": {"Content-Type": "application/json; charset=utf-8", "X-One": "x"}}
SENT = Sent(b'{"a":1}', PARAMETERS, {"identity": {"sourceIp": "127.0.0.1"}}, {"color": "red"})
RESPONSES: dict[str, Any] = {
    "200": {"statusCode": "200", "responseParameters": {"method.response.header.T": "integration.response.header.X-T"}},
    "409": {"statusCode": "409", "selectionPattern": "4..", "responseTemplates": {"application/json": "no $input.body"}},
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'static'", "static"),
        ("method.request.path.id", "a b"),
        ("method.request.querystring.q", "1"),
        ("method.request.header.x-one", "x"),
        ("context.identity.sourceIp", "127.0.0.1"),
        ("stageVariables.color", "red"),
        ("method.request.header.none", None),
        ("context.none.at.all", None),
    ],
)
def test_a_mapping_takes_its_value_from_where_it_says(source: str, expected: str | None) -> None:
    mapped = SENT.mapped({"requestParameters": {"integration.request.header.X": source}})
    assert mapped["header"] == ({} if expected is None else {"X": expected})


def test_the_template_is_that_of_the_media_type() -> None:
    assert SENT.body_for({"requestTemplates": {"application/json": "$input.json('$.a')"}}) == b"1"
    assert SENT.body_for({"requestTemplates": {"text/plain": "no"}}) == SENT.body


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("dynamodb:action/GetItem", ("/", "DynamoDB_20120810.GetItem", "application/x-amz-json-1.0")),
        ("states:action/StartExecution", ("/", "AWSStepFunctions.StartExecution", "application/x-amz-json-1.0")),
        ("events:action/PutEvents", ("/", "AWSEvents.PutEvents", "application/x-amz-json-1.1")),
        ("kinesis:action/PutRecord", ("/", "Kinesis_20131202.PutRecord", "application/x-amz-json-1.1")),
        ("sns:action/Publish", ("/", None, "application/x-www-form-urlencoded")),
        ("s3:path/bucket/{key}.txt", ("/bucket/a%20b.txt", None, None)),
    ],
)
def test_a_service_is_called_as_it_reads_its_requests(uri: str, expected: tuple[str, str | None, str | None]) -> None:
    mapping = {"integration.request.path.key": "method.request.path.id"}
    integration = {"uri": f"arn:aws:apigateway:eu-west-1:{uri}", "httpMethod": "POST", "requestParameters": mapping}
    call = called(integration, SENT, "us-east-1")
    assert call is not None
    assert (call.path, call.headers.get("X-Amz-Target"), call.headers.get("Content-Type"), call.region) == (*expected, "eu-west-1")


@pytest.mark.parametrize("uri", ["", "https://a.example", "arn:aws:lambda:eu-west-1:1:function:f"])
def test_what_is_no_service_is_not_called(uri: str) -> None:
    assert called({"uri": uri, "httpMethod": "POST"}, SENT, "us-east-1") is None


def test_the_answer_is_that_of_the_pattern() -> None:
    assert answered({"integrationResponses": RESPONSES}, SENT, Received(200, {"x-t": "1"}, b"raw")) == (
        200,
        {"Content-Type": "application/json", "T": "1"},
        b"raw",
    )
    assert answered({"integrationResponses": RESPONSES}, SENT, Received(404, {}, b"such"))[::2] == (409, b"no such")
    assert answered({"integrationResponses": {"409": RESPONSES["409"]}}, SENT, Received(200, {}, b""))[0] == 500
