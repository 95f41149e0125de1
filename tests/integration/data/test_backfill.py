"""A backfill brings every item to the present declaration, once in effect, while others write, and where answers are lost."""

from __future__ import annotations

import time
from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.data import Progress, Rate, backfill
from gateleg.errors import DataError, StoredItemInvalidError, StoreError
from gateleg.model import Attr, Entity, Index, Table, attr, index_key, key, version
from gateleg.store import Store
from gateleg.testing.engines import engine
from gateleg.testing.faults import faults
from gateleg.testing.stores import SHORT
from tests.integration.data.posts import BEFORE, NOW, SHARDS, OldPost, Post
from tests.integration.invariants.harness import seeds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gateleg.data import Rejection
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

PEOPLE = ("Ada", "Ben", "Cyd")


def filled(make_store: MakeStore, count: int) -> tuple[Store, Store]:
    """The stores of a table that the former declaration filled, of the present one and of the former."""
    now = make_store(NOW)
    before = make_store(BEFORE, table_name=now.table_name)
    before.batch_put(
        OldPost(post_id=f"{number:04}", author=PEOPLE[number % 3], amount=Decimal(number) + Decimal("0.25"), tags={"a", f"t{number}"})
        for number in range(count)
    )
    return now, before


def stored(make_store: MakeStore, store: Store) -> list[dict[str, Any]]:
    pages = make_store.client.get_paginator("scan").paginate(TableName=store.table_name, ConsistentRead=True)
    return sorted((item for page in pages for item in page["Items"]), key=lambda item: str(item["pk"]))


def test_items_get_the_keys_of_new_indexes_new_attributes_stored_forms_and_upgrades(make_store: MakeStore) -> None:
    store, _ = filled(make_store, 30)
    [old, *_] = stored(make_store, store)

    done = backfill(store, Post)

    assert (done.items, done.written, done.unchanged, done.failed) == (30, 30, 0, 0)
    assert done.read_units > 0
    assert done.write_units > 0
    [new, *_] = stored(make_store, store)
    assert new["amount"] == {"N": "25"}
    assert new["language"] == {"S": "en"}
    assert new["author"] == {"S": "ada"}
    assert new["revision"] == old["revision"] == {"N": "1"}
    assert "seen_at" not in new
    assert [post.post_id for post in store.query(Post.of_author(author="BEN"))] == [
        f"{number:04}" for number in range(30) if number % 3 == 1
    ]
    assert [post.post_id for post in store.query(Post.newest())] == [f"{number:04}" for number in range(30)]
    assert len({str(item["gsi2pk"]) for item in stored(make_store, store)}) == SHARDS


def test_a_second_backfill_writes_nothing(make_store: MakeStore) -> None:
    store, _ = filled(make_store, 10)
    backfill(store)
    after = stored(make_store, store)

    done = backfill(store)

    assert (done.written, done.unchanged) == (0, 10)
    assert done.write_units == 0
    assert stored(make_store, store) == after


def test_a_dry_run_writes_nothing_and_says_what_would_be_written_for_what(make_store: MakeStore) -> None:
    store, _ = filled(make_store, 10)
    before = stored(make_store, store)

    would = backfill(store, dry_run=True)

    assert stored(make_store, store) == before
    done = backfill(store)
    assert would.written == done.written == 10
    assert would.write_units == 30, "a unit for the table, and one for each of two indexes"
    assert would.write_units == done.write_units or make_store.client.meta.endpoint_url is not None


