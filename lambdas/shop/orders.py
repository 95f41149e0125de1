"""Placing orders and taking deliveries: each one transaction, which may be sent again."""

from __future__ import annotations

from gateleg.errors import ConditionFailedError, ConstraintFailedError, ItemExistsError, ItemNotFoundError, TransactionCanceledError
from gateleg.store import Store
from lambdas.shop.model import MOST_LINES, Account, CartLine, Delivery, Line, Order, Product


class NotPlacedError(Exception):
    """An order cannot be placed as things are; the text is for the customer."""


def place(store: Store, customer: str, order_id: str) -> Order:
    """Turn a customer's cart into an order: stock, credit, cart and order change together or not at all.

    Who does not know what became of it places it again under the same id, and gets the order that there is.

    Raises:
        NotPlacedError: The cart is empty or too full, something is sold out or has another price now, or the credit is too small.
        StoreError: It may be tried again.
    """
    if placed := store.get(Order.key(customer=customer, order_id=order_id), consistent=True):
        return placed
    cart = list(store.query(CartLine.of(customer=customer).consistent()))
    lines = _priced(store, cart)
    order = Order(customer=customer, order_id=order_id, lines=lines, total=sum(line.price * line.quantity for line in lines))
    try:
        with store.transact() as transaction:
            transaction.create(order)
            transaction.update(Account.key(customer=customer), Account.credit.add(-order.total))
            for line in lines:
                transaction.update(Product.key(sku=line.sku), Product.stock.add(-line.quantity), when=Product.price == line.price)
            for kept in cart:
                transaction.delete(kept, when=CartLine.quantity == kept.quantity)
    except TransactionCanceledError as canceled:
        return _placed_before(canceled, order)
    return order


def receive(store: Store, delivery: Delivery) -> None:
    """Put goods into stock, once for each note.

    Raises:
        TransactionCanceledError: There is no such product.
    """
    try:
        with store.transact() as transaction:
            transaction.create(delivery)
            transaction.update(Product.key(sku=delivery.sku), Product.stock.add(delivery.quantity))
    except TransactionCanceledError as canceled:
        if not isinstance(canceled.reasons[0], ItemExistsError):
            raise


def _priced(store: Store, cart: list[CartLine]) -> list[Line]:
    """What is in a cart, with today's titles and prices."""
    if not 1 <= len(cart) <= MOST_LINES:
        raise NotPlacedError(f"an order has 1 to {MOST_LINES} lines, and {len(cart)} are in the cart")
    products = {product.sku: product for product in store.batch_get([Product.key(sku=line.sku) for line in cart], consistent=True)}
    if gone := [line.sku for line in cart if line.sku not in products]:
        raise NotPlacedError(f"no longer sold: {', '.join(gone)}")
    return [Line(quantity=line.quantity, **products[line.sku].model_dump(include={"sku", "title", "price"})) for line in cart]


def _placed_before(canceled: TransactionCanceledError, order: Order) -> Order:
    """The order if it is there already, since a request before was done after all; otherwise why it cannot be placed."""
    there, account, *others = canceled.reasons
    if isinstance(there, ItemExistsError) and isinstance(there.item, Order):
        return there.item
    if isinstance(account, ConstraintFailedError | ItemNotFoundError):
        raise NotPlacedError(f"the order costs {order.total}, and the credit is less") from canceled
    for line, reason in zip(order.lines, others, strict=False):
        if isinstance(reason, ConstraintFailedError):
            raise NotPlacedError(f"fewer than {line.quantity} are left of {line.sku}") from canceled
        if isinstance(reason, ConditionFailedError | ItemNotFoundError):
            raise NotPlacedError(f"{line.sku} has another price now") from canceled
    if any(isinstance(reason, ConditionFailedError | ItemNotFoundError) for reason in others):
        raise NotPlacedError("the cart was changed meanwhile") from canceled
    raise canceled
