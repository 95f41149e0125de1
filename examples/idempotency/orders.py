"""An order is placed once, however often the request for it comes."""

import time

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from gateleg.model import Attr, Entity, Table, attr, ulid
from gateleg.rest import handle_errors, idempotent, public, uses
from gateleg.store import Store

ORDERS = Table("orders", partition_key="order_id", ttl="expires_at")


class Order(Entity, table=ORDERS):
    """What was ordered."""

    order_id: Attr[str] = attr(partition_key=True, default_factory=ulid)
    paint: Attr[str]


app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)
store = Store(ORDERS)


@app.post("/orders", middlewares=[idempotent(ORDERS)], status_code=201)
@public("an example is for everyone")
@uses(Order.create)
def place(paint: str) -> dict[str, str]:
    """Place an order, which takes its time."""
    time.sleep(1)
    return {"order": store.create(Order(paint=paint)).order_id}


@app.get("/orders")
@public("an example is for everyone")
@uses(Order.scan)
def orders() -> list[str]:
    """List what was ordered."""
    return [order.paint for order in store.scan(Order)]
