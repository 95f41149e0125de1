"""A correct program about whose paths they are: bases and subclasses, helpers, parts, several entities; no line of it is found fault with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, assert_type

from pydantic import BaseModel

from gateleg.model import Attr, Condition, Entity, Path, Query, Update, View, access, attr, changes, key, raw, version
from gateleg.store import AsyncStore, Scan, Store
from tests.typing.model import SHOP, Order, Product

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateleg.model import Key

E = TypeVar("E", bound=Entity)


class Grade(Enum):
    """How good."""

    FIRST = 1


@dataclass
class Inner:
    """What is inside."""

    depth: int


class Box(BaseModel):
    """What it is in."""

    depth: int
    inner: Inner | None = None
    grades: dict[Grade, int] = {}


class Thing(Entity, table=SHOP):
    """Something that is somebody's."""

    thing_id: Attr[str]
    owner: Attr[str]
    revision: Attr[int] = version()
    key = key("THING#{thing_id}", "THING#{owner}")

    @access()
    def of_owner(*, thing_id: str, owner: str = "") -> None: ...


class Parcel(Thing):
    """Something to send."""

    weight: Attr[int] = attr(default=0)
    least: Attr[int] = attr(default=0)
    box: Attr[Box | None] = attr(default=None)
    boxes: Attr[dict[str, Box]] = attr(default_factory=dict)
    lengths: Attr[dict[str, list[int]]] = attr(default_factory=dict)
    counts: Attr[dict[int, int]] = attr(default_factory=dict)
    grades: Attr[dict[Grade, int]] = attr(default_factory=dict)
    inner: Attr[Inner] = attr(default=Inner(1))
    pair: Attr[tuple[str, ...]] = attr(default=())
    any: Attr[Any] = attr(default=None)


class Crate(Thing):
    """A parcel of wood."""

    planks: Attr[int] = attr(default=0)


T = TypeVar("T", bound=Thing)
store = Store(SHOP)


def touch(item: E, *updates: Update[E], when: Condition[E] | None = None) -> E:
    """An update by a helper that says whose."""
    return store.update(item, *updates, when=when) if updates else item


def stamp(found: Key[E], path: Path[int, E]) -> E:
    """An update of any path of an entity."""
    return store.update(found, path.set(1), when=path == 0)


def of_any(item: E, *updates: Update, when: Condition | None = None) -> E:
    """By one that does not say whose."""
    store.put(item, when=when)
    return store.update(item, *updates, when=when)


def taken(kind: type[T], found: Key[T]) -> T:
    """By one for a base and its subclasses."""
    assert_type(kind.owner, Path[str, T])
    store.update(found, kind.owner.set("ann"), when=kind.owner == "ben")
    return store.update(found, Thing.owner.set("ann"), when=Thing.owner == "ben")


def bases(parcel: Parcel, found: Key[Parcel], thing: Thing) -> None:
    """What is of a base is of its subclasses."""
    assert_type(store.update(found, Thing.owner.set("a")), Parcel)
    assert_type(store.update(parcel, Thing.owner.set("a"), Parcel.weight.add(1), when=Thing.owner == "b"), Parcel)
    assert_type(store.update(parcel, Parcel.weight.add(1), Thing.owner.set("a"), when=Parcel.owner == "b"), Parcel)
    assert_type(store.put(parcel, when=(Thing.owner == "a") & (Parcel.weight > 1)), Parcel)
    assert_type(store.put(parcel, when=(Parcel.weight > 1) | ~(Thing.owner == "a")), Parcel)
    assert_type(store.get(found, only=[Thing.owner, Parcel.weight]), Parcel | None)
    assert_type(store.get(found, only=(Parcel.weight, Thing.owner)), Parcel | None)
    assert_type(store.delete(thing, when=Thing.owner == "a"), Thing | None)
    assert_type(taken(Parcel, found), Parcel)
    assert_type(touch(parcel, Thing.owner.set("a"), Parcel.weight.add(1), when=Thing.owner == "b"), Parcel)
    assert_type(of_any(parcel, Thing.owner.set("a"), Parcel.weight.add(1), when=Thing.owner == "b"), Parcel)
    assert_type(stamp(found, Parcel.weight), Parcel)
    with store.transact() as tx:
        tx.update(found, Thing.owner.set("a"), when=Thing.owner == "b")
        tx.check(parcel.key, Thing.owner == "b")
        tx.put(parcel, when=Thing.owner == "b")
    if isinstance(thing, Parcel):
        store.update(thing, Parcel.weight.add(1))


