"""What engines really answer is read as botocore reads it, and faster paths give the same entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.store import BotocoreTransport
from tests.integration.store.chat import PLAIN, Everything

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


def body(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_answers_of_an_engine_are_read_as_botocore_reads_them(dynamodb_engine: DynamoDBClient, make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    for number in range(3):
        store.put(Everything(owner="o", number=number))
    transport = BotocoreTransport(dynamodb_engine)
    name, key = store.table_name, dict(Everything.key(owner="o", number=1).wire)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("GetItem", {"TableName": name, "Key": key, "ReturnConsumedCapacity": "INDEXES"}),
        ("Scan", {"TableName": name, "Limit": 2, "ReturnConsumedCapacity": "TOTAL"}),
        ("BatchGetItem", {"RequestItems": {name: {"Keys": [key]}}}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": name, "Key": key}}]}),
    ]
    for operation, params in asked:
        transport.call(operation, params)
        raw = body(transport.call(operation, params))
        assert raw == body(BotocoreTransport(dynamodb_engine).call(operation, params))
        assert len(raw) > 0


def test_bodies_are_really_read_raw(dynamodb_engine: DynamoDBClient, make_store: MakeStore) -> None:
    store, parsed = make_store(PLAIN), list[bool]()

    def note(**given: Any) -> None:
        parsed.append("Item" in given["parsed"])

    stored = store.put(Everything(owner="o", number=1))
    dynamodb_engine.meta.events.register("after-call.dynamodb.GetItem", note)
    found = [store.get(Everything.key(owner="o", number=1), consistent=True) for _ in range(3)]
    dynamodb_engine.meta.events.unregister("after-call.dynamodb.GetItem", note)
    assert found == [stored] * 3
    assert parsed == [True, False, False]
