"""The REST API: the catalogue for everybody, carts and orders for customers, stock and credit for the office."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.logging import correlation_paths
from pydantic import BaseModel, Field

from gateleg.model import Page
from gateleg.rest import claims, handle_errors, idempotent, public, uses
from gateleg.store import Store
from lambdas.shop.model import SHOP, SKU, Account, CartLine, Delivery, Order, Product
from lambdas.shop.orders import NotPlacedError, place, receive

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

app = APIGatewayRestResolver(enable_validation=True)
logger = Logger()
store = Store(SHOP)
handle_errors(app)
app.configure_openapi(title="Shop", version="1.0.0")

Limit = Annotated[int, Query(ge=1, le=100)]
Sku = Annotated[str, Path(pattern=SKU)]
OFFICE: list[dict[str, list[str]]] = [{"office": []}]


class Customer(BaseModel):
    """Who calls, as the token of the user pool says."""

    sub: str


class Wanted(BaseModel):
    """How much of a product is to be in the cart."""

    quantity: int = Field(ge=1, le=99)


class NewProduct(BaseModel):
    """What a product is called and costs, in cents."""

    title: str = Field(min_length=1, max_length=120)
    price: int = Field(gt=0)


class Arrival(BaseModel):
    """Goods that came, and the number on their note."""

    note: str = Field(min_length=1, max_length=64)
    quantity: int = Field(gt=0)


class Credit(BaseModel):
    """What a customer may spend, in cents."""

    credit: int = Field(ge=0)


def customer() -> str:
    """The customer who calls."""
    return claims(app, Customer).sub


def not_placed(error: NotPlacedError) -> Response[str]:
    """Say why there is no order: 409."""
    return Response(409, content_types.APPLICATION_JSON, json.dumps({"error": {"code": "shop.not_placed", "message": str(error)}}))


app.exception_handler(NotPlacedError)(not_placed)


@app.get("/products")
@public("the catalogue is for everybody")
@uses(Product.catalogue)
def catalogue(limit: Limit = 25, cursor: str | None = None) -> Page[Product]:
    """What is sold, by title."""
    return store.page(Product.catalogue(), limit=limit, cursor=cursor)


@app.put("/products/<sku>", security=OFFICE)
@uses(Product.create)
def sell(sku: Sku, product: NewProduct) -> Product:
    """Begin to sell a product; 409 if it is sold already."""
    return store.create(Product(sku=sku, title=product.title, price=product.price))


@app.post("/products/<sku>/deliveries", security=OFFICE)
@uses(Delivery.create, Product.update)
def deliver(sku: Sku, arrival: Arrival) -> Arrival:
    """Put goods into stock, once for each note; 404 if there is no such product."""
    receive(store, Delivery(sku=sku, note=arrival.note, quantity=arrival.quantity))
    return arrival


@app.put("/accounts/<who>", security=OFFICE)
@uses(Account.create)
def open_account(who: str, given: Credit) -> Account:
    """Open a customer's account with some credit; 409 if there is one."""
    return store.create(Account(customer=who, credit=given.credit))


@app.get("/account")
@uses(Account.get)
def account() -> Account:
    """What the customer may spend."""
    return store.get(Account.key(customer=customer())) or Account(customer=customer())


@app.get("/cart")
@uses(CartLine.of)
def cart() -> list[CartLine]:
    """What is in the customer's cart."""
    return list(store.query(CartLine.of(customer=customer()).consistent()))


@app.put("/cart/<sku>")
@uses(CartLine.put)
def want(sku: Sku, wanted: Wanted) -> CartLine:
    """Have this much of a product in the cart."""
    return store.put(CartLine(customer=customer(), sku=sku, quantity=wanted.quantity))


@app.delete("/cart/<sku>")
@uses(CartLine.delete)
def want_not(sku: Sku) -> None:
    """Take a product out of the cart."""
    store.delete(CartLine.key(customer=customer(), sku=sku))


@app.post("/orders", middlewares=[idempotent(SHOP)])
@uses(Order.get, Order.create, CartLine.of, CartLine.delete, Product.batch_get, Product.update, Account.update)
def order(idempotency_key: Annotated[str, Header(pattern=r"^[A-Za-z0-9-]{8,64}$")]) -> Order:
    """Order what is in the cart, under the key that becomes the order's id; the same key gives the same order, and is paid once."""
    return place(store, customer(), idempotency_key)


@app.get("/orders")
@uses(Order.of)
def orders(limit: Limit = 25, cursor: str | None = None) -> Page[Order]:
    """What the customer bought, the newest first."""
    return store.page(Order.of(customer=customer()), limit=limit, cursor=cursor)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
