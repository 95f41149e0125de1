"""Mistakes with entities: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from decimal import Decimal

from tests.typing.model import Order, Product, User

Order(customer=3, total=Decimal(1))  # wrong
Order(customer="ann")  # wrong
Order(customer="ann", total="a lot")  # wrong
Order(customer="ann", total=Decimal(1), state="lost")  # wrong
Order(customer="ann", total=Decimal(1), tags=["a"])  # wrong
Order(customer="ann", total=Decimal(1), colour="red")  # wrong
Order("ann", total=Decimal(1))  # wrong
Order(customer="ann", total=Decimal(1), comment=None)
User(user_id="1", name="Ann", age="old")  # wrong

order = Order(customer="ann", total=Decimal(1))
order.lines = "three"  # wrong
order.comment = None
order.total = None  # wrong
length: int = order.customer  # wrong
colour = order.colour  # wrong
path = Product.colour  # wrong
