"""Mistakes with the store that awaits: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from gateleg.store import AsyncStore, Store
from tests.typing.model import SHOP, Order, Product, User

waiting = Store(SHOP)
store = AsyncStore(SHOP)
key = Product.key(sku="1")


def take(product: Product | None) -> None:
    """Take a product."""


async def work() -> None:
    """Await too much, too little, or the wrong thing."""
    await waiting.get(key)  # wrong
    await waiting.count(Product)  # wrong
    async for _ in waiting.query(Order.of_customer(customer="ann")):  # wrong
        pass
    async with waiting.transact():  # wrong
        pass
    take(store.get(key))  # wrong
    take(await store.get(key))
    take(await store.get(User.key(user_id="a")))  # wrong
    for _ in store.query(Order.of_customer(customer="ann")):  # wrong
        pass
    async for order in store.query(Order.of_customer(customer="ann")):
        take(order)  # wrong
    with store.transact():  # wrong
        pass
    async with store.transact() as gathered:
        gathered.update(key, Product.stock.add("1"))  # wrong
    await store.update(key, Product.stock > 1)  # wrong
    await store.put({"sku": "1"})  # wrong
    page = await store.page(Order.of_customer(customer="ann"), limit="ten")  # wrong
    take(page.items[0])  # wrong
