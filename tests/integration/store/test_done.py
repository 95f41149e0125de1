"""What an update would make invalid is refused before it is done; what fails after a write is done says that it is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field, field_validator

from gateleg.errors import (
    ConditionFailedError,
    ConstraintFailedError,
    ExpressionError,
    GatelegError,
    ItemInvalidError,
    StoredItemInvalidError,
    TransactionCanceledError,
    WriteDoneError,
)
from gateleg.model import Attr, Entity, Table, access, attr, key, raw
from tests.integration.store.kinds import Both

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

STOCK = Table("stock", partition_key="pk", sort_key="sk")


class Stock(Entity, table=STOCK):
    """What constraints are kept of."""

    shop: Attr[str] = attr(default="a")
    sku: Attr[str] = attr(default="1")
    left: Attr[int] = attr(default=5, ge=0, le=10)
    other: Attr[int] = attr(default=-3)
    price: Attr[Decimal | None] = attr(default=None, gt=0)
    pairs: Attr[int] = attr(default=0, multiple_of=2)
    free: Attr[int] = attr(default=0)
    log: Attr[list[str]] = attr(default_factory=lambda: ["x", "y"], max_length=3)
    few: Attr[list[int]] = attr(default_factory=lambda: [1, 2], min_length=2)
    tags: Attr[set[str]] = attr(default_factory=lambda: {"a", "b"}, min_length=1, max_length=3)
    by_name: Attr[dict[str, Annotated[int, Field(ge=0)]]] = attr(default_factory=lambda: {"a": 1}, max_length=2)
    odd: Attr[int] = attr(default=1)

    key = key("SHOP#{shop}", "SKU#{sku}")

    @access
    def of(*, shop: str) -> None: ...

    @field_validator("odd")
    @classmethod
    def be_odd(cls, value: int) -> int:
        """A rule of which DynamoDB knows nothing."""
        if value % 2 == 0:
            raise ValueError("write an odd number")
        return value


class Seat(Entity, table=STOCK):
    """Something with a value that nobody else has, written with its claims in a transaction."""

    name: Attr[str] = attr(default="a")
    place: Attr[str | None] = attr(default=None, unique=True)
    size: Attr[int] = attr(default=1, ge=0)

    key = key("SEAT#{name}", "SEAT")


KEY = Stock.key(shop="a", sku="1")


@pytest.fixture(params=["waits", "awaits"])
def store(request: pytest.FixtureRequest, make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> Both:
    both = Both(make_store(STOCK), dynamodb_engine, awaits=request.param == "awaits")
    both.waiting.create(Stock())
    both.waiting.create(Stock(sku="2"))
    return both


BROKEN: dict[str, Any] = {
    "add below": Stock.left.add(-6),
    "add above": Stock.left.add(6),
    "append": Stock.log.append(["z", "z"]),
    "copy below": Stock.left.set(Stock.other),
    "add of a part": Stock.by_name["a"].add(-2),
    "remove an element": Stock.few[0].remove(),
}


@pytest.mark.parametrize("change", BROKEN)
@pytest.mark.parametrize("way", ["update", "when", "transaction"])
def test_what_would_break_a_constraint_is_refused(store: Both, change: str, way: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "update": lambda: store.update(KEY, BROKEN[change]),
        "when": lambda: store.update(KEY, BROKEN[change], when=Stock.free == 0),
        "transaction": lambda: store.transacted(lambda tx: tx.update(KEY, BROKEN[change])),
    }
    with pytest.raises((ConstraintFailedError, TransactionCanceledError)) as caught:
        acts[way]()
    error = caught.value.reasons[0] if isinstance(caught.value, TransactionCanceledError) else caught.value
    assert isinstance(error, ConstraintFailedError)
    assert str(error.path).startswith("Stock.")
    assert store.get(KEY, consistent=True) == Stock()
    assert len(list(store.query(Stock.of(shop="a")))) == 2


def test_a_full_list_set_or_map_takes_no_more(store: Both) -> None:
    store.update(KEY, Stock.tags.add({"c"}), Stock.by_name["b"].set(1), Stock.log.append(["z"]))
    store.update(KEY, Stock.tags.add({"c"}), Stock.by_name["b"].set(2), Stock.log[2].set("q"))
    for change in (Stock.tags.add({"d"}), Stock.by_name["c"].set(1), Stock.log.append(["z"]), Stock.log[3].set("q")):
        with pytest.raises(ConstraintFailedError):
            store.update(KEY, change)
    for tag in ("c", "b"):
        store.update(KEY, Stock.tags.delete({tag}))
    store.update(KEY, Stock.tags.delete({"z"}))
    with pytest.raises(ConstraintFailedError, match="change it by less"):
        store.update(KEY, Stock.tags.delete({"a"}))


def test_what_keeps_the_constraints_is_done(store: Both) -> None:
    assert store.update(KEY, Stock.left.add(-5)).left == 0
    assert store.update(KEY, Stock.left.add(10)).left == 10
    assert store.update(KEY, Stock.price.add(Decimal("0.5"))).price == Decimal("0.5")
    assert store.update(KEY, Stock.left.set(Stock.free)).left == 0
    assert store.update(KEY, Stock.free.set(Stock.left)).free == 0
    assert store.update(KEY, Stock.left.set(raw("{} + {}", Stock.left, 1)), when=Stock.left < 10).left == 1
    with pytest.raises(ConditionFailedError) as caught:
        store.update(KEY, Stock.left.add(1), when=Stock.free == 7)
    assert not isinstance(caught.value, ConstraintFailedError)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Stock.left.set(raw("{} - {}", Stock.left, 1)), ExpressionError),
        (Stock.left.set(raw("{}", -1)), ExpressionError),
        (Stock.odd.set(Stock.free), ExpressionError),
        (Stock.pairs.set(Stock.free), ExpressionError),
        (Stock.tags.add({"c", "d"}), ExpressionError),
        (Stock.pairs.add(3), ItemInvalidError),
        (Stock.log.append(["1", "2", "3", "4"]), ItemInvalidError),
    ],
)
def test_what_nobody_could_check_or_nothing_could_take_is_told_before(store: Both, change: Any, error: type[GatelegError]) -> None:
    with pytest.raises(error):
        store.waiting.prepare.update(KEY, change)


def test_a_number_that_is_absent_counts_as_nothing(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    dynamodb_engine.update_item(
        TableName=store.waiting.table_name, Key=dict(KEY.wire), UpdateExpression="REMOVE #l", ExpressionAttributeNames={"#l": "left"}
    )
    with pytest.raises(ConstraintFailedError):
        store.update(KEY, Stock.left.add(-1))
    with pytest.raises(ConstraintFailedError):
        store.update(KEY, Stock.price.add(-1))
    assert store.update(KEY, Stock.left.add(1)).left == 1


def test_an_update_that_is_done_and_cannot_be_read_says_so(store: Both) -> None:
    with pytest.raises(WriteDoneError, match=r"update Stock\.key\(shop='a', sku='1'\) is done, and .* do not write again") as caught:
        store.update(KEY, Stock.odd.add(1), when=Stock.odd >= 1)
    assert caught.value.item is not None
    assert caught.value.item["odd"] == {"N": "2"}
    assert isinstance(caught.value.__cause__, StoredItemInvalidError)


def test_a_deletion_that_is_done_says_so(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    item = {**KEY.wire, "_type": {"S": "Stock"}, "left": {"N": "-1"}}
    dynamodb_engine.put_item(TableName=store.waiting.table_name, Item=item)
    with pytest.raises(WriteDoneError) as caught:
        store.delete(KEY)
    assert caught.value.item == item
    told = str(caught.value)
    assert "stored under pk='SHOP#a', sk='SKU#1'; the item is gone, and `item` of this error holds it as it was" in told
    assert "read the item" not in told
    assert store.get(KEY, consistent=True) is None


def test_what_is_done_with_its_claims_says_so_too(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    item = {**Seat.key(name="a").wire, "_type": {"S": "Seat"}, "name": {"S": "a"}, "size": {"N": "-1"}}
    dynamodb_engine.put_item(TableName=store.waiting.table_name, Item=item)
    with pytest.raises(WriteDoneError) as caught:
        store.update(Seat.key(name="a"), Seat.place.set("12"))
    assert caught.value.item == {**item, "place": {"S": "12"}}
    with pytest.raises(WriteDoneError) as caught:
        store.delete(Seat.key(name="a"))
    assert "the item is gone" in str(caught.value)
    assert caught.value.item == {**item, "place": {"S": "12"}}
    assert store.create(Seat(name="b", place="12")).place == "12"


def test_a_stored_item_that_is_not_valid_is_no_bad_input(store: Both, dynamodb_engine: DynamoDBClient) -> None:
    item = {**KEY.wire, "_type": {"S": "Stock"}, "left": {"N": "-1"}}
    dynamodb_engine.put_item(TableName=store.waiting.table_name, Item=item)
    for read in (lambda: store.get(KEY), lambda: list(store.query(Stock.of(shop="a"))), lambda: store.get(KEY, only=[Stock.left])):
        with pytest.raises(StoredItemInvalidError, match=r"stored under pk='SHOP#a', sk='SKU#1'") as caught:
            read()
        assert not isinstance(caught.value, ItemInvalidError)
        assert caught.value.key == dict(KEY.wire)
        assert caught.value.item["left"] == {"N": "-1"}
