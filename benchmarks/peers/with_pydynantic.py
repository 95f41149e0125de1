"""pydynantic's entities."""

import boto3
from pydynantic import Entity, Table, key

from benchmarks.data_run import declared, run
from benchmarks.peers.pydantic_fields import VALUES, Fields

table = Table(name="shop-pydynantic", pk="pk", sk="sk", client=boto3.client("dynamodb"))


class Order(Fields, Entity, table=table, name="order"):
    """An order of twenty attributes."""

    tenant: str
    order_id: str

    class Meta:
        """Its keys."""

        primary = key(pk="{tenant}", sk="{order_id}")


declared()
order = Order(**VALUES)
Order.get(tenant="tenant-1", order_id="1")
run(
    lambda: Order.put(order),
    lambda: Order.get(tenant="tenant-1", order_id="1").total,
    lambda tenant: Order.query.primary(tenant=tenant).all(),
)
