"""Transactions are all or nothing; batches get everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ConditionFailedError, ExpressionError, ItemExistsError, ItemNotFoundError, StoreError, TransactionCanceledError
from tests.integration.store.chat import CHAT, Counter, Message, Presence

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(CHAT)


def message(identity: str, **values: object) -> Message:
    return Message.model_validate({"room": "lobby", "message_id": identity, "author": "ann", "body": "x", **values})


def test_a_transaction_does_all_its_parts(store: Store) -> None:
    kept, gone = store.create(message("kept")), store.create(message("gone"))
    with store.transact() as tx:
        made = tx.create(message("made"))
        tx.put(Presence(room="lobby", user="ann"))
        tx.update(kept, Message.likes.add(1))
        tx.delete(gone)
        tx.check(store.create(message("checked")).key, Message.likes == 0)
    assert store.get(made.key) == made
    assert store.get(gone.key) is None
    assert {found.likes for found in store.query(Message.in_room(room="lobby"))} == {0, 1}
    assert len(list(store.query(Presence.in_room(room="lobby")))) == 1


def test_a_canceled_transaction_writes_nothing_and_says_why_part_by_part(store: Store) -> None:
    store.create(message("there"))
    with pytest.raises(TransactionCanceledError) as caught, store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        tx.create(message("new"))
        tx.create(message("there"))
        tx.update(message("absent").key, Message.likes.add(1))
        tx.check(Message.key(room="lobby", message_id="none"))
    reasons = caught.value.reasons
    assert [type(reason) for reason in reasons] == [type(None), ItemExistsError, ItemNotFoundError, ItemNotFoundError]
    assert "create Message.key(room='lobby', message_id='there')" in caught.value.message
    assert store.get(message("new").key) is None


def test_a_false_condition_of_a_part_gives_the_stored_entity(store: Store) -> None:
    mine = store.create(message("mine", likes=3))
    with pytest.raises(TransactionCanceledError) as caught, store.transact() as tx:
        tx.delete(mine.key, when=Message.likes == 0)
    [reason] = caught.value.reasons
    assert type(reason) is ConditionFailedError
    assert reason.item.likes == 3


def test_a_block_that_raises_sends_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        tx.create(message("new"))
        raise KeyError
    assert store.get(message("new").key) is None


def test_the_same_token_does_the_same_writes_once(store: Store) -> None:
    counter = store.create(Counter(name="a"))
    for _ in range(2):
        with store.transact(token="one and the same") as tx:
            tx.update(counter.key, Counter.count.add(1))
    stored = store.get(counter.key, consistent=True)
    assert stored is not None
    assert stored.count == 1


def test_the_same_token_with_other_writes_is_refused_with_the_reason(store: Store) -> None:
    counter = store.create(Counter(name="a"))
    with store.transact(token="used twice") as tx:
        tx.update(counter.key, Counter.count.add(1))
    with pytest.raises(StoreError, match="the very same writes"), store.transact(token="used twice") as tx:
        tx.update(counter.key, Counter.count.add(2))


def test_two_parts_about_one_item_are_refused_before_anything_is_sent(store: Store) -> None:
    with pytest.raises(ExpressionError, match="two parts"), store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        tx.create(message("one"))
        tx.delete(message("one").key)


@pytest.mark.parametrize("count", [0, 101])
def test_a_transaction_of_no_part_or_too_many_is_refused(store: Store, count: int) -> None:
    with pytest.raises(ExpressionError, match="1 to 100 parts"), store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        for number in range(count):
            tx.create(message(str(number)))


def test_batches_are_cut_to_what_dynamodb_takes(store: Store) -> None:
    messages = [message(f"{number:03d}") for number in range(110)]
    store.batch_put(messages)
    keys = [given.key for given in messages]
    assert [found.message_id for found in store.batch_get([*reversed(keys), keys[0]])] == [
        f"{number:03d}" for number in reversed(range(110))
    ]
    store.batch_delete(keys[:108])
    assert [found.message_id for found in store.batch_get(keys)] == ["108", "109"]


def test_a_batch_that_names_one_key_twice_is_refused(store: Store) -> None:
    with pytest.raises(ExpressionError, match="twice"):
        store.batch_put([message("one"), message("one")])
    with pytest.raises(ExpressionError, match="twice"):
        store.batch_delete([message("one").key, message("one").key])
