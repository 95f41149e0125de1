"""dynamoxy's own models, awaited; its core is Rust, in threads that are counted."""

from datetime import datetime

import dynamoxy
from dynamoxy import Attr, partition_key, sort_key

from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import declared, run_async


class Order(dynamoxy.Model, table="raw"):
    """An order of twenty attributes."""

    tenant: Attr[str] = partition_key()
    order_id: Attr[str] = sort_key()
    customer: Attr[str]
    email: Attr[str]
    status: Attr[str]
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
    address: Attr[dict]
    lines: Attr[list]
    tags: Attr[set[str]]


declared()
order = Order(**{**ATTRIBUTES, "placed": datetime.fromisoformat(ATTRIBUTES["placed"])})
client = dynamoxy.Client(region="eu-north-1")
orders = client.repository(Order)


async def put() -> None:
    """Write the order."""
    await orders.put(order)


async def get() -> int:
    """The total of the item."""
    return (await orders.get("tenant-1", "1")).total


async def query(tenant: str) -> list:
    """The items of a tenant."""
    return [found async for found in orders.query(tenant=tenant)]


run_async(put, get, query)
