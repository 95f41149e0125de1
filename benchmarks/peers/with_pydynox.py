"""pydynox's models, synchronously; its core is Rust, in threads that are counted."""

import os
from datetime import datetime

from pydynox import DynamoDBClient, Model, ModelConfig
from pydynox.attributes import (
    BooleanAttribute,
    DatetimeAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    StringAttribute,
    StringSetAttribute,
)

from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import declared, run

client = DynamoDBClient(
    region="eu-north-1",
    access_key=os.environ["AWS_ACCESS_KEY_ID"],
    secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
)


class Order(Model):
    """An order of twenty attributes."""

    model_config = ModelConfig(table="raw", client=client)

    tenant = StringAttribute(partition_key=True)
    order_id = StringAttribute(sort_key=True)
    customer = StringAttribute()
    email = StringAttribute()
    status = StringAttribute()
    currency = StringAttribute()
    note = StringAttribute()
    channel = StringAttribute()
    reference = StringAttribute()
    placed = DatetimeAttribute()
    total = NumberAttribute()
    quantity = NumberAttribute()
    weight = NumberAttribute()
    discount = NumberAttribute()
    revision = NumberAttribute()
    gift = BooleanAttribute()
    express = BooleanAttribute()
    address = MapAttribute()
    lines = ListAttribute()
    tags = StringSetAttribute()


declared()
order = Order(**{**ATTRIBUTES, "placed": datetime.fromisoformat(ATTRIBUTES["placed"])})
Order.sync_get(tenant="tenant-1", order_id="1")
run(
    order.sync_save,
    lambda: Order.sync_get(tenant="tenant-1", order_id="1").total,
    lambda tenant: list(Order.sync_query(partition_key=tenant)),
)
