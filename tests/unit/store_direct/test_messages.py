"""Requests hold what botocore's would, and answers and errors are read as botocore reads them."""

from __future__ import annotations

import gzip
import json
import zlib
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ChecksumError, ClientError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import BindingError
from gateleg.store.direct.replies import Reply
from gateleg.store.direct.wire import Wire, encoded
from tests.unit.store_direct.conftest import StillKeys
from tests.unit.store_direct.values import BLOBS, NAMES, TEXT, nested, tagged
from tests.unit.store_transport.canned import Canned

SENT = nested(
    tagged("S", TEXT | st.sampled_from(['"B":"', '"BS":["']))
    | tagged("B", BLOBS | BLOBS.map(bytearray) | TEXT)
    | tagged("BS", st.lists(BLOBS | TEXT, min_size=1, max_size=3))
    | tagged("N", st.integers().map(str))
    | tagged("NULL", st.just(value=True)),
    NAMES | TEXT,
)


@pytest.fixture(scope="module")
def canned() -> Canned:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", "none")
        return Canned()


@given(item=st.dictionaries(NAMES | TEXT.filter(bool), SENT, max_size=4))
def test_bodies_say_what_botocores_say(canned: Canned, item: dict[str, Any]) -> None:
    params = {"TableName": "t", "Item": item, "ConditionExpression": "attribute_not_exists(#b)", "ExpressionAttributeNames": {"#b": "B"}}
    sent: list[bytes] = []
    events: Any = canned.client.meta.events

    def note(request: Any, **_: object) -> None:
        sent.append(request.body)

    events.register_first("before-send.dynamodb", note)
    canned.say({})
    client: Any = canned.client
    client.put_item(**params)
    events.unregister("before-send.dynamodb", note)

    assert json.loads(encoded(params)) == json.loads(sent[0])


@pytest.mark.parametrize("value", [{"S": Decimal(1)}, {"SS": {"a"}}, {"B": 3}, {"B": None}, {"BS": ["x", 3]}, {"BS": [[b"x"]]}])
def test_what_is_no_wire_form_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises((TypeError, AttributeError)):
        encoded({"Item": {"a": value, "b": {"B": "x"}, "c": {"B": b"x"}}})


def test_transactions_get_a_token_where_the_caller_gives_none() -> None:
    wire = Wire("http://127.0.0.1", "eu-north-1", StillKeys())
    given = {"TransactItems": list[Any]()}
    tokens = {json.loads(wire.message("TransactWriteItems", given).body)["ClientRequestToken"] for _ in range(2)}

    assert len(tokens) == 2
    assert given == {"TransactItems": []}
    assert json.loads(wire.message("TransactWriteItems", {**given, "ClientRequestToken": "mine"}).body)["ClientRequestToken"] == "mine"


def test_operations_with_other_answers_are_refused() -> None:
    with pytest.raises(BindingError, match="send DescribeTable with a boto3 client"):
        Wire("http://127.0.0.1", "eu-north-1", StillKeys()).message("DescribeTable", {"TableName": "t"})


ERRORS: list[tuple[int, bytes]] = [
    (
        400,
        b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":{"pk":{"S":"a"},"b":{"B":"eA=="}}}',
    ),
    (400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Message":"no"}'),
    (
        400,
        (
            b'{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"no",'
            b'"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m","Item":{"pk":{"S":"a"}}}]}'
        ),
    ),
    (400, b'{"__type":"com.amazon.coral.service#AccessDeniedException:http://x","Message":"not you"}'),
    (400, b'{"__type":"ThrottlingException"}'),
    (400, b'{"message":"no type"}'),
    (400, b""),
    (400, b"plain text"),
    (302, b"elsewhere"),
    (500, b'{"__type":"InternalServerError","message":"sorry"}'),
    (503, b"<html><body><b>Http/1.1 Service Unavailable</b></body></html>"),
    (503, b"  "),
    (599, b""),
]


@pytest.mark.parametrize(("status", "body"), ERRORS)
def test_errors_are_read_as_botocore_reads_them(canned: Canned, status: int, body: bytes) -> None:
    headers = {"x-amzn-requestid": "R1"}
    canned.body, canned.status, canned.headers = body, status, headers
    with pytest.raises(ClientError) as theirs:
        canned.client.get_item(TableName="t", Key={"pk": {"S": "a"}})
    with pytest.raises(ClientError) as ours:
        Reply(status, {"content-type": "application/x-amz-json-1.0", **headers}, body).answer("GetItem")
    got: dict[str, Any] = {**ours.value.response}
    expected: dict[str, Any] = {**theirs.value.response}
    metadata = got.pop("ResponseMetadata")
    if status < 500:  # of generic errors, botocore does not keep the request's id
        assert metadata["RequestId"] == "R1"
        assert expected["ResponseMetadata"]["RequestId"] == "R1"
    assert metadata["HTTPStatusCode"] == expected.pop("ResponseMetadata")["HTTPStatusCode"] == status
    assert {name: value for name, value in got.items() if name not in {"message", "Message"}} == {
        name: value for name, value in expected.items() if name not in {"message", "Message"}
    }
    assert str(ours.value) == str(theirs.value).replace(" (reached max retries: 0)", "")


def test_answers_keep_what_is_said_of_the_exchange() -> None:
    headers = {"x-amzn-requestid": "R1", "x-amz-crc32": str(zlib.crc32(b"{}"))}

    assert Reply(200, headers, b"{}").answer("PutItem") == {
        "ResponseMetadata": {"RequestId": "R1", "HTTPStatusCode": 200, "HTTPHeaders": headers, "RetryAttempts": 0}
    }


def test_compressed_answers_are_read() -> None:
    reply = Reply(200, {"content-encoding": "gzip"}, gzip.compress(b'{"Item":{"a":{"S":"x"}}}'))

    assert reply.answer("GetItem")["Item"] == {"a": {"S": "x"}}


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ({"x-amz-crc32": "1"}, b"{}", ChecksumError),
        ({}, b"[]", ResponseParserError),
        ({}, b"{", ResponseParserError),
        ({"content-encoding": "gzip"}, b"{}", ResponseParserError),
        ({"content-encoding": "gzip"}, gzip.compress(b"{}", mtime=0)[:-4], ResponseParserError),
        ({"content-encoding": "br"}, b"{}", ResponseParserError),
    ],
)
def test_what_cannot_be_read_is_no_answer(headers: dict[str, str], body: bytes, error: type[Exception]) -> None:
    for status in (200, 400):
        if status == 400 and "content-encoding" not in headers and "x-amz-crc32" not in headers:
            continue
        with pytest.raises(error):
            Reply(status, headers, body).answer("GetItem")
