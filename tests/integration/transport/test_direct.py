"""The direct transport gives on both engines what botocore gives: answers, errors, and all that a store makes of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateleg.errors import ItemExistsError, TableNotFoundError, TransactionCanceledError, VersionConflictError
from gateleg.store import AsyncDirectTransport, AsyncStore, BotocoreTransport, DirectTransport, Patience, Store
from tests.integration.store.chat import CHAT, PLAIN, Counter, Everything, Message
from tests.unit.store_direct.values import BLOBS, NAMES, TEXT, nested, sets_of, tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.model import Table

pytestmark = pytest.mark.integration

KEYS = ["a key that only tests use"]


class Keys:
    """The engines' invented credentials."""

    access_key, secret_key, token = "AKIAGATELEGTESTS0000", "tests", None

    def get_frozen_credentials(self) -> Keys:
        return self


class Reader(Protocol):
    """A transport."""

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]: ...


@pytest.fixture
def direct(dynamodb_engine: DynamoDBClient) -> Iterator[DirectTransport]:
    with DirectTransport(endpoint=dynamodb_engine.meta.endpoint_url, region="eu-north-1", credentials=Keys(), read_seconds=10) as transport:
        yield transport


@pytest.fixture
def through(direct: DirectTransport, make_store: Callable[[Table], Store]) -> Callable[[Table], tuple[Store, Store]]:
    """A store on the direct transport, and one on botocore's, on the same table."""

    def make(table: Table) -> tuple[Store, Store]:
        botocore = make_store(table)
        patience = Patience(attempts=2, base=0)
        return Store(table, table_name=botocore.table_name, transport=direct, cursor_keys=KEYS, patience=patience), botocore

    return make


