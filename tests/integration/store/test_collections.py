"""Several entities of one partition in one query, on the engines themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.store.chat import CHAT, Message, Presence

if TYPE_CHECKING:
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


def test_a_partition_gives_its_entities_together_in_one_request(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    store.batch_put([Message(room="lobby", message_id=f"m{number}", author="ann", body="x", likes=number) for number in range(5)])
    store.batch_put([Presence(room="lobby", user="ann"), Presence(room="hall", user="ben")])
    messages = Message.in_room_between(room="lobby", after="m0", until="m3").where(Message.likes != 2)
    found = store.collect(messages, Presence.in_room(room="lobby"))
    assert [item.likes if isinstance(item, Message) else item.user for item in found] == [1, 3, "ann"]
    assert (found.reading.requests, found.reading.scanned) == (1, 6)


def test_a_collection_gives_pages_and_no_more_than_its_limit(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    store.batch_put([Message(room="lobby", message_id=f"m{number:03}", author="ann", body="x") for number in range(120)])
    store.put(Presence(room="lobby", user="ann"))
    together = store.collect(Message.in_room(room="lobby").reversed(), Presence.in_room(room="lobby"))
    found: list[Message | Presence] = []
    cursor, scanned = None, 0
    while True:
        page = store.page(together, limit=50, cursor=cursor)
        found, cursor, scanned = [*found, *page.items], page.cursor, scanned + page.reading.scanned
        if cursor is None:
            break
    assert [type(item) for item in found] == [Message] * 120 + [Presence]
    assert scanned <= 125
    some = store.collect(Message.in_room(room="lobby").reversed(), Presence.in_room(room="lobby"), limit=10)
    assert (len(list(some)), some.reading.scanned) == (10, 10)
