"""dyntastic's models."""

from dyntastic import Dyntastic

from benchmarks.data_run import declared, run
from benchmarks.peers.pydantic_fields import VALUES, Fields


class Order(Fields, Dyntastic):
    """An order of twenty attributes."""

    __table_name__ = "raw"
    __hash_key__ = "tenant"
    __range_key__ = "order_id"

    tenant: str
    order_id: str


declared()
order = Order(**VALUES)
Order.get("tenant-1", "1")
run(order.save, lambda: Order.get("tenant-1", "1").total, lambda tenant: list(Order.query(tenant)))