def body(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def message(number: int) -> Message:
    return Message(room="lobby", message_id=f"m{number:02}", author="Ann", body="hello", tags={"a", "b"}, counts={"x": 1})


def create(store: Store, *names: str) -> None:
    with store.transact() as tx:
        for name in names:
            tx.create(Counter(name=name))


def test_items_are_written_and_read(through: Callable[[Table], tuple[Store, Store]]) -> None:
    store, botocore = through(CHAT)
    created = store.create(message(1))
    assert store.get(created.key, consistent=True) == created == botocore.get(created.key)
    with pytest.raises(ItemExistsError) as exists:
        store.create(message(1))
    with pytest.raises(ItemExistsError) as known:
        botocore.create(message(1))
    assert (exists.value.item, str(exists.value)) == (known.value.item, str(known.value))
    updated = store.update(created, Message.likes.add(2))
    assert (updated.likes, updated.revision) == (2, 2)
    with pytest.raises(VersionConflictError) as conflict:
        store.update(created, Message.likes.add(2))
    assert conflict.value.item == updated
    assert store.delete(updated, when=Message.likes == 2) == updated
    assert store.get(created.key) is None


def test_several_items_are_written_and_read(through: Callable[[Table], tuple[Store, Store]]) -> None:
    store, botocore = through(CHAT)
    store.batch_put([message(number) for number in range(30)])
    query = Message.in_room(room="lobby")
    found = list(store.query(query))
    assert found == list(botocore.query(query))
    assert len(found) == store.count(query) == 30
    first = store.page(query, limit=20)
    assert [*first.items, *store.page(query, limit=20, cursor=first.cursor).items] == found
    assert {one.message_id for one in store.scan(Message)} == {one.message_id for one in found}
    assert store.batch_get([one.key for one in found]) == found
    assert store.transact_get(found[0].key, Counter.key(name="none")) == (found[0], None)
    assert store.partiql("SELECT * FROM {table} WHERE pk = ? AND sk = ?", [found[0].key.wire[name]["S"] for name in ("pk", "sk")]) == [
        found[0]
    ]
    store.batch_delete([one.key for one in found])
    assert store.count(Message) == 0


def test_transactions_are_done_or_say_why_not(through: Callable[[Table], tuple[Store, Store]]) -> None:
    store, botocore = through(CHAT)
    create(store, "a", "b")
    said: list[Any] = []
    for one in (store, botocore):
        with pytest.raises(TransactionCanceledError) as canceled:
            create(one, "c", "a")
        said.append([(type(reason), str(reason)) for reason in canceled.value.reasons])
    assert said[0] == said[1]
    assert said[0][0][0] is type(None)
    assert store.get(Counter.key(name="c")) is None


def test_a_table_that_is_not_there_is_said(direct: DirectTransport) -> None:
    with pytest.raises(TableNotFoundError):
        Store(CHAT, table_name="nowhere", transport=direct).get(message(1).key)


VALUES = nested(
    tagged("S", TEXT)
    | tagged("N", st.integers(-(10**37), 10**37).map(str))
    | tagged("B", BLOBS)
    | tagged("BOOL", st.booleans())
    | tagged("NULL", st.just(value=True))
    | tagged("BS", sets_of(BLOBS))
    | tagged("SS", sets_of(TEXT.filter(bool)))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(item=st.dictionaries(NAMES, VALUES, max_size=5))
def test_answers_are_those_of_botocores_own_parser(
    dynamodb_engine: DynamoDBClient, through: Callable[[Table], tuple[Store, Store]], direct: DirectTransport, item: dict[str, Any]
) -> None:
    table = TABLES.get(id(through)) or TABLES.setdefault(id(through), through(PLAIN)[0].table_name)
    key = dict(Everything.key(owner="o", number=1).wire)
    direct.call("PutItem", {"TableName": table, "Item": {**item, **key}})
    asked: Any = {"TableName": table, "Key": key, "ReturnConsumedCapacity": "INDEXES", "ConsistentRead": True}
    expected: Any = dynamodb_engine.get_item(**asked)
    assert body(direct.call("GetItem", asked)) == body(expected)
    assert set(expected["Item"]) == {*item, *key}
    refused = {
        "TableName": table,
        "Item": key,
        "ConditionExpression": "attribute_not_exists(#k)",
        "ExpressionAttributeNames": {"#k": next(iter(key))},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    said: list[Any] = []
    readers: list[Reader] = [direct, BotocoreTransport(dynamodb_engine)]
    for reader in readers:
        with pytest.raises(ClientError) as failed:
            reader.call("PutItem", refused)
        said.append({name: failed.value.response.get(name) for name in ("Error", "Item")})
    assert said[0] == said[1]
    assert said[0]["Item"] == expected["Item"]


TABLES: dict[int, str] = {}
"""One table for all items of a test, since making one takes longer than using it."""


def test_every_type_of_value_comes_back(through: Callable[[Table], tuple[Store, Store]]) -> None:
    store, botocore = through(PLAIN)
    stored = store.put(Everything(owner="o", number=1))
    assert store.get(Everything.key(owner="o", number=1), consistent=True) == stored
    assert botocore.get(Everything.key(owner="o", number=1), consistent=True) == stored


def test_an_awaited_store_does_the_same(dynamodb_engine: DynamoDBClient, make_store: Callable[[Table], Store]) -> None:
    waiting = make_store(CHAT)

    async def act() -> None:
        async with AsyncDirectTransport(
            endpoint=dynamodb_engine.meta.endpoint_url, region="eu-north-1", credentials=Keys(), read_seconds=10
        ) as transport:
            store = AsyncStore(CHAT, table_name=waiting.table_name, transport=transport, cursor_keys=KEYS)
            made = await asyncio.gather(*(store.create(message(number)) for number in range(20)))
            assert [one async for one in store.query(Message.in_room(room="lobby"))] == made[::-1]
            with pytest.raises(ItemExistsError):
                await store.create(message(1))

    asyncio.run(act())
    assert waiting.count(Message) == 20
