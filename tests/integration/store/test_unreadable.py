"""A stored item that its entity refuses hides no other: listings say which one it is, or hand it over and go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, StoredItemInvalidError
from gateleg.model import Attr, Entity, Ref, Table, access, attr, key
from gateleg.store import AsyncStore, Scan, Store
from gateleg.testing.stores import CURSOR_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

STOCK = Table("stock", partition_key="pk", sort_key="sk")


class Stock(Entity, table=STOCK):
    shop: Attr[str] = attr(default="a")
    number: Attr[int]
    left: Attr[int] = attr(default=0, ge=0)

    key = key("SHOP#{shop}", "SKU#{number:03d}")

    @access
    def of(*, shop: str) -> None: ...


class Owner(Entity, table=STOCK):
    shop: Attr[str] = attr(default="a")
    name: Attr[str] = attr(default="")

    key = key("SHOP#{shop}", "OWNER")

    @access
    def owner(*, shop: str) -> None: ...


OF_A = Stock.of(shop="a")
BROKEN = {2, 3, 7, 9}
LISTED = [number for number in range(10) if number not in BROKEN]


@pytest.fixture
def store(make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> Store:
    """A shop of ten kinds of stock, of which another program made four worse than nothing."""
    store = make_store(STOCK)
    store.batch_put([Owner(), *(Stock(number=number) for number in range(10))])
    for number in BROKEN:
        dynamodb_engine.update_item(
            TableName=store.table_name,
            Key=dict(Stock.key(shop="a", number=number).wire),
            UpdateExpression="SET #left = :left",
            ExpressionAttributeNames={"#left": "left"},
            ExpressionAttributeValues={":left": {"N": "-1"}},
        )
    return store


def numbers(items: Any) -> list[int]:
    return [item.number for item in items if isinstance(item, Stock)]


def told(found: list[StoredItemInvalidError]) -> list[int]:
    """Which items the errors are of; each has the key, the raw item and the problem."""
    assert all(error.item["left"] == {"N": "-1"} for error in found)
    assert all("left" in str(error.path) for error in found)
    return [int(error.key["sk"]["S"].removeprefix("SKU#")) for error in found]


KEYS = [Stock.key(shop="a", number=number) for number in range(12)]

LISTINGS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "query": lambda store, how: store.query(OF_A, **how),
    "part": lambda store, how: store.query(OF_A.only(Stock.left), **how),
    "collect": lambda store, how: store.collect(Owner.owner(shop="a"), OF_A, **how),
    "scan": lambda store, how: store.scan(Stock, **how),
    "scan of the table": lambda store, how: store.scan(STOCK, **how),
    "scan in segments": lambda store, how: store.scan(Stock, segments=3, **how),
    "batch_get": lambda store, how: store.batch_get(KEYS, **how),
    "resolve": lambda store, how: store.resolve([Ref.to(key) for key in KEYS], **how).values(),
    "partiql": lambda store, how: store.partiql("SELECT * FROM {table} WHERE pk = ?", ["SHOP#a"], **how),
    "page": lambda store, how: store.page(OF_A, limit=50, **how).items,
}


@pytest.mark.parametrize("listing", LISTINGS)
def test_by_default_a_listing_raises_and_says_which_item(store: Store, listing: str) -> None:
    with pytest.raises(StoredItemInvalidError, match=r"pk='SHOP#a', sk='SKU#00[2379]'") as raised:
        list(LISTINGS[listing](store, {}))
    assert told([raised.value])[0] in BROKEN


@pytest.mark.parametrize("listing", LISTINGS)
def test_what_cannot_be_read_is_handed_over_and_the_others_are_given(store: Store, listing: str) -> None:
    found: list[StoredItemInvalidError] = []
    assert sorted(numbers(LISTINGS[listing](store, {"unreadable": found.append}))) == LISTED
    assert sorted(told(found)) == sorted(BROKEN)


@pytest.mark.parametrize("limit", range(1, 8))
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("of", ["query", "filtered", "scan", "collect"])
def test_pages_give_each_item_once_and_hand_over_each_that_cannot_be_read_once(
    store: Store, limit: int, of: str, *, descending: bool
) -> None:
    query = OF_A.reversed() if descending else OF_A
    owner = Owner.owner(shop="a").reversed() if descending else Owner.owner(shop="a")
    asked: dict[str, Any] = {
        "query": query,
        "filtered": query.where(Stock.shop == "a"),
        "scan": Scan.of(Stock),
        "collect": store.collect(owner, query),
    }
    found: list[StoredItemInvalidError] = []
    given: list[int] = []
    cursor: str | None = None
    while True:
        page = store.page(asked[of], limit=limit, cursor=cursor, unreadable=found.append)
        assert len(page.items) <= limit
        given += numbers(page.items)
        cursor = page.cursor
        if cursor is None:
            break
    if of == "scan":
        given.sort()
    assert given == (LISTED[::-1] if descending and of != "scan" else LISTED)
    assert sorted(told(found)) == sorted(BROKEN)


def test_a_limit_hands_over_what_comes_before_the_last_item(store: Store) -> None:
    found: list[StoredItemInvalidError] = []
    assert numbers(store.query(OF_A.limit(3), unreadable=found.append)) == [0, 1, 4]
    assert told(found) == [2, 3]


def test_what_was_read_beyond_the_limit_is_not_handed_over(store: Store) -> None:
    found: list[StoredItemInvalidError] = []
    assert numbers(store.query(OF_A.where(Stock.number >= 1).limit(1), unreadable=found.append)) == [1]
    assert found == []


def test_a_page_of_a_collection_hands_over_what_the_collection_was_told_to(store: Store) -> None:
    found: list[StoredItemInvalidError] = []
    page = store.page(store.collect(Owner.owner(shop="a"), OF_A, unreadable=found.append), limit=50)
    assert (numbers(page.items), told(found)) == (LISTED, sorted(BROKEN))


def test_what_takes_them_may_raise_and_ends_the_listing(store: Store) -> None:
    def give_up(error: StoredItemInvalidError) -> None:
        raise LookupError(error.key["sk"]["S"])

    with pytest.raises(LookupError, match="SKU#002"):
        list(store.query(OF_A, unreadable=give_up))


@pytest.mark.parametrize("listing", LISTINGS)
def test_a_store_that_awaits_hands_over_the_same(store: Store, dynamodb_engine: DynamoDBClient, listing: str) -> None:
    awaiting = AsyncStore(STOCK, table_name=store.table_name, client=dynamodb_engine, cursor_keys=CURSOR_KEYS)
    found: list[StoredItemInvalidError] = []

    async def listed() -> list[Any]:
        if listing == "page":
            return (await awaiting.page(OF_A, limit=50, unreadable=found.append)).items
        if listing == "resolve":
            return list((await awaiting.resolve([Ref.to(key) for key in KEYS], unreadable=found.append)).values())
        given = LISTINGS[listing](awaiting, {"unreadable": found.append})
        return [item async for item in given] if hasattr(given, "__aiter__") else list(await given)

    assert sorted(numbers(asyncio.run(listed()))) == LISTED
    assert sorted(told(found)) == sorted(BROKEN)


@pytest.mark.parametrize("listing", LISTINGS)
def test_what_cannot_be_called_is_refused_before_anything_is_read(listing: str) -> None:
    still = Store(STOCK, table_name="nowhere", cursor_keys=CURSOR_KEYS)
    with pytest.raises(ExpressionError, match=r"unreadable=found\.append"):
        LISTINGS[listing](still, {"unreadable": "skip"})
