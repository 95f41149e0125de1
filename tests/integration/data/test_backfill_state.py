"""A backfill that was ended goes on where it was, and its state is trusted for the very same work alone."""

from __future__ import annotations

import json
import re
from threading import Event, get_ident
from time import monotonic, sleep
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.data import Progress, Rejection, backfill, scanning
from gateleg.data.progress import Tally
from gateleg.data.state import Position, StateFile
from gateleg.errors import DataError
from gateleg.model import Attr, Entity, Table, attr, key
from tests.integration.data.posts import NOW, Post
from tests.integration.data.test_backfill import filled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


class StopError(Exception):
    """What ends a backfill in the midst."""


SECONDS, MIDST = 60, 50


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is what is kept, and twenty-five items go through as quickly as a page is wanted."""
    monkeypatch.setattr(scanning, "_PAGE", 25)


CALLS = SimpleNamespace(made=0, most=0.0)


def stopping(post: Post) -> Post:
    CALLS.made += 1
    if CALLS.made > CALLS.most:
        raise StopError
    return post


def stopping_after(calls: float) -> Callable[[Post], Post]:
    """A change that changes nothing, and ends the backfill after so many calls; it is the same whatever their number."""
    CALLS.made, CALLS.most = 0, calls
    return stopping


def test_an_ended_backfill_goes_on_where_it_was(make_store: MakeStore, tmp_path: Path) -> None:
    store, _ = filled(make_store, 60)
    state = tmp_path / "state" / "posts.json"
    with pytest.raises(StopError):
        backfill(store, Post, change=stopping_after(80), segments=1, state=state)
    [segment] = json.loads(state.read_text(encoding="utf-8"))["segments"]

    done = backfill(store, Post, change=stopping_after(float("inf")), segments=1, state=state)

    assert segment["start"] is not None
    assert done.items == 60, "what was done before is counted, and not done again"
    assert done.unchanged == 15, "what was written after the last page that was kept"
    assert not state.exists()
    assert len(list(store.query(Post.newest()))) == 60


class TwoThreads:
    """Ends a backfill of two segments once the one has a page done, while the other is in the midst of one."""

    def __init__(self, state: Path) -> None:
        self.first: int | None = None
        self.met = 0
        self.in_the_midst = Event()
        self.state = state

    def meet(self) -> None:
        if self.first is None:
            self.first = get_ident()
        if get_ident() == self.first:
            self.in_the_midst.wait(SECONDS)
            return
        self.met += 1
        if self.met < MIDST:
            return
        self.in_the_midst.set()
        end = monotonic() + SECONDS
        while not self.state.exists() and monotonic() < end:
            sleep(0.01)
        raise StopError


THREADS: list[TwoThreads] = []


def ending(post: Post) -> Post:
    for threads in THREADS:
        threads.meet()
    return post


def test_items_of_a_page_that_was_not_done_are_counted_once(make_store: MakeStore, tmp_path: Path) -> None:
    store, _ = filled(make_store, 240)
    state = tmp_path / "posts.json"
    THREADS.append(TwoThreads(state))
    with pytest.raises(StopError):
        backfill(store, Post, change=ending, segments=2, state=state)
    THREADS.clear()
    kept = json.loads(state.read_text(encoding="utf-8"))["progress"]

    done = backfill(store, Post, change=ending, segments=2, state=state)

    assert kept["items"] == kept["written"] > 0
    assert done.items == 240
    assert done.written + done.unchanged == 240


@pytest.mark.parametrize("other", ["segments", "change", "table", "torn", "altered", "fresh"])
def test_a_state_of_other_work_or_that_is_not_whole_is_refused_until_one_begins_afresh(
    make_store: MakeStore, tmp_path: Path, other: str
) -> None:
    store, _ = filled(make_store, 30)
    state = tmp_path / "posts.json"
    with pytest.raises(StopError):
        backfill(store, Post, change=stopping_after(52), segments=1, state=state)
    text = state.read_text(encoding="utf-8")
    if other in {"torn", "altered"}:
        state.write_text(text[:-5] if other == "torn" else text.replace("POST#", "POST!"), encoding="utf-8")
    given: dict[str, Any] = {"change": stopping_after(float("inf")), "segments": 1, "state": state}
    given |= {"segments": 2} if other == "segments" else {"change": None} if other == "change" else {}
    over = make_store(NOW) if other == "table" else store

    if other != "fresh":
        with pytest.raises(DataError) as refused:
            backfill(over, Post, **given)
        assert refused.value.code == "data.state"
        assert state.exists()
    backfill(over, Post, **given, fresh=True)
    assert not state.exists()


def people(*, unique: bool = False, money: str = "EUR") -> Table:
    table = Table("people", partition_key="pk")

    class Person(Entity, table=table):
        name: Attr[str]
        mail: Attr[str | None] = attr(default=None, unique=unique)
        currency: Attr[str] = attr(default=money)

        key = key("PERSON#{name}")

    assert Person.__gateleg__.table is table
    return table


@pytest.mark.parametrize("grown", [{"unique": True}, {"money": "USD"}])
def test_a_state_is_not_trusted_once_values_became_unique_or_a_default_is_another(
    make_store: MakeStore, tmp_path: Path, grown: dict[str, Any]
) -> None:
    store, state = make_store(people()), tmp_path / "state.json"
    raw = ({"pk": {"S": f"PERSON#{n}"}, "_type": {"S": "Person"}, "name": {"S": str(n)}} for n in range(26))
    for item in raw:
        make_store.client.put_item(TableName=store.table_name, Item=item)
    with pytest.raises(StopError):
        backfill(store, change=stopping_after(51), segments=1, state=state)
    again: dict[str, Any] = {"change": stopping_after(float("inf")), "segments": 1, "state": state}

    with pytest.raises(DataError, match="another backfill"):
        backfill(make_store(people(**grown), table_name=store.table_name), **again)

    assert backfill(make_store(people(), table_name=store.table_name), **again).items == 26


def test_a_declaration_that_changed_since_is_another_work(tmp_path: Path) -> None:
    one = StateFile(tmp_path / "state.json", {"a": 1})
    one.write([Position({"pk": {"B": b"\x00\xff"}}), Position(done=True)], Progress(items=3))
    tally = Tally(None)
    assert StateFile(tmp_path / "state.json", {"a": 1}).read(2, tally) == [Position({"pk": {"B": b"\x00\xff"}}), Position(done=True)]
    assert tally.sum == Progress(items=3)
    with pytest.raises(match="another backfill"):
        StateFile(tmp_path / "state.json", {"a": 2}).read(2, tally)


def test_a_dry_run_sees_values_that_two_items_have_and_those_that_nobody_claimed_yet(make_store: MakeStore) -> None:
    store = make_store(people(unique=True))
    for name, mail in (("a", "same@x"), ("b", "same@x"), ("c", "own@x")):
        item = {"pk": f"PERSON#{name}", "_type": "Person", "name": name, "mail": mail, "currency": "EUR"}
        make_store.client.put_item(TableName=store.table_name, Item={one: {"S": text} for one, text in item.items()})

    told: list[Rejection] = []

    would = backfill(store, dry_run=True, rejected=told.append)
    done = backfill(store, rejected=told.append)

    assert (would.written, would.unchanged, would.failed) == (done.written, done.unchanged, done.failed) == (2, 0, 1)
    again = backfill(store, dry_run=True, rejected=lambda _: None)
    assert (again.written, again.unchanged, again.failed) == (0, 2, 1)
    for rejection in told:
        assert re.search(r"give Person\.key\(name='[ab]'\) another value$", rejection.error.message.split("; stored under")[0])
        assert rejection.where in {"Person.key(name='a')", "Person.key(name='b')"}
    person: Any = store.table.entities["Person"]
    name = told[-1].where.split("'")[1]
    store.update(person.key(name=name), person.mail.set("another@x"))
    assert backfill(store, rejected=told.append).unchanged == 3


def test_an_item_that_no_key_finds_is_told_by_where_it_is(make_store: MakeStore) -> None:
    store = make_store(people())
    item = {"pk": "SOMEWHERE", "_type": "Person", "name": "a"}
    make_store.client.put_item(TableName=store.table_name, Item={one: {"S": text} for one, text in item.items()})
    told: list[Rejection] = []

    backfill(store, rejected=told.append)

    assert [one.where for one in told] == ["Person under pk='SOMEWHERE'"]
