"""The item's models in pydantic, and nothing to store them with: what declaring them costs anybody who validates."""

from benchmarks.data_run import alone, declared
from benchmarks.peers.pydantic_fields import Fields


class Order(Fields):
    """An order of twenty attributes."""

    tenant: str
    order_id: str


declared()
alone()
