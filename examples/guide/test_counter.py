"""A counter on two engines, and on a network that loses answers."""

import pytest

from gateleg.errors import OutcomeUnknownError
from gateleg.model import Attr, Entity, Table, attr
from gateleg.store import Patience
from gateleg.testing import MakeStore
from gateleg.testing.faults import faults

COUNTERS = Table("counters", partition_key="name")


class Counter(Entity, table=COUNTERS):
    """How often something happened."""

    name: Attr[str] = attr(partition_key=True)
    count: Attr[int] = attr(default=0)


KEY = Counter.key(name="visits")


@pytest.fixture(scope="session", params=["ministack", "local"])
def dynamodb_name(request: pytest.FixtureRequest) -> str:
    """Each test runs on both; without this fixture on the one that `pytest --dynamodb` names."""
    return str(request.param)


def test_a_count_grows(make_store: MakeStore) -> None:
    store = make_store(COUNTERS)
    store.create(Counter(name="visits"))

    assert store.update(KEY, Counter.count.add(2)).count == 2


def test_a_lost_answer_is_of_something_that_was_done(make_store: MakeStore) -> None:
    store = make_store(COUNTERS, patience=Patience(attempts=1))
    store.create(Counter(name="visits"))

    with faults(make_store.client, lost=1), pytest.raises(OutcomeUnknownError):
        store.update(KEY, Counter.count.add(1))

    assert store.get(KEY, consistent=True) == Counter(name="visits", count=1)
