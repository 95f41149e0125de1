"""What has expired is not there: what a hiding store does not read it does not meet in writes either."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import (
    ConditionFailedError,
    ItemExistsError,
    ItemNotFoundError,
    KindMismatchError,
    TransactionCanceledError,
    UniqueConflictError,
    VersionConflictError,
)
from gateleg.model import Attr, Entity, Table, attr, key, ttl, version
from gateleg.store import AsyncStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

LOCKS = Table("locks", partition_key="pk", ttl="exp")
PAST = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
FUTURE = PAST + timedelta(days=1)


class Lock(Entity, table=LOCKS):
    id: Attr[str]
    owner: Attr[str | None] = attr(default=None)
    exp: Attr[datetime | None] = ttl()

    key = key("L#{id}")


class Badge(Entity, table=LOCKS):
    """Has a unique value and a version."""

    id: Attr[str]
    code: Attr[str | None] = attr(default=None, unique=True)
    exp: Attr[datetime | None] = ttl()
    revision: Attr[int] = version()

    key = key("B#{id}")


class Rival(Entity, table=LOCKS):
    """Another kind of item under the keys of a `Lock`."""

    id: Attr[str]
    exp: Attr[datetime | None] = ttl()

    key = key("L#{id}")


TEXTUAL = Table("textual", partition_key="id", ttl="exp")


class Textual(Entity, table=TEXTUAL):
    """Stores text where DynamoDB looks for a time."""

    id: Attr[str] = attr(partition_key=True)
    exp: Attr[str]
    owner: Attr[str | None] = attr(default=None)


KEY = Lock.key(id="1")


@pytest.fixture
def plain(make_store: MakeStore) -> Store:
    return make_store(LOCKS)


@pytest.fixture
def store(make_store: MakeStore, plain: Store) -> Store:
    return make_store(LOCKS, table_name=plain.table_name, hide_expired=True)


@pytest.mark.parametrize("there", [Lock(id="1", owner="a", exp=PAST), Rival(id="1", exp=PAST)], ids=["lock", "rival"])
def test_what_has_expired_is_made_anew_and_replaced_whatever_its_kind(plain: Store, store: Store, there: Entity) -> None:
    writes: list[Callable[[Lock], object]] = [store.create, store.put, lambda lock: store.batch_put([lock])]
    for write in writes:
        plain.delete(KEY) if plain.get(KEY) else plain.delete(Rival.key(id="1"))
        plain.create(there)
        write(Lock(id="1", owner="b"))
        assert store.get(KEY) == Lock(id="1", owner="b")


def test_what_has_not_expired_is_still_there(store: Store) -> None:
    for time in (FUTURE, None):
        store.put(Lock(id="1", exp=time))
        with pytest.raises(ItemExistsError):
            store.create(Lock(id="1"))
        assert store.update(KEY, Lock.owner.set("x")).owner == "x"
        assert store.put(Lock(id="1", owner="y", exp=time), when=Lock.owner == "x").owner == "y"
        with pytest.raises(KindMismatchError):
            store.put(Rival(id="1"))


def test_a_store_that_hides_nothing_meets_what_has_expired(plain: Store) -> None:
    plain.create(Lock(id="1", exp=PAST))
    with pytest.raises(ItemExistsError):
        plain.create(Lock(id="1"))
    assert plain.update(KEY, Lock.owner.set("x")).owner == "x"
    assert plain.delete(KEY) is not None


def test_what_has_expired_is_not_updated(plain: Store, store: Store) -> None:
    stored = plain.create(Lock(id="1", owner="a", exp=PAST))
    for target in (KEY, stored):
        with pytest.raises(ItemNotFoundError):
            store.update(target, Lock.owner.set("x"))
    with pytest.raises(ItemNotFoundError):
        store.update(KEY, Lock.owner.set("x"), when=Lock.owner == "a")
    with pytest.raises(ItemNotFoundError):
        store.update(Rival.key(id="1"), Rival.exp.set(FUTURE))
    assert plain.get(KEY) == stored


def test_what_has_expired_is_deleted_as_if_it_were_not_there(plain: Store, store: Store) -> None:
    plain.create(Lock(id="1", owner="a", exp=PAST))
    with pytest.raises(ItemNotFoundError):
        store.delete(KEY, when=Lock.owner == "a")
    assert plain.get(KEY) is not None
    assert store.delete(Rival.key(id="1")) is None
    assert plain.get(KEY) is None
    plain.create(Lock(id="1", exp=PAST))
    assert store.delete(KEY) is None
    plain.create(Lock(id="1", exp=PAST))
    store.batch_delete([Rival.key(id="1")])
    assert plain.get(KEY) is None


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (Lock.owner == "a", False),
        (Lock.owner.exists(), False),
        (Lock.owner != "b", True),
        (Lock.owner.not_exists(), True),
        (~(Lock.owner == "a"), True),
        ((Lock.owner == "a") | Lock.owner.not_exists(), True),
        (Lock.owner.not_exists() & (Lock.owner == "a"), False),
        (Lock.owner == None, True),  # noqa: E711 (a condition)
        (Lock.owner.in_(["a"]), False),
        (Lock.owner.between("a", "b"), False),
    ],
    ids=str,
)
def test_a_condition_of_a_put_is_what_it_is_where_there_is_no_item(plain: Store, store: Store, when: Any, expected: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    def done(name: str) -> bool:
        try:
            store.put(Lock(id=name, owner="new"), when=when)
        except ConditionFailedError:
            return False
        return True

    plain.create(Lock(id="expired", owner="a", exp=PAST))
    assert done("absent") == done("expired") == expected


def test_versions_and_conditions_of_deletions(plain: Store, store: Store) -> None:
    badge = plain.create(Badge(id="1", exp=PAST))
    with pytest.raises(ItemNotFoundError):
        store.delete(badge)
    with pytest.raises(VersionConflictError, match="deleted"):
        store.put(badge)
    assert store.put(Badge(id="1")).revision == 1


def test_unique_values_of_what_has_expired_are_free_again(plain: Store, store: Store) -> None:
    plain.create(Badge(id="1", code="c", exp=PAST))
    with pytest.raises(UniqueConflictError):
        plain.create(Badge(id="2", code="c"))
    store.create(Badge(id="2", code="c"))
    with pytest.raises(UniqueConflictError):
        store.create(Badge(id="3", code="c"))
    with store.transact() as tx:
        tx.create(Badge(id="1", code="d"))
    assert store.delete(Badge.key(id="2")) is not None
    assert store.put(Badge(id="4", code="c")).code == "c"
    plain.create(Badge(id="5", code="e", exp=PAST))
    assert store.update(Badge.key(id="4"), Badge.code.set("e")).code == "e"
    with pytest.raises(ItemNotFoundError):
        store.update(Badge.key(id="5"), Badge.code.set("f"))
    assert store.delete(Badge.key(id="5")) is None
    assert store.get(Badge.key(id="4"), consistent=True) is not None
    with pytest.raises(UniqueConflictError):
        store.create(Badge(id="6", code="e"))


def test_parts_of_transactions(plain: Store, store: Store) -> None:
    plain.create(Lock(id="1", exp=PAST))
    gathers: list[Callable[[Any], None]] = [
        lambda tx: tx.check(KEY),
        lambda tx: tx.update(KEY, Lock.owner.set("x")),
        lambda tx: tx.delete(KEY, when=Lock.owner.exists()),
    ]
    for gather in gathers:
        with pytest.raises(TransactionCanceledError) as caught, store.transact() as tx:
            gather(tx)
        assert isinstance(caught.value.reasons[0], ItemNotFoundError)
    with store.transact() as tx:
        tx.create(Lock(id="1", owner="b"))
    assert store.get(KEY) == Lock(id="1", owner="b")
    plain.put(Lock(id="1", exp=PAST))
    with store.transact() as tx:
        tx.put(Rival(id="1"))
    assert store.get(Rival.key(id="1")) == Rival(id="1")


def test_each_table_of_a_transaction_is_asked_as_its_own_store_is(make_store: MakeStore, plain: Store) -> None:
    elsewhere = Table("elsewhere", partition_key="pk")
    other = make_store(elsewhere, hide_expired=True)
    plain.create(Lock(id="1", exp=PAST))
    with other.transact(stores=[plain]) as tx:
        tx.check(KEY)
    hiding = make_store(LOCKS, table_name=plain.table_name, hide_expired=True)
    with pytest.raises(TransactionCanceledError), make_store(elsewhere).transact(stores=[hiding]) as tx:
        tx.check(KEY)


def test_what_awaits_does_the_same(plain: Store, dynamodb_engine: DynamoDBClient) -> None:
    async def act() -> None:
        store = AsyncStore(LOCKS, table_name=plain.table_name, client=dynamodb_engine, hide_expired=True)
        with pytest.raises(ItemNotFoundError):
            await store.update(KEY, Lock.owner.set("x"))
        async with store.transact() as tx:
            tx.create(Lock(id="1", owner="b"))
        assert await store.get(KEY) == Lock(id="1", owner="b")

    plain.create(Lock(id="1", exp=PAST))
    asyncio.run(act())


def test_an_item_whose_time_is_no_number_has_not_expired(make_store: MakeStore) -> None:
    store = make_store(TEXTUAL, hide_expired=True)
    stored = store.create(Textual(id="1", exp="2020-01-01"))
    assert store.count(Textual) == 1
    assert store.get(stored.key) == stored
    with pytest.raises(ItemExistsError):
        store.create(Textual(id="1", exp=""))
    assert store.update(stored.key, Textual.owner.set("x")).owner == "x"
