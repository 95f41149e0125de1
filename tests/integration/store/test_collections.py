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
