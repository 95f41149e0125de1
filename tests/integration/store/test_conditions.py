"""Every condition that a path makes means on both engines what it means in Python, as the filter of a read and as the guard of a write."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from gateleg.errors import ConditionFailedError
from gateleg.model import Attr, Entity, Table, access, attr
from gateleg.store import Scan
from gateleg.testing import MakeStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.model import Condition
    from gateleg.store import Store

pytestmark = pytest.mark.integration

SHELF = Table("shelf", partition_key="shelf", sort_key="number")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Maker(BaseModel, strict=True):
    name: str
    since: int | None = None


class Thing(Entity, table=SHELF):
    """The second lacks most of what the first has."""

    shelf: Attr[str] = attr(partition_key=True, default="a")
    number: Attr[int] = attr(sort_key=True)
    title: Attr[str] = attr(default="")
    length: Attr[int] = attr(default=0)
    price: Attr[Decimal] = attr(default=Decimal(0))
    limit: Attr[Decimal] = attr(default=Decimal(10))
    made: Attr[datetime | None] = attr(default=None)
    data: Attr[bytes] = attr(default=b"")
    tags: Attr[set[str]] = attr(default_factory=set)
    sizes: Attr[set[int]] = attr(default_factory=set)
    steps: Attr[list[str]] = attr(default_factory=list)
    counts: Attr[dict[str, int]] = attr(default_factory=dict)
    maker: Attr[Maker | None] = attr(default=None)
    sold: Attr[bool] = attr(default=False)
    free: Attr[Any] = attr(default=None)

    @access
    def on(*, shelf: str) -> None: ...


FULL = Thing(
    number=1,
    title="Gateleg table",
    length=13,
    price=Decimal("9.5"),
    made=NOON,
    data=b"\x00\xff\x01",
    tags={"oak", "new"},
    sizes={1, 2},
    steps=["saw", "glue"],
    counts={"legs": 4, "leaves": 2},
    maker=Maker(name="Ann", since=1999),
    sold=True,
    free={"deep": [{"er": "x"}]},
)
BARE = Thing(number=2, title="Stool", price=Decimal(20))

CASES: list[tuple[str, Condition, set[int]]] = [
    ("equal", Thing.title == "Stool", {2}),
    ("not equal", Thing.title != "Stool", {1}),
    ("less", Thing.price < Decimal(10), {1}),
    ("at most", Thing.price <= Decimal("9.5"), {1}),
    ("greater", Thing.price > Decimal("9.5"), {2}),
    ("at least", Thing.price >= Decimal("9.5"), {1, 2}),
    ("a time", Thing.made >= NOON, {1}),
    ("a truth", Thing.sold == True, {1}),  # noqa: E712 (a condition, not a comparison)
    ("bytes", Thing.data > b"\x00\xfe", {1}),
    ("between, both ends", Thing.price.between(Decimal("9.5"), Decimal(20)), {1, 2}),
    ("in", Thing.title.in_(["Stool", "Chair"]), {2}),
    ("in a hundred", Thing.price.in_([Decimal(number) for number in range(100)]), {2}),
    ("exists", Thing.made.exists(), {1}),
    ("exists not", Thing.made.not_exists(), {2}),
    ("is none", Thing.made == None, {2}),  # noqa: E711 (a condition, not a comparison)
    ("is not none", Thing.made != None, {1}),  # noqa: E711 (a condition, not a comparison)
    ("a stored type", Thing.tags.attribute_type("SS"), {1}),
    ("an empty set is not stored", Thing.tags.not_exists(), {2}),
    ("begins with", Thing.title.begins_with("Gate"), {1}),
    ("bytes begin with", Thing.data.begins_with(b"\x00\xff"), {1}),
    ("text contains", Thing.title.contains("oo"), {2}),
    ("a set of text contains", Thing.tags.contains("oak"), {1}),
    ("a set of numbers contains", Thing.sizes.contains(2), {1}),
    ("a list contains", Thing.steps.contains("glue"), {1}),
    ("size of text", Thing.title.size() > 5, {1}),
    ("size of bytes", Thing.data.size() == 3, {1}),
    ("size of a set", Thing.tags.size() == 2, {1}),
    ("size of a list", Thing.steps.size() != 2, {2}),
    ("size of a map", Thing.counts.size() <= 0, {2}),
    ("size between", Thing.title.size().between(5, 6), {2}),
    ("size of an entry", Thing.maker["name"].size() < 4, {1}),
    ("one path and another", Thing.price < Thing.limit, {1}),
    ("a path and a size", Thing.length == Thing.title.size(), {1}),
    ("an entry of a map", Thing.counts["legs"] == 4, {1}),
    ("an element of a list", Thing.steps[1] == "glue", {1}),
    ("an element beyond the end", Thing.steps[2].not_exists(), {1, 2}),
    ("a field of a model", Thing.maker["since"] >= 1999, {1}),
    ("deep in what has no type", Thing.free["deep"][0]["er"] == "x", {1}),
    ("and", (Thing.price > Decimal(5)) & (Thing.price < Decimal(10)), {1}),
    ("or", (Thing.title == "Stool") | (Thing.sold == True), {1, 2}),  # noqa: E712 (a condition, not a comparison)
    ("not", ~((Thing.title == "Stool") | (Thing.price > Decimal(10))), {1}),
    ("not of a comparison with what is absent", ~(Thing.made >= NOON), {2}),
]


@pytest.fixture(scope="module")
def store(dynamodb_engine: DynamoDBClient) -> Iterator[Store]:
    make_store = MakeStore(dynamodb_engine)
    store = make_store(SHELF)
    store.batch_put([FULL, BARE])
    yield store
    make_store.clear()


@pytest.mark.parametrize(("condition", "numbers"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_condition_thins_reads_and_guards_writes(store: Store, condition: Condition, numbers: set[int]) -> None:
    assert {thing.number for thing in store.query(Thing.on(shelf="a").where(condition))} == numbers
    assert {thing.number for thing in store.scan(Scan.of(Thing).where(condition))} == numbers
    assert store.count(Thing.on(shelf="a").where(condition)) == len(numbers)
    for thing in (FULL, BARE):
        if thing.number in numbers:
            assert store.put(thing, when=condition) == thing
            with store.transact() as tx:
                tx.check(thing.key, condition)
        else:
            with pytest.raises(ConditionFailedError):
                store.put(thing, when=condition)


UPDATES: list[tuple[str, Any, dict[str, Any]]] = [
    ("set", Thing.title.set("Desk"), {"title": "Desk"}),
    ("set to none removes", Thing.made.set(None), {"made": None}),
    ("set where there is something", Thing.title.set("Desk", if_not_exists=True), {"title": "Gateleg table"}),
    ("set an entry", Thing.counts["legs"].set(6), {"counts": {"legs": 6, "leaves": 2}}),
    ("set a new entry", Thing.counts["drawers"].set(1), {"counts": {"legs": 4, "leaves": 2, "drawers": 1}}),
    ("set an element", Thing.steps[0].set("plane"), {"steps": ["plane", "glue"]}),
    ("set an element beyond the end", Thing.steps[9].set("wax"), {"steps": ["saw", "glue", "wax"]}),
    ("set a field of a model", Thing.maker["name"].set("Ben"), {"maker": Maker(name="Ben", since=1999)}),
    ("copy", Thing.limit.set(Thing.price), {"limit": Decimal("9.5")}),
    ("add to a number", Thing.price.add(Decimal("0.25")), {"price": Decimal("9.75")}),
    ("take from a number", Thing.price.add(-10), {"price": Decimal("-0.5")}),
    ("add to an entry", Thing.counts["legs"].add(2), {"counts": {"legs": 6, "leaves": 2}}),
    ("add to an entry that is not there", Thing.counts["drawers"].add(2), {"counts": {"legs": 4, "leaves": 2, "drawers": 2}}),
    ("add to a set", Thing.tags.add({"oak", "old"}), {"tags": {"oak", "new", "old"}}),
    ("add to a set of numbers", Thing.sizes.add({3}), {"sizes": {1, 2, 3}}),
    ("take from a set", Thing.tags.delete({"oak", "none"}), {"tags": {"new"}}),
    ("take all of a set", Thing.sizes.delete({1, 2}), {"sizes": set()}),
    ("append", Thing.steps.append(["wax", "sell"]), {"steps": ["saw", "glue", "wax", "sell"]}),
    ("append at the start", Thing.steps.append(["plan"], at_start=True), {"steps": ["plan", "saw", "glue"]}),
    ("remove", Thing.data.remove(), {"data": b""}),
    ("remove an entry", Thing.counts["legs"].remove(), {"counts": {"leaves": 2}}),
    ("remove an element", Thing.steps[0].remove(), {"steps": ["glue"]}),
]


@pytest.mark.parametrize(("update", "changed"), [case[1:] for case in UPDATES], ids=[case[0] for case in UPDATES])
def test_an_update_changes_what_it_names_alone(store: Store, update: Any, changed: dict[str, Any]) -> None:
    expected = FULL.model_copy(update=changed)
    store.put(FULL)
    assert store.update(FULL.key, update) == expected
    assert store.get(FULL.key, consistent=True) == expected
    store.put(FULL)
    with store.transact() as tx:
        tx.update(FULL.key, update)
    assert store.get(FULL.key, consistent=True) == expected


@pytest.mark.parametrize(
    ("update", "changed"),
    [
        (Thing.tags.add({"oak"}), {"tags": {"oak"}}),
        (Thing.steps.append(["saw"]), {"steps": ["saw"]}),
        (Thing.counts["legs"].add(1), {"counts": {"legs": 1}}),
        (Thing.made.set(NOON, if_not_exists=True), {"made": NOON}),
    ],
    ids=["a set grows", "a list grows", "an entry counts", "what is absent is set"],
)
def test_what_was_empty_grows(store: Store, update: Any, changed: dict[str, Any]) -> None:
    store.put(BARE)
    assert store.update(BARE.key, update) == BARE.model_copy(update=changed)
