"""What is stored, how it is asked for, and the routes, in plain Powertools."""

from __future__ import annotations

from decimal import Decimal

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel

from gateleg.model import DESCENDING, Attr, Entity, Page, Table, access, attr, key, ulid
from gateleg.rest import handle_errors, uses
from gateleg.store import Store

SHOP = Table("shop", partition_key="pk", sort_key="sk")


class Order(Entity, table=SHOP):
    """What a customer ordered."""

    customer: Attr[str]
    order_id: Attr[str] = attr(default_factory=ulid)
    total: Attr[Decimal] = attr(ge=0)

    key = key("CUSTOMER#{customer}", "ORDER#{order_id}")

    @access(sort=DESCENDING)
    def of_customer(*, customer: str) -> None:
        """A customer's orders, newest first."""


class NewOrder(BaseModel):
    """What somebody orders."""

    total: Decimal


app = APIGatewayRestResolver(enable_validation=True)
store = Store(SHOP)
handle_errors(app)


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