def paths(parcel: Parcel) -> None:
    """Paths as the values of paths."""
    assert_type(Parcel.weight > Parcel.least, Condition[Parcel])
    assert_type(Parcel.owner == Thing.owner, Condition[Parcel])
    assert_type(Thing.owner == Parcel.owner, Condition[Parcel])
    store.update(parcel, Parcel.weight.set(Parcel.least), Parcel.owner.set(Thing.owner), Parcel.least.set(raw("{} + {}", Parcel.least, 1)))
    store.update(parcel, *changes(parcel), when=raw("size({}) > {}", Parcel.owner, 1) & (Parcel.weight > 1))


def queries(conditions: list[Condition], words: Iterable[str]) -> Iterator[Parcel]:
    """Filters of a query and of its base, gathered in lists."""
    query = Parcel.of_owner(thing_id="1")
    assert_type(query, Query[Parcel])
    query = query.where(Thing.owner == "a").where(Parcel.weight > 1).only(Thing.owner, Parcel.weight)
    gathered = [Parcel.weight > 1, Parcel.least < 3]
    gathered.append(Thing.owner == "a")
    conditions.append(Parcel.weight > 1)
    for condition in (*gathered, *conditions):
        query = query.where(condition)
    either = Parcel.weight > 1 if words else Parcel.owner.in_(list(words))
    either &= Thing.owner == "a"
    yield from store.query(query.where(either).where(Parcel.owner.in_({"a", "b"}) | Parcel.owner.in_(word for word in words)))


def scans() -> None:
    """Of one entity and of several."""
    assert_type(list(store.scan(Scan.of(Parcel).where(Thing.owner == "a").where(Parcel.weight > 1))), list[Parcel])
    both = Scan.of(Order, Product).where(Order.total > Decimal(1)).where(Product.stock > 1).only(Order.total, Product.stock)
    assert_type(list(store.scan(both)), list[Order | Product])
    either: Condition = Order.total > Decimal(1)
    store.scan(Scan.of(Order, Product).where(either | (Product.stock > 1)))
    declared: Scan[Parcel] = Scan.of(Parcel).where(Parcel.weight > 1).limit(3).consistent()
    store.scan(declared.where(Parcel.weight > 3))


def parts(parcel: Parcel) -> Update[Parcel]:
    """Parts of nested models, dataclasses, dicts and lists."""
    assert_type(Order.address.at(lambda address: address.city), Path[str, Order])
    assert_type(Order.address.at(lambda address: address.lines)[0], Path[str, Order])
    assert_type(Order.address.at(lambda address: address.lines[0]), Path[str, Order])
    assert_type(Parcel.box.at(lambda box: box.inner).at(lambda inner: inner.depth), Path[int, Parcel])
    assert_type(Parcel.inner.at(lambda inner: inner.depth), Path[int, Parcel])
    assert_type(Parcel.boxes["x"].at(lambda box: box.depth), Path[int, Parcel])
    assert_type(Parcel.lengths["x"][0], Path[int, Parcel])
    assert_type(Parcel.counts[3], Path[int, Parcel])
    assert_type(Parcel.grades[Grade.FIRST], Path[int, Parcel])
    assert_type(Parcel.pair[0], Path[str, Parcel])
    assert_type(Parcel.any["x"], Path[Any, Parcel])
    assert_type(Parcel.box["inner"]["depth"], Path[Any, Parcel])
    store.update(parcel, Parcel.box.at(lambda box: box.depth).add(1), when=Parcel.box.at(lambda box: box.depth) < 3)
    return Parcel.lengths["x"].append(number for number in range(3))


def several(words: list[str]) -> list[Update[Order]]:
    """Several values, one by one."""
    return [
        Order.notes.append(("a", "b")),
        Order.notes.append({"a"}),
        Order.notes.append({"a": 1}),
        Order.notes.append({"a": 1}.keys()),
        Order.notes.append(map(str, [1])),
        Order.notes.append(sorted(words)),
        Order.notes.append(word for word in words),
    ]


class Shown(View[Parcel], include=[Thing.owner, Parcel.weight]):
    """A view with attributes of a base."""


class StampedStore(Store):
    """A store whose update does more, typed as before."""

    def update(self, target: Key[E] | E, *updates: Update, when: Condition | None = None) -> E:
        """Update, and tell it."""
        self.told = len(updates)
        return super().update(target, *updates, when=when)


async def wait(db: AsyncStore, parcel: Parcel) -> None:
    """The same, awaited."""
    assert_type(await db.update(parcel, Thing.owner.set("a"), when=Thing.owner == "b"), Parcel)
    assert_type(await db.get(parcel.key, only=[Thing.owner, Parcel.weight]), Parcel | None)