def test_a_lower_number_of_shards_than_now_is_brought_up(make_store: MakeStore) -> None:
    one = Table("scores", partition_key="pk", indexes=[Index("best", partition_key="gpk", sort_key="gsk")])
    more = Table("scores", partition_key="pk", indexes=[Index("best", partition_key="gpk", sort_key="gsk", sharded=4)])

    class Score(Entity, table=one):
        name: Attr[str]
        key = key("S#{name}")
        best = index_key("best", "ALL", "{name}")

    class Spread(Entity, table=more, name="Score"):
        name: Attr[str]
        key = key("S#{name}")
        best = index_key("best", "ALL", "{name}")

    store = make_store(one)
    store.batch_put(Score(name=str(number)) for number in range(20))
    spread = make_store(more, table_name=store.table_name)

    done = backfill(spread, Spread)

    keys = {item["gpk"]["S"] for item in stored(make_store, store)}
    assert keys == {"ALL", "ALL#1", "ALL#2", "ALL#3"}
    assert done.written + done.unchanged == 20
    assert done.unchanged == sum(item["gpk"]["S"] == "ALL" for item in stored(make_store, store))


def test_what_nobody_declares_stays_and_what_an_upgrade_takes_away_goes(make_store: MakeStore) -> None:
    kept = Table("kept", partition_key="pk")

    def without_old(values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name != "old"}

    class Thing(Entity, table=kept, upgrades=[without_old]):
        name: Attr[str]
        size: Attr[int] = attr(default=1)
        key = key("T#{name}")

    store = make_store(kept)
    item = {"pk": {"S": "T#a"}, "_type": {"S": "Thing"}, "name": {"S": "a"}, "old": {"N": "1"}, "other": {"SS": ["x", "y"]}}
    make_store.client.put_item(TableName=store.table_name, Item=item)

    assert backfill(store, Thing).written == 1

    [now] = stored(make_store, store)
    assert now == {
        "pk": {"S": "T#a"},
        "_type": {"S": "Thing"},
        "_schema": {"N": "1"},
        "name": {"S": "a"},
        "size": {"N": "1"},
        "other": {"SS": ["x", "y"]},
    }


def test_a_change_of_ones_own_is_made_of_every_item(make_store: MakeStore) -> None:
    store, _ = filled(make_store, 5)

    def noted(post: Post) -> Post:
        post.note = f"by {post.author.casefold()}"
        return post

    assert backfill(store, Post, change=noted).written == 5
    assert [post.note for post in store.query(Post.of_author(author="ada"))] == ["by ada"] * 2
    assert backfill(store, Post, change=noted).written == 0


def grown(post: Post) -> Post:
    post.amount += 1
    return post


def shouting(post: Post) -> Post:
    """The same of the same, until it was stored."""
    post.note = f"by {post.author}"
    return post


def nothing(_post: Post) -> None:
    return None


def failing(post: Any) -> Post:
    found: Post = post.not_there
    return found


def elsewhere(post: Post) -> Post:
    return post.model_copy(update={"post_id": "9"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shouting, "changes once more"),
        (grown, "changes once more what it made"),
        (elsewhere, "another key"),
        (nothing, "return a Post"),
        (failing, "AttributeError"),
    ],
)
def test_a_change_that_cannot_be_made_twice_or_makes_another_item_is_told(make_store: MakeStore, change: Any, told: str) -> None:
    store, _ = filled(make_store, 1)
    before = stored(make_store, store)

    with pytest.raises(StoredItemInvalidError, match=told):
        backfill(store, Post, change=change)

    assert stored(make_store, store) == before


def test_an_item_that_cannot_be_read_is_told_and_the_others_are_done(make_store: MakeStore) -> None:
    store, _ = filled(make_store, 6)
    client, name = make_store.client, store.table_name
    client.update_item(
        TableName=name,
        Key={"pk": {"S": "POST#0003"}, "sk": {"S": "POST"}},
        UpdateExpression="SET likes = :l",
        ExpressionAttributeValues={":l": {"S": "many"}},
    )
    client.put_item(TableName=name, Item={"pk": {"S": "X"}, "sk": {"S": "Y"}})
    found: list[Rejection] = []

    done = backfill(store, rejected=found.append)

    assert (done.written, done.failed, done.skipped) == (5, 1, 1)
    [one] = found
    assert one.where == "Post.key(post_id='0003')"
    assert "likes" in str(one.error)
    assert one.item is not None
    assert one.item["likes"] == {"S": "many"}


