"""No two live items have one value of a unique attribute, whoever writes at once and whatever answers are lost."""

from __future__ import annotations

from collections import Counter as Tallies
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import UniqueConflictError
from gateleg.model import Attr, Entity, Table, attr, key, version
from tests.integration.invariants.harness import CLIENTS, DEEDS, history, seeds

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

PEOPLE = Table("people-unique", partition_key="pk", sort_key="sk")
EMAILS = tuple(f"{name}@example.com" for name in ("ann", "ben", "cy", "dan"))
NUMBERS = range(6)


class Person(Entity, table=PEOPLE):
    number: Attr[int]
    email: Attr[str] = attr(unique=True)
    name: Attr[str] = attr(default="")
    revision: Attr[int] = version()

    key = key("PERSON#{number}", "PERSON")


@dataclass(frozen=True)
class Enter:
    """Creates somebody, where there is nobody of the number."""

    number: int
    email: str

    def __call__(self, store: Store) -> None:
        store.create(Person(number=self.number, email=self.email))


@dataclass(frozen=True)
class Replace:
    """Reads somebody and puts them back with another address; or puts somebody new."""

    number: int
    email: str

    def __call__(self, store: Store) -> None:
        found = store.get(Person.key(number=self.number), consistent=True)
        if found is None:
            store.put(Person(number=self.number, email=self.email))
        else:
            found.email = self.email
            store.put(found)


@dataclass(frozen=True)
class Move:
    """Reads somebody and updates their address."""

    number: int
    email: str

    def __call__(self, store: Store) -> None:
        found = store.get(Person.key(number=self.number), consistent=True)
        if found is not None:
            store.update(found, Person.email.set(self.email))


@dataclass(frozen=True)
class Rename:
    """Changes what is not unique."""

    number: int
    email: str

    def __call__(self, store: Store) -> None:
        found = store.get(Person.key(number=self.number), consistent=True)
        if found is not None:
            store.update(found, Person.name.set(self.email))


@dataclass(frozen=True)
class Go:
    """Reads somebody and deletes them."""

    number: int
    email: str

    def __call__(self, store: Store) -> None:
        found = store.get(Person.key(number=self.number), consistent=True)
        if found is not None:
            store.delete(found)


def work(client: Client) -> None:
    for _ in range(2 * DEEDS):
        deed = client.chance.choice((Enter, Replace, Move, Rename, Go))
        client.do(deed(client.chance.choice(NUMBERS), client.chance.choice(EMAILS)))


@seeds
def test_a_value_is_held_by_one_item_or_free(make_store: MakeStore, seed: int) -> None:
    store = make_store(PEOPLE)
    made = history(make_store, store, seed, work)
    assert len(made.told) == 2 * CLIENTS * DEEDS
    assert UniqueConflictError in made.errors(), "the clients should have wanted one address"
    people = list(store.scan(Person))
    assert {number for _, number in Tallies(person.email for person in people).items()} <= {1}, people
    holders = {person.email: person for person in people}
    for email in EMAILS:
        newcomer = Person(number=100 + EMAILS.index(email), email=email)
        if email in holders:
            with pytest.raises(UniqueConflictError):
                store.create(newcomer)
            assert store.get(newcomer.key, consistent=True) is None
            store.delete(holders[email])
        store.create(newcomer)
    assert sorted(person.email for person in store.scan(Person)) == sorted(EMAILS)


@seeds
def test_of_many_who_want_one_value_at_once_one_gets_it(make_store: MakeStore, seed: int) -> None:
    store = make_store(PEOPLE)

    def work(client: Client) -> None:
        for number in range(DEEDS):
            # Everybody is somebody else, and wants what all others want in this round.
            client.do(Enter(1_000 * client.number + number, f"{number}@example.com"))

    made = history(make_store, store, seed, work)
    live = Tallies(person.email for person in store.scan(Person))
    assert set(live.values()) == {1}
    done, unknown = ({(deed.number, deed.email) for deed in made.deeds(outcome, Enter)} for outcome in ("done", "unknown"))
    there = {(person.number, person.email) for person in store.scan(Person)}
    assert done <= there <= done | unknown


@seeds
def test_a_unique_write_inside_a_transaction_keeps_the_same_promise(make_store: MakeStore, seed: int) -> None:
    store = make_store(PEOPLE)

    @dataclass(frozen=True)
    class Pair:
        """Two people at once, all or neither."""

        number: int
        emails: tuple[str, str]

        def __call__(self, store: Store) -> None:
            with store.transact() as tx:
                for place, email in enumerate(self.emails):
                    tx.create(Person(number=self.number + place, email=email))

    def work(client: Client) -> None:
        for number in range(DEEDS):
            first, second = client.chance.sample(range(2 * DEEDS), 2)
            client.do(Pair(10_000 * client.number + 2 * number, (f"{first}@example.com", f"{second}@example.com")))

    history(make_store, store, seed, work)
    people = list(store.scan(Person))
    assert len({person.email for person in people}) == len(people)
    assert len(people) % 2 == 0
