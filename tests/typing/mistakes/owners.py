"""Mistakes with the paths of another entity, and of nobody: every line marked `# wrong` is found by both type checkers, and no other is."""

from __future__ import annotations

from decimal import Decimal

from gateleg.model import Condition, Query, Update, raw
from gateleg.store import AsyncStore, Scan, Store
from tests.typing.correct_owners import Crate, Parcel, Thing, stamp, touch
from tests.typing.model import SHOP, Order, Product, User

store = Store(SHOP)
KEY = Order.key(customer="ann", order_id="1")
QUERY = Order.of_customer(customer="ann")


def update(order: Order, thing: Thing) -> None:
    """Updates of what another entity has."""
    store.update(KEY, User.name.set("x"))  # wrong
    store.update(order, User.name.set("x"))  # wrong
    store.update(order, Order.lines.add(1), Product.stock.add(1))  # wrong
    store.update(order, Product.stock.add(1), Order.lines.add(1))  # wrong
    store.update(order, Order.lines.add(1), when=Product.stock > 1)  # wrong
    store.update(order, Order.lines.add(1), when=(Order.lines > 1) & (Product.stock > 1))  # wrong
    store.update(order, Order.lines.add(1), when=~(Product.stock > 1))  # wrong
    store.update(order, Order.lines.set(Product.stock))  # wrong
    store.update(order, Product.stock.set(Order.lines))  # wrong
    store.update(order, Product.price.set(raw("{} + {}", Order.total, 1)))  # wrong
    store.update(order, User.age.remove())  # wrong
    store.update(thing, Parcel.weight.set(1))  # wrong
    store.update(Parcel.key(thing_id="1"), Crate.planks.add(1))  # wrong
    store.update(order)  # wrong
    store.update(KEY, when=Order.lines > 1)  # wrong
    store.prepare.update(KEY, User.name.set("x"))  # wrong
    touch(order, Product.stock.add(1))  # wrong
    stamp(Thing.key(thing_id="1"), Parcel.weight)  # wrong


def write(order: Order, product: Product) -> None:
    """Conditions of writes."""
    store.put(order, when=Product.stock > 1)  # wrong
    store.put(order, when=(Product.stock > 1) | (Order.lines > 1))  # wrong
    store.put(order, when=Product.tags.contains("x"))  # wrong
    store.delete(order, when=Product.stock.exists())  # wrong
    store.delete(KEY, when=User.name.begins_with("x"))  # wrong
    store.delete(product.key, when=Order.notes.size() > 1)  # wrong
    store.delete(product.key, when=Order.counts["x"] > 1)  # wrong
    with store.transact() as tx:
        tx.update(KEY, Product.stock.add(1))  # wrong
        tx.update(KEY, Order.lines.add(1), when=Product.stock > 1)  # wrong
        tx.update(KEY)  # wrong
        tx.put(order, when=Product.stock > 1)  # wrong
        tx.check(KEY, Product.stock > 1)  # wrong
        tx.check(product.key, Order.state.in_(["new"]))  # wrong
        tx.delete(order, when=Product.price == Decimal(1))  # wrong


def read() -> None:
    """Filters and projections."""
    QUERY.where(User.name == "a")  # wrong
    QUERY.where(Product.stock > 1)  # wrong
    QUERY.where((Order.lines > 1) & (Product.stock > 1))  # wrong
    QUERY.where((Product.stock > 1) | (Order.lines > 1))  # wrong
    QUERY.where(Order.total > Product.price)  # wrong
    QUERY.where(Order.total.between(Product.price, Decimal(1)))  # wrong
    Order.in_state(state="new").where(Product.stock > 1)  # wrong
    Order.in_state(state="new").limit(3).where(Order.lines > 1).where(Product.stock > 1)  # wrong
    QUERY.where(not (Order.lines > 1))  # wrong
    QUERY.where("x" in Order.tags)  # wrong
    QUERY.only(Product.stock)  # wrong
    QUERY.only(Order.total, Product.stock)  # wrong
    store.get(KEY, only=[Product.stock])  # wrong
    store.get(KEY, only=(Order.total, Product.stock))  # wrong
    store.get(Thing.key(thing_id="1"), only=[Parcel.weight])  # wrong
    Scan.of(Order).where(Product.stock > 1)  # wrong
    Scan.of(Order).limit(3).only(Product.stock)  # wrong
    Thing.of_owner(owner="ann").where(Parcel.weight > 1)  # wrong
    Parcel.of_owner(owner="ann").where(Crate.planks > 1)  # wrong


async def wait(db: AsyncStore, order: Order) -> None:
    """The same, awaited."""
    await db.update(KEY, Product.stock.add(1))  # wrong
    await db.update(order, Order.lines.add(1), when=Product.stock > 1)  # wrong
    await db.update(order)  # wrong
    await db.put(order, when=Product.stock > 1)  # wrong
    await db.delete(KEY, when=Product.stock > 1)  # wrong
    await db.get(KEY, only=[Product.stock])  # wrong
    async with db.transact() as tx:
        tx.check(KEY, Product.stock > 1)  # wrong


def keep() -> tuple[object, ...]:
    """What is kept under the name of another entity."""
    condition: Condition[Order] = Product.stock > 1  # wrong
    change: Update[Order] = Product.stock.add(1)  # wrong
    query: Query[Order] = Order.of_customer(customer="ann").where(Product.stock > 1)  # wrong
    return condition, change, query


def parts() -> None:
    """Steps below nested models, and what is there."""
    Order.address.at(lambda address: address.stret)  # wrong
    Order.address.at(lambda address: address.city.nothing)  # wrong
    Order.address.at(lambda address: address.city).set(3)  # wrong
    Order.address.at(lambda address: address.city).add(1)  # wrong
    Order.address.at(lambda address: address.lines).append([1])  # wrong
    Order.address.at(lambda address: address.lines)[0].set(1)  # wrong
    Order.address.at(lambda address: address.lines["x"])  # wrong
    Order.address.at("city")  # wrong
    QUERY.where(Order.address.at(lambda address: address.city) == 3)  # wrong
    store.update(Product.key(sku="1"), Order.address.at(lambda address: address.city).set("Lund"))  # wrong
    Parcel.box.at(lambda box: box.inner.depth)  # wrong
    Parcel.box.at(lambda box: box.inner).at(lambda inner: inner.width)  # wrong
    Parcel.lengths["a"].set("x")  # wrong
    Parcel.lengths[3]  # wrong
    Parcel.pair[0].set(b"x")  # wrong
    Parcel.boxes["x"].at(lambda box: box.depth).set("x")  # wrong


def several() -> None:
    """Text where several values are wanted, one by one."""
    Order.notes.append("one")  # wrong
    Order.notes.append(b"one")  # wrong
    Order.notes.append(1)  # wrong
    Order.customer.in_("ann")  # wrong
    Order.state.in_("new")  # wrong
    Order.lines.in_(1)  # wrong
    Order.lines.in_(Order.notes)  # wrong
