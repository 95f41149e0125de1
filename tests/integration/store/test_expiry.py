"""Items whose time is up are hidden from those who ask for that, whether DynamoDB has deleted them or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateleg.store import Scan
from tests.integration.store.chat import CHAT, Counter, Message, Presence

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)
GONE = Presence(room="lobby", user="ann", expires=NOW - timedelta(hours=1))
THERE = Presence(room="lobby", user="ben", expires=NOW + timedelta(hours=1))
LASTING = Counter(name="a")
EVERYBODY = Presence.in_room(room="lobby")


@pytest.fixture
def stores(make_store: MakeStore) -> tuple[Store, Store]:
    plain = make_store(CHAT)
    plain.batch_put([GONE, THERE, LASTING])
    return plain, make_store(CHAT, table_name=plain.table_name, hide_expired=True)


def test_every_read_hides_what_has_expired(stores: tuple[Store, Store]) -> None:
    _, hiding = stores
    assert hiding.get(GONE.key) is None
    assert hiding.get(GONE.key, only=[Presence.user]) is None
    assert hiding.get(THERE.key) is not None
    assert [found.key for found in hiding.batch_get([GONE.key, THERE.key])] == [THERE.key]
    assert [found and found.key for found in hiding.transact_get(GONE.key, THERE.key)] == [None, THERE.key]
    assert [found.user for found in hiding.query(EVERYBODY)] == ["ben"]
    assert [found.user for found in hiding.page(EVERYBODY, limit=1).items] == ["ben"]
    assert [found.key for found in hiding.collect(Message.in_room(room="lobby").reversed(), EVERYBODY)] == [THERE.key]
    assert len(list(hiding.scan(CHAT))) == len(list(hiding.scan(CHAT, segments=2))) == hiding.count(CHAT) == 2
    assert hiding.count(EVERYBODY) == hiding.count(Scan.of(Presence)) == 1


def test_a_store_that_was_not_asked_to_hides_nothing(stores: tuple[Store, Store]) -> None:
    plain, _ = stores
    assert plain.get(GONE.key) is not None
    assert [found.user for found in plain.query(EVERYBODY)] == ["ann", "ben"]
    assert plain.count(CHAT) == 3


def test_the_filter_on_expiry_is_told(stores: tuple[Store, Store]) -> None:
    _, hiding = stores
    assert "NOT expires_at <= " in str(hiding.query(EVERYBODY).explain())
