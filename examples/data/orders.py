"""Orders, whose declaration has grown: they are found by customer now, and each has a currency."""

from collections.abc import Iterator
from datetime import datetime

from gateleg.data import Seeds
from gateleg.model import Attr, Entity, Index, Table, access, attr, created_at, index_key, key, version

ORDERS = Table(
    "orders",
    partition_key="pk",
    indexes=[Index("by_customer", partition_key="gsi1pk", sort_key="gsi1sk")],
)


class Order(Entity, table=ORDERS):
    """What somebody ordered."""

    order_id: Attr[str]
    customer: Attr[str]
    cents: Attr[int] = attr(ge=0)
    currency: Attr[str] = attr(default="EUR")
    placed_at: Attr[datetime] = created_at()
    revision: Attr[int] = version()

    key = key("ORDER#{order_id}")
    customer_key = index_key("by_customer", "CUSTOMER#{customer}", "{order_id}")

    @access(index="by_customer")
    def of_customer(*, customer: str) -> None:
        """Find the orders of a customer."""


def demo() -> Iterator[Order]:
    """Make what a demonstration begins with; the same each time."""
    for number in range(1, 4):
        yield Order(order_id=f"demo-{number}", customer="ada", cents=100 * number)


DEMO = Seeds(ORDERS, demo)


def in_pounds(order: Order) -> Order:
    """Change the currency of customers whose names say that they are British."""
    if order.customer.endswith(".uk"):
        order.currency = "GBP"
    return order
