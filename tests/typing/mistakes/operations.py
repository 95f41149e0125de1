"""Mistakes with keys, access patterns and stores: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gateleg.store import Store
from tests.typing.model import SHOP, Order, Product, User

if TYPE_CHECKING:
    from gateleg.model import Query

Order.key(customer="ann")  # wrong
Order.key(customer="ann", order="1")  # wrong
Order.key(customer="ann", order_id=1)  # wrong
Order.key("ann", "1")  # wrong
Order.key(customer="ann", order_id="1")

Order.of_customer()  # wrong
Order.of_customer(custommer="ann")  # wrong
Order.of_customer(customer=3)  # wrong
Order.of_customer("ann")  # wrong
Order.in_state(state="lost")  # wrong
Order.in_state(state="new", since="yesterday")  # wrong
Order.in_state(state="new", until=None)  # wrong
Product.in_state(state="new")  # wrong
wrong_query: Query[Product] = Order.in_state(state="new")  # wrong

store = Store(SHOP)
store.get("1")  # wrong
store.get(Order)  # wrong
store.get(order=Order.key(customer="ann", order_id="1"))  # wrong
user: User | None = store.get(Order.key(customer="ann", order_id="1"))  # wrong
product: Product = store.get(Product.key(sku="1"))  # wrong
store.create(Order.key(customer="ann", order_id="1"))  # wrong
store.put({"sku": "1"})  # wrong
store.update(Product.key(sku="1"), Product.stock > 1)  # wrong
store.update(Product.key(sku="1"), stock=1)  # wrong
store.update(Product.key(sku="1"), Product.stock.add(1), when=Product.stock.add(1))  # wrong
store.update(Product.key(sku="1"), Product.stock.add(1), when=Product.stock >= 1)
store.query(Order.of_customer)  # wrong
store.query(Order)  # wrong
store.page(Order.of_customer(customer="ann"), limit="ten")  # wrong
page = store.page(Order.of_customer(customer="ann"))
first: Product = page.items[0]  # wrong
store.batch_put([Order.key(customer="ann", order_id="1")])  # wrong
store.batch_delete([Product(sku="1", price=Decimal(1))])  # wrong
with store.transact() as tx:
    tx.create("1")  # wrong
    tx.check(Product.key(sku="1"), Product.stock)  # wrong
    tx.update(Product.key(sku="1"), Product.price.set("free"))  # wrong


async def wait() -> None:
    """Await a store that does not wait."""
    await store.get(Product.key(sku="1"))  # wrong
