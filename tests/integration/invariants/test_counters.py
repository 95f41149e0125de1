"""Lost answers and throttling while many count: nothing is applied twice silently, and each write is told as done, failed or unknown."""

from __future__ import annotations

from collections import Counter as Tallies
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateleg.model import Attr, Entity, Table, attr, key
from tests.integration.invariants.harness import CLIENTS, DEEDS, history, seeds

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

COUNTERS = Table("counters", partition_key="pk")


class Counter(Entity, table=COUNTERS):
    name: Attr[str]
    count: Attr[int] = attr(default=0)

    key = key("COUNTER#{name}")


@dataclass(frozen=True)
class Add:
    name: str = "added"

    def __call__(self, store: Store) -> None:
        store.update(Counter.key(name=self.name), Counter.count.add(1))


@dataclass(frozen=True)
class AddInTransaction:
    name: str = "transacted"

    def __call__(self, store: Store) -> None:
        with store.transact() as tx:
            tx.update(Counter.key(name=self.name), Counter.count.add(1))


@dataclass(frozen=True)
class SetTo:
    value: int
    name: str = "set"

    def __call__(self, store: Store) -> None:
        store.update(Counter.key(name=self.name), Counter.count.set(self.value))


@dataclass(frozen=True)
class Create:
    name: str

    def __call__(self, store: Store) -> None:
        store.create(Counter(name=self.name))


def count(store: Store, name: str) -> int:
    found = store.get(Counter.key(name=name), consistent=True)
    assert found is not None
    return found.count


@seeds
def test_a_counter_holds_what_was_done_and_what_is_unknown_and_was_done(make_store: MakeStore, seed: int) -> None:
    store = make_store(COUNTERS)
    store.create(Counter(name="added"))

    def work(client: Client) -> None:
        for _ in range(2 * DEEDS):
            client.do(Add())

    made = history(make_store, store, seed, work)
    done, unknown = len(made.deeds("done", Add)), len(made.deeds("unknown", Add))
    assert unknown == made.met.lost + made.met.timed_out
    assert count(store, "added") == done + made.met.lost


@seeds
def test_many_kinds_of_counting_leave_what_they_told(make_store: MakeStore, seed: int) -> None:
    store = make_store(COUNTERS)
    store.batch_put([Counter(name=name) for name in ("added", "transacted", "set")])

    def work(client: Client) -> None:
        for number in range(DEEDS):
            client.do(Add())
            client.do(AddInTransaction())
            client.do(SetTo(client.number * DEEDS + number + 1))
            # A name that no other client takes: whatever is there afterwards is this client's own work.
            client.do(Create(f"{client.number}-{number}"))
        assert {told.outcome for told in client.told if isinstance(told.deed, SetTo)} <= {"done", "failed", "unknown"}

    made = history(make_store, store, seed, work)
    assert len(made.told) == 4 * CLIENTS * DEEDS
    for kind, name in ((Add, "added"), (AddInTransaction, "transacted")):
        done, unknown = len(made.deeds("done", kind)), len(made.deeds("unknown", kind))
        assert done <= count(store, name) <= done + unknown
    told = Tallies(told.outcome for told in made.told if isinstance(told.deed, SetTo))
    assert told["done"] > told["unknown"], "a set is repeated until it is done"
    assert count(store, "set") in {deed.value for outcome in ("done", "unknown") for deed in made.deeds(outcome, SetTo)}
    there = {counter.name for counter in store.scan(Counter)} - {"added", "transacted", "set"}
    done_names, unknown_names = ({deed.name for deed in made.deeds(outcome, Create)} for outcome in ("done", "unknown"))
    assert done_names <= there <= done_names | unknown_names, "no create of one's own is told as an item of somebody else"
