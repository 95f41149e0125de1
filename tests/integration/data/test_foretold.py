"""A dry run of an import tells what the import does, in the table as it is and as the lines before have made it; and it writes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.data import Progress, Rate, Rejection, import_items
from gateleg.errors import ItemExistsError, KindMismatchError, UniqueConflictError
from gateleg.model import Attr, Entity, Index, Table, attr, index_key, key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gateleg.errors import GatelegError
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

MEMBERS = Table("members", partition_key="pk", indexes=[Index("everybody", partition_key="gpk")])


class Member(Entity, table=MEMBERS):
    """Somebody whose address, and whose number, nobody else has."""

    name: Attr[str]
    mail: Attr[str | None] = attr(default=None, unique=True)
    number: Attr[int | None] = attr(default=None, unique=True)

    key = key("MEMBER#{name}")
    everybody = index_key("everybody", "ALL")


class Visit(Entity, table=MEMBERS):
    """Of which nothing is unique."""

    day: Attr[str]
    seen: Attr[int] = attr(default=0)
    by: Attr[set[str]] = attr(default_factory=set)

    key = key("VISIT#{day}")


Line = tuple[str, dict[str, Any]]


def member(name: str, mail: str | None = None, number: int | None = None) -> dict[str, Any]:
    return Member.__gateleg__.encode(Member(name=name, mail=mail, number=number))


def visit(day: str, seen: int = 0, *by: str) -> dict[str, Any]:
    return Visit.__gateleg__.encode(Visit(day=day, seen=seen, by=set(by)))


@dataclass(frozen=True)
class Case:
    """What is there, what the lines say, and what an import makes of them: written, unchanged, failed."""

    lines: tuple[dict[str, Any], ...]
    counts: tuple[int, int, int]
    there: tuple[Entity, ...] = ()
    unclaimed: tuple[dict[str, Any], ...] = ()
    replace: bool = False
    refused: type[GatelegError] | None = None


CASES = {
    "an address in two lines": Case((member("a", "x"), member("b", "x")), (1, 0, 1), refused=UniqueConflictError),
    "an address that another item has": Case((member("b", "x"),), (0, 0, 1), (Member(name="a", mail="x"),), refused=UniqueConflictError),
    "one of two values that another item has": Case(
        (member("b", "y", 1), member("c", "y")), (1, 0, 1), (Member(name="a", number=1),), refused=UniqueConflictError
    ),
    "the address that the same item has": Case((member("a", "x"),), (0, 1, 0), (Member(name="a", mail="x"),)),
    "an item that is there and has not claimed its address": Case((member("a", "x"),), (1, 0, 0), unclaimed=(member("a", "x"),)),
    "the same, and another line has its address": Case(
        (member("a", "x"), member("b", "x")), (1, 0, 1), unclaimed=(member("a", "x"),), refused=UniqueConflictError
    ),
    "another address of an item that is there": Case(
        (member("a", "y"),), (0, 0, 1), (Member(name="a", mail="x"),), refused=ItemExistsError
    ),
    "the same, replaced": Case((member("a", "y"),), (1, 0, 0), (Member(name="a", mail="x"),), replace=True),
    "no address any more, replaced": Case((member("a"),), (1, 0, 0), (Member(name="a", mail="x"),), replace=True),
    "an address that another item has, replaced": Case(
        (member("a", "z"),), (0, 0, 1), (Member(name="a", mail="x"), Member(name="b", mail="z")), replace=True, refused=UniqueConflictError
    ),
    "the same item, replaced": Case((member("a", "x"),), (0, 1, 0), (Member(name="a", mail="x"),), replace=True),
    "the same line twice": Case((visit("1", 1, "a", "b"), visit("1", 1, "b", "a")), (1, 1, 0)),
    "two lines of one item": Case((visit("1", 1), visit("1", 2)), (1, 0, 1), refused=ItemExistsError),
    "two lines of one item, replaced": Case((visit("1", 1), visit("1", 2)), (2, 0, 0), replace=True),
    "an item that is there": Case((visit("1", 1),), (0, 1, 0), (Visit(day="1", seen=1),)),
    "an item that is there and differs": Case((visit("1", 2),), (0, 0, 1), (Visit(day="1", seen=1),), refused=ItemExistsError),
    "the same where it is replaced": Case((visit("1", 2),), (1, 0, 0), (Visit(day="1", seen=1),), replace=True),
    "an item of another entity": Case(
        (visit("1"),), (0, 0, 1), unclaimed=({**member("a"), "pk": {"S": "VISIT#1"}},), replace=True, refused=KindMismatchError
    ),
    "nothing there": Case((visit("1"), member("a", "x", 1)), (2, 0, 0)),
}


def imported(store: Store, files: list[Path], case: Case, *, dry_run: bool) -> tuple[Progress, set[type]]:
    found: list[Rejection] = []
    done = import_items(store, *files, replace=case.replace, dry_run=dry_run, rejected=found.append)
    return done, {type(one.error) for one in found}


def stored(make_store: MakeStore, store: Store) -> list[str]:
    items: list[Any] = make_store.client.scan(TableName=store.table_name, ConsistentRead=True)["Items"]
    return sorted(json.dumps(item, sort_keys=True, default=sorted) for item in items)


def written(path: Path, items: Iterable[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps({"Item": item}) for item in items), encoding="utf-8")
    return path


def one_by_one(folder: Path, case: Case) -> list[Path]:
    """A file for each line: of one file lines of several items are taken at the same time, and which of them has a value first is chance."""
    return [written(folder / f"{number}.jsonl", [item]) for number, item in enumerate(case.lines)]


def test_of_many_lines_with_one_value_one_is_written(make_store: MakeStore, tmp_path: Path) -> None:
    store, file = make_store(MEMBERS), written(tmp_path / "some.jsonl", [member(str(number), "x") for number in range(30)])

    would, done = (import_items(store, file, dry_run=dry, rejected=lambda _: None) for dry in (True, False))

    assert (would.written, would.failed) == (done.written, done.failed) == (1, 29)


@pytest.mark.parametrize("name", CASES)
def test_a_dry_run_tells_what_the_import_does(make_store: MakeStore, tmp_path: Path, name: str) -> None:
    case, store = CASES[name], make_store(MEMBERS)
    for entity in case.there:
        store.create(entity)
    for item in case.unclaimed:
        make_store.client.put_item(TableName=store.table_name, Item=item)
    files, before = one_by_one(tmp_path, case), stored(make_store, store)

    would, foretold = imported(store, files, case, dry_run=True)

    assert stored(make_store, store) == before
    done, met = imported(store, files, case, dry_run=False)
    assert (would.written, would.unchanged, would.failed) == (done.written, done.unchanged, done.failed) == case.counts
    assert foretold == met == ({case.refused} if case.refused else set())
    assert (would.read_units > 0) == (case.counts != (0, 0, 1))


@pytest.mark.parametrize("name", ["nothing there", "an item that is there", "the same where it is replaced"])
def test_it_tells_what_the_import_takes(make_store: MakeStore, tmp_path: Path, name: str) -> None:
    case, store = CASES[name], make_store(MEMBERS)
    for entity in case.there:
        store.create(entity)
    files = one_by_one(tmp_path, case)

    would, _ = imported(store, files, case, dry_run=True)
    done, _ = imported(store, files, case, dry_run=False)

    assert done.write_units <= would.write_units <= done.write_units + 1, "one engine does not count what indexes take in a transaction"


def test_values_that_an_item_no_longer_has_are_free_again(make_store: MakeStore, tmp_path: Path) -> None:
    store, first, then = make_store(MEMBERS), tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    store.create(Member(name="a", mail="x"))
    written(first, [member("a")])
    written(then, [member("b", "x")])

    would = import_items(store, first, then, replace=True, dry_run=True)
    done = import_items(store, first, then, replace=True)

    assert (would.written, would.failed) == (done.written, done.failed) == (2, 0)
    assert store.create(Member(name="c", mail="y")).mail == "y"
    with pytest.raises(UniqueConflictError):
        store.create(Member(name="d", mail="x"))


def test_its_reads_are_paid_from_the_rate(make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[tuple[float | None, float]] = []

    class Recorder:
        def __init__(self, rate: float | None) -> None:
            self.rate = rate

        def spend(self, units: float) -> None:
            spent.append((self.rate, units))

    monkeypatch.setattr("gateleg.data.importing.Bucket", Recorder)
    file = written(tmp_path / "some.jsonl", [visit("1"), visit("2")])

    would = import_items(make_store(MEMBERS), file, rate=Rate(reads=7, writes=1), dry_run=True)

    assert {rate for rate, _ in spent} == {7}
    assert sum(units for _, units in spent) == would.read_units > 0
