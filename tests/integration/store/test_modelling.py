"""What the model declares, held by the engines: local indexes, families, and items that other declarations stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ConditionFailedError, ItemInvalidError
from gateleg.model import (
    DESCENDING,
    EPOCH,
    EPOCH_MS,
    Attr,
    Condition,
    Entity,
    LocalIndex,
    Query,
    Table,
    access,
    attr,
    index_key,
    key,
    unknown_attributes,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

TASKS = Table(
    "tasks",
    partition_key="pk",
    sort_key="sk",
    indexes=[LocalIndex("by_priority", sort_key="priority"), LocalIndex("by_state", sort_key="lsi1sk")],
)


class Task(Entity, table=TASKS):
    board: Attr[str]
    number: Attr[int]
    priority: Attr[int | None] = attr(default=None)
    state: Attr[str] = attr(default="open")

    key = key("BOARD#{board}", "TASK#{number:06d}")
    by_state_key = index_key("by_state", sort="STATE#{state}#{number:06d}")

    @access(index="by_priority", sort=DESCENDING)
    def by_priority(*, board: str) -> None: ...

    @access(index="by_state")
    def in_state(*, board: str, state: str) -> None: ...


def test_a_local_index_gives_the_partition_in_its_own_order_and_consistently(make_store: MakeStore) -> None:
    store = make_store(TASKS)
    for number, priority in ((1, 2), (2, None), (3, 10)):
        store.create(Task(board="a", number=number, priority=priority))
    store.create(Task(board="b", number=4, priority=1))
    assert [task.number for task in store.query(Task.by_priority(board="a").consistent())] == [3, 1]
    store.update(Task.key(board="a", number=2), Task.state.set("done"))
    assert [task.number for task in store.query(Task.in_state(board="a", state="open").consistent())] == [1, 3]
    page = store.page(Task.by_priority(board="a"), limit=1)
    assert [task.number for task in store.page(Task.by_priority(board="a"), limit=1, cursor=page.cursor).items] == [1]


ZOO = Table("zoo", partition_key="pk", sort_key="sk")


class Animal(Entity, table=ZOO):
    cage: Attr[str]
    name: Attr[str]
    fed: Attr[int] = attr(default=0)
    key = key("CAGE#{cage}", "ANIMAL#{name}")

    @access
    def in_cage(*, cage: str) -> None: ...


class Parrot(Animal):
    words: Attr[set[str]] = attr(default_factory=set)


class Counted(Animal):
    revision: Attr[int] = version()


def test_reading_a_base_gives_each_item_as_the_class_that_stored_it(make_store: MakeStore) -> None:
    store = make_store(ZOO)
    leo, polly = Animal(cage="1", name="Leo"), Parrot(cage="1", name="Polly", words={"hello"})
    for animal in (leo, polly):
        store.create(animal)
    assert list(store.query(Animal.in_cage(cage="1"))) == [leo, polly]
    assert list(store.query(Parrot.in_cage(cage="1"))) == [polly]
    assert store.get(Animal.key(cage="1", name="Polly")) == polly
    assert store.get(Parrot.key(cage="1", name="Leo")) is None
    assert [type(animal) for animal in store.batch_get([Animal.key(cage="1", name=name) for name in ("Leo", "Polly")])] == [Animal, Parrot]


def test_an_update_by_the_bases_key_changes_a_subclass_unless_it_would_miss_its_version(make_store: MakeStore) -> None:
    store = make_store(ZOO)
    store.create(Parrot(cage="1", name="Polly", words={"hello"}))
    store.create(Counted(cage="1", name="Dodo"))
    updated = store.update(Animal.key(cage="1", name="Polly"), Animal.fed.add(1))
    assert updated == Parrot(cage="1", name="Polly", words={"hello"}, fed=1)
    with pytest.raises(ConditionFailedError, match="is an item of Counted"):
        store.update(Animal.key(cage="1", name="Dodo"), Animal.fed.add(1))
    assert store.update(Counted.key(cage="1", name="Dodo"), Counted.fed.add(1)).revision == 2


def full_name(values: dict[str, Any]) -> dict[str, Any]:
    first, _, last = values["name"].partition(" ")
    return {**values, "first": first, "last": last}


PEOPLE = Table("people", partition_key="pk")


class Person(Entity, table=PEOPLE, unknown="keep", upgrades=[full_name]):
    number: Attr[int]
    first: Attr[str]
    last: Attr[str]
    key = key("PERSON#{number}")


def test_an_old_item_is_read_as_new_and_a_put_writes_it_so_with_what_nobody_declares(
    make_store: MakeStore, dynamodb_engine: DynamoDBClient
) -> None:
    store = make_store(PEOPLE)
    old: dict[str, Any] = {
        "pk": {"S": "PERSON#1"},
        "number": {"N": "1"},
        "name": {"S": "Ann Lund"},
        "_type": {"S": "Person"},
        "score": {"N": "1.5"},
    }
    dynamodb_engine.put_item(TableName=store.table_name, Item=old)
    person = store.get(Person.key(number=1))
    assert person is not None
    assert (person.first, person.last, unknown_attributes(person)["name"]) == ("Ann", "Lund", "Ann Lund")
    store.put(person)
    stored = dynamodb_engine.get_item(TableName=store.table_name, Key={"pk": old["pk"]})
    assert stored.get("Item") == {**old, "first": {"S": "Ann"}, "last": {"S": "Lund"}, "_schema": {"N": "1"}}


LOG = Table("log", partition_key="pk", sort_key="at")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Line(Entity, table=LOG):
    source: Attr[str]
    at: Attr[datetime] = attr(sort_key=True, stored_as=EPOCH_MS)
    text: Attr[str] = attr(default="")
    words: Attr[int] = attr(default=0)
    key = key("SOURCE#{source}")

    @access
    def of(*, source: str, since: datetime | None = None, until: datetime | None = None) -> None: ...

    @classmethod
    def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "words": len(values["text"].split())}


def test_moments_stored_as_numbers_sort_and_range_as_time_does(make_store: MakeStore) -> None:
    store = make_store(LOG)
    moments = [datetime(1969, 7, 20, tzinfo=UTC), NOON, NOON + timedelta(milliseconds=1), NOON + timedelta(hours=1)]
    for at in reversed(moments):
        store.create(Line(source="a", at=at))
    assert [line.at for line in store.query(Line.of(source="a"))] == moments
    assert [line.at for line in store.query(Line.of(source="a", since=NOON, until=NOON + timedelta(minutes=1)))] == moments[1:3]
    assert [line.at for line in store.query(Line.of(source="a").where(Line.words == 0).limit(1))] == moments[:1]


class Visit(Entity, table=LOG):
    source: Attr[str]
    at: Attr[datetime] = attr(sort_key=True, stored_as=EPOCH)
    seen: Attr[datetime | None] = attr(default=None, stored_as=EPOCH)
    key = key("VISIT#{source}")

    @access
    def of(*, source: str, since: datetime | None = None, until: datetime | None = None) -> None: ...
    @access
    def before(*, source: str, before: datetime) -> None: ...
    @access
    def after(*, source: str, after: datetime) -> None: ...


VISITS = Table("visits", partition_key="pk", sort_key="sk")


class Stay(Entity, table=VISITS):
    source: Attr[str]
    at: Attr[datetime] = attr(stored_as=EPOCH)
    key = key("STAY#{source}", "AT#{at:012d}")

    @access
    def of(*, source: str, since: datetime | None = None, until: datetime | None = None) -> None: ...
    @access
    def within(*, source: str, after: datetime | None = None, before: datetime | None = None) -> None: ...


def test_ranges_with_fractions_hold_what_the_same_ranges_of_values_hold(make_store: MakeStore) -> None:
    log, stays = make_store(LOG), make_store(VISITS)
    moments = [NOON, NOON + timedelta(seconds=1)]
    half = NOON + timedelta(milliseconds=500)
    for at in moments:
        log.create(Visit(source="a", at=at, seen=at))
        stays.create(Stay(source="a", at=at))
    asked: list[tuple[Callable[[datetime], bool], Query[Visit], Query[Stay], Condition[Visit]]] = [
        (lambda at: at >= half, Visit.of(source="a", since=half), Stay.of(source="a", since=half), Visit.seen >= half),
        (lambda at: at <= half, Visit.of(source="a", until=half), Stay.of(source="a", until=half), Visit.seen <= half),
        (lambda at: at < half, Visit.before(source="a", before=half), Stay.within(source="a", before=half), Visit.seen < half),
        (lambda at: at > half, Visit.after(source="a", after=half), Stay.within(source="a", after=half), Visit.seen > half),
    ]
    for holds, plain, template, condition in asked:
        held = [at for at in moments if holds(at)]
        assert [visit.at for visit in log.query(plain)] == held
        assert [stay.at for stay in stays.query(template)] == held
        assert [visit.at for visit in log.query(Visit.of(source="a").where(condition))] == held
        for at in moments:
            try:
                log.update(Visit.key(source="a", at=at), Visit.seen.set(at), when=condition)
            except ConditionFailedError:
                assert not holds(at)
            else:
                assert holds(at)


def test_what_is_created_with_a_fraction_is_given_as_it_is_read(make_store: MakeStore) -> None:
    store = make_store(LOG)
    created = store.create(Visit(source="a", at=NOON, seen=NOON + timedelta(milliseconds=700)))
    assert created == store.get(Visit.key(source="a", at=NOON))
    assert created.seen == NOON
    for fraction in (500, 700):
        with pytest.raises(ItemInvalidError, match=r"whole seconds, .* write value\.replace\(microsecond=0\)"):
            store.put(Visit(source="a", at=NOON + timedelta(milliseconds=fraction)))


def test_a_hook_fills_what_is_stored_and_the_write_gives_it_back(make_store: MakeStore) -> None:
    store = make_store(LOG)
    assert store.create(Line(source="a", at=NOON, text="two words")).words == 2
    assert store.get(Line.key(source="a", at=NOON)) == Line(source="a", at=NOON, text="two words", words=2)
