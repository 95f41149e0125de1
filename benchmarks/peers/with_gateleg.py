"""gateleg on boto3's client."""

from datetime import datetime

from benchmarks.data_entity import SHOP, Order
from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import declared, run
from gateleg.store import Store

declared()
store = Store(SHOP, table_name="shop")
order = Order.model_validate({**ATTRIBUTES, "placed": datetime.fromisoformat(ATTRIBUTES["placed"])})
key = Order.key(tenant="tenant-1", order_id="1")
store.get(key)

run(lambda: store.put(order), lambda: store.get(key).total, lambda tenant: list(store.query(Order.of_tenant(tenant=tenant))))
