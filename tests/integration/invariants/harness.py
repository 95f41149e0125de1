"""Clients at work on one table at the same time, under faults that come by a seed, and the history that they leave.

Each deed is told with one of three outcomes: done; failed, so that nothing was changed; or unknown. What must hold is checked afterwards.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from gateleg.errors import GatelegError, OutcomeUnknownError, StoreError, WriteDoneError
from gateleg.store import Patience, Store
from gateleg.testing.faults import Met, faults
from tests.seeds import SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.testing import MakeStore

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
D = TypeVar("D")

SOAKS = SEEDS >= 100
CLIENTS = 8 if SOAKS else 4
DEEDS = 12 if SOAKS else 15
"""How many deeds of a kind a client does, each of one request or a few."""
INSISTENCE = 50
PARTS = {"throttled": 0.08, "timed_out": 0.06, "lost": 0.06}
PATIENCE = Patience(attempts=3, base=0.002, cap=0.01)
IMPATIENCE = Patience(attempts=1)
"""Fails at the first fault, so that deeds of several requests often stop half-way."""

seeds = pytest.mark.parametrize("seed", range(1, SEEDS + 1))


class Deed(Protocol[R_co]):
    """Something that a client does with a store, in one request or several."""

    def __call__(self, store: Store) -> R_co: ...


@dataclass(frozen=True)
class Told:
    """A deed and what became of it: `done`, `failed` or `unknown`. What is done can have an error too: of what came after the write."""

    deed: Any
    outcome: str
    error: GatelegError | None = None


@dataclass
class Client:
    """One of several that work at the same time, with a store and chance of its own."""

    number: int
    store: Store
    chance: random.Random
    told: list[Told] = field(default_factory=list[Told])

    def do(self, deed: Deed[R]) -> R | None:
        """What the deed gives; `None` also where it is not known to be done, or where its answer was lost to somebody who deleted the item."""
        try:
            result = deed(self.store)
        except WriteDoneError as error:
            self.told.append(Told(deed, "done", error))
            return None
        except StoreError as error:
            self.told.append(Told(deed, "unknown" if isinstance(error, OutcomeUnknownError) else "failed", error))
            return None
        self.told.append(Told(deed, "done"))
        return result

    def insist(self, deed: Deed[R]) -> R | None:
        """The same, again until it is done; as who delivers a message does."""
        for _ in range(INSISTENCE):
            result = self.do(deed)
            if self.told[-1].outcome == "done":
                return result
        pytest.fail(f"{deed} was never done, {INSISTENCE} times: {self.told[-1].error}")


@dataclass(frozen=True)
class History:
    """What all clients told, and the faults that they met."""

    told: tuple[Told, ...]
    met: Met

    def deeds(self, outcome: str, kind: type[D]) -> list[D]:
        """The deeds of a kind that had this outcome."""
        return [told.deed for told in self.told if told.outcome == outcome and isinstance(told.deed, kind)]

    def errors(self) -> set[type[GatelegError]]:
        """The kinds of errors that were told."""
        return {type(told.error) for told in self.told if told.error is not None}


def history(make_store: MakeStore, store: Store, seed: int, work: Callable[[Client], None], *, patience: Patience = PATIENCE) -> History:
    """Let clients work at the same time on a store's table, under faults, and tell what they did.

    Every fault is met; the same requests in the same order meet the same ones. The store itself is sound again afterwards.
    """
    working = [
        Client(
            number,
            make_store(store.table, table_name=store.table_name, patience=patience),
            random.Random(f"{seed}-{number}"),  # noqa: S311 (chance that can be repeated)
        )
        for number in range(CLIENTS)
    ]
    with faults(make_store.client, **PARTS, seed=seed) as met, ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, working))
    assert min(met.throttled, met.timed_out, met.lost) > 0, met
    return History(tuple(told for client in working for told in client.told), met)
