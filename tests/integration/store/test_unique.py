"""Unique attributes: no two items have one value, whatever is written and in whichever order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import (
    ConditionFailedError,
    ExpressionError,
    ItemExistsError,
    ItemNotFoundError,
    KindMismatchError,
    TransactionCanceledError,
    UniqueConflictError,
    VersionConflictError,
)
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key, ttl, version
from gateleg.store import AsyncStore, BotocoreTransport, Patience, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Transaction, Transport

pytestmark = pytest.mark.integration

PEOPLE = Table(
    "people", partition_key="pk", sort_key="sk", ttl="expires_at", indexes=[Index("by_name", partition_key="gpk", sort_key="gsk")]
)


class User(Entity, table=PEOPLE):
    """Somebody with an address that nobody else has."""

    user_id: Attr[str]
    email: Attr[str | None] = attr(default=None, unique=True, save=str.casefold)
    number: Attr[int | None] = attr(default=None, unique=True, stored="no")
    name: Attr[str] = attr(default="")
    expires: Attr[datetime | None] = ttl()
    revision: Attr[int] = version()

    key = key("USER#{user_id}", "USER")
    name_key = index_key("by_name", "NAME#{email}", "{user_id}")

    @access(index="by_name")
    def with_email(*, email: str) -> None: ...


class Admin(User):
    """A user who may do more."""

    level: Attr[int] = attr(default=1)


class Guest(User):
    """A user with another value that nobody else has."""

    seat: Attr[str] = attr(unique=True)


@pytest.fixture
def store(make_store: Callable[[Table], Store]) -> Store:
    return make_store(PEOPLE)


def user(identity: str, email: str | None = None, **values: Any) -> User:
    return User.model_validate({"user_id": identity, "email": email, **values})


def claims(store: Store, dynamodb_engine: DynamoDBClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = dynamodb_engine.scan(TableName=store.table_name, ConsistentRead=True)["Items"]
    return [item for item in items if item["pk"]["S"].startswith("#unique#")]


def test_a_second_item_with_the_value_is_refused_and_nothing_is_written(store: Store) -> None:
    store.create(user("1", "Ann@x", number=7))
    with pytest.raises(UniqueConflictError) as caught:
        store.create(user("2", "ANN@X"))
    assert (caught.value.path, caught.value.value, caught.value.code) == ("User.email", "ann@x", "store.unique_conflict")
    assert "ann@x" in caught.value.message
    with pytest.raises(UniqueConflictError, match=r"User\.number"):
        store.create(user("3", number=7))
    assert [found.user_id for found in store.scan(User)] == ["1"]


def test_an_absent_value_is_nobodys(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    store.create(user("1"))
    store.create(user("2"))
    assert claims(store, dynamodb_engine) == []


def test_an_item_that_exists_is_told_before_a_value_that_is_taken(store: Store) -> None:
    store.create(user("1", "ann@x"))
    with pytest.raises(ItemExistsError):
        store.create(user("1", "ann@x"))


def test_a_value_is_free_again_after_put_update_and_delete(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    ann = store.create(user("1", "a"))
    ann.email = "b"
    ann = store.put(ann)
    store.create(user("2", "a"))
    ann = store.update(ann.key, User.email.set("c"))
    assert (ann.email, ann.revision) == ("c", 3)
    store.create(user("3", "b"))
    assert store.delete(ann) == ann
    store.create(user("4", "c"))
    ben = store.update(User.key(user_id="2"), User.email.remove(), User.name.set("Ben"))
    assert (ben.email, ben.name) == (None, "Ben")
    assert sorted(item["pk"]["S"] for item in claims(store, dynamodb_engine)) == ["#unique#User.email#Sb", "#unique#User.email#Sc"]


def test_an_update_of_another_attribute_is_one_request(store: Store) -> None:
    store.create(user("1", "a"))
    prepared = store.prepare.update(User.key(user_id="1"), User.name.set("Ann"))
    assert store.send(prepared).name == "Ann"
    assert prepared.reading.requests == 1


def test_a_put_and_an_update_meet_a_taken_value(store: Store) -> None:
    store.create(user("1", "a"))
    ben = store.create(user("2", "b"))
    with pytest.raises(UniqueConflictError):
        store.update(ben, User.email.set("A"))
    with pytest.raises(UniqueConflictError):
        store.put(ben.model_copy(update={"email": "a"}))
    assert store.get(ben.key) == ben


def test_versions_and_absent_items_are_told_as_without_unique_attributes(store: Store) -> None:
    ann = store.create(user("1", "a"))
    store.update(ann, User.name.set("x"))
    writes: list[Callable[[], object]] = [
        lambda: store.put(ann),
        lambda: store.update(ann, User.email.set("b")),
        lambda: store.delete(ann),
    ]
    for write in writes:
        with pytest.raises(VersionConflictError):
            write()
    with pytest.raises(ItemNotFoundError):
        store.update(User.key(user_id="9"), User.email.set("z"))
    assert store.delete(User.key(user_id="9")) is None
    assert store.create(user("2", "z")).email == "z"


def test_a_subclass_shares_the_values_of_its_base(store: Store) -> None:
    store.create(Admin(user_id="1", email="a"))
    with pytest.raises(UniqueConflictError, match=r"User\.email"):
        store.create(user("2", "a"))
    assert isinstance(store.delete(User.key(user_id="1")), Admin)
    store.create(user("2", "a"))


def test_a_transaction_takes_and_gives_back(store: Store) -> None:
    ann, ben = store.create(user("1", "a")), store.create(user("2", "b"))
    with store.transact() as tx:
        tx.update(ann, User.email.set("b"))
        tx.update(ben, User.email.set("a"))
        tx.create(user("3", "c"))
    assert [found.user_id for found in store.query(User.with_email(email="b"))] == ["1"]
    with pytest.raises(TransactionCanceledError) as caught, store.transact() as tx:
        tx.create(user("4", "c"))
    assert [type(reason) for reason in caught.value.reasons] == [type(None), UniqueConflictError]
    fresh = store.get(User.key(user_id="3"))
    assert fresh is not None
    with store.transact() as tx:
        tx.delete(fresh)
        tx.create(user("4", "c"))
    with pytest.raises(TransactionCanceledError), store.transact() as tx:
        tx.delete(ann)


def test_a_transaction_says_what_it_cannot_know(store: Store) -> None:
    with pytest.raises(ExpressionError, match="has unique attributes"), store.transact() as tx:
        tx.put(user("1", "a"))
    with pytest.raises(ExpressionError, match="give the entity as it was read"), store.transact() as tx:
        tx.update(User.key(user_id="1"), User.email.set("a"))
    with pytest.raises(ExpressionError, match="give the entity as it was read"), store.transact() as tx:
        tx.delete(User.key(user_id="1"))
    with pytest.raises(ExpressionError, match=r"of one transaction have the same User\.email"), store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        tx.create(user("1", "a"))
        tx.create(user("2", "a"))


def test_batches_refuse_what_they_cannot_keep_unique(store: Store) -> None:
    with pytest.raises(ExpressionError, match="batches cannot keep unique"):
        store.batch_put([user("1", "a")])
    with pytest.raises(ExpressionError, match="batches cannot keep unique"):
        store.batch_delete([User.key(user_id="1")])


def test_a_claim_expires_with_its_item(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    ann = store.create(user("1", "a", expires=soon))
    store.update(ann.key, User.expires.set(soon + timedelta(hours=1)))
    assert [item["expires_at"]["N"] for item in claims(store, dynamodb_engine)] == [str(int(soon.timestamp()) + 3600)]
    store.update(ann.key, User.expires.remove())
    assert [item.get("expires_at") for item in claims(store, dynamodb_engine)] == [None]


def test_items_stored_before_are_guarded_once_they_are_put_again(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    for identity in ("1", "2"):
        dynamodb_engine.put_item(
            TableName=store.table_name,
            Item={
                "pk": {"S": f"USER#{identity}"},
                "sk": {"S": "USER"},
                "_type": {"S": "User"},
                "user_id": {"S": identity},
                "email": {"S": "a"},
                "revision": {"N": "1"},
            },
        )
    first, second = (store.get(User.key(user_id=identity)) for identity in ("1", "2"))
    assert first is not None
    assert second is not None
    store.put(first)
    with pytest.raises(UniqueConflictError):
        store.put(second)
    store.delete(second)
    with pytest.raises(UniqueConflictError):
        store.create(user("3", "a"))
    store.delete(User.key(user_id="1"))
    store.create(user("3", "a"))


def test_an_async_store_keeps_values_unique_too(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    async def act() -> None:
        waiting = AsyncStore(PEOPLE, table_name=store.table_name, client=dynamodb_engine)
        ann = await waiting.create(user("1", "a"))
        with pytest.raises(UniqueConflictError):
            await waiting.create(user("2", "a"))
        async with waiting.transact() as tx:
            tx.update(ann, User.email.set("b"))
        assert (await waiting.update(ann.key, User.email.set("c"))).email == "c"

    asyncio.run(act())


class Badge(Entity, table=PEOPLE):
    """Something without a version, which nobody else's write would be noticed by."""

    number: Attr[int]
    code: Attr[str | None] = attr(default=None, unique=True)

    @key("BADGE#{number}", "BADGE")
    def key(*, number: int) -> None: ...


