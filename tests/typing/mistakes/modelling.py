"""Mistakes with class keywords, indexes, views and changes: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from typing import Any

from gateleg.model import EPOCH, Attr, Entity, Index, LocalIndex, Table, View, attr, created_at, unknown_attributes
from tests.typing.model import SHOP, USERS, Order, Product, User

LocalIndex("by_total", sort_key="total")
LocalIndex("by_total", partition_key="pk", sort_key="total")  # wrong
LocalIndex("by_total")  # wrong
Index("by_total", sort_key="total")  # wrong
Table("t", partition_key="pk", sort_key="sk", indexes=["by_total"])  # wrong


def renamed(values: dict[str, Any]) -> dict[str, Any]:
    """An upgrade."""
    return values


class Kept(Entity, table=USERS, unknown="keep", upgrades=[renamed]):
    """Correct keywords."""

    user_id: Attr[str]
    when: Attr[int] = created_at(stored_as=EPOCH)


class Misplaced(Entity, table=USERS):
    """Forms of datetimes that there are not."""

    user_id: Attr[str]
    at: Attr[int] = created_at(stored_as="epoch")  # wrong
    size: Attr[int] = attr(stored_as=8)  # wrong


class PublicOrder(View[Order], exclude=[Order.revision]):
    """A view."""

    customer: str


def see(order: Order, product: Product, record: dict[str, Any]) -> None:
    """What is made of views and changes."""
    shown = PublicOrder.of(order)
    customer: str = shown.customer
    number: int = shown.customer  # wrong
    PublicOrder.of(product)  # wrong
    found: list[object] = [customer, number, shown.colour]  # wrong
    change = SHOP.decode(record)
    SHOP.decode(3)  # wrong
    narrowed = change.of(Order)
    change.of("Order")  # wrong
    if narrowed is not None and narrowed.new is not None:
        found.append(narrowed.new.total)
        found.append(narrowed.new.colour)  # wrong
    found.append(narrowed.new)  # wrong
    unknown_attributes(User(user_id="1", name="Ann"))
    unknown_attributes(record)  # wrong
