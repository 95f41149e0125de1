"""A correct program: neither type checker finds anything in it, and what it asserts about types holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_type

from gateleg.model import Condition, Key, Page, Path, Query, Update
from gateleg.store import Results, Store
from tests.typing.model import SHOP, USERS, Address, Order, Product, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.description.uses import Usable, Use

shop = Store(SHOP, cursor_keys=["a key for signing cursors"])
users = Store(USERS, table_name="users-1")


def construct() -> Order:
    """Entities are made with keywords, and every attribute has its own type."""
    smallest = Order(customer="ann", total=Decimal(10))
    order = Order(
        customer="ann",
        order_id="1",
        state="paid",
        total=Decimal("9.90"),
        discount=0.5,
        tags={"a"},
        notes=["n"],
        counts={"x": 1},
        address=Address(city="Lund"),
        expires=datetime(2030, 1, 1, tzinfo=UTC),
    )
    assert_type(order.customer, str)
    assert_type(order.total, Decimal)
    assert_type(order.discount, float | None)
    assert_type(order.tags, set[str])
    assert_type(order.address, Address | None)
    assert_type(order.made_at, datetime)
    order.lines = smallest.lines + 1
    order.comment = None
    return order if order.is_large() else smallest


def paths() -> None:
    """On the class, attributes are typed paths."""
    assert_type(Order.customer, Path[str, Order])
    assert_type(Order.lines, Path[int, Order])
    assert_type(Order.comment, Path[str | None, Order])
    assert_type(Order.tags, Path[set[str], Order])
    assert_type(Order.notes[0], Path[str, Order])
    assert_type(Order.counts["x"], Path[int, Order])
    assert_type(Order.address["city"], Path[Any, Order])


def conditions() -> list[Condition]:
    """Comparing makes conditions."""
    return [
        Order.customer == "ann",
        Order.state != "new",
        Order.lines > 3,
        Order.lines >= Order.revision,
        Order.total.between(Decimal(1), Decimal(2)),
        Order.state.in_(["new", "paid"]),
        Order.state.begins_with("n"),
        Order.comment.begins_with("x"),
        Order.comment.contains("x"),
        Order.tags.contains("x"),
        Order.notes.contains("x"),
        Order.notes.size() > 3,
        Order.customer.size().between(1, 3),
        Order.comment.exists(),
        Order.comment.not_exists(),
        Order.comment == None,  # noqa: E711 (a condition, not a test)
        Order.discount.attribute_type("N"),
        Order.notes[0] == "first",
        Order.counts["x"] < 3,
        Order.address["city"] == "Lund",
        (Order.lines > 3) & ~(Order.state == "paid") | Order.comment.exists(),
    ]


def updates() -> list[Update]:
    """The update methods make updates."""
    return [
        Order.lines.add(1),
        Order.total.add(Decimal("0.1")),
        Order.discount.add(1.5),
        Order.tags.add({"a"}),
        Order.tags.delete(frozenset({"a"})),
        Order.notes.append(["a"]),
        Order.notes.append(["a"], at_start=True),
        Order.notes[0].set("x"),
        Order.notes[0].remove(),
        Order.counts["x"].set(1),
        Order.counts["x"].add(1),
        Order.address["city"].set("Lund"),
        Order.state.set("sent"),
        Order.comment.set(None),
        Order.comment.set(Order.customer),
        Order.comment.set("x", if_not_exists=True),
        Order.comment.remove(),
        Order.expires.set(datetime.now(UTC)),
    ]


def keys() -> None:
    """Keys know their entity."""
    assert_type(Order.key(customer="ann", order_id="1"), Key[Order])
    assert_type(Product.key(sku="1"), Key[Product])
    assert_type(User.key(user_id="1"), Key[User])
    assert_type(construct().key, Key[Order])


def patterns() -> Query[Order]:
    """Access patterns keep their parameters and know their entity."""
    query = Order.in_state(state="new", since=datetime(2026, 1, 1, tzinfo=UTC))
    assert_type(query, Query[Order])
    assert_type(Order.of_customer(customer="ann").consistent(), Query[Order])
    return query.where(Order.lines > 3).where(Order.comment.exists()).limit(10).reversed()


def one_item() -> Order:
    """Operations give the entity that the key is of."""
    assert_type(shop.get(Order.key(customer="ann", order_id="1")), Order | None)
    assert_type(users.get(User.key(user_id="1"), consistent=True), User | None)
    created = shop.create(construct())
    assert_type(created, Order)
    assert_type(shop.put(Product(sku="1", price=Decimal(1)), when=Product.stock == 0), Product)
    changed = shop.update(created, *updates()[:1], when=Order.state == "new")
    assert_type(changed, Order)
    assert_type(shop.update(created.key, Order.lines.add(1)), Order)
    assert_type(shop.delete(created.key), Order | None)
    assert_type(shop.delete(created, when=Order.lines == 0), Order | None)
    return changed


def many_items() -> Iterator[Order]:
    """Queries, pages, batches and transactions."""
    results = shop.query(patterns())
    assert_type(results, Results[Order])
    page = shop.page(patterns(), limit=20, cursor=None)
    assert_type(page, Page[Order])
    assert_type(page.items, list[Order])
    assert_type(page.cursor, str | None)
    assert_type(shop.batch_get([Product.key(sku="1"), Product.key(sku="2")]), list[Product])
    shop.batch_put([construct(), Product(sku="1", price=Decimal(1))])
    shop.batch_delete([construct().key, Product.key(sku="1")])
    with shop.transact(token="once") as tx:
        assert_type(tx.create(construct()), Order)
        tx.put(Product(sku="1", price=Decimal(1)))
        tx.update(Product.key(sku="2"), Product.stock.add(-1), when=Product.stock >= 1)
        tx.delete(Order.key(customer="ann", order_id="1"))
        tx.check(Product.key(sku="3"), Product.stock > 0)
    yield from results


def uses() -> tuple[Use, ...]:
    """Operations and access patterns can be declared as used."""
    declared: list[Usable] = [Order.create, Order.get, Order.update, Product.delete, Order.of_customer, Order.in_state]
    return tuple(use for usable in declared for use in usable.declared_uses())
