"""Seeds make a table have what they say, as often as they are loaded; what says otherwise is told, and left alone until it is to be replaced."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.data import Progress, Rejection, Seeds, seed
from gateleg.errors import DataError, UniqueConflictError
from gateleg.model import Attr, Entity, Table, attr, created_at, key, ulid, updated_at, version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

ROOMS = Table("rooms", partition_key="pk", sort_key="sk")
OTHERS = Table("others", partition_key="pk", sort_key="sk")


class Room(Entity, table=ROOMS):
    room: Attr[str]
    title: Attr[str] = attr(default="", save=str.strip)
    visits: Attr[int] = attr(default=0)
    opened: Attr[datetime] = created_at()
    changed: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("ROOM#{room}", "IT")


class Hut(Entity, table=ROOMS):
    room: Attr[str]

    key = key("ROOM#{room}", "IT")


class Note(Entity, table=ROOMS):
    note_id: Attr[str] = attr(default_factory=ulid)
    mail: Attr[str | None] = attr(default=None, unique=True)

    key = key("NOTE#{note_id}", "IT")


class Elsewhere(Entity, table=OTHERS):
    name: Attr[str]

    key = key("E#{name}", "IT")


DEMO = Seeds(ROOMS, [Room(room="lobby", title=" Lobby"), Room(room="bar"), Note(note_id="1", mail="a@example.com")])


def test_seeds_are_created_once_however_often_they_are_loaded(make_store: MakeStore) -> None:
    store = make_store(ROOMS)

    first, again = seed(store, DEMO), seed(store, DEMO)

    assert (first.written, first.unchanged) == (3, 0)
    assert (again.written, again.unchanged, again.write_units) == (0, 3, 0)
    assert {room.room: room.title for room in store.scan(Room)} == {"lobby": "Lobby", "bar": ""}


def test_what_a_seed_does_not_say_may_be_otherwise(make_store: MakeStore) -> None:
    store = make_store(ROOMS)
    seed(store, DEMO)
    store.update(Room.key(room="bar"), Room.title.set("The bar"), Room.visits.add(3))

    assert seed(store, DEMO).unchanged == 3


def test_what_says_otherwise_is_told_and_left_alone_until_it_is_to_be_replaced(make_store: MakeStore) -> None:
    store = make_store(ROOMS)
    seed(store, DEMO)
    store.update(Room.key(room="lobby"), Room.title.set("Mine"), Room.visits.add(3))
    found: list[Rejection] = []

    done = seed(store, DEMO, rejected=found.append)

    assert (done.unchanged, done.failed) == (2, 1)
    assert [(one.where, one.error.code) for one in found] == [("Room.key(room='lobby')", "data.differs")]
    with pytest.raises(DataError, match="says otherwise in title; seed with replace=True"):
        seed(store, DEMO)
    before = store.get(Room.key(room="lobby"))
    assert before is not None
    assert before.title == "Mine"
    assert seed(store, DEMO, replace=True).written == 1
    now = store.get(Room.key(room="lobby"))
    assert now is not None
    assert (now.title, now.visits, now.revision, now.opened) == ("Lobby", 3, before.revision + 1, before.opened)


def test_what_nobody_declares_stays_where_a_seed_replaces(make_store: MakeStore) -> None:
    store = make_store(ROOMS)
    seed(store, DEMO)
    where = {"TableName": store.table_name, "Key": {"pk": {"S": "ROOM#lobby"}, "sk": {"S": "IT"}}}
    item = make_store.client.get_item(**where)["Item"]
    make_store.client.put_item(TableName=store.table_name, Item={**item, "title": {"S": "Mine"}, "foreign": {"S": "kept"}})

    assert seed(store, DEMO, replace=True).written == 1

    now = make_store.client.get_item(**where)["Item"]
    assert (now["title"], now.get("foreign")) == ({"S": "Lobby"}, {"S": "kept"})


def test_a_seed_that_is_there_without_its_claim_gets_it(make_store: MakeStore) -> None:
    store = make_store(ROOMS)
    raw = {"pk": {"S": "NOTE#1"}, "sk": {"S": "IT"}, "_type": {"S": "Note"}, "note_id": {"S": "1"}, "mail": {"S": "a@example.com"}}
    make_store.client.put_item(TableName=store.table_name, Item=raw)

    would = seed(store, DEMO, dry_run=True)

    assert make_store.client.scan(TableName=store.table_name)["Count"] == 1
    assert [would.written, *(seed(store, DEMO).written for _ in range(2))] == [3, 3, 0]

    with pytest.raises(UniqueConflictError):
        store.create(Note(note_id="2", mail="a@example.com"))


@pytest.mark.parametrize(
    ("there", "notes", "counts"),
    [
        ([("1", "a@x")], [("2", "a@x")], (0, 0, 1)),
        ([], [("1", "a@x"), ("2", "a@x")], (1, 0, 1)),
        ([("1", "a@x"), ("2", "b@x")], [("1", "b@x")], (0, 0, 1)),
        ([("1", "a@x")], [("1", "b@x"), ("2", "a@x")], (2, 0, 0)),
        ([("1", "a@x")], [("1", "a@x")], (0, 1, 0)),
    ],
    ids=["another item has it", "two seeds have it", "another item has the new one", "given back and taken", "its own"],
)
def test_a_dry_run_tells_of_unique_values_what_seeding_does(
    make_store: MakeStore, there: list[tuple[str, str]], notes: list[tuple[str, str]], counts: tuple[int, int, int]
) -> None:
    store = make_store(ROOMS)
    for name, mail in there:
        store.create(Note(note_id=name, mail=mail))
    seeds = Seeds(ROOMS, [Note(note_id=name, mail=mail) for name, mail in notes])

    would, done = (seed(store, seeds, replace=True, dry_run=dry, rejected=lambda _: None) for dry in (True, False))

    assert (would.written, would.unchanged, would.failed) == (done.written, done.unchanged, done.failed) == counts


def test_an_item_of_another_entity_is_never_replaced(make_store: MakeStore) -> None:
    store = make_store(ROOMS)
    store.create(Hut(room="lobby"))

    with pytest.raises(DataError, match="is a Hut; give the seed another key"):
        seed(store, DEMO, replace=True)

    assert store.get(Hut.key(room="lobby")) is not None


def test_a_dry_run_writes_nothing_and_tells_what_it_would(make_store: MakeStore) -> None:
    store = make_store(ROOMS)

    would = seed(store, DEMO, dry_run=True)

    assert store.count(ROOMS) == 0
    assert (would.written, would.write_units) == (3, 3)
    seed(store, DEMO)
    store.update(Room.key(room="lobby"), Room.title.set("Mine"))
    assert seed(store, DEMO, dry_run=True, replace=True).written == 1
    assert store.get(Room.key(room="lobby")) != DEMO.entities()[0]


def test_a_function_makes_them_anew_each_time(make_store: MakeStore) -> None:
    asked: list[int] = []

    def rooms() -> Iterator[Room]:
        asked.append(1)
        yield from (Room(room=f"room-{number}") for number in range(3))

    store, many = make_store(ROOMS), Seeds(ROOMS, rooms)
    assert asked == []

    assert [seed(store, many).written for _ in range(2)] == [3, 0]
    assert asked == [1, 1]


def progress(_done: Progress) -> None: ...


@pytest.mark.parametrize(
    ("entities", "told"),
    [
        ([Room(room="a"), Room(room="a", title="b")], "two seeds have the key"),
        ([Note()], "another each time"),
        ([Elsewhere(name="a")], "lives in table 'others'"),
        (lambda: [Room(room="a"), "b"], "'b' was given"),
        (lambda: 3, "3 was given"),
    ],
)
def test_seeds_that_cannot_be_loaded_again_and_again_are_refused_before_any_is_written(
    make_store: MakeStore, entities: Any, told: str
) -> None:
    store = make_store(ROOMS)

    with pytest.raises(DataError, match=told) as refused:
        seed(store, Seeds(ROOMS, entities), progress=progress)

    assert refused.value.code == "data.seed"
    assert store.count(ROOMS) == 0


@pytest.mark.parametrize("given", [(ROOMS, 3), (ROOMS, "ab"), (ROOMS, [3]), (ROOMS, Room(room="a")), ("rooms", [])])
def test_what_is_no_list_of_entities_is_refused(given: Any) -> None:
    with pytest.raises(DataError, match="write"):
        Seeds(*given)


def test_seeds_go_with_their_table(make_store: MakeStore) -> None:
    with pytest.raises(DataError, match="are not the seeds of table 'others'"):
        seed(make_store(OTHERS, table_name="not-there"), DEMO)


@pytest.mark.parametrize(
    "wrong", [{"replace": 1}, {"dry_run": "no"}, {"rejected": 3}, {"progress": 3}], ids=lambda wrong: next(iter(wrong))
)
def test_arguments_are_checked(make_store: MakeStore, wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(wrong))):
        seed(make_store(ROOMS, table_name="not-there"), DEMO, **wrong)
