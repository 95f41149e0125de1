"""Lost answers and throttling on a real engine: nothing is applied twice silently, and every write is told as done, failed or unknown."""

from __future__ import annotations

import random
from collections import Counter as Tallies
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from gateleg.errors import OutcomeUnknownError, ThrottledError
from gateleg.store import BotocoreTransport, Patience, Store
from tests.integration.seeds import SEEDS
from tests.integration.store.chat import CHAT, Counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Transport
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

WRITES = 60


class Faulty:
    """A transport that now and then throttles before sending, or loses the answer after."""

    def __init__(self, inner: Transport, chance: random.Random) -> None:
        self._inner = inner
        self._chance = chance
        self.faults: Tallies[str] = Tallies()

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        throw = self._chance.random()
        if throw < 0.2:
            self.faults["throttled"] += 1
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, operation)
        answer = self._inner.call(operation, params)
        if throw < 0.4:
            self.faults["lost"] += 1
            raise ReadTimeoutError(endpoint_url="http://lost")
        return answer


@pytest.fixture(params=range(1, SEEDS + 1))
def stores(request: pytest.FixtureRequest, make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> tuple[Store, Store, Faulty]:
    """A store that works, one on the same table that does not always, and what spoils it."""
    sound = make_store(CHAT)
    faulty = Faulty(BotocoreTransport(dynamodb_engine), random.Random(request.param))  # noqa: S311 (chance that can be repeated)
    return sound, Store(CHAT, table_name=sound.table_name, transport=faulty, patience=Patience(attempts=3, base=0)), faulty


def outcomes(write: Callable[[], object]) -> Tallies[str]:
    told: Tallies[str] = Tallies()
    for _ in range(WRITES):
        try:
            write()
        except OutcomeUnknownError:
            told["unknown"] += 1
        except ThrottledError:
            told["failed"] += 1
        else:
            told["done"] += 1
    return told


def stored_count(store: Store) -> int:
    found = store.get(Counter.key(name="a"), consistent=True)
    assert found is not None
    return found.count


def test_a_counter_holds_what_was_done_and_at_most_what_is_unknown(stores: tuple[Store, Store, Faulty]) -> None:
    sound, spoiled, faulty = stores
    sound.create(Counter(name="a"))
    told = outcomes(lambda: spoiled.update(Counter.key(name="a"), Counter.count.add(1)))
    assert faulty.faults["lost"] == told["unknown"] > 0
    assert stored_count(sound) == told["done"] + told["unknown"]


def test_a_transaction_is_done_once_however_often_its_answer_is_lost(stores: tuple[Store, Store, Faulty]) -> None:
    sound, spoiled, faulty = stores
    sound.create(Counter(name="a"))

    def write() -> None:
        with spoiled.transact() as tx:
            tx.update(Counter.key(name="a"), Counter.count.add(1))

    told = outcomes(write)
    assert faulty.faults["lost"] > told["unknown"]
    assert told["done"] <= stored_count(sound) <= told["done"] + told["unknown"]


def test_a_set_is_repeated_until_it_is_done(stores: tuple[Store, Store, Faulty]) -> None:
    sound, spoiled, faulty = stores
    sound.create(Counter(name="a"))
    told = outcomes(lambda: spoiled.update(Counter.key(name="a"), Counter.count.set(7)))
    assert told["done"] > WRITES / 2
    assert faulty.faults["lost"] > told["unknown"]
    assert stored_count(sound) == 7


def test_a_create_whose_answer_was_lost_is_never_told_as_an_item_of_somebody_else(stores: tuple[Store, Store, Faulty]) -> None:
    sound, spoiled, _ = stores
    names = iter(range(WRITES))
    told = outcomes(lambda: spoiled.create(Counter(name=str(next(names)))))
    made = len(sound.batch_get([Counter.key(name=str(number)) for number in range(WRITES)]))
    assert made == told["done"] + told["unknown"]
    assert sum(told.values()) == WRITES
