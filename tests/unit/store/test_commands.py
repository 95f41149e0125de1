"""What is asked of DynamoDB, exactly; nothing is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, ttl
from gateleg.store import Store
from gateleg.store.commands.delete import delete_item
from gateleg.store.commands.put import put_item
from gateleg.store.commands.update import update_item
from tests.unit.store.notes import TABLE, Note, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Condition, Key, Update

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TALLY = Tally.key(name="a")
HERE = Store(TABLE, table_name="t")
OTHER = Store(Table("other", partition_key="pk"), table_name="t")


def update(target: Key[Any] | Entity, *updates: Update, when: Condition | None = None) -> dict[str, Any]:
    return update_item(target, updates, NOW, when).params("t")


def expression(target: Key[Any] | Entity, *updates: Update) -> str:
    """The update expression with its placeholders filled in."""
    params = update(target, *updates)
    text: str = params["UpdateExpression"]
    for placeholder, value in params.get("ExpressionAttributeValues", {}).items():
        text = text.replace(placeholder, next(iter(map(str, value.values()))))
    for placeholder, name in params["ExpressionAttributeNames"].items():
        text = text.replace(placeholder, name)
    return text


def test_an_update_demands_an_item_of_its_entity_and_names_everything_by_placeholder() -> None:
    assert update(TALLY, Tally.count.add(2), when=Tally.count < 5) == {
        "TableName": "t",
        "Key": {"pk": {"S": "TALLY#a"}, "sk": {"S": "TALLY"}},
        "UpdateExpression": "ADD #1 :2",
        "ConditionExpression": "#0 = :0 AND #1 < :1",
        "ExpressionAttributeNames": {"#0": "_type", "#1": "count"},
        "ExpressionAttributeValues": {":0": {"S": "Tally"}, ":1": {"N": "5"}, ":2": {"N": "2"}},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ReturnConsumedCapacity": "TOTAL",
    }


STAMPS = "changed = 2026-11-22T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Note.count.set(3), f"SET count = 3, {STAMPS} ADD revision 1"),
        (Note.count.set(3, if_not_exists=True), f"SET count = if_not_exists(count, 3), {STAMPS} ADD revision 1"),
        (Note.count.add(-1), f"ADD count -1, revision 1 SET {STAMPS}"),
        (Note.tags.add({"a"}), f"ADD tags ['a'], revision 1 SET {STAMPS}"),
        (Note.tags.delete({"a"}), f"DELETE tags ['a'] ADD revision 1 SET {STAMPS}"),
        (Note.tags.set(set()), f"REMOVE tags ADD revision 1 SET {STAMPS}"),
        (Note.log.remove(), f"REMOVE log ADD revision 1 SET {STAMPS}"),
        (Note.log[2].set("x"), f"SET log[2] = x, {STAMPS} ADD revision 1"),
        (Note.sizes["a"].set(1), f"SET sizes.a = 1, {STAMPS} ADD revision 1"),
        (Note.sizes["a"].add(1), f"SET sizes.a = if_not_exists(sizes.a, 0) + 1, {STAMPS} ADD revision 1"),
        (Note.shout.set("hey"), f"SET size = HEY, {STAMPS} ADD revision 1"),
        (Note.count.set(Note.revision), f"SET count = revision, {STAMPS} ADD revision 1"),
    ],
)
def test_each_update_has_its_clause_and_the_store_stamps_version_and_time(change: Update, expected: str) -> None:
    assert expression(Note.key(name="a"), change) == expected


def test_a_version_is_demanded_of_an_entity_and_not_of_a_key() -> None:
    note = Note(name="a", revision=3)
    assert {"N": "3"} in update(note, Note.count.set(1))["ExpressionAttributeValues"].values()
    assert {"N": "3"} not in update(note.key, Note.count.set(1))["ExpressionAttributeValues"].values()
    assert delete_item(note).params("t")["ConditionExpression"] == "(attribute_not_exists(#0) OR #1 = :0) AND #2 = :1"
    assert delete_item(note.key).params("t")["ConditionExpression"] == "(attribute_not_exists(#0) OR #1 = :0)"


def test_a_put_of_a_new_versioned_entity_demands_that_there_is_none_that_keeps_a_version() -> None:
    unstored = "(attribute_not_exists(#0) OR (#1 = :0 AND attribute_not_exists(#2)))"
    assert put_item(Note(name="a"), NOW, new=False).params("t")["ConditionExpression"] == unstored
    assert put_item(Note(name="a", revision=2), NOW, new=False).params("t")["ConditionExpression"] == "#0 = :0 AND #1 = :1"
    absent_or_own = "(attribute_not_exists(#0) OR #1 = :0)"
    assert put_item(Tally(name="a"), NOW, new=False).params("t")["ConditionExpression"] == absent_or_own


def test_a_changed_time_of_expiry_is_not_sent_twice_where_what_has_expired_is_absent() -> None:
    class Lease(Entity, table=Table("leases", partition_key="id", ttl="until")):
        id: Attr[str]
        owner: Attr[str] = attr(default="")
        until: Attr[datetime | None] = ttl()

    ending, other = (update_item(Lease.key(id="1"), (change,), NOW) for change in (Lease.until.set(NOW), Lease.owner.set("x")))
    assert ending.repeatable
    assert replace(other, alive_at=1).repeatable
    assert not replace(ending, alive_at=1).repeatable


def test_params_are_the_same_each_time() -> None:
    command = put_item(Note(name="a", tags={"b", "a"}), NOW, new=True)
    assert command.params("t") == command.params("t")
    assert command.params("t")["Item"]["tags"] == {"SS": ["a", "b"]}


def test_an_index_key_follows_the_attributes_it_is_made_of() -> None:
    note = Note(name="a", owner="ann", place="hall", revision=1)
    assert "gpk = OWNER#ben#hall" in expression(note, Note.owner.set("ben"))
    assert "gpk = OWNER#ben#shed" in expression(note.key, Note.owner.set("ben"), Note.place.set("shed"))
    assert "REMOVE place, gpk" in expression(note.key, Note.owner.set("ben"), Note.place.set(None))
    demanded = update(note, Note.owner.set("ben"))
    assert {"S": "hall"} in demanded["ExpressionAttributeValues"].values()
    assert demanded["ConditionExpression"].count("=") == 3


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: update(TALLY), "changes nothing"),
        (lambda: update(TALLY, Tally.name.set("b")), "is part of the key and cannot be updated"),
        (lambda: update(Note.key(name="a"), Note.revision.set(3)), "counted by the store"),
        (lambda: update(TALLY, Note.count.add(1)), "is not an attribute of Tally"),
        (lambda: update(TALLY, Tally.count.add(1), when=Note.owner == "a"), "is not an attribute of Tally"),
        (lambda: update(TALLY, Tally.count.add(1), Tally.count.set(2)), "two updates touch"),
        (lambda: update(Note.key(name="a"), Note.log.append(["a"]), Note.log[0].set("b")), "two updates touch"),
        (lambda: update(Note.key(name="a"), Note.groups["a"].add({"x"})), "nested set"),
        (lambda: update(Note.key(name="a"), Note.groups["a"].delete({"x"})), "nested set"),
        (lambda: update(Note.key(name="a"), Note.owner.set("ben")), "give the entity instead of its key"),
        (lambda: update(Note(name="a"), Note.owner.set("ben", if_not_exists=True)), "must be known"),
        (lambda: Note.tags.add(set()), "an empty set"),
        (lambda: Note.count.attribute_type("X"), "is not a stored type"),
        (lambda: update(TALLY, Tally.count.add(1), when=Tally.count.in_([])), "takes 1 to 100 choices; 0"),
        (lambda: update(TALLY, Tally.count.add(1), when=Tally.count.in_(range(101))), "takes 1 to 100 choices; 101"),
        (lambda: OTHER.get(TALLY), "Tally lives in table 'unit-1'"),
        (lambda: OTHER.create(Tally(name="a")), "Tally lives in table"),
        (lambda: OTHER.batch_put([Tally(name="a")]), "Tally lives in table"),
        (lambda: OTHER.batch_delete([TALLY]), "Tally lives in table"),
        (lambda: OTHER.batch_get([TALLY]), "Tally lives in table"),
        (lambda: OTHER.transact().delete(TALLY), "Tally lives in table"),
        (lambda: OTHER.query(Note.named(name="a")), "Note lives in table"),
        (lambda: HERE.page(Note.named(name="a"), limit=0), "1 item or more"),
        (lambda: HERE.page(Note.named(name="a").limit(3)), "leave it out"),
    ],
)
def test_what_dynamodb_would_refuse_or_garble_is_refused_before(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()


def test_a_required_attribute_cannot_be_removed() -> None:
    class Strict(Entity, table=Table("strict", partition_key="name")):
        name: Attr[str]
        needed: Attr[str]

    with pytest.raises(ExpressionError, match="is required and cannot be removed"):
        update(Strict.key(name="a"), Strict.needed.remove())


@pytest.mark.parametrize(
    "ask", [lambda: Note.count.set(-1), lambda: UNTYPED.count.set("1"), lambda: UNTYPED.owner.set(None), lambda: UNTYPED.count > "1"]
)
def test_values_that_the_attribute_refuses_are_refused_in_updates_and_conditions(ask: Callable[[], object]) -> None:
    with pytest.raises(ItemInvalidError, match="cannot be"):
        ask()


@pytest.mark.parametrize(
    "ask",
    [lambda: UNTYPED.count.add(0.5), lambda: UNTYPED.count.add("1"), lambda: UNTYPED.owner.add(1), lambda: UNTYPED.log.append([1])],
)
def test_amounts_and_elements_of_the_wrong_type_are_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ExpressionError):
        ask()


UNTYPED: Any = Note
"""The entity without its types, for mistakes that type checkers would find."""
