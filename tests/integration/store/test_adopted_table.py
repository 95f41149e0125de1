"""A table that other programs wrote, and still write, is read and written as it is: its items say nowhere of which entity they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import DeclarationError, ItemExistsError, KindMismatchError, VersionConflictError
from gateleg.model import Attr, Entity, Index, Ref, Table, access, attr, key, version
from gateleg.store import Scan, Store
from tests.integration.store.kinds import Both

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

OLD = Table(
    "old",
    partition_key="customer",
    sort_key="number",
    default_type="Order",
    indexes=[Index("by_state", partition_key="state", sort_key="number")],
)


class Order(Entity, table=OLD):
    """What another program stores, without a type."""

    customer: Attr[str]
    number: Attr[int]
    state: Attr[str] = attr(default="open")
    revision: Attr[int] = version()

    @access
    def of(*, customer: str) -> None: ...

    @access(index="by_state")
    def in_state(*, state: str) -> None: ...


class Rush(Order):
    """What an update of an order keeps whole, and says its type."""


class Note(Entity, table=OLD):
    """What is stored beside it from now on."""

    customer: Attr[str]
    number: Attr[int]
    text: Attr[str] = attr(default="")

    @access
    def of(*, customer: str) -> None: ...


KEY = Order.key(customer="ann", number=1)
STORED: dict[str, Any] = {"customer": {"S": "ann"}, "number": {"N": "1"}, "state": {"S": "open"}}


@pytest.fixture(params=["waits", "awaits"])
def store(request: pytest.FixtureRequest, make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> Both:
    both = Both(make_store(OLD), dynamodb_engine, awaits=request.param == "awaits")
    dynamodb_engine.put_item(TableName=both.waiting.table_name, Item=STORED)
    return both


def stored(store: Both, client: DynamoDBClient) -> dict[str, Any] | None:
    return client.get_item(TableName=store.waiting.table_name, Key=dict(KEY.wire), ConsistentRead=True).get("Item")


def test_every_read_finds_it(store: Both) -> None:
    order = Order(customer="ann", number=1, revision=0)
    store.create(Note(customer="ann", number=2))
    assert store.get(KEY) == order
    assert store.get(KEY, only=[Order.state]).state == "open"
    assert list(store.query(Order.of(customer="ann"))) == [order]
    assert list(store.query(Order.of(customer="ann").where(Order.state == "open"))) == [order]
    assert list(store.query(Order.in_state(state="open"))) == [order]
    assert list(store.scan(Order)) == [order]
    assert list(store.scan(Scan.of(Order).where(Order.state == "shut"))) == []
    assert store.page(Order.of(customer="ann"), limit=5).items == [order]
    assert store.count(Order) == 1
    assert store.batch_get([KEY]) == [order]
    assert store.transact_get(KEY) == (order,)
    assert store.resolve([Ref.to(KEY)]) == {Ref.to(KEY): order}
    assert list(store.collect(Order.of(customer="ann"), Note.of(customer="ann"))) == [order, Note(customer="ann", number=2)]
    assert len(list(store.scan(OLD))) == 2
    assert store.partiql("SELECT * FROM {table} WHERE customer = 'ann' AND \"number\" = 1") == [order]


def test_other_entities_do_not_find_it(store: Both) -> None:
    assert store.get(Note.key(customer="ann", number=1)) is None
    assert list(store.query(Note.of(customer="ann"))) == []


WRITES: dict[str, Callable[[Both, Any], object]] = {
    "put": lambda store, _: store.put(Order(customer="ann", number=1, state="new")),
    "put as read": lambda store, found: store.put(found.model_copy(update={"state": "new"})),
    "update": lambda store, _: store.update(KEY, Order.state.set("new")),
    "update as read": lambda store, found: store.update(found, Order.state.set("new")),
    "update when": lambda store, _: store.update(KEY, Order.state.set("new"), when=Order.state == "open"),
    "batch": lambda store, _: store.batch_put([Order(customer="ann", number=1, state="new")]),
    "transaction put": lambda store, _: store.transacted(lambda tx: tx.put(Order(customer="ann", number=1, state="new"))),
    "transaction update": lambda store, _: store.transacted(lambda tx: tx.update(KEY, Order.state.set("new"))),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_gives_it_its_type(store: Both, dynamodb_engine: DynamoDBClient, write: str) -> None:
    WRITES[write](store, store.get(KEY))
    item = stored(store, dynamodb_engine)
    assert item is not None
    assert (item["_type"], item["state"]) == ({"S": "Order"}, {"S": "new"})


DELETIONS: dict[str, Callable[[Both], object]] = {
    "delete": lambda store: store.delete(KEY),
    "delete when": lambda store: store.delete(KEY, when=Order.state == "open"),
    "batch": lambda store: store.batch_delete([KEY]),
    "transaction": lambda store: store.transacted(lambda tx: tx.delete(KEY)),
}


@pytest.mark.parametrize("deletion", DELETIONS)
def test_it_is_deleted(store: Both, dynamodb_engine: DynamoDBClient, deletion: str) -> None:
    DELETIONS[deletion](store)
    assert stored(store, dynamodb_engine) is None


def test_an_update_by_the_base_leaves_the_type_of_what_has_one(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    store.delete(KEY)
    store.create(Rush(customer="ann", number=1))
    assert isinstance(store.update(KEY, Order.state.set("new")), Rush)
    item = stored(store, dynamodb_engine)
    assert item is not None
    assert item["_type"] == {"S": "Rush"}


def test_it_is_checked(store: Both) -> None:
    store.transacted(lambda tx: (tx.check(KEY, Order.state == "open"), tx.put(Note(customer="ann", number=2))))
    assert store.get(Note.key(customer="ann", number=2)) is not None


def test_it_is_guarded_against_others(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    acts: list[Callable[[], object]] = [
        lambda: store.put(Note(customer="ann", number=1)),
        lambda: store.update(Note.key(customer="ann", number=1), Note.text.set("x")),
        lambda: store.delete(Note.key(customer="ann", number=1)),
        lambda: store.batch_put([Note(customer="ann", number=1)]),
        lambda: store.batch_delete([Note.key(customer="ann", number=1)]),
    ]
    for act in acts:
        with pytest.raises(KindMismatchError, match=r"is an item of Order, not of Note"):
            act()
    with pytest.raises(ItemExistsError, match="an item of Order"):
        store.create(Note(customer="ann", number=1))
    assert stored(store, dynamodb_engine) == STORED


def test_what_is_not_there_is_not_adopted(store: Both) -> None:
    absent = Order.key(customer="ann", number=7)
    with pytest.raises(LookupError):
        store.update(absent, Order.state.set("new"))
    assert store.delete(absent) is None
    assert store.get(absent) is None
    store.update(KEY, Order.state.set("new"))
    with pytest.raises(VersionConflictError):
        store.put(Order(customer="ann", number=1))


def test_the_message_of_an_item_without_a_kind_is_followed(make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> None:
    def declared(**options: Any) -> Any:
        table = Table("adopted", partition_key="pk", **options)

        class Thing(Entity, table=table):
            pk: Attr[str]
            size: Attr[int] = attr(default=0)

        return Thing

    before, after = declared(), declared(default_type="Thing")
    stores = [make_store(before.__gateleg__.table), make_store(after.__gateleg__.table)]
    for one in stores:
        dynamodb_engine.put_item(TableName=one.table_name, Item={"pk": {"S": "a"}})
    with pytest.raises(KindMismatchError, match=r"declare Table\('adopted', \.\.\., default_type='Thing'\)"):
        stores[0].update(before.key(pk="a"), before.size.set(1))
    assert stores[1].update(after.key(pk="a"), after.size.set(1)).size == 1


def test_a_default_type_that_no_entity_has_is_refused_before_anything_is_sent() -> None:
    table = Table("misspelt", partition_key="pk", default_type="Thingy")

    class Thing(Entity, table=table):
        pk: Attr[str]

    with pytest.raises(
        DeclarationError, match=r"default_type='Thingy', which is the name of no entity of it; write one of those that are: 'Thing'"
    ):
        table.shape()
    with pytest.raises(DeclarationError, match="Thingy"):
        Store(table, table_name="none").get(Thing.key(pk="a"))


SHARED = Table("shared", partition_key="pk", default_type="Left")


class Left(Entity, table=SHARED):
    """What another program stores, under keys of its own making."""

    id: Attr[str]
    key = key("LEFT#{id}")


class Right(Entity, table=SHARED):
    id: Attr[str]
    key = key("RIGHT#{id}")


@pytest.mark.parametrize("batch", ["batch_put", "batch_delete"])
def test_a_batch_leaves_what_says_no_type_under_whatever_key(make_store: MakeStore, dynamodb_engine: DynamoDBClient, batch: str) -> None:
    store = make_store(SHARED)
    foreign = {"pk": {"S": "RIGHT#1"}, "id": {"S": "1"}}
    dynamodb_engine.put_item(TableName=store.table_name, Item=foreign)
    with pytest.raises(KindMismatchError):
        store.batch_put([Right(id="1"), Right(id="2")]) if batch == "batch_put" else store.batch_delete([Right.key(id="1")])
    assert dynamodb_engine.get_item(TableName=store.table_name, Key={"pk": {"S": "RIGHT#1"}}).get("Item") == foreign
