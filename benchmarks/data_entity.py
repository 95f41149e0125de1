"""The item of `data_item.py`, declared with gateleg."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from gateleg.model import Attr, Entity, Table, access

SHOP = Table("shop", partition_key="tenant", sort_key="order_id", type_attribute="kind")


class Address(BaseModel):
    """Where an order goes."""

    street: str
    city: str
    zip: str
    country: str
    floor: int


class Line(BaseModel):
    """What is bought."""

    sku: str
    count: int
    price: int


class Order(Entity, table=SHOP):
    """An order of twenty attributes."""

    tenant: Attr[str]
    order_id: Attr[str]
    customer: Attr[str]
    email: Attr[str]
    status: Attr[Literal["new", "paid"]]
    currency: Attr[str]
    note: Attr[str]
    channel: Attr[str]
    reference: Attr[str]
    placed: Attr[datetime]
    total: Attr[int]
    quantity: Attr[int]
    weight: Attr[int]
    discount: Attr[int]
    revision: Attr[int]
    gift: Attr[bool]
    express: Attr[bool]
    address: Attr[Address]
    lines: Attr[list[Line]]
    tags: Attr[set[str]]

    @access
    def of_tenant(*, tenant: str) -> None:
        """The orders of a tenant."""
