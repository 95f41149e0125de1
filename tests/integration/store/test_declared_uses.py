"""Each operation asks of DynamoDB exactly what its declared use is granted: no action more, and none less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.store import Scan, Store
from gateleg.testing import recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.integration

HOUSE = Table("house", partition_key="pk", sort_key="sk", indexes=[Index("by_street", partition_key="gpk", sort_key="gsk")])
OTHER = Table("other-house", partition_key="pk")


class Room(Entity, table=HOUSE):
    """Something plain."""

    name: Attr[str]
    size: Attr[int] = attr(default=0)

    key = key("ROOM#{name}", "ROOM")
    street_key = index_key("by_street", "STREET", "{name}")

    @access
    def named(*, name: str) -> None: ...

    @access(index="by_street")
    def in_street() -> None: ...


class Tenant(Entity, table=HOUSE):
    """Something with a value that nobody else has."""

    name: Attr[str]
    email: Attr[str | None] = attr(default=None, unique=True)
    age: Attr[int] = attr(default=0)

    key = key("TENANT#{name}", "TENANT")


class Away(Entity, table=OTHER):
    """Something in another table."""

    name: Attr[str]

    key = key("AWAY#{name}")


ROOM, TENANT = Room.key(name="a"), Tenant.key(name="a")


def several(store: Store, *acts: Callable[[Any], object]) -> None:
    with store.transact() as tx:
        for act in acts:
            act(tx)


def read(store: Store) -> Tenant:
    found = store.get(TENANT, consistent=True)
    assert found is not None
    return found


OPERATIONS: dict[str, tuple[tuple[Any, ...], Callable[[Store], object]]] = {
    "get": ((Room.get,), lambda store: store.get(ROOM)),
    "get in part": ((Room.get,), lambda store: store.get(ROOM, only=[Room.size])),
    "put": ((Room.put,), lambda store: store.put(Room(name="b"))),
    "create": ((Room.create,), lambda store: store.create(Room(name="c"))),
    "update": ((Room.update,), lambda store: store.update(ROOM, Room.size.set(2))),
    "delete": ((Room.delete,), lambda store: store.delete(ROOM)),
    "query": ((Room.named,), lambda store: list(store.query(Room.named(name="a")))),
    "query of an index": ((Room.in_street,), lambda store: list(store.query(Room.in_street()))),
    "page": ((Room.named,), lambda store: store.page(Room.named(name="a"))),
    "count": ((Room.named,), lambda store: store.count(Room.named(name="a"))),
    "scan": ((Room.scan,), lambda store: list(store.scan(Room))),
    "scan in segments": ((Room.scan,), lambda store: list(store.scan(Room, segments=2))),
    "scan of an index": ((Scan.of(Room).on("by_street"),), lambda store: list(store.scan(Scan.of(Room).on("by_street")))),
    "batch get": ((Room.batch_get,), lambda store: store.batch_get([ROOM])),
    "batch put": ((Room.batch_write,), lambda store: store.batch_put([Room(name="d")])),
    "batch delete": ((Room.batch_write,), lambda store: store.batch_delete([ROOM])),
    "transact get": ((Room.get,), lambda store: store.transact_get(ROOM)),
    "transact": (
        (Room.create, Room.update, Room.delete, Room.check),
        lambda store: several(
            store,
            lambda tx: tx.create(Room(name="e")),
            lambda tx: tx.update(ROOM, Room.size.add(1)),
            lambda tx: tx.delete(Room.key(name="x")),
            lambda tx: tx.check(Tenant.key(name="a")),
        ),
    ),
    "select": ((Room.partiql_select,), lambda store: store.partiql("SELECT * FROM {table} WHERE pk = ?", ["ROOM#a"])),
    "create of a unique value": ((Tenant.create,), lambda store: store.create(Tenant(name="b", email="b"))),
    "put of a unique value": ((Tenant.put,), lambda store: store.put(Tenant(name="a", email="c"))),
    "update of a unique value": ((Tenant.update,), lambda store: store.update(TENANT, Tenant.email.set("c"))),
    "delete of a unique value": ((Tenant.delete,), lambda store: store.delete(TENANT)),
    "unique values in a transaction": (
        (Tenant.update, Tenant.get),
        lambda store: several(store, lambda tx: tx.update(read(store), Tenant.email.set("d"))),
    ),
}


@pytest.fixture
def store(make_store: Callable[[Table], Store]) -> Store:
    made = make_store(HOUSE)
    made.put(Room(name="a"))
    made.create(Tenant(name="a", email="a"))
    return made


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_asks_what_it_declares(store: Store, dynamodb_engine: DynamoDBClient, name: str) -> None:
    declared, operate = OPERATIONS[name]
    with recorded(dynamodb_engine) as calls:
        operate(store)
    assert calls.undeclared(*declared) == set()
    assert calls.unused(*declared) == set()


def test_a_transaction_about_two_tables_needs_the_parts_uses_of_each(
    make_store: Callable[[Table], Store], dynamodb_engine: DynamoDBClient
) -> None:
    here, there = make_store(HOUSE), make_store(OTHER)
    with recorded(dynamodb_engine) as calls, here.transact(stores=[there]) as tx:
        tx.create(Room(name="a"))
        tx.create(Away(name="a"))
    assert calls.undeclared(Room.create, Away.create) == set()
    assert {touch.table for touch in calls.touches} == {here.table_name, there.table_name}
