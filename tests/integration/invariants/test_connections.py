"""The registry of connections: whatever comes twice, in another order, or fails half-way, a disconnect that was processed leaves nothing.

What it promises: `forget` deletes a connection and all that it is subscribed to, and whatever comes of that connection later, or at the same
moment, leaves nothing: it is refused.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ConnectionGoneError
from gateleg.model import Table
from gateleg.websocket import Connections, CurrentConnection
from tests.integration.invariants.harness import CLIENTS, DEEDS, IMPATIENCE, history, seeds

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

SOCKETS = Table("sockets", partition_key="pk", sort_key="sk", ttl="expires_at")
REGISTRY = Connections(SOCKETS)
"""Declares the registry's entities before a table is made."""
NOW = datetime.now(UTC)
TOPICS = ("room:a", "room:b", "room:c")


def connection(name: str) -> CurrentConnection:
    return CurrentConnection(name, principal=f"of {name}", endpoint="https://unused.example.com/prod", connected_at=NOW)


@dataclass(frozen=True)
class Connect:
    name: str

    def __call__(self, store: Store) -> None:
        with suppress(ConnectionGoneError):
            Connections(SOCKETS, store=store).register(connection(self.name))


@dataclass(frozen=True)
class Join:
    name: str
    topic: str

    def __call__(self, store: Store) -> None:
        with suppress(ConnectionGoneError):
            Connections(SOCKETS, store=store).join(self.topic, connection=connection(self.name))


@dataclass(frozen=True)
class Leave:
    name: str
    topic: str

    def __call__(self, store: Store) -> None:
        Connections(SOCKETS, store=store).leave(self.topic, connection=self.name)


@dataclass(frozen=True)
class Disconnect:
    name: str

    def __call__(self, store: Store) -> None:
        Connections(SOCKETS, store=store).forget(self.name)


def some_event(client: Client, name: str, *, ends: bool = True) -> Connect | Join | Leave | Disconnect:
    topic = client.chance.choice(TOPICS)
    events: list[Connect | Join | Leave | Disconnect] = [Connect(name), Join(name, topic), Join(name, topic), Leave(name, topic)]
    return client.chance.choice([*events, Disconnect(name)] if ends else events)


def items(make_store: MakeStore, store: Store) -> list[dict[str, Any]]:
    """All but what is remembered of connections that have ended."""
    found: list[dict[str, Any]] = [dict(item) for item in make_store.client.scan(TableName=store.table_name)["Items"]]
    return [item for item in found if item.get("ended") != {"BOOL": True}]


@seeds
def test_nothing_of_a_connection_is_left_after_its_disconnect_and_others_stay(make_store: MakeStore, seed: int) -> None:
    store = make_store(SOCKETS)
    stays: dict[str, str] = {}

    def work(client: Client) -> None:
        for number in range(4):
            name = f"{client.number}-{number}"
            for _ in range(5):
                client.do(some_event(client, name, ends=bool(number % 3)))
            if number % 3:
                client.insist(Disconnect(name))
                continue
            client.insist(Connect(name))
            for topic in TOPICS:
                client.insist(Leave(name, topic))
            stays[name] = client.chance.choice(TOPICS)
            client.insist(Join(name, stays[name]))

    made = history(make_store, store, seed, work, patience=IMPATIENCE)
    assert len(made.deeds("done", Disconnect)) >= len(stays) > 0
    kept = {(f"CONNECTION#{name}", "CONNECTION") for name in stays}
    for name, topic in stays.items():
        for subscribed in (f"principal:of {name}", topic):
            kept |= {(f"CONNECTION#{name}", f"TOPIC#{subscribed}"), (f"TOPIC#{subscribed}", f"CONNECTION#{name}")}
    assert {(item["pk"]["S"], item["sk"]["S"]) for item in items(make_store, store)} == kept
    for topic in TOPICS:
        there = {present.connection_id for present in Connections(SOCKETS, store=store).of(topic)}
        assert there == {name for name, joined in stays.items() if joined == topic}


@seeds
def test_events_of_one_moment_leave_nothing_behind_a_disconnect(make_store: MakeStore, seed: int) -> None:
    store = make_store(SOCKETS)
    names = ["one", "two"]

    def work(client: Client) -> None:
        for _ in range(DEEDS):
            client.do(some_event(client, client.chance.choice(names)))

    made = history(make_store, store, seed, work, patience=IMPATIENCE)
    assert len(made.told) == CLIENTS * DEEDS
    registry = Connections(SOCKETS, store=store)
    latest = NOW + timedelta(hours=2, minutes=15)
    assert all(int(item["expires_at"]["N"]) <= latest.timestamp() for item in items(make_store, store))
    for name in names:
        registry.forget(name)
        assert registry.topics_of(name) == ()
    assert items(make_store, store) == []
