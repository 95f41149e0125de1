"""dynantic's models."""

from dynantic import DynamoModel, Key, SortKey

from benchmarks.data_run import declared, run
from benchmarks.peers.pydantic_fields import VALUES, Fields


class Order(Fields, DynamoModel):
    """An order of twenty attributes."""

    tenant: str = Key()
    order_id: str = SortKey()

    class Meta:
        """Where it is."""

        table_name = "raw"


declared()
order = Order(**VALUES)
Order.get("tenant-1", "1")
run(order.save, lambda: Order.get("tenant-1", "1").total, lambda tenant: list(Order.query(tenant)))
