"""What the shop stores. Amounts are in cents; `ge=0` holds in DynamoDB, too: no update makes a stock or a credit negative."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel

from gateleg.model import ALL, DESCENDING, Attr, Entity, Index, Table, access, attr, created_at, index_key, key, ttl

SHOP = Table(
    "shop",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    indexes=[
        Index("catalogue", partition_key="gsi1pk", sort_key="gsi1sk", projection=ALL, sharded=4),
        Index("by_time", partition_key="gsi2pk", sort_key="gsi2sk", projection=ALL),
    ],
)

SKU = r"^[a-z0-9][a-z0-9-]{0,39}$"
MOST_LINES = 48
"""An order is one transaction: the order, the account, and two parts for each line are at most 100."""


class Product(Entity, table=SHOP):
    """What is sold, and how much of it there is. Each has a partition of its own, and the catalogue four: a sale writes to both."""

    sku: Attr[str] = attr(pattern=SKU)
    title: Attr[str] = attr(min_length=1, max_length=120)
    price: Attr[int] = attr(gt=0)
    stock: Attr[int] = attr(default=0, ge=0)

    key = key("PRODUCT#{sku}", "PRODUCT")
    catalogue_key = index_key("catalogue", "CATALOGUE", "{title}#{sku}")

    @access(index="catalogue")
    def catalogue() -> None:
        """The products, by title."""


class Delivery(Entity, table=SHOP):
    """Goods that came; one for each note that came with them, however often it is typed in."""

    sku: Attr[str] = attr(pattern=SKU)
    note: Attr[str] = attr(min_length=1, max_length=64)
    quantity: Attr[int] = attr(gt=0)
    came_at: Attr[datetime] = created_at()

    key = key("PRODUCT#{sku}", "DELIVERY#{note}")


class Account(Entity, table=SHOP):
    """What a customer may spend."""

    customer: Attr[str] = attr(min_length=1, max_length=128)
    credit: Attr[int] = attr(default=0, ge=0)

    key = key("CUSTOMER#{customer}", "ACCOUNT")


class CartLine(Entity, table=SHOP):
    """Some of a product in a cart, which is forgotten after two weeks."""

    customer: Attr[str] = attr(min_length=1, max_length=128)
    sku: Attr[str] = attr(pattern=SKU)
    quantity: Attr[int] = attr(ge=1, le=99)
    expires: Attr[datetime] = ttl(after=timedelta(days=14))

    key = key("CUSTOMER#{customer}", "CART#{sku}")

    @access
    def of(*, customer: str) -> None:
        """What is in a cart."""


class Line(BaseModel):
    """Some of a product in an order, as it was sold."""

    sku: str
    title: str
    price: int
    quantity: int


class Order(Entity, table=SHOP):
    """What a customer bought and paid. Its id is the key that the customer's program chose for the request, so that it is there once."""

    customer: Attr[str] = attr(min_length=1, max_length=128)
    order_id: Attr[str] = attr(min_length=1, max_length=64)
    lines: Attr[list[Line]] = attr(min_length=1, max_length=MOST_LINES)
    total: Attr[int] = attr(gt=0)
    placed_at: Attr[datetime] = created_at()

    key = key("CUSTOMER#{customer}", "ORDER#{order_id}")
    time_key = index_key("by_time", "CUSTOMER#{customer}", "{placed_at}#{order_id}")

    @access(index="by_time", sort=DESCENDING)
    def of(*, customer: str) -> None:
        """What a customer bought, the newest first."""
