"""PynamoDB's models."""

import os
from datetime import datetime

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.models import Model

from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import declared, run


class Placed(UTCDateTimeAttribute):
    """The time as the item has it."""

    def deserialize(self, value: str) -> datetime:
        """From text in ISO 8601."""
        return datetime.fromisoformat(value)


class Address(MapAttribute):
    """Where an order goes."""

    street = UnicodeAttribute()
    city = UnicodeAttribute()
    zip = UnicodeAttribute()
    country = UnicodeAttribute()
    floor = NumberAttribute()


class Line(MapAttribute):
    """What is bought."""

    sku = UnicodeAttribute()
    count = NumberAttribute()
    price = NumberAttribute()


class Order(Model):
    """An order of twenty attributes."""

    class Meta:
        """Where it is."""

        table_name = "raw"
        host = os.environ["AWS_ENDPOINT_URL"]
        region = "eu-north-1"

    tenant = UnicodeAttribute(hash_key=True)
    order_id = UnicodeAttribute(range_key=True)
    customer = UnicodeAttribute()
    email = UnicodeAttribute()
    status = UnicodeAttribute()
    currency = UnicodeAttribute()
    note = UnicodeAttribute()
    channel = UnicodeAttribute()
    reference = UnicodeAttribute()
    placed = Placed()
    total = NumberAttribute()
    quantity = NumberAttribute()
    weight = NumberAttribute()
    discount = NumberAttribute()
    revision = NumberAttribute()
    gift = BooleanAttribute()
    express = BooleanAttribute()
    address = Address()
    lines = ListAttribute(of=Line)
    tags = UnicodeSetAttribute()


declared()
values = {**ATTRIBUTES, "placed": datetime.fromisoformat(ATTRIBUTES["placed"])}
order = Order(**{**values, "address": Address(**values["address"]), "lines": [Line(**line) for line in values["lines"]]})
Order.get("tenant-1", "1")
run(order.save, lambda: Order.get("tenant-1", "1").total, lambda tenant: list(Order.query(tenant)))
