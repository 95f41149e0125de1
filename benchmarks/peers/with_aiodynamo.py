"""aiodynamo on httpx: dictionaries of Python values, no models."""

import os

import httpx
from aiodynamo.client import URL, Client
from aiodynamo.credentials import Key, StaticCredentials
from aiodynamo.expressions import HashKey
from aiodynamo.http.httpx import HTTPX

from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import run_async

credentials = StaticCredentials(Key("AKIAGATELEGBENCH0000", "bench"))
client = Client(HTTPX(httpx.AsyncClient()), credentials, "eu-north-1", URL(os.environ["AWS_ENDPOINT_URL"]))
table = client.table("raw")


async def get() -> float:
    """The total of the item."""
    return (await table.get_item({"tenant": "tenant-1", "order_id": "1"}))["total"]


async def query(tenant: str) -> list:
    """The items of a tenant."""
    return [found async for found in table.query(HashKey("tenant", tenant))]


run_async(lambda: table.put_item(ATTRIBUTES), get, query)
