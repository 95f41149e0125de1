"""What docs/guide.md shows of the data layer does what the page says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from examples.guide.messages import ROOMS, Message
from examples.guide.votes import POLLS, Poll, vote
from gateleg.errors import TransactionCanceledError

if TYPE_CHECKING:
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


def test_a_vote_is_counted_once(make_store: MakeStore) -> None:
    store = make_store(POLLS)
    store.create(Poll(poll_id="tea"))

    vote(store, "tea", "ann")
    with pytest.raises(TransactionCanceledError):
        vote(store, "tea", "ann")

    assert store.get(Poll.key(poll_id="tea"), consistent=True) == Poll(poll_id="tea", votes=1)


def test_each_question_is_answered_by_its_key(make_store: MakeStore) -> None:
    store = make_store(ROOMS)
    first, second, elsewhere = [store.create(Message(room=room, author="Ann", body="hello")) for room in ("lobby", "lobby", "attic")]

    assert list(store.query(Message.in_room(room="lobby"))) == [second, first]
    assert list(store.query(Message.by_author(author="ANN"))) == [first, second, elsewhere]
    assert list(store.query(Message.by_author(author="ann", since=datetime.now(UTC) + timedelta(minutes=1)))) == []
