"""Orders: a REST app that validates, and answers errors in its own way."""

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from pydantic import BaseModel, Field

from gateleg.model import Attr, Entity, Table, attr
from gateleg.rest import handle_errors, public, uses
from gateleg.store import Store

ORDERS = Table("orders", partition_key="order_id")


class Order(Entity, table=ORDERS):
    """What was ordered."""

    order_id: Attr[str] = attr(partition_key=True)
    paint: Attr[str]


class NewOrder(BaseModel):
    """What is ordered."""

    order_id: str
    paint: Annotated[str, Field(min_length=2)]


app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)
store = Store(ORDERS)


def teapot(_: ZeroDivisionError) -> Response[str]:
    """Answer in a form of this app's own."""
    return Response(418, "text/plain", "no order is free of charge", headers={"X-App": "orders"})


app.exception_handler(ZeroDivisionError)(teapot)


@app.post("/orders")
@public("an example is for everyone")
@uses(Order.create)
def place(new: NewOrder) -> dict[str, str]:
    """Place an order."""
    order = store.create(Order(order_id=new.order_id, paint=new.paint))
    return {"placed": order.order_id}


@app.get("/orders/<order_id>")
@public("an example is for everyone")
@uses(Order.get)
def order(order_id: str) -> dict[str, str]:
    """Tell one order."""
    found = store.get(Order.key(order_id=order_id))
    if found is None:
        raise NotFoundError
    return {"paint": found.paint}


@app.get("/orders/<order_id>/price/<tins>")
@public("an example is for everyone")
def price(order_id: str, tins: int) -> dict[str, str]:
    """Tell what a tin of an order costs."""
    return {order_id: str(100 // tins)}
