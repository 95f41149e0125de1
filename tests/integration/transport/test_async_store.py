"""The store that awaits does on both engines what the store that waits does, without holding up the event loop."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, ItemExistsError, OutcomeUnknownError, TransactionCanceledError
from gateleg.store import AsyncStore, Scan, Store, ThreadTransport
from gateleg.testing.faults import faults
from gateleg.testing.stores import CURSOR_KEYS, SHORT
from tests.integration.store.chat import CHAT, Counter, Message, Presence

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


@pytest.fixture
def waiting(make_store: MakeStore) -> Store:
    return make_store(CHAT)


@pytest.fixture
def store(waiting: Store, dynamodb_engine: DynamoDBClient) -> AsyncStore:
    return AsyncStore(CHAT, table_name=waiting.table_name, client=dynamodb_engine, cursor_keys=CURSOR_KEYS, patience=SHORT)


def message(number: int) -> Message:
    return Message(room="lobby", message_id=f"m{number}", author="Ann", body="hello")


def test_items_are_written_and_read(store: AsyncStore, waiting: Store) -> None:
    async def act() -> None:
        created = await store.create(message(1))
        assert await store.get(created.key, consistent=True) == created == waiting.get(created.key)
        with pytest.raises(ItemExistsError):
            await store.create(message(1))
        updated = await store.update(created, Message.likes.add(2))
        assert (updated.likes, updated.revision) == (2, 2)
        assert await store.delete(updated, when=Message.likes == 2) == updated
        assert await store.get(created.key) is None

    asyncio.run(act())


def test_many_items_are_read_and_counted(store: AsyncStore, waiting: Store) -> None:
    query = Message.in_room(room="lobby")

    async def act() -> None:
        await store.batch_put([message(number) for number in range(30)])
        found = [entity async for entity in store.query(query)]
        assert found == list(waiting.query(query))
        assert [entity async for entity in store.query(query.limit(3))] == found[:3]
        assert {entity.message_id async for entity in store.scan(Message)} == {entity.message_id for entity in found}
        assert await store.count(query) == len(found) == 30
        first = await store.page(query, limit=20)
        rest = await store.page(query, limit=20, cursor=first.cursor)
        assert [*first.items, *rest.items] == found
        assert waiting.page(query, limit=20, cursor=first.cursor).items == rest.items
        assert await store.batch_get([entity.key for entity in found]) == found
        await store.batch_delete([entity.key for entity in found])
        assert await store.count(Message) == 0

    asyncio.run(act())


async def create(store: AsyncStore, *names: str, then: Callable[[], object] = list) -> None:
    async with store.transact() as tx:
        for name in names:
            tx.create(Counter(name=name))
        then()


def test_a_transaction_is_sent_as_its_block_ends(store: AsyncStore) -> None:
    async def act() -> None:
        await create(store, "a", "b")
        assert await store.get(Counter.key(name="b")) is not None
        with pytest.raises(TransactionCanceledError, match="nothing was written"):
            await create(store, "c", "a")
        with pytest.raises(ValueError, match="of the caller's"):
            await create(store, "c", then=failing)
        assert await store.get(Counter.key(name="c"), consistent=True) is None

    asyncio.run(act())


def failing() -> None:
    message = "an error of the caller's"
    raise ValueError(message)


def test_tasks_add_up(store: AsyncStore) -> None:
    async def act() -> None:
        await store.create(Counter(name="a"))
        await asyncio.gather(*(store.update(Counter.key(name="a"), Counter.count.add(1)) for _ in range(25)))
        found = await store.get(Counter.key(name="a"), consistent=True)
        assert found is not None
        assert found.count == 25

    asyncio.run(act())


def test_the_event_loop_goes_on_while_an_answer_is_awaited() -> None:
    answered = threading.Event()

    class Slow:
        def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            assert answered.wait(timeout=30), f"the event loop did nothing while {operation} of {params} was under way"
            return {}

    async def act() -> None:
        store = AsyncStore(CHAT, table_name="t", transport=ThreadTransport(Slow()))
        reading = asyncio.create_task(store.get(Counter.key(name="a")))
        await asyncio.sleep(0)
        answered.set()
        assert await reading is None

    asyncio.run(act())


def test_a_lost_answer_leaves_a_write_unknown_and_it_is_sent_once(
    store: AsyncStore, waiting: Store, dynamodb_engine: DynamoDBClient
) -> None:
    waiting.create(Counter(name="a"))
    with faults(dynamodb_engine, lost=1) as met, pytest.raises(OutcomeUnknownError):
        asyncio.run(store.update(Counter.key(name="a"), Counter.count.add(1)))
    assert met.lost == 1
    found = waiting.get(Counter.key(name="a"), consistent=True)
    assert found is not None
    assert found.count == 1


def test_several_items_are_read_at_one_moment_and_by_statement(store: AsyncStore) -> None:
    async def act() -> None:
        await store.batch_put([Counter(name="a"), message(1)])
        assert await store.transact_get(Counter.key(name="a"), Counter.key(name="b")) == (Counter(name="a"), None)
        found = await store.partiql("SELECT * FROM {table} WHERE pk = ?", [Counter.key(name="a").wire["pk"]["S"]])
        assert found == [Counter(name="a")]
        collected = store.collect(Message.in_room(room="lobby"), Presence.in_room(room="lobby").reversed())
        assert [entity.room async for entity in collected] == ["lobby"]

    asyncio.run(act())


def test_what_is_asked_and_what_it_took_is_told(store: AsyncStore, waiting: Store) -> None:
    query = Message.in_room(room="lobby")
    results = store.query(query)
    assert results.params() == waiting.query(query).params()
    assert repr(store) == "AsyncStore(Table('chat'))"


@pytest.mark.parametrize("segments", [2, 13])
def test_a_scan_in_segments_finds_every_item_once_and_stops_when_enough_is_read(store: AsyncStore, waiting: Store, segments: int) -> None:
    waiting.batch_put([message(number) for number in range(40)])

    async def act() -> None:
        results = store.scan(Message, segments=segments)
        assert results.params()["TotalSegments"] == segments
        assert sorted([found.message_id async for found in results]) == sorted(f"m{number}" for number in range(40))
        assert results.reading.requests >= segments
        assert len([found async for found in store.scan(Scan.of(Message).limit(3), segments=segments)]) == 3
        with pytest.raises(ExpressionError, match="segments"):
            store.scan(Message, segments=0)

    asyncio.run(act())


def test_expired_items_are_hidden_on_request(waiting: Store, dynamodb_engine: DynamoDBClient) -> None:
    over = waiting.create(Presence(room="lobby", user="ann", expires=datetime(2020, 1, 1, tzinfo=UTC)))

    async def act() -> None:
        hiding = AsyncStore(CHAT, table_name=waiting.table_name, client=dynamodb_engine, hide_expired=True)
        assert await hiding.get(over.key) is None
        assert await hiding.count(Presence) == 0

    asyncio.run(act())
