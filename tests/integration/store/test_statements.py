"""PartiQL and transactional reads on the engines themselves; limits refused before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ConditionFailedError, ItemExistsError, ItemInvalidError, StoreError
from tests.integration.store.chat import CHAT, PLAIN, Counter, Everything, Message, Presence

if TYPE_CHECKING:
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


def test_statements_read_entities_and_values(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    store.batch_put([Counter(name="a", count=3), Counter(name="b", count=4)])
    [found] = store.partiql("SELECT * FROM {table} WHERE pk = ? AND sk = ?", ["COUNTER#a", "COUNTER"])
    assert found == Counter(name="a", count=3)
    assert store.partiql('SELECT "count" FROM {table} WHERE pk = ? AND sk = ?', ["COUNTER#b", "COUNTER"]) == [{"count": 4}]
    store.partiql('UPDATE {table} SET "count" = ? WHERE pk = ? AND sk = ?', [9, "COUNTER#a", "COUNTER"])
    assert store.get(Counter.key(name="a"), consistent=True) == Counter(name="a", count=9)
    prepared = store.prepare.partiql("SELECT * FROM {table} WHERE pk = ?", ["COUNTER#a"])
    assert len(store.send(prepared)) == 1
    assert "consumed" in str(prepared.explain())


def test_statements_insert_once_update_what_is_there_and_give_back_what_they_delete(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    names = ["COUNTER#a", "COUNTER"]
    insert = store.prepare.partiql("INSERT INTO {table} VALUE {'pk': ?, 'sk': ?, '_type': 'Counter', 'name': 'a', 'count': 1}", names)
    assert store.send(insert) == []
    with pytest.raises(ItemExistsError) as caught:
        store.send(insert)
    # The engines do not agree on the name; AWS documents DuplicateItemException.
    assert caught.value.aws_code in {"DuplicateItemException", "DuplicateItem"}
    assert store.get(Counter.key(name="a"), consistent=True) == Counter(name="a", count=1)
    with pytest.raises(ConditionFailedError):
        store.partiql('UPDATE {table} SET "count" = 2 WHERE pk = ? AND sk = ?', ["COUNTER#none", "COUNTER"])
    assert store.partiql("DELETE FROM {table} WHERE pk = ? AND sk = ? RETURNING ALL OLD *", names) == [Counter(name="a", count=1)]
    assert store.partiql("DELETE FROM {table} WHERE pk = ? AND sk = ?", names) == []
    with pytest.raises(StoreError, match="well formed"):
        store.partiql("SELEKT * FROM {table}")


def test_a_statement_reads_an_index(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    store.put(Message(room="lobby", author="ann", body="x", rank=3))
    [found] = store.partiql('SELECT * FROM {table}."by_rank" WHERE room = ? AND rank > ?', ["lobby", 2])
    assert found.author == "ann"


def test_items_of_several_entities_are_read_at_one_moment(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    counter, presence = store.create(Counter(name="a")), store.create(Presence(room="lobby", user="ann"))
    assert store.transact_get(counter.key, presence.key, Counter.key(name="none")) == (counter, presence, None)


def test_the_largest_item_is_stored_and_one_byte_more_is_refused_before(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    with pytest.raises(ItemInvalidError, match="largest attribute is 'data'") as caught:
        store.put(Everything(owner="o", number=1, data=b"x" * 409_600))
    room = 409_600 - (int(caught.value.value) - 409_600)
    stored = store.put(Everything(owner="o", number=1, data=b"x" * (room - 64)))
    assert store.get(stored.key) == stored