def test_items_of_other_entities_stay_as_they_are(make_store: MakeStore) -> None:
    both = Table("both", partition_key="pk", indexes=[Index("all", partition_key="gpk")])

    class One(Entity, table=both):
        name: Attr[str]
        key = key("ONE#{name}")
        everyone = index_key("all", "ALL")

    class Two(Entity, table=both):
        name: Attr[str]
        key = key("TWO#{name}")
        everyone = index_key("all", "ALL")

    store = make_store(both)
    for kind in ("One", "Two"):
        item = {"pk": {"S": f"{kind.upper()}#a"}, "_type": {"S": kind}, "name": {"S": "a"}}
        make_store.client.put_item(TableName=store.table_name, Item=item)

    done = backfill(store, Two)

    assert set(both.entities) == {One.__name__, Two.__name__}
    assert (done.written, done.skipped) == (1, 1)
    assert [item.get("gpk") for item in stored(make_store, store)] == [None, {"S": "ALL"}]


def test_values_that_became_unique_are_claimed_and_of_two_the_second_is_told(make_store: MakeStore) -> None:
    plain, unique = Table("users", partition_key="pk"), Table("users", partition_key="pk")

    class Plain(Entity, table=plain, name="User"):
        name: Attr[str]
        mail: Attr[str]
        key = key("U#{name}")

    class User(Entity, table=unique):
        name: Attr[str]
        mail: Attr[str] = attr(unique=True)
        key = key("U#{name}")

    before = make_store(plain)
    before.batch_put([Plain(name=name, mail=mail) for name, mail in (("a", "x"), ("b", "y"), ("c", "x"))])
    store = make_store(unique, table_name=before.table_name)
    found: list[Rejection] = []

    done = backfill(store, User, segments=1, rejected=found.append)

    assert (done.written, done.failed) == (2, 1)
    assert [type(one.error).__name__ for one in found] == ["UniqueConflictError"]
    assert backfill(store, User, segments=1, rejected=found.append).unchanged == 2
    store.delete(User.key(name="b"))
    store.create(User(name="d", mail="y"))


def test_what_is_saved_differently_each_time_stays_as_it_is(make_store: MakeStore) -> None:
    salted = Table("salted", partition_key="pk", indexes=[Index("all", partition_key="gpk")])
    salt = iter(range(1_000))

    class Salted(Entity, table=salted):
        name: Attr[str]
        secret: Attr[str] = attr(save=lambda value: f"{next(salt)}:{value}", load=lambda text: text.partition(":")[2])
        key = key("S#{name}")
        everyone = index_key("all", "ALL")

    store = make_store(salted)
    item = {"pk": {"S": "S#a"}, "_type": {"S": "Salted"}, "name": {"S": "a"}, "secret": {"S": "before:it"}}
    make_store.client.put_item(TableName=store.table_name, Item=item)

    assert backfill(store, Salted).written == 1
    assert stored(make_store, store) == [{**item, "gpk": {"S": "ALL"}}]
    assert backfill(store).unchanged == 1


@pytest.mark.parametrize("versioned", [True, False])
def test_an_item_of_very_many_attributes_needs_a_version(make_store: MakeStore, versioned: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    wide = Table("wide", partition_key="pk", indexes=[Index("all", partition_key="gpk")])

    class Wide(Entity, table=wide, unknown="keep"):
        name: Attr[str]
        if versioned:
            revision: Attr[int] = version()
        key = key("W#{name}")
        everyone = index_key("all", "ALL")

    store = make_store(wide)
    more = {f"a{number}": {"N": str(number)} for number in range(300)}
    item = {"pk": {"S": "W#a"}, "_type": {"S": "Wide"}, "name": {"S": "a"}, **more}
    make_store.client.put_item(TableName=store.table_name, Item=item)
    found: list[Rejection] = []

    done = backfill(store, Wide, rejected=found.append)

    assert (done.written, done.failed) == ((1, 0) if versioned else (0, 1))
    assert [("give Wide a version()" in str(one.error)) for one in found] == [True] * done.failed
    assert ("gpk" in stored(make_store, store)[0]) is versioned


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"segments": 0}, "segments"),
        ({"segments": True}, "segments"),
        ({"segments": "4"}, "segments"),
        ({"rate": 5}, "Rate"),
        ({"state": "posts.json"}, "Path"),
        ({"change": 3}, "change"),
        ({"rejected": 3}, "rejected"),
        ({"progress": 3}, "progress"),
        ({"dry_run": "no"}, "dry_run"),
        ({"fresh": 1}, "fresh"),
    ],
)
def test_arguments_are_checked_before_anything_is_asked(make_store: MakeStore, wrong: dict[str, Any], told: str) -> None:
    store = make_store(NOW, table_name="no-such-table")

    with pytest.raises(DataError, match=told):
        backfill(store, Post, **wrong)


