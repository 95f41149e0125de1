"""Updates of items that an earlier declaration stored: they are brought up to date first, so that no update is of attributes that are not there yet."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import (
    ConditionFailedError,
    ItemNotFoundError,
    OutcomeUnknownError,
    StoredItemInvalidError,
    StoreError,
    TransactionCanceledError,
    UniqueConflictError,
    VersionConflictError,
)
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key, version
from gateleg.store import AsyncStore, Patience, Store
from gateleg.testing.faults import faults

if TYPE_CHECKING:
    from gateleg.testing import MakeStore

SHOP = Table("outdated", partition_key="pk", indexes=[Index("by_label", partition_key="gpk")])
OTHER = Table("outdated-other", partition_key="pk")


def in_cents(values: dict[str, Any]) -> dict[str, Any]:
    """What was in euros is in cents, under the same name."""
    values["price"] = int(values["price"] * 100)
    return values


def with_label(values: dict[str, Any]) -> dict[str, Any]:
    values["label"] = values.pop("title").lower()
    return values


class Ware(Entity, table=SHOP, upgrades=[in_cents, with_label]):
    number: Attr[int]
    price: Attr[int] = attr(ge=0)
    label: Attr[str]
    revision: Attr[int] = version()

    key = key("WARE#{number}")
    label_key = index_key("by_label", "LABEL#{label}")

    @access(index="by_label")
    def labelled(*, label: str) -> None: ...


class Book(Ware, upgrades=[in_cents, with_label, dict]):
    pages: Attr[int] = attr(default=0)


class Maker(Entity, table=SHOP, upgrades=[with_label]):
    number: Attr[int]
    label: Attr[str] = attr(unique=True)
    wares: Attr[int] = attr(default=0)

    key = key("MAKER#{number}")


class Stock(Entity, table=OTHER, upgrades=[in_cents]):
    number: Attr[int]
    price: Attr[int]

    key = key("STOCK#{number}")


def old(kind: str, number: int, **given: Any) -> dict[str, Any]:
    prefix = "WARE" if kind == "Book" else kind.upper()
    item = {
        "pk": {"S": f"{prefix}#{number}"},
        "_type": {"S": kind},
        "number": {"N": str(number)},
        "title": {"S": "Tea"},
        "price": {"N": "1.5"},
    }
    return {**item, **given}


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """A store with a ware, a book and a maker that were stored before there were upgrades."""
    made = make_store(SHOP, patience=Patience(attempts=6, base=0))
    for item in (old("Ware", 1, revision={"N": "4"}), old("Book", 2), old("Maker", 3)):
        make_store.client.put_item(TableName=made.table_name, Item=item)
    return made


def stored(make_store: MakeStore, store: Store, pk: str) -> dict[str, Any]:
    return dict(make_store.client.get_item(TableName=store.table_name, Key={"pk": {"S": pk}}, ConsistentRead=True)["Item"])


WARE, BOOK, MAKER = Ware.key(number=1), Book.key(number=2), Maker.key(number=3)


def test_what_is_added_is_added_to_the_value_as_it_is_read(store: Store, make_store: MakeStore) -> None:
    assert store.update(WARE, Ware.price.add(5)).price == 155
    assert stored(make_store, store, "WARE#1")["_schema"] == {"N": "2"}
    assert store.update(WARE, Ware.price.add(5)).price == 160


def test_what_is_set_is_not_upgraded_once_more(store: Store) -> None:
    assert store.update(WARE, Ware.price.set(7)).price == 7
    assert (ware := store.get(WARE, consistent=True)) is not None
    assert (ware.price, ware.label, ware.revision) == (7, "tea", 5)


def test_a_condition_is_of_the_item_as_it_is_read(store: Store) -> None:
    assert store.update(WARE, Ware.price.add(1), when=Ware.label == "tea").price == 151
    with pytest.raises(ConditionFailedError, match="condition"):
        store.update(BOOK, Book.price.add(1), when=Book.label == "Tea")


def test_keys_of_indexes_are_made_of_what_was_brought_up_to_date(store: Store) -> None:
    store.update(WARE, Ware.price.set(1))
    assert [ware.number for ware in store.query(Ware.labelled(label="tea"))] == [1]


def test_the_version_that_was_read_is_still_demanded(store: Store, make_store: MakeStore) -> None:
    ware = store.get(WARE)
    assert ware is not None
    assert store.update(ware, Ware.price.add(1)).revision == 5
    before = stored(make_store, store, "WARE#1")
    with pytest.raises(VersionConflictError):
        store.update(ware, Ware.price.add(1))
    assert stored(make_store, store, "WARE#1") == before


def test_subclasses_have_their_own_versions(store: Store, make_store: MakeStore) -> None:
    make_store.client.put_item(TableName=store.table_name, Item=old("Book", 5, _schema={"N": "2"}, label={"S": "tea"}, price={"N": "150"}))
    assert store.update(Ware.key(number=2), Ware.price.add(1)).price == 151
    assert store.update(Ware.key(number=5), Ware.price.add(1)).price == 151
    assert [stored(make_store, store, f"WARE#{number}")["_schema"] for number in (2, 5)] == [{"N": "3"}, {"N": "3"}]


def test_what_a_later_declaration_stored_is_left_alone(store: Store, make_store: MakeStore) -> None:
    later = old("Ware", 6, _schema={"N": "9"}, label={"S": "tea"})
    make_store.client.put_item(TableName=store.table_name, Item=later)
    with pytest.raises(StoredItemInvalidError, match="deploy the later one"):
        store.update(Ware.key(number=6), Ware.price.add(1))
    with pytest.raises(StoredItemInvalidError, match="deploy the later one"), store.transact() as transaction:
        transaction.update(Ware.key(number=6), Ware.price.add(1))
    assert stored(make_store, store, "WARE#6") == later


def test_what_cannot_be_brought_up_to_date_is_left_alone(store: Store, make_store: MakeStore) -> None:
    broken = old("Ware", 7)
    del broken["title"]
    make_store.client.put_item(TableName=store.table_name, Item=broken)
    with pytest.raises(StoredItemInvalidError, match="upgrade of Ware from version 1 failed"):
        store.update(Ware.key(number=7), Ware.price.add(1))
    assert stored(make_store, store, "WARE#7") == broken


def test_there_is_still_nothing_to_update_where_nothing_is(store: Store) -> None:
    with pytest.raises(ItemNotFoundError):
        store.update(Ware.key(number=8), Ware.price.add(1))


def test_unique_values_that_an_upgrade_makes_are_claimed(store: Store, make_store: MakeStore) -> None:
    make_store.client.put_item(TableName=store.table_name, Item=old("Maker", 4))
    assert store.update(MAKER, Maker.wares.add(1)).wares == 1
    with pytest.raises(UniqueConflictError):
        store.update(Maker.key(number=4), Maker.wares.add(1))
    with pytest.raises(UniqueConflictError):
        store.create(Maker(number=5, label="tea"))


def test_unique_values_are_set_of_items_that_are_brought_up_to_date(store: Store) -> None:
    assert store.update(MAKER, Maker.label.set("milk")).label == "milk"
    assert store.create(Maker(number=5, label="tea")).label == "tea"


def test_a_transaction_brings_up_to_date_what_it_updates_in_any_table(store: Store, make_store: MakeStore) -> None:
    other = make_store(OTHER)
    make_store.client.put_item(TableName=other.table_name, Item=old("Stock", 1))
    with store.transact(stores=[other], token="once") as transaction:
        transaction.update(WARE, Ware.price.add(1))
        transaction.update(Stock.key(number=1), Stock.price.add(1))
        transaction.create(Maker(number=9, label="new"))
    assert [one and one.price for one in store.transact_get(WARE, Stock.key(number=1), stores=[other])] == [151, 151]
    assert transaction.reading.requests == 2, "the answers that are none of a refusal"


def test_a_transaction_that_something_else_refuses_leaves_all_as_it_was(store: Store, make_store: MakeStore) -> None:
    before = stored(make_store, store, "WARE#1")
    transaction = store.transact()
    transaction.update(WARE, Ware.price.add(1))
    transaction.update(Ware.key(number=8), Ware.price.add(1))
    with pytest.raises(TransactionCanceledError), transaction:
        pass
    assert stored(make_store, store, "WARE#1") == before


def test_a_transaction_tells_of_unique_values_that_are_to_be_brought_up_to_date_first(store: Store) -> None:
    with pytest.raises(TransactionCanceledError, match="put it as it is read, or run gateleg backfill"), store.transact() as transaction:
        transaction.update(MAKER, Maker.wares.add(1))
    maker = store.get(MAKER)
    assert maker is not None
    store.put(maker)
    with store.transact() as transaction:
        transaction.update(MAKER, Maker.wares.add(1))
    assert [maker.wares for maker in store.batch_get([MAKER], consistent=True)] == [1]


def test_updates_of_several_at_once_are_all_of_the_item_that_was_brought_up_to_date(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        for update in [pool.submit(store.update, WARE, Ware.price.add(1)) for _ in range(8)]:
            update.result()
    assert [ware.price for ware in store.batch_get([WARE], consistent=True)] == [158]


@pytest.mark.parametrize("seed", range(2))
def test_what_is_told_of_an_update_holds_where_answers_are_lost(seed: int, store: Store, make_store: MakeStore) -> None:
    done = unknown = 0
    with faults(make_store.client, throttled=0.2, timed_out=0.2, lost=0.2, seed=seed):
        for at_once in (False, True, False, True):
            try:
                if at_once:
                    with store.transact() as transaction:
                        transaction.update(WARE, Ware.price.add(1))
                else:
                    store.update(WARE, Ware.price.add(1))
                done += 1
            except OutcomeUnknownError:
                unknown += 1
            except StoreError:
                pass
    assert (ware := store.get(WARE, consistent=True)) is not None
    assert 150 + done <= ware.price <= 150 + done + unknown


def test_the_same_for_asyncio(store: Store, make_store: MakeStore) -> None:
    awaited = AsyncStore(SHOP, table_name=store.table_name, client=make_store.client)

    async def both() -> None:
        assert (await awaited.update(WARE, Ware.price.add(1))).price == 151
        async with awaited.transact() as transaction:
            transaction.update(BOOK, Book.price.add(1))
        assert (book := await awaited.get(BOOK, consistent=True)) is not None
        assert book.price == 151

    asyncio.run(both())
