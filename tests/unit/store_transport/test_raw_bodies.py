"""What is read from raw bodies is what botocore reads."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ChecksumError, ClientError
from botocore.parsers import ResponseParserError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateleg.errors import OutcomeUnknownError, StoreError
from gateleg.store import BotocoreTransport, Patience, Store
from tests.unit.store.notes import TABLE, Tally

if TYPE_CHECKING:
    from tests.unit.store_transport.canned import Canned

pytestmark = pytest.mark.slow

Wire = dict[str, Any]

names = st.sampled_from(["pk", "B", "BS", "S", "M", "L", "N", "NULL", "a.b", "é", '"B":', ""]) | st.text(max_size=4)
texts = st.text(max_size=8) | st.sampled_from(['"B":', '{"B":"YQ=="}', "\\"])
numbers = st.sampled_from(["0", "-1.5", "1E+125", "12345678901234567890123456789012345678", "0.1"])
blobs = st.binary(max_size=8)


def tagged(**content: st.SearchStrategy[Any]) -> st.SearchStrategy[Wire]:
    return st.fixed_dictionaries(content)


def some(of: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, min_size=least, max_size=3)


def grown(inner: st.SearchStrategy[Wire]) -> st.SearchStrategy[Wire]:
    return tagged(M=st.dictionaries(names, inner, max_size=3)) | tagged(L=some(inner))


scalars = tagged(S=texts) | tagged(N=numbers) | tagged(B=blobs) | tagged(BOOL=st.booleans()) | tagged(NULL=st.just(value=True))
sets = tagged(SS=some(texts, 1)) | tagged(NS=some(numbers, 1)) | tagged(BS=some(blobs, 1))
items: st.SearchStrategy[Wire] = st.dictionaries(names, st.recursive(scalars | sets, grown, max_leaves=8), max_size=5)
capacity = st.just(
    {
        "TableName": "t",
        "CapacityUnits": 1.5,
        "Table": {"CapacityUnits": 1, "ReadCapacityUnits": 0.5},
        "GlobalSecondaryIndexes": {"BS1": {"CapacityUnits": 0.5}},
    }
)
metrics = tagged(ItemCollectionKey=items, SizeEstimateRangeGB=st.just([0, 1.5]))
optional: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "GetItem": {"Item": items, "ConsumedCapacity": capacity},
    "Query": {"Items": some(items), "Count": st.integers(0, 9), "LastEvaluatedKey": items, "ConsumedCapacity": capacity},
    "Scan": {"Items": some(items), "ScannedCount": st.integers(0, 9), "LastEvaluatedKey": items},
    "UpdateItem": {"Attributes": items, "ItemCollectionMetrics": metrics},
    "BatchGetItem": {
        "Responses": st.dictionaries(names, some(items), max_size=2),
        "UnprocessedKeys": tagged(table=tagged(Keys=some(items))),
    },
    "PutItem": {"Attributes": items},
    "BatchWriteItem": {"UnprocessedItems": tagged(table=some(tagged(PutRequest=tagged(Item=items)), 1))},
    "TransactGetItems": {"Responses": some(tagged(Item=items)), "ConsumedCapacity": some(capacity)},
    "ExecuteStatement": {"Items": some(items), "NextToken": texts, "LastEvaluatedKey": items},
}
PARAMS: dict[str, dict[str, Any]] = {
    "BatchGetItem": {"RequestItems": {}},
    "ExecuteStatement": {"Statement": ""},
    "BatchWriteItem": {"RequestItems": {}},
    "TransactGetItems": {"TransactItems": []},
}
ANY: dict[str, Any] = {"Item": {"pk": {"S": "a"}}}


def proven(canned: Canned) -> BotocoreTransport:
    """A transport that has seen an answer, and reads raw bodies from now on."""
    transport = BotocoreTransport(canned.client)
    canned.say(ANY)
    transport.call("GetItem", {"TableName": "t", "Key": {}})
    return transport


@pytest.mark.parametrize("operation", optional)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(data=st.data())
def test_every_answer_is_read_as_botocore_reads_it(canned: Canned, operation: str, data: st.DataObject) -> None:
    said: Wire = data.draw(st.fixed_dictionaries({}, optional=optional[operation]))
    params = PARAMS.get(operation, {"TableName": "t"})
    transport = proven(canned)
    canned.say(said)
    own = transport.call(operation, params)
    assert own == BotocoreTransport(canned.client).call(operation, params)
    assert own["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert {name: value for name, value in own.items() if name != "ResponseMetadata"} == said


def test_a_body_that_was_damaged_on_its_way_is_refused(canned: Canned) -> None:
    transport = proven(canned)
    canned.say(ANY, x_amz_crc32="1")
    with pytest.raises(ChecksumError):
        transport.call("GetItem", {})
    with pytest.raises(ChecksumError):
        BotocoreTransport(canned.client).call("GetItem", {})


def test_a_write_whose_answer_was_damaged_is_unknown(canned: Canned) -> None:
    canned.say({"Attributes": Tally.__gateleg__.encode(Tally(name="a"))}, x_amz_crc32="1")
    store = Store(TABLE, table_name="physical", client=canned.client, patience=Patience(base=0))
    with pytest.raises(OutcomeUnknownError, match="checksum"):
        store.update(Tally.key(name="a"), Tally.count.add(1))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff", b'{"Item":'])
def test_a_body_that_is_no_object_is_no_answer(canned: Canned, body: bytes) -> None:
    transport = proven(canned)
    canned.body, canned.headers = body, {}
    with pytest.raises(ResponseParserError):
        transport.call("GetItem", {})
    store = Store(TABLE, table_name="physical", transport=transport, patience=Patience(base=0))
    with pytest.raises(StoreError, match="did not answer"):
        store.get(Tally.key(name="a"))


def test_an_empty_body_is_an_empty_answer(canned: Canned) -> None:
    transport = proven(canned)
    canned.body, canned.headers = b"", {}
    assert set(transport.call("PutItem", {})) == {"ResponseMetadata"}


def test_errors_are_botocores_to_read(canned: Canned) -> None:
    transport = proven(canned)
    reasons = [{"Code": "ConditionalCheckFailed", "Item": {"pk": {"B": b"a"}}}]
    canned.say({"__type": "x#TransactionCanceledException", "Message": "no", "CancellationReasons": reasons}, status=400)
    with pytest.raises(ClientError) as caught:
        transport.call("TransactWriteItems", {})
    assert caught.value.response.get("CancellationReasons") == reasons


def test_others_who_use_the_client_notice_nothing(canned: Canned) -> None:
    transport = proven(canned)
    answer: Any = canned.client.get_item(TableName="t", Key={})
    assert answer["Item"] == ANY["Item"]
    seen: list[Any] = []

    def during(**_: object) -> None:
        thread = Thread(target=lambda: seen.append(canned.client.get_item(TableName="t", Key={})))
        canned.client.meta.events.unregister("before-call.dynamodb", during)
        thread.start()
        thread.join()

    canned.client.meta.events.register("before-call.dynamodb", during)
    transport.call("GetItem", {})
    assert seen[0]["Item"] == ANY["Item"]


def test_botocore_is_spared_the_body_once_the_first_answer_was_read_both_ways(canned: Canned) -> None:
    transport, seen = BotocoreTransport(canned.client), list[dict[str, Any]]()

    def note(parsed: dict[str, Any], **_: object) -> None:
        seen.append(dict(parsed))

    canned.client.meta.events.register("after-call.dynamodb", note)
    canned.say({})
    transport.call("GetItem", {})
    canned.say(ANY)
    given = [transport.call("GetItem", {})["Item"] for _ in range(2)]
    canned.client.meta.events.unregister("after-call.dynamodb", note)
    assert given == [ANY["Item"]] * 2
    assert ["Item" in parsed for parsed in seen] == [False, True, False]


def test_where_botocore_reads_something_else_its_reading_counts(canned: Canned) -> None:
    def shout(parsed: dict[str, Any], **_: object) -> None:
        parsed["Item"]["pk"]["S"] += "!"

    canned.say(ANY)
    canned.client.meta.events.register("after-call.dynamodb", shout)
    transport = BotocoreTransport(canned.client)
    given = [transport.call("GetItem", {})["Item"] for _ in range(3)]
    canned.client.meta.events.unregister("after-call.dynamodb", shout)
    assert given == [{"pk": {"S": "a!"}}] * 3


def test_what_is_no_json_is_left_to_botocore(canned: Canned) -> None:
    transport = proven(canned)
    canned.say(ANY, content_type="application/cbor")
    assert transport.call("GetItem", {})["Item"] == ANY["Item"]
