"""The item's fields as pydantic's models have them, shared by the libraries that are built on pydantic."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from benchmarks.data_item import ATTRIBUTES

VALUES = {**ATTRIBUTES, "placed": datetime.fromisoformat(ATTRIBUTES["placed"])}


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


class Fields(BaseModel):
    """What an order has beside its keys."""

    customer: str
    email: str
    status: Literal["new", "paid"]
    currency: str
    note: str
    channel: str
    reference: str
    placed: datetime
    total: int
    quantity: int
    weight: int
    discount: int
    revision: int
    gift: bool
    express: bool
    address: Address
    lines: list[Line]
    tags: set[str]