class Meddling:
    """A transport by which somebody else writes directly before the first transaction."""

    def __init__(self, inner: Transport, meddle: Callable[[], object]) -> None:
        self._inner = inner
        self._meddle: Callable[[], object] | None = meddle

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        meddle = self._meddle
        if operation == "TransactWriteItems" and meddle is not None:
            self._meddle = None
            meddle()
        return self._inner.call(operation, params)


BADGE = Badge.key(number=1)
WRITES: dict[str, tuple[Callable[[Store], object], set[str]]] = {
    "put": (lambda store: store.put(Badge(number=1, code="c")), {"c"}),
    "update": (lambda store: store.update(BADGE, Badge.code.set("c")), {"c"}),
    "delete": (lambda store: store.delete(BADGE), set()),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_value_that_somebody_else_changes_in_between_is_given_back(store: Store, dynamodb_engine: DynamoDBClient, write: str) -> None:
    act, left = WRITES[write]
    store.create(Badge(number=1, code="a"))
    meddling = Meddling(BotocoreTransport(dynamodb_engine), lambda: store.update(BADGE, Badge.code.set("b")))
    act(Store(PEOPLE, table_name=store.table_name, transport=meddling, patience=Patience(base=0)))
    assert {item["pk"]["S"] for item in claims(store, dynamodb_engine)} == {f"#unique#Badge.code#S{code}" for code in left}
    store.create(Badge(number=2, code="a"))
    store.create(Badge(number=3, code="b"))


@pytest.mark.parametrize("write", WRITES)
def test_an_item_that_somebody_else_makes_in_between_gives_its_value_back(
    store: Store, dynamodb_engine: DynamoDBClient, write: str
) -> None:
    act, left = WRITES[write]
    meddling = Meddling(BotocoreTransport(dynamodb_engine), lambda: store.create(Badge(number=1, code="b")))
    act(Store(PEOPLE, table_name=store.table_name, transport=meddling, patience=Patience(base=0)))
    assert {item["pk"]["S"] for item in claims(store, dynamodb_engine)} == {f"#unique#Badge.code#S{code}" for code in left}


def test_an_item_made_anew_under_the_same_version_gives_its_own_value_back(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    ann = store.create(user("1", "a"))
    store.delete(ann)
    meddling = Meddling(BotocoreTransport(dynamodb_engine), lambda: store.create(user("1", "b")))
    Store(PEOPLE, table_name=store.table_name, transport=meddling, patience=Patience(base=0)).delete(ann)
    assert claims(store, dynamodb_engine) == []


def test_an_item_made_anew_as_another_kind_gives_back_what_that_kind_holds(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    ann = store.create(user("1", "a"))

    def anew() -> None:
        store.delete(ann)
        store.create(Guest(user_id="1", email="a", seat="7"))

    meddling = Meddling(BotocoreTransport(dynamodb_engine), anew)
    Store(PEOPLE, table_name=store.table_name, transport=meddling, patience=Patience(base=0)).delete(ann.key)
    assert claims(store, dynamodb_engine) == []


def test_a_write_that_others_overtake_again_and_again_gives_up_in_the_end(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    store.create(Badge(number=1, code="0"))
    codes = iter(map(str, range(1, 100)))

    class Always(Meddling):
        def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            self._meddle = lambda: store.update(BADGE, Badge.code.set(next(codes)))
            return super().call(operation, params)

    always = Always(BotocoreTransport(dynamodb_engine), lambda: None)
    with pytest.raises(ConditionFailedError):
        Store(PEOPLE, table_name=store.table_name, transport=always, patience=Patience(attempts=3, base=0)).put(Badge(number=1, code="x"))
    assert next(codes) == "4"
    store.create(Badge(number=2, code="x"))


def test_the_values_of_a_transaction_are_those_that_were_read(store: Store) -> None:
    badge = store.create(Badge(number=1, code="a"))
    store.update(BADGE, Badge.code.set("b"))
    acts: list[Callable[[Transaction], object]] = [lambda tx: tx.update(badge, Badge.code.set("c")), lambda tx: tx.delete(badge)]
    for act in acts:
        with pytest.raises(TransactionCanceledError), store.transact() as tx:
            act(tx)


class Vehicle(Entity, table=PEOPLE):
    """Something without unique values, of which one kind has one."""

    number: Attr[int]

    @key("VEHICLE#{number}", "VEHICLE")
    def key(*, number: int) -> None: ...


class Car(Vehicle):
    """That kind."""

    plate: Attr[str] = attr(unique=True)


def test_a_put_by_the_base_leaves_a_subclass_and_what_it_holds(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    store.create(Car(number=1, plate="a"))
    with pytest.raises(KindMismatchError):
        store.put(Vehicle(number=1))
    assert len(claims(store, dynamodb_engine)) == 1


def test_a_deletion_by_the_base_gives_back_what_a_subclass_holds(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    store.create(Car(number=1, plate="a"))
    store.delete(Vehicle.key(number=1))
    assert claims(store, dynamodb_engine) == []
    with pytest.raises(ExpressionError, match="Vehicle or a subclass of it has unique attributes"):
        store.batch_delete([Vehicle.key(number=1)])
    assert [use.operation for use in Vehicle.delete.declared_uses()] == ["delete", "get"]
