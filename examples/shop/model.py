"""What the shop stores."""

from __future__ import annotations

from decimal import Decimal

from gateleg.model import DESCENDING, Attr, Entity, Table, access, attr, key, ulid

SHOP = Table("shop", partition_key="pk", sort_key="sk")


class Order(Entity, table=SHOP):
    """What a customer ordered."""

    customer: Attr[str]
    order_id: Attr[str] = attr(default_factory=ulid)
    total: Attr[Decimal] = attr(ge=0)

    key = key("CUSTOMER#{customer}", "ORDER#{order_id}")

    @access(sort=DESCENDING)
    def of_customer(*, customer: str) -> None:
        """A customer's orders, newest first."""
