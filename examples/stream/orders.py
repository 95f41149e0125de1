"""What follows from the changes of orders: a count of those that are paid, and the stock that an order takes."""

from gateleg.model import Attr, Entity, StreamView, Table, attr, key
from gateleg.store import Store
from gateleg.stream import StreamResolver, uses

SHOP = Table("shop", partition_key="pk", sort_key="sk", ttl="expires_at", stream=StreamView.NEW_AND_OLD_IMAGES)


class Order(Entity, table=SHOP):
    """What somebody ordered."""

    order_id: Attr[str]
    paint: Attr[str]
    tins: Attr[int]
    status: Attr[str] = attr(default="open")

    key = key("ORDER#{order_id}", "ORDER")


class Stock(Entity, table=SHOP):
    """How many tins there are of a paint, and how many were sold."""

    paint: Attr[str]
    tins: Attr[int] = attr(default=0)
    sold: Attr[int] = attr(default=0)

    key = key("PAINT#{paint}", "STOCK")


app = StreamResolver(SHOP, idempotency=SHOP)
store = Store(SHOP)


@app.on_insert(Order)
@uses(Stock.update)
def reserve(order: Order) -> None:
    """Take the tins from the stock; without a stock of that paint it fails."""
    store.update(Stock.key(paint=order.paint), Stock.tins.add(-order.tins))


@app.on_modify(Order, old=Order.status != "paid", new=Order.status == "paid")
@uses(Stock.update)
def sell(old: Order, new: Order) -> None:
    """Count what is sold, as an order turns from open to paid."""
    store.update(Stock.key(paint=new.paint), Stock.sold.add(old.tins))


@app.on_remove(Order, old=Order.status == "open")
@uses(Stock.update)
def give_back(order: Order) -> None:
    """Put the tins of an order back that is gone before it was paid."""
    store.update(Stock.key(paint=order.paint), Stock.tins.add(order.tins))
