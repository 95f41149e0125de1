"""Transactions that are about several tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ConstraintFailedError, ExpressionError, TransactionCanceledError
from gateleg.model import Attr, Entity, Table, attr, key
from gateleg.store import AsyncStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Store

pytestmark = pytest.mark.integration

ORDERS = Table("orders", partition_key="pk")
STOCK = Table("stock", partition_key="sku")


class Order(Entity, table=ORDERS):
    """What was ordered."""

    order_id: Attr[str]
    sku: Attr[str]

    key = key("ORDER#{order_id}")


class Stock(Entity, table=STOCK):
    """How much there is."""

    sku: Attr[str] = attr(partition_key=True)
    left: Attr[int] = attr(default=0, ge=0)


@pytest.fixture
def orders(make_store: Callable[[Table], Store]) -> Store:
    return make_store(ORDERS)


@pytest.fixture
def stock(make_store: Callable[[Table], Store]) -> Store:
    made = make_store(STOCK)
    made.create(Stock(sku="tea", left=1))
    return made


def test_one_transaction_writes_to_two_tables_or_to_none(orders: Store, stock: Store) -> None:
    def order(identity: str) -> None:
        with orders.transact(stores=[stock]) as tx:
            tx.create(Order(order_id=identity, sku="tea"))
            tx.update(Stock.key(sku="tea"), Stock.left.add(-1), when=Stock.left >= 1)

    order("1")
    with pytest.raises(TransactionCanceledError) as caught:
        order("2")
    assert [type(reason) for reason in caught.value.reasons] == [type(None), ConstraintFailedError]
    assert [found.order_id for found in orders.scan(Order)] == ["1"]
    left = stock.get(Stock.key(sku="tea"))
    assert left is not None
    assert left.left == 0


def test_items_of_two_tables_are_read_as_of_one_moment(orders: Store, stock: Store) -> None:
    order = orders.create(Order(order_id="1", sku="tea"))
    assert orders.transact_get(order.key, Stock.key(sku="tea"), stores=[stock]) == (order, Stock(sku="tea", left=1))


def test_items_under_one_key_in_two_tables_are_two_items(make_store: Callable[[Table], Store]) -> None:
    left, right = Table("left", partition_key="pk"), Table("right", partition_key="pk")

    class Left(Entity, table=left):
        name: Attr[str]
        key = key("X#{name}")

    class Right(Entity, table=right):
        name: Attr[str]
        key = key("X#{name}")

    here, there = make_store(left), make_store(right)
    with here.transact(stores=[there]) as tx:
        tx.create(Left(name="a"))
        tx.create(Right(name="a"))
    assert here.transact_get(Left.key(name="a"), Right.key(name="a"), stores=[there]) == (Left(name="a"), Right(name="a"))


def test_a_table_whose_store_was_not_given_is_refused_before_anything_is_sent(orders: Store, stock: Store) -> None:
    with pytest.raises(ExpressionError, match=r"Stock lives in table 'stock'.*stores=\[\.\.\.\]"), orders.transact() as tx:
        tx.create(Stock(sku="x"))
    with pytest.raises(ExpressionError, match="Order lives in table 'orders'"):
        stock.transact_get(Order.key(order_id="1"))


def test_async_stores_do_the_same(orders: Store, stock: Store, dynamodb_engine: DynamoDBClient) -> None:
    async def act() -> None:
        waiting = AsyncStore(ORDERS, table_name=orders.table_name, client=dynamodb_engine)
        async with waiting.transact(stores=[stock]) as tx:
            tx.create(Order(order_id="1", sku="tea"))
            tx.check(Stock.key(sku="tea"), Stock.left >= 1)
        order, left = await waiting.transact_get(Order.key(order_id="1"), Stock.key(sku="tea"), stores=[stock])
        assert order == Order(order_id="1", sku="tea")
        assert left == Stock(sku="tea", left=1)

    asyncio.run(act())
