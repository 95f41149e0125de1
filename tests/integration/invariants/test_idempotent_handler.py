"""A message that is delivered again and again has its effect once: a marker and the effect are one transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ItemExistsError, TransactionCanceledError
from gateleg.model import Attr, Entity, Table, attr, key
from tests.integration.invariants.harness import CLIENTS, DEEDS, history, seeds

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

SHOP = Table("shop", partition_key="pk")


class Handled(Entity, table=SHOP):
    """Marks a message that was handled."""

    message: Attr[str]

    key = key("HANDLED#{message}")


class Till(Entity, table=SHOP):
    name: Attr[str]
    amount: Attr[int] = attr(default=0)

    key = key("TILL#{name}")


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message; every second message's transaction carries a token made of it, the others a new one each."""

    number: int

    @property
    def message(self) -> str:
        return f"message-{self.number}"

    @property
    def amount(self) -> int:
        """A power of two, so that a sum tells which messages it is of, and whether one counts twice."""
        return 1 << (2 * self.number)

    def __call__(self, store: Store) -> bool:
        """Whether this delivery did it, rather than one before."""
        # Tokens are told apart over all tables of an account.
        token = uuid.uuid5(uuid.NAMESPACE_URL, store.table_name + self.message).hex if self.number % 2 else None
        try:
            with store.transact(token=token) as tx:
                tx.create(Handled(message=self.message))
                tx.update(Till.key(name="all"), Till.amount.add(self.amount))
        except TransactionCanceledError as canceled:
            if not isinstance(canceled.reasons[0], ItemExistsError):
                raise
            return False
        return True


def work(client: Client) -> None:
    numbers = list(range(DEEDS))
    client.chance.shuffle(numbers)
    for number in numbers:
        client.insist(Delivery(number))
        if client.chance.random() < 0.5:
            client.do(Delivery(client.chance.choice(numbers)))


@seeds
def test_a_message_has_one_effect_however_often_it_is_delivered(make_store: MakeStore, seed: int) -> None:
    store = make_store(SHOP)
    store.put(Till(name="all"))
    made = history(make_store, store, seed, work)
    assert len(made.deeds("done", Delivery)) >= CLIENTS * DEEDS
    till = store.get(Till.key(name="all"), consistent=True)
    assert till is not None
    assert till.amount == sum(Delivery(number).amount for number in range(DEEDS))
    assert store.count(Handled) == DEEDS
