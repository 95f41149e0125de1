"""Mistakes in conditions and updates: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.typing.model import Order

if TYPE_CHECKING:
    from gateleg.model import Condition

query = Order.of_customer(customer="ann")
query.where(Order.lines > "three")  # wrong
query.where(Order.customer < 3)  # wrong
query.where(Order.customer == 3)  # wrong
query.where(Order.state == "lost")  # wrong
query.where(Order.made_at >= "yesterday")  # wrong
query.where(Order.made_at >= datetime.now(UTC))
query.where(Order.lines.between(1, "two"))  # wrong
query.where(Order.state.in_(["new", "lost"]))  # wrong
query.where(Order.lines.begins_with("1"))  # wrong
query.where(Order.tags.contains(3))  # wrong
query.where(Order.lines.contains(3))  # wrong
query.where(Order.notes.size() > "long")  # wrong
query.where(Order.lines >= Order.customer)  # wrong
query.where(Order.lines)  # wrong
query.where(True)  # noqa: FBT003  # wrong
query.where(Order.lines.add(1))  # wrong
condition: Condition = Order.customer in {"ann", "ben"}  # wrong

Order.lines.set("three")  # wrong
Order.state.set("lost")  # wrong
Order.customer.set(None)  # wrong
Order.lines.add("one")  # wrong
Order.lines.add(0.5)  # wrong
Order.customer.add(1)  # wrong
Order.tags.add({1})  # wrong
Order.tags.delete({1})  # wrong
Order.lines.delete({1})  # wrong
Order.notes.append([1])  # wrong
Order.notes.append(["one"])
Order.customer.append(["x"])  # wrong
Order.notes[0].set(1)  # wrong
Order.notes["first"].set("x")
Order.counts["x"].set("many")  # wrong
Order.lines[0].set(1)  # wrong
