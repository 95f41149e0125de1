"""The shop's REST handlers."""

from __future__ import annotations

from decimal import Decimal

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel

from examples.shop.model import SHOP, Order
from gateleg.model import Page
from gateleg.rest import handle_errors, uses
from gateleg.store import Store

app = APIGatewayRestResolver(enable_validation=True)
store = Store(SHOP)
handle_errors(app)


class NewOrder(BaseModel):
    """What somebody orders."""

    total: Decimal


@app.get("/customers/<customer>/orders")
@uses(Order.of_customer)  # dynamodb:Query on this table, and nothing else
def orders(customer: str, cursor: str | None = None) -> Page[Order]:
    """A customer's orders, 25 at a time; the cursor is signed, and opens no other customer's."""
    return store.page(Order.of_customer(customer=customer), limit=25, cursor=cursor)


@app.post("/customers/<customer>/orders")
@uses(Order.create)
def order(customer: str, new: NewOrder) -> Order:
    """Order something."""
    return store.create(Order(customer=customer, total=new.total))
