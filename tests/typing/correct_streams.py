"""Handlers of changes as their users write them: nothing here is found by a type checker."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_type

from gateleg.stream import StreamResolver, uses
from tests.typing.model import Order, Product, Stamped

if TYPE_CHECKING:
    from gateleg.model import Change


def declared(app: StreamResolver) -> None:
    """Each decorator gives what it was given, and asks for a function of the entities."""

    @app.on_insert(Order, new=Order.lines == 1)
    @uses(Product.update)
    def placed(order: Order) -> str:
        return order.order_id

    assert_type(placed(Order(customer="ann", total=Decimal(1))), str)

    @app.on_modify(Product, old=Product.stock != 0, new=(Product.stock == 0) & Product.price.exists())
    def gone(old: Product, new: Product) -> None:
        assert_type(old, Product)
        del new

    @app.on_remove(Order, expired=False)
    async def forgotten(order: Order) -> None:
        assert_type(app.current_change.sequence, str)
        del order

    @app.on_change(Order)
    def every(change: Change[Order]) -> None:
        assert_type(change.old, Order | None)

    # What takes a base takes its subclasses.
    @app.on_insert(Order)
    def stamped(item: Stamped) -> None:
        del item

    @app.on_default()
    def other(change: Change[Any]) -> None:
        assert_type(app.resolve({}, None), dict[str, Any])
        del change

    del gone, forgotten, every, stamped, other
