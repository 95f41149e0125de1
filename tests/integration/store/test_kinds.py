"""Whatever writes an item, by whichever way, leaves what is stored of another kind as it is, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ItemExistsError, ItemNotFoundError, KindMismatchError, TransactionCanceledError
from gateleg.testing.faults import faults
from tests.integration.store.kinds import KINDS, Animal, Both, Cat, Dog, Stone, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

WRITES: dict[str, Callable[[Both, Any], object]] = {
    "put": lambda store, kind: store.put(kind(id="1")),
    "put when": lambda store, kind: store.put(kind(id="1"), when=kind.name == "old"),
    "update": lambda store, kind: store.update(kind.key(id="1"), kind.name.set("new")),
    "update when": lambda store, kind: store.update(kind.key(id="1"), kind.name.set("new"), when=kind.name == "old"),
    "delete": lambda store, kind: store.delete(kind.key(id="1")),
    "delete of an entity": lambda store, kind: store.delete(kind(id="1")),
    "delete when": lambda store, kind: store.delete(kind.key(id="1"), when=kind.name == "old"),
    "batch put": lambda store, kind: store.batch_put([kind(id="1"), kind(id="2"), Tree(id="1")]),
    "batch delete": lambda store, kind: store.batch_delete([kind.key(id="1"), kind.key(id="2"), Tree.key(id="1")]),
    "transaction put": lambda store, kind: store.transacted(lambda tx: tx.put(kind(id="1"))),
    "transaction update": lambda store, kind: store.transacted(lambda tx: tx.update(kind.key(id="1"), kind.name.set("new"))),
    "transaction delete": lambda store, kind: store.transacted(lambda tx: tx.delete(kind.key(id="1"))),
    "transaction check": lambda store, kind: store.transacted(lambda tx: (tx.check(kind.key(id="1")), tx.put(Tree(id="1")))),
}


@pytest.fixture(params=["waits", "awaits"])
def store(request: pytest.FixtureRequest, make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> Both:
    return Both(make_store(KINDS), dynamodb_engine, awaits=request.param == "awaits")


def items(store: Both, client: DynamoDBClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [*client.scan(TableName=store.waiting.table_name, ConsistentRead=True)["Items"]]
    return sorted(found, key=repr)


def put_raw(store: Both, client: DynamoDBClient, kind: str | None) -> None:
    item: dict[str, Any] = {"pk": {"S": "A#1"}, "sk": {"S": "IT"}, "id": {"S": "1"}, "name": {"S": "old"}}
    client.put_item(TableName=store.waiting.table_name, Item=item if kind is None else {**item, "_type": {"S": kind}})


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("stored", ["Animal", "Cat", "Stone", "Gone", None])
def test_an_item_of_another_kind_is_left_as_it_is(store: Both, dynamodb_engine: DynamoDBClient, stored: str | None, write: str) -> None:
    put_raw(store, dynamodb_engine, stored)
    before = items(store, dynamodb_engine)
    with pytest.raises((KindMismatchError, TransactionCanceledError)) as caught:
        WRITES[write](store, Dog)
    error = caught.value.reasons[0] if isinstance(caught.value, TransactionCanceledError) else caught.value
    assert isinstance(error, KindMismatchError)
    assert (error.kind, error.stored_kind, error.path) == ("Dog", stored, "Dog.key(id='1')")
    assert before[0] in items(store, dynamodb_engine)


@pytest.mark.parametrize("write", ["put", "batch put", "transaction put", "update", "transaction update"])
def test_a_base_does_not_overwrite_what_it_does_not_know_whole(store: Both, dynamodb_engine: DynamoDBClient, write: str) -> None:
    put_raw(store, dynamodb_engine, "Dog")
    before = items(store, dynamodb_engine)
    with pytest.raises((KindMismatchError, TransactionCanceledError), match=r"write it by Dog\.key\(\.\.\.\)"):
        WRITES[write](store, Animal)
    assert before[0] in items(store, dynamodb_engine)


def test_what_the_message_says_helps(store: Both) -> None:
    store.create(Dog(id="1"))
    with pytest.raises(KindMismatchError, match=r"or delete it so before another takes its place") as caught:
        store.put(Stone(id="1"))
    assert caught.value.item == Dog(id="1", revision=1)
    store.delete(Dog.key(id="1"))
    store.put(Stone(id="1"))
    assert store.get(Stone.key(id="1")) is not None


@pytest.mark.parametrize("write", ["update", "delete", "batch delete", "transaction update", "transaction delete", "transaction check"])
def test_what_a_base_finds_and_keeps_whole_it_writes(store: Both, dynamodb_engine: DynamoDBClient, write: str) -> None:
    put_raw(store, dynamodb_engine, "Cat")
    WRITES[write](store, Animal)
    found = store.get(Animal.key(id="1"), consistent=True)
    assert found is None if "delete" in write else isinstance(found, Cat)


@pytest.mark.parametrize("write", ["delete", "batch delete", "transaction delete", "transaction check"])
def test_what_a_base_finds_it_deletes_and_checks_whole_or_not(store: Both, dynamodb_engine: DynamoDBClient, write: str) -> None:
    put_raw(store, dynamodb_engine, "Dog")
    WRITES[write](store, Animal)
    assert (store.get(Animal.key(id="1"), consistent=True) is None) == ("delete" in write)


def test_a_version_alone_does_not_make_it_the_same_kind(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    dog = store.create(Dog(id="1"))
    stranger = {**dog.key.wire, "_type": {"S": "Stone"}, "id": {"S": "1"}, "revision": {"N": "1"}}
    dynamodb_engine.put_item(TableName=store.waiting.table_name, Item=stranger)
    acts: list[Callable[[], object]] = [
        lambda: store.put(dog),
        lambda: store.delete(dog),
        lambda: store.update(dog, Dog.name.set("x")),
    ]
    for act in acts:
        with pytest.raises(KindMismatchError):
            act()
    assert items(store, dynamodb_engine) == [stranger]


def test_create_says_which_kind_is_there(store: Both) -> None:
    store.create(Stone(id="1"))
    with pytest.raises(ItemExistsError, match="there is an item of Stone under") as caught:
        store.create(Cat(id="1"))
    assert caught.value.item == Stone(id="1")


def test_what_is_not_there_may_be_put_and_deleted_and_is_told_where_it_is_updated(store: Both) -> None:
    assert store.delete(Cat.key(id="1")) is None
    with pytest.raises(ItemNotFoundError):
        store.update(Cat.key(id="1"), Cat.lives.add(-1))
    store.put(Cat(id="1"))
    store.put(Cat(id="1", lives=3))
    assert store.delete(Cat.key(id="1")) == Cat(id="1", lives=3)


def test_a_batch_does_the_others_and_names_the_refused(store: Both) -> None:
    store.create(Stone(id="1"))
    store.create(Stone(id="3"))
    with pytest.raises(KindMismatchError, match="2 of 6 items were not written, the others were") as caught:
        store.batch_put([*(Cat(id=str(number)) for number in range(5)), Tree(id="1")])
    assert caught.value.value == ["Cat.key(id='1')", "Cat.key(id='3')"]
    assert [cat.id for cat in store.batch_get(Cat.key(id=str(number)) for number in range(5))] == ["0", "2", "4"]
    assert store.get(Tree.key(id="1")) is not None


def test_guarded_writes_whose_answers_were_lost_are_sent_again(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    with faults(dynamodb_engine, lost=0.1, seed=5) as met:
        for _ in range(10):
            store.put(Cat(id="1"))
            store.batch_put([Cat(id="1")])
            store.delete(Cat.key(id="1"))
    assert met.lost > 0


def test_only_what_may_meet_other_kinds_is_written_one_by_one(store: Both) -> None:
    prepare = store.waiting.prepare
    assert "RequestItems" in prepare.batch_put([Tree(id="1")]).params()
    assert "RequestItems" in prepare.batch_delete([Tree.key(id="1")]).params()
    assert "ConditionExpression" in prepare.batch_put([Cat(id="1")]).params()
    assert "ConditionExpression" in prepare.batch_delete([Cat.key(id="1")]).params()


def test_a_batch_deletes_what_cannot_be_read_and_goes_on(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    keys = [store.waiting.create(Animal(id=name)).key for name in "abc"]
    broken = {**dict(keys[0].wire), "_type": {"S": "Animal"}, "id": {"N": "1"}}
    dynamodb_engine.put_item(TableName=store.waiting.table_name, Item=broken)
    store.batch_delete(keys)
    assert dynamodb_engine.scan(TableName=store.waiting.table_name)["Items"] == []
