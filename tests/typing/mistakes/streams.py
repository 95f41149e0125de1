"""Mistakes with handlers of changes: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from gateleg.stream import StreamResolver
from tests.typing.model import SHOP, Order, Product

app = StreamResolver(SHOP)


def product(item: Product) -> None:
    """Takes a product."""


def both(old: Order, new: Order) -> None:
    """Takes two orders."""


app.on_insert(Order)(product)  # wrong
app.on_insert(Order)(both)  # wrong
app.on_modify(Order)(product)  # wrong
app.on_modify(Product)(both)  # wrong
app.on_remove(Order)(both)  # wrong
app.on_change(Product)(product)  # wrong
app.on_insert(Order, new=Product.stock == 1)  # wrong
app.on_modify(Order, old=Order.lines == 1, new=Product.stock == 1)  # wrong
app.on_insert(str)  # wrong
app.on_insert(Order, old=Order.lines == 1)  # wrong
StreamResolver("shop")  # wrong
StreamResolver(SHOP, expires=3)  # wrong
