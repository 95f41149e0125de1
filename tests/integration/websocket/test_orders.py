"""The registry under any order of events, doubled, lost and cut short: what is stored is what the model says, item by item."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gateleg.errors import ConnectionGoneError
from gateleg.store import BotocoreTransport, Store
from gateleg.websocket import Connections, CurrentConnection
from tests.integration.websocket.conftest import CHAT
from tests.seeds import SEEDS

if TYPE_CHECKING:
    from gateleg.store import DynamoDBClient
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)
NAMES = st.sampled_from(["one", "two", "three"])
TOPICS = st.sampled_from(["a", "a#1", "b"])
SHARDS = {"a": 3, "a#1": 1, "b": 1}


class Dying:
    """A transport of a function that ends after so many requests."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._inner = BotocoreTransport(client)
        self.left = 1_000_000

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return self._inner.call(operation, params)


class Orders(RuleBasedStateMachine):
    """Events of three connections; the model has the topics of each that is registered, those that have ended, and those whose end was cut short."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        super().__init__()
        self._client, self._table_name, self._transport = client, table_name, Dying(client)
        for item in self._items():
            client.delete_item(TableName=table_name, Key={name: item[name] for name in ("pk", "sk")})
        store = Store(CHAT, table_name=table_name, transport=self._transport)
        self._connections = Connections(CHAT, store=store, shards=SHARDS.__getitem__)
        self._open: dict[str, set[str]] = {}
        self._ended: set[str] = set()
        self._cut: set[str] = set()

    @rule(name=NAMES)
    def connect(self, name: str) -> None:
        if name in self._ended:
            with pytest.raises(ConnectionGoneError):
                self._connections.register(self._event(name))
        else:
            self._connections.register(self._event(name))
            self._open.setdefault(name, set())

    @rule(name=NAMES, topic=TOPICS)
    def join(self, name: str, topic: str) -> None:
        if name in self._open:
            self._connections.join(topic, connection=self._event(name))
            self._open[name].add(topic)
        else:
            with pytest.raises(ConnectionGoneError):
                self._connections.join(topic, connection=self._event(name))

    @rule(name=NAMES, topic=TOPICS)
    def leave(self, name: str, topic: str) -> None:
        self._connections.leave(topic, connection=name)
        if name in self._open:
            self._open[name].discard(topic)

    @rule(name=NAMES)
    def disconnect(self, name: str) -> None:
        topics = self._connections.forget(name)
        if name not in self._cut:
            assert set(topics) == self._open.get(name, set())
        self._end(name)
        self._cut.discard(name)

    @rule(name=NAMES, requests=st.integers(1, 2))
    def disconnect_cut_short(self, name: str, requests: int) -> None:
        self._transport.left = requests
        with contextlib.suppress(KeyboardInterrupt):
            self._connections.forget(name)
        self._transport.left = 1_000_000
        if self._open.get(name):
            self._cut.add(name)
        self._end(name)

    @rule(name=NAMES, topic=TOPICS, cut=st.booleans())
    def join_cut_short(self, name: str, topic: str, cut: bool) -> None:  # noqa: FBT001 (hypothesis gives it by name)
        self._transport.left = 0 if cut else 1
        with contextlib.suppress(KeyboardInterrupt, ConnectionGoneError):
            self._connections.join(topic, connection=self._event(name))
        self._transport.left = 1_000_000
        if name in self._open and not cut:
            self._open[name].add(topic)

    @invariant()
    def what_is_stored_is_what_was_told(self) -> None:
        stored = [item for item in self._items() if item["connection_id"]["S"] not in self._cut]
        known = {item["connection_id"]["S"]: "ended" in item and item["ended"]["BOOL"] for item in stored if "topic" not in item}
        assert known == {**dict.fromkeys(self._open, False), **dict.fromkeys(self._ended - self._cut, True)}
        pairs = {(name, topic) for name, topics in self._open.items() for topic in topics}
        for side in ("CONNECTION#", "TOPIC#"):
            told = [
                (item["connection_id"]["S"], item["topic"]["S"]) for item in stored if "topic" in item and item["pk"]["S"].startswith(side)
            ]
            assert sorted(told) == sorted(pairs)

    def teardown(self) -> None:
        for topic in SHARDS:
            there = {present.connection_id for present in self._connections.of(topic)}
            assert there - self._cut == {name for name, topics in self._open.items() if topic in topics}
        for name in {*self._open, *self._ended}:
            self._connections.forget(name)
        assert all(item.get("ended") == {"BOOL": True} for item in self._items())

    def _end(self, name: str) -> None:
        self._open.pop(name, None)
        self._ended.add(name)

    def _event(self, name: str) -> CurrentConnection:
        return CurrentConnection(name, principal="", endpoint="https://unused.example.com/prod", connected_at=NOW)

    def _items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [dict(item) for item in self._client.scan(TableName=self._table_name)["Items"]]
        return found


def test_any_order_of_events_leaves_what_the_model_says(make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> None:
    made = make_store(CHAT)
    machine: Any = partial(Orders, dynamodb_engine, made.table_name)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=3 * SEEDS,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            derandomize=True,
        ),
    )
