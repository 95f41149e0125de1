"""Scans and counts find every item of what they ask for, in one walk or in several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import CursorError
from gateleg.store import Scan
from tests.integration.store.chat import CHAT, PLAIN, Counter, Everything, Message, Presence

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(CHAT)
    store.batch_put([Message(room=f"r{number % 3}", author="ann", body="x", likes=number) for number in range(30)])
    store.batch_put([Counter(name=str(number), count=number) for number in range(5)])
    store.put(Presence(room="r0", user="ann"))
    return store


@pytest.mark.parametrize("segments", [1, 2, 7])
def test_a_scan_finds_every_item_of_its_entity_once(store: Store, segments: int) -> None:
    results = store.scan(Message, segments=segments)
    assert sorted(found.likes for found in results) == list(range(30))
    assert (results.reading.count, results.reading.scanned) == (30, 36)
    assert results.reading.requests >= segments
    assert results.reading.capacity > 0


def test_a_scan_of_the_table_gives_each_item_as_its_entity(store: Store) -> None:
    found = [type(item) for item in store.scan(CHAT)]
    assert [found.count(entity) for entity in (Message, Counter, Presence)] == [30, 5, 1]
    assert {type(item) for item in store.scan(Scan.of(Counter, Presence))} == {Counter, Presence}


def test_a_filter_and_a_limit_hold_together(store: Store) -> None:
    scan = Scan.of(Message).where((Message.likes >= 10) & (Message.room == "r1"))
    assert sorted(found.likes for found in store.scan(scan)) == [10, 13, 16, 19, 22, 25, 28]
    assert len(list(store.scan(scan.limit(4)))) == 4
    assert len(list(store.scan(scan.limit(4), segments=3))) == 4


def test_an_index_is_scanned_for_the_items_that_are_in_it(store: Store) -> None:
    store.put(Message(room="r9", author="ben", body="x", rank=3))
    assert [found.room for found in store.scan(Scan.of(Message).on("by_rank"))] == ["r9"]
    assert store.count(Scan.of(Message).on("by_author")) == 31


def test_counts_are_those_of_the_items_that_would_be_given(store: Store) -> None:
    assert store.count(Message) == 30
    assert store.count(CHAT) == 36
    assert store.count(Scan.of(Message).where(Message.likes < 4)) == 4
    assert store.count(Message.in_room(room="r0")) == 10
    assert store.count(Message.in_room(room="r0").where(Message.likes > 9)) == 6
    assert store.count(Message.in_room(room="r0").limit(4)) == 4
    assert store.count(Message.in_room(room="none")) == 0


def test_scans_and_counts_go_on_after_each_megabyte(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    for number in range(6):
        store.put(Everything(owner=str(number), number=number, data=b"x" * 300_000))
    results = store.scan(Everything)
    assert sorted(item.number for item in results) == [0, 1, 2, 3, 4, 5]
    assert results.reading.requests > 1
    assert store.count(Everything) == 6


def test_a_page_tells_its_counts_and_capacity(store: Store) -> None:
    page = store.page(Message.in_room(room="r0").where(Message.likes > 9), limit=3)
    assert len(page.items) == 3
    assert (page.reading.count, page.reading.scanned) == (4, 4)
    assert page.reading.capacity > 0


def test_pages_of_a_scan_hold_every_item_once_and_their_cursors_open_no_other_scan(store: Store) -> None:
    scan, seen = Scan.of(Message), list[str]()
    cursor: str | None = None
    while True:
        page = store.page(scan, limit=3, cursor=cursor)
        seen += [found.message_id for found in page.items]
        cursor = page.cursor
        if cursor is None:
            break
        with pytest.raises(CursorError):
            store.page(scan.where(Message.likes > 1), limit=3, cursor=cursor)
    assert sorted(seen) == sorted(found.message_id for found in store.scan(Message))
    assert len(seen) > 3
