"""gateleg on its direct transport, awaited."""

from datetime import datetime

from benchmarks.data_entity import SHOP, Order
from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import declared, run_async
from gateleg.store import AsyncDirectTransport, AsyncStore

declared()
store = AsyncStore(SHOP, table_name="shop", transport=AsyncDirectTransport())
order = Order.model_validate({**ATTRIBUTES, "placed": datetime.fromisoformat(ATTRIBUTES["placed"])})
key = Order.key(tenant="tenant-1", order_id="1")


async def get() -> int:
    """The total of the item."""
    return (await store.get(key)).total


async def query(tenant: str) -> list:
    """The items of a tenant."""
    return [found async for found in store.query(Order.of_tenant(tenant=tenant))]


run_async(lambda: store.put(order), get, query)
