"""Orders: what the pipeline releases."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from gateleg.model import Attr, Entity, Table, attr
from gateleg.rest import handle_errors, uses
from gateleg.store import Store

ORDERS = Table("orders", partition_key="order_id")


class Order(Entity, table=ORDERS):
    """What was ordered."""

    order_id: Attr[str] = attr(partition_key=True)
    paint: Attr[str]


app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)
store = Store(ORDERS)


@app.put("/orders/<order_id>")
@uses(Order.put)
def place(order_id: str, paint: str) -> Order:
    """Place an order."""
    order = Order(order_id=order_id, paint=paint)
    store.put(order)
    return order