@pytest.mark.parametrize("wrong", [Entity, OldPost.key, "Post", 3])
def test_what_is_no_entity_is_refused(make_store: MakeStore, wrong: Any) -> None:
    with pytest.raises(DataError, match="not an entity of a table"):
        backfill(make_store(NOW, table_name="no-such-table"), wrong)


def write_on(store: Store, posts: Iterable[str], counted: dict[str, int], notes: dict[str, str]) -> None:
    """What handlers of the present declaration do meanwhile: count, put by version, delete."""
    for post_id in posts:
        store.update(Post.key(post_id=post_id), Post.likes.add(1))
        counted[post_id] = counted.get(post_id, 0) + 1
        if int(post_id) % 5 == 0:
            found = store.get(Post.key(post_id=post_id), consistent=True)
            assert found is not None
            found.note = f"note {counted[post_id]}"
            store.put(found)
            notes[post_id] = found.note


@seeds
def test_nobodys_write_is_lost_while_answers_are(make_store: MakeStore, tmp_path: Path, seed: int) -> None:
    store, _ = filled(make_store, 60)
    counted: dict[str, int] = {}
    notes: dict[str, str] = {}
    busy = [f"{number:04}" for number in range(0, 60, 3)] * 4
    writer = Thread(target=write_on, args=(store, busy, counted, notes))
    writer.start()
    with (
        engine(make_store.client.meta.endpoint_url, tmp_path, tmp_path) as client,
        faults(client, throttled=0.1, timed_out=0.1, lost=0.1, seed=seed) as met,
    ):
        spoilt = Store(NOW, table_name=store.table_name, client=client, patience=SHORT)
        until_done(spoilt, tmp_path / "state.json")
    writer.join()

    assert min(met.throttled, met.timed_out, met.lost) > 0
    check(make_store, store, counted, notes)


def until_done(store: Store, state: Path) -> Progress:
    """A backfill that is begun again whenever DynamoDB cannot be reached."""
    for _ in range(50):
        try:
            return backfill(store, Post, segments=3, state=state)
        except StoreError:
            continue
    pytest.fail("it was never done")


def check(make_store: MakeStore, store: Store, counted: dict[str, int], notes: dict[str, str]) -> None:
    for item in stored(make_store, store):
        post_id = item["post_id"]["S"]
        number = int(post_id)
        assert item["amount"] == {"N": str(number * 100 + 25)}
        assert item["_schema"] == {"N": "1"}
        assert item["gsi1pk"] == {"S": f"AUTHOR#{PEOPLE[number % 3].casefold()}"}
        assert item["likes"] == {"N": str(counted.get(post_id, 0))}
        assert item.get("note", {}).get("S") == notes.get(post_id)


def test_a_rate_is_held(make_store: MakeStore) -> None:
    store, _ = filled(make_store, 20)
    began = time.monotonic()

    done = backfill(store, Post, segments=2, rate=Rate(writes=30))

    spent = done.write_units
    assert time.monotonic() - began >= (spent - 30) / 30 - 0.05
    assert spent >= 20
