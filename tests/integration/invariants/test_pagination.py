"""Pages that are turned while others write: what stays is met once on each walk, and nothing is met twice or out of order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING

import pytest

from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key
from tests.integration.invariants.harness import CLIENTS, DEEDS, history, seeds

if TYPE_CHECKING:
    from gateleg.model import Page, Query
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

FEED = Table("feed", partition_key="pk", sort_key="sk", indexes=[Index("by_topic", partition_key="gpk", sort_key="gsk")])
NUMBERS = range(60)
STABLE = [number for number in NUMBERS if number % 3 == 0]


class Entry(Entity, table=FEED):
    feed: Attr[str] = attr(default="a")
    number: Attr[int]
    topic: Attr[str] = attr(default="t")
    likes: Attr[int] = attr(default=0)

    key = key("FEED#{feed}", "ENTRY#{number:06d}")
    topic_key = index_key("by_topic", "TOPIC#{topic}", "{number:06d}")

    @access
    def of(*, feed: str) -> None: ...

    @access(index="by_topic")
    def about(*, topic: str) -> None: ...


QUERIES: list[Query[Entry]] = [
    Entry.of(feed="a"),
    Entry.of(feed="a").reversed(),
    Entry.of(feed="a").where(Entry.likes >= 0),
    Entry.about(topic="t"),
    Entry.about(topic="t").reversed(),
]


@dataclass(frozen=True)
class Turn:
    """Reads one page."""

    query: Query[Entry]
    limit: int
    cursor: str | None

    def __call__(self, store: Store) -> Page[Entry]:
        return store.page(self.query, limit=self.limit, cursor=self.cursor)


@dataclass(frozen=True)
class Come:
    number: int

    def __call__(self, store: Store) -> None:
        store.put(Entry(number=self.number))


@dataclass(frozen=True)
class Go:
    number: int

    def __call__(self, store: Store) -> None:
        store.delete(Entry.key(feed="a", number=self.number))


@dataclass(frozen=True)
class Like:
    """Changes what stays, without moving it."""

    number: int

    def __call__(self, store: Store) -> None:
        store.update(Entry.key(feed="a", number=self.number), Entry.likes.add(1))


def walk(client: Client, query: Query[Entry]) -> list[int]:
    numbers: list[int] = []
    cursor: str | None = None
    while True:
        page = client.insist(Turn(query, client.chance.randint(1, 9), cursor))
        assert page is not None
        numbers += [entry.number for entry in page.items]
        cursor = page.cursor
        if cursor is None:
            return numbers
        assert page.items, "a page that leads on has items"


@seeds
def test_what_stays_is_met_once_while_others_come_and_go(make_store: MakeStore, seed: int) -> None:
    store = make_store(FEED)
    store.batch_put([Entry(number=number) for number in STABLE])
    read = Event()
    readers = CLIENTS // 2

    def read_all(client: Client) -> None:
        for query in client.chance.sample(QUERIES, 3):
            numbers = walk(client, query)
            rising = numbers if query.forward else numbers[::-1]
            assert all(before < after for before, after in pairwise(rising)), f"twice, or out of order: {numbers}"
            assert [number for number in rising if number in STABLE] == STABLE, f"skipped: {numbers}"

    def work(client: Client) -> None:
        if client.number < readers:
            try:
                read_all(client)
            finally:
                read.set()
            return
        while not read.is_set() or len(client.told) < DEEDS:
            passing = client.chance.choice([number for number in NUMBERS if number not in STABLE])
            deeds: list[Come | Go | Like] = [Come(passing), Go(passing), Like(client.chance.choice(STABLE))]
            client.do(client.chance.choice(deeds))

    made = history(make_store, store, seed, work)
    assert len(made.deeds("done", Turn)) >= readers * 3 * len(STABLE) // 9
    assert made.deeds("done", Come)
    assert made.deeds("done", Go)
