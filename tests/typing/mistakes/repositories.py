"""Mistakes in programs that are generic over entities, and in declarations: every line marked `# wrong` is found by both type checkers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from gateleg.model import Attr, Entity, attr
from gateleg.store import AsyncStore, Scan
from tests.typing.correct_repositories import Orders, Repository, at_least, first, has, mapped, save_all, store, touch
from tests.typing.model import USERS, Order, Product

if TYPE_CHECKING:
    from gateleg.model import Condition, Key, Page, Path, Query, Update

KEY = Order.key(customer="ann", order_id="1")
QUERY = Order.of_customer(customer="ann")


class Misspelled(Entity, table=USERS):
    """Keywords and values that pydantic does not take."""

    user_id: Attr[str] = attr(min_lenght=3)  # wrong
    name: Attr[str] = attr(default="", max_length="3")  # wrong
    age: Attr[int] = attr(default=0, ge=0, deflt=3)  # wrong


def read(order: Order, product: Product) -> None:
    """What is given where another entity, or something else, is wanted."""
    store.get(order)  # wrong
    store.get(KEY, only=Order.total)  # wrong
    store.get(KEY, only=["total"])  # wrong
    store.put({"customer": "ann"})  # wrong
    store.put(Order)  # wrong
    store.batch_put(order)  # wrong
    store.batch_put([KEY])  # wrong
    store.batch_get([order])  # wrong
    store.query(Order)  # wrong
    store.query(Order.of_customer)  # wrong
    store.scan("Order")  # wrong
    store.scan(order)  # wrong
    Scan.of(order)  # wrong
    store.delete(Order)  # wrong
    store.update(Order.key, Order.lines.set(1))  # wrong
    store.update(KEY, [Order.lines.set(1)])  # wrong
    store.update(KEY, Order.lines == 1)  # wrong
    store.update(KEY, Order.lines.set(1), when=Order.lines)  # wrong
    store.page(QUERY, limit="3")  # wrong
    store.page(QUERY, cursor=3)  # wrong
    QUERY.where(Order.lines).limit(3)  # wrong
    QUERY.limit("3")  # wrong
    QUERY.only("total")  # wrong
    QUERY.where(Order.total > "3")  # wrong
    QUERY.where(Order.total > 0.5)  # wrong
    QUERY.where(Order.expires > date(2026, 1, 1))  # wrong
    QUERY.where(Order.customer.contains(3))  # wrong
    QUERY.where(Order.total.begins_with("3"))  # wrong
    QUERY.where(Order.total.between(Decimal(1), "2"))  # wrong
    QUERY.where(has(Order.lines, "3"))  # wrong
    QUERY.where(at_least(Order.total, 3))  # wrong
    assert store.get(KEY).total  # wrong
    assert first(QUERY).total  # wrong
    mapped(store.page(QUERY), lambda found: found.colour)  # wrong
    save_all([KEY])  # wrong
    touch(order, Order.lines.add(1))  # wrong
    Repository(Order, store).add(product)  # wrong
    Repository(Order, store).find(Product.key(sku="1"))  # wrong
    Repository("Order", store)  # wrong
    Orders().get(product.key)  # wrong
    Orders().pay("ann", 1)  # wrong
    Order.tags.add(["a"])  # wrong
    Order.tags.delete("a")  # wrong
    Order.total.add("1")  # wrong
    Order.state.set(Order.total)  # wrong


def keep() -> tuple[object, ...]:
    """What is kept under the name of another type."""
    page: Page[Product] = store.page(QUERY)  # wrong
    key: Key[Product] = KEY  # wrong
    query: Query[Product] = QUERY  # wrong
    path: Path[str] = Order.total  # wrong
    update: Update = Order.lines == 1  # wrong
    condition: Condition = Order.lines.set(1)  # wrong
    found: Product = store.put(Order(customer="ann", total=Decimal(1)))  # wrong
    return page, key, query, path, update, condition, found


async def wait(db: AsyncStore) -> object:
    """What was not awaited, or awaited as another."""
    assert db.get(KEY).total  # wrong
    assert (await db.get(KEY)).total  # wrong
    await db.put(KEY)  # wrong
    with db.transact():  # wrong
        pass
    orders: list[Product] = [item async for item in db.query(QUERY)]  # wrong
    return orders
