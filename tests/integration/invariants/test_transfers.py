"""Money moves between accounts in transactions: none is made, none is lost, no account is overdrawn, no transfer is done twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import TransactionCanceledError
from gateleg.model import Attr, Entity, Table, attr, key
from tests.integration.invariants.harness import CLIENTS, DEEDS, history, seeds

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

BANK = Table("bank", partition_key="pk")
NAMES = ("ann", "ben", "cy", "dan")
START = 100


class Account(Entity, table=BANK):
    name: Attr[str]
    balance: Attr[int] = attr(default=START, ge=0)

    key = key("ACCOUNT#{name}")


@dataclass(frozen=True)
class Transfer:
    giver: str
    taker: str
    amount: int

    def __call__(self, store: Store) -> None:
        with store.transact() as tx:
            tx.update(Account.key(name=self.giver), Account.balance.add(-self.amount), when=Account.balance >= self.amount)
            tx.update(Account.key(name=self.taker), Account.balance.add(self.amount))

    def on(self, balances: tuple[int, ...]) -> tuple[int, ...]:
        changes = {self.giver: -self.amount, self.taker: self.amount}
        return tuple(balance + changes.get(name, 0) for name, balance in zip(NAMES, balances, strict=True))


@dataclass(frozen=True)
class Look:
    """Reads all accounts at one moment."""

    def __call__(self, store: Store) -> tuple[int, ...]:
        found = store.transact_get(*(Account.key(name=name) for name in NAMES))
        return tuple(account.balance for account in found if account is not None)


def work(client: Client) -> None:
    for _ in range(DEEDS):
        giver, taker = client.chance.sample(NAMES, 2)
        client.do(Transfer(giver, taker, client.chance.randint(1, 60)))
        if client.chance.random() < 0.3 and (balances := client.do(Look())) is not None:
            assert sum(balances) == START * len(NAMES), f"a sum that never was is seen: {balances}"
            assert min(balances) >= 0, balances


@seeds
def test_transfers_keep_the_sum_and_are_done_once(make_store: MakeStore, seed: int) -> None:
    store = make_store(BANK)
    store.batch_put([Account(name=name) for name in NAMES])
    made = history(make_store, store, seed, work)
    balances = Look()(store)
    assert sum(balances) == START * len(NAMES)
    assert min(balances) >= 0
    expected = (START,) * len(NAMES)
    for transfer in made.deeds("done", Transfer):
        expected = transfer.on(expected)
    possible = {expected}
    for transfer in made.deeds("unknown", Transfer):
        possible |= {transfer.on(balances) for balances in possible}
    assert balances in possible
    assert len(made.deeds("done", Transfer)) > CLIENTS * DEEDS / 4
    assert TransactionCanceledError in made.errors(), "somebody should have had too little"
