"""A correct program that is generic over entities: no line of it is found fault with, by neither type checker."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, assert_type

from gateleg.errors import ConditionFailedError, ItemExistsError, VersionConflictError
from gateleg.model import Change, Condition, Entity, Key, Page, Path, Query, Update
from gateleg.store import AsyncStore, Scan, Store
from tests.typing.model import SHOP, Order, Product

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from gateleg.store import Prepared

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

store = Store(SHOP)


def everything(kind: type[E]) -> list[E]:
    """All items of an entity."""
    return list(store.scan(kind))


def first(query: Query[E]) -> E | None:
    """The first item of a query."""
    return next(iter(store.query(query.limit(1))), None)


def pages(query: Query[E], size: int = 10) -> Iterator[Page[E]]:
    """All pages of a query."""
    cursor: str | None = None
    while True:
        page = store.page(query, limit=size, cursor=cursor)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


def save_all(items: Iterable[E]) -> list[E]:
    """Put several."""
    return [store.put(item) for item in items]


def mapped(page: Page[E], convert: Callable[[E], T]) -> list[T]:
    """The items of a page as something else."""
    return [convert(item) for item in page.items]


def touch(found: Key[E], *updates: Update, when: Condition | None = None) -> Prepared[E]:
    """An update, not sent."""
    return store.prepare.update(found, *updates, when=when)


def at_least(path: Path[int], least: int) -> Condition:
    """A condition on any whole number."""
    return path >= least


def has(path: Path[T], value: T) -> Condition:
    """A condition on any attribute."""
    return path == value


class Repository(Generic[E]):
    """What teams wrap stores with."""

    def __init__(self, kind: type[E], db: Store) -> None:
        self.kind = kind
        self.db = db

    def get(self, found: Key[E]) -> E | None:
        """One item."""
        return self.db.get(found, consistent=True)

    def add(self, item: E) -> E:
        """Create, or replace."""
        try:
            return self.db.create(item)
        except ItemExistsError:
            return self.db.put(item)

    def find(self, query: Query[E], *conditions: Condition) -> list[E]:
        """What fulfils all conditions."""
        for condition in conditions:
            query = query.where(condition)
        return list(self.db.query(query))

    def all(self) -> Sequence[E]:
        """All items."""
        return tuple(self.db.scan(self.kind))


class Orders(Repository[Order]):
    """A repository of one entity."""

    def __init__(self) -> None:
        super().__init__(Order, store)

    def pay(self, customer: str, order_id: str) -> Order:
        """Change one order."""
        return self.db.update(Order.key(customer=customer, order_id=order_id), Order.state.set("paid"))


class LoggedStore(Store):
    """A store with a method of its own shape in place of another's."""

    def put(self, entity: E, *, when: Condition | None = None) -> E:
        """Put, and tell it."""
        self.told = entity.key.wire
        return super().put(entity, when=when)


class CanGet(Protocol):
    """Whatever reads by key."""

    def get(self, key: Key[E], *, consistent: bool = False) -> E | None:
        """One item."""
        ...


def using(getter: CanGet, found: Key[Order]) -> Order | None:
    """Read by whatever can."""
    return getter.get(found)


SORTABLE: Mapping[str, Path[Any]] = {"total": Order.total, "lines": Order.lines}


def by_column(column: str, value: object) -> Condition:
    """A condition on an attribute that is named at run time."""
    return SORTABLE[column] == value


def amounts(least: int) -> Condition:
    """Decimals are compared with whole numbers, as in Python."""
    condition = (Order.total > least) & (Order.total >= 0) & (Order.total < Decimal("9.5")) & (Order.total <= 10)
    condition &= (Order.total == 3) | (Order.total != 4) | (Order.total > Order.total)
    return condition


def use(order: Order, product: Product, record: dict[str, Any]) -> None:
    """What comes out is known."""
    assert_type(everything(Product), list[Product])
    assert_type(first(Order.of_customer(customer="ann")), Order | None)
    assert_type([page.items for page in pages(Order.of_customer(customer="ann"))], list[list[Order]])
    assert_type(save_all([order]), list[Order])
    assert_type(mapped(store.page(Order.of_customer(customer="ann")), lambda found: found.total), list[Decimal])
    assert_type(store.send(touch(order.key, Order.lines.add(1), when=at_least(Order.lines, 1) & has(Order.state, "new"))), Order)
    assert_type(Repository(Product, store).add(product), Product)
    assert_type(Orders().find(Order.in_state(state="new"), amounts(3), by_column("lines", 3)), list[Order])
    assert_type(LoggedStore(SHOP).put(order), Order)
    assert_type(using(store, order.key), Order | None)
    assert_type(list(store.scan(Scan.of(Order, Product))), list[Order | Product])
    change = SHOP.decode(record).of(Product)
    assert_type(change, Change[Product] | None)


async def stream(db: AsyncStore, kind: type[E]) -> AsyncIterator[E]:
    """All items of an entity, one by one."""
    async for item in db.scan(kind):
        yield item


async def retried(make: Callable[[], Awaitable[T]]) -> T:
    """Once more, where somebody else was quicker."""
    try:
        return await make()
    except (VersionConflictError, ConditionFailedError):
        return await make()


async def wait(db: AsyncStore, order: Order) -> Order | None:
    """Through helpers that know nothing of entities."""
    found = [item async for item in stream(db, Order)]
    assert_type(found, list[Order])
    assert_type(await retried(lambda: db.update(order, Order.lines.add(1))), Order)
    return await retried(lambda: db.get(order.key))
