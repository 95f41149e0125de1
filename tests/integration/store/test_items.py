"""One item at a time: what is written comes back, and a refused write leaves nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import (
    ConditionFailedError,
    ItemExistsError,
    ItemInvalidError,
    ItemNotFoundError,
    StoreError,
    TableNotFoundError,
    VersionConflictError,
)
from tests.integration.store.chat import CHAT, PLAIN, Everything, Message, Presence

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(CHAT)


def message(**values: object) -> Message:
    return Message.model_validate({"room": "lobby", "message_id": "m1", "author": "Ann", "body": "hello", **values})


def test_a_created_entity_comes_back_as_create_returned_it(store: Store) -> None:
    created = store.create(message())
    assert store.get(Message.key(room="lobby", message_id="m1"), consistent=True) == created


def test_what_is_saved_through_a_transform_comes_back_transformed(store: Store) -> None:
    assert store.create(message(author="ANN")).author == "ann"


def test_every_type_comes_back_as_it_was(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    given = Everything(owner="o", number=3)
    assert store.create(given) == given
    assert store.get(Everything.key(owner="o", number=3)) == given


def test_38_digits_come_back_exactly(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    digits = Decimal("12345678901234567890123456789.012345678")
    store.put(Everything(owner="o", number=1, exact=digits))
    found = store.get(Everything.key(owner="o", number=1))
    assert found is not None
    assert str(found.exact) == str(digits)


def test_a_missing_item_is_none(store: Store) -> None:
    assert store.get(Message.key(room="lobby", message_id="none")) is None


def test_create_refuses_to_replace_and_gives_the_stored_entity(store: Store) -> None:
    store.create(message(body="first"))
    with pytest.raises(ItemExistsError) as caught:
        store.create(message(body="second"))
    assert caught.value.item.body == "first"
    assert caught.value.aws_code == "ConditionalCheckFailedException"


def test_put_replaces_an_entity_without_a_version(store: Store) -> None:
    first = Presence(room="lobby", user="ann")
    store.put(first)
    later = store.put(Presence(room="lobby", user="ann", expires=datetime(2030, 1, 1, tzinfo=UTC)))
    assert store.get(first.key) == later


def test_put_of_a_stale_entity_is_a_version_conflict(store: Store) -> None:
    mine = store.create(message())
    store.update(mine, Message.likes.add(1))
    mine.body = "changed"
    with pytest.raises(VersionConflictError):
        store.put(mine)


def test_put_of_a_new_entity_over_a_stored_one_is_a_version_conflict(store: Store) -> None:
    store.create(message())
    with pytest.raises(VersionConflictError):
        store.put(message())


def test_an_entity_can_be_put_again_and_again(store: Store) -> None:
    mine = message()
    store.create(mine)
    for body in ("one", "two"):
        mine.body = body
        store.put(mine)
    assert mine.revision == 3
    assert store.get(mine.key) == mine.model_copy(update={"author": "ann"})


def test_put_keeps_the_callers_condition(store: Store) -> None:
    mine = store.create(message(likes=2))
    with pytest.raises(ConditionFailedError) as caught:
        store.put(mine, when=Message.likes > 5)
    assert type(caught.value) is ConditionFailedError
    assert caught.value.item.likes == 2


def test_an_update_gives_the_entity_as_it_is_then(store: Store) -> None:
    before = store.create(message())
    after = store.update(
        before.key,
        Message.likes.add(2),
        Message.body.set("changed"),
        Message.tags.add({"a", "b"}),
        Message.edits.append(["x"]),
        Message.counts["seen"].add(1),
    )
    assert (after.likes, after.body, after.tags, after.edits, after.counts) == (2, "changed", {"a", "b"}, ["x"], {"seen": 1})
    assert after.revision == before.revision + 1
    assert after.changed_at > before.changed_at
    assert after.sent_at == before.sent_at
    assert store.get(before.key) == after


def test_elements_leave_sets_lists_and_maps(store: Store) -> None:
    mine = store.create(message(tags={"a", "b"}, edits=["x", "y"], counts={"seen": 1}))
    after = store.update(mine, Message.tags.delete({"a", "b"}), Message.edits[0].remove(), Message.counts["seen"].remove())
    assert (after.tags, after.edits, after.counts) == (set(), ["y"], {})


def test_a_list_grows_at_its_start(store: Store) -> None:
    mine = store.create(message(edits=["b"]))
    assert store.update(mine, Message.edits.append(["a"], at_start=True)).edits == ["a", "b"]


def test_a_value_that_is_stored_is_kept_where_it_is_asked_to(store: Store) -> None:
    mine = store.create(message())
    once = store.update(mine, Message.rank.set(1, if_not_exists=True))
    assert store.update(once, Message.rank.set(2, if_not_exists=True)).rank == 1


def test_one_attribute_is_copied_to_another(store: Store) -> None:
    mine = store.create(message(likes=4))
    assert store.update(mine, Message.rank.set(Message.likes)).rank == 4


def test_an_update_of_a_missing_item_makes_none(store: Store) -> None:
    absent = Message.key(room="lobby", message_id="none")
    with pytest.raises(ItemNotFoundError):
        store.update(absent, Message.likes.add(1))
    assert store.get(absent) is None


def test_an_update_of_a_stale_entity_is_a_version_conflict(store: Store) -> None:
    mine = store.create(message())
    store.update(mine, Message.likes.add(1))
    with pytest.raises(VersionConflictError) as caught:
        store.update(mine, Message.likes.add(1))
    assert caught.value.item.likes == 1


def test_a_condition_guards_an_update(store: Store) -> None:
    mine = store.create(message(likes=1))
    with pytest.raises(ConditionFailedError) as caught:
        store.update(mine.key, Message.likes.add(1), when=Message.likes >= 2)
    assert type(caught.value) is ConditionFailedError
    assert store.update(mine.key, Message.likes.add(1), when=(Message.likes == 1) & ~Message.tags.contains("no")).likes == 2


def test_deleting_gives_what_was_deleted(store: Store) -> None:
    mine = store.create(message())
    assert store.delete(mine.key) == mine
    assert store.delete(mine.key) is None


def test_deleting_a_stale_entity_is_a_version_conflict(store: Store) -> None:
    mine = store.create(message())
    store.update(mine, Message.likes.add(1))
    with pytest.raises(VersionConflictError):
        store.delete(mine)
    assert store.get(mine.key) is not None


def test_deleting_an_entity_that_is_gone_says_so(store: Store) -> None:
    mine = store.create(message())
    store.delete(mine.key)
    with pytest.raises(ItemNotFoundError):
        store.delete(mine)


def test_the_time_of_expiry_is_stored_in_epoch_seconds(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    expires = datetime(2030, 1, 1, tzinfo=UTC)
    mine = store.create(Presence(room="lobby", user="ann", expires=expires))
    item = dynamodb_engine.get_item(TableName=store.table_name, Key=dict(mine.key.wire)).get("Item", {})
    assert item.get("expires_at") == {"N": str(int(expires.timestamp()))}
    assert mine.expires == expires


def test_an_item_expires_two_hours_on_by_default(store: Store) -> None:
    mine = store.create(Presence(room="lobby", user="ann"))
    assert timedelta(hours=1, minutes=59) < mine.expires - datetime.now(UTC) <= timedelta(hours=2)


def test_nothing_is_written_where_an_entity_was_changed_into_an_invalid_one(store: Store) -> None:
    mine = message()
    mine.tags.add(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ItemInvalidError) as caught:
        store.create(mine)
    assert caught.value.path is not None
    assert caught.value.path.startswith("Message.tags")
    assert store.get(mine.key) is None


def test_an_update_of_an_indexed_attribute_moves_the_item_in_the_index(store: Store) -> None:
    mine = store.create(message(author="Ann"))
    store.update(mine, Message.author.set("BEN"))
    assert [found.message_id for found in store.query(Message.by_author(author="ben"))] == ["m1"]
    assert list(store.query(Message.by_author(author="ann"))) == []


def test_an_indexed_attribute_that_is_removed_takes_the_item_out_of_the_index(store: Store) -> None:
    mine = store.create(message(rank=3))
    assert [found.message_id for found in store.query(Message.ranked(room="lobby"))] == ["m1"]
    store.update(mine.key, Message.rank.set(None))
    assert list(store.query(Message.ranked(room="lobby"))) == []


def test_a_store_on_a_table_that_is_not_there_says_so(make_store: MakeStore) -> None:
    store = make_store(CHAT, table_name="no-such-table")
    with pytest.raises(TableNotFoundError) as caught:
        store.get(Message.key(room="a", message_id="b"))
    assert caught.value.aws_code == "ResourceNotFoundException"


def test_an_update_that_makes_an_item_larger_than_400_kilobytes_is_refused_with_awss_own_words(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    stored = store.put(Everything(owner="o", number=1, data=b"x" * 300_000))
    with pytest.raises(StoreError) as caught:
        store.update(stored.key, Everything.free.set({"more": "x" * 200_000}))
    assert caught.value.aws_code == "ValidationException"


def test_an_item_from_before_versions_were_kept_is_put_once_it_was_read(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    made = store.create(message())
    dynamodb_engine.update_item(TableName=store.table_name, Key=made.key.wire, UpdateExpression="REMOVE revision")
    old = store.get(made.key)
    assert old is not None
    assert old.revision == 0
    assert store.put(old.model_copy(update={"body": "new"})).revision == 1
    with pytest.raises(VersionConflictError):
        store.put(old)
