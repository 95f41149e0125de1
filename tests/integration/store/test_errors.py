"""Each error that DynamoDB can answer with is told by its own class, on both engines, with AWS's code and answer kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import (
    AccessDeniedError,
    ConditionFailedError,
    ConstraintFailedError,
    ItemExistsError,
    ItemNotFoundError,
    KindMismatchError,
    OutcomeUnknownError,
    PathAbsentError,
    StoreError,
    TableNotFoundError,
    ThrottledError,
    TransactionCanceledError,
    TransactionConflictError,
    UniqueConflictError,
    VersionConflictError,
)
from gateleg.store import Patience
from gateleg.testing.faults import faults
from tests.integration.store.chat import CHAT, PLAIN, Counter, Message, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

MISSING = Counter.key(name="none")


def message() -> Message:
    return Message(room="lobby", message_id="m", author="ann", body="x")


def create_twice(store: Store) -> None:
    for _ in range(2):
        store.create(Counter(name="a"))


def update_where_it_is_not_so(store: Store) -> None:
    store.update(store.put(Counter(name="a")).key, Counter.count.add(1), when=Counter.count > 5)


def put_a_stale_one(store: Store) -> None:
    stale = store.create(message())
    store.update(stale.key, Message.likes.add(1))
    store.put(stale)


def take_more_than_there_is(store: Store) -> None:
    store.update(store.create(message()).key, Message.likes.add(-1))


def change_a_part_of_what_is_not_there(store: Store) -> None:
    key = store.create(message()).key
    store.update(key, Message.edits.remove())
    store.update(key, Message.edits[0].set("x"))


def put_in_place_of_another_kind(store: Store) -> None:
    store.create(Tally(name="a"))
    store.put(Counter(name="a"))


def update_what_is_not_there(store: Store) -> None:
    store.update(MISSING, Counter.count.add(1))


def transact_about_what_is_not_there(store: Store) -> None:
    with store.transact() as tx:
        tx.check(MISSING)


def write_more_than_an_item_holds(store: Store) -> None:
    key = store.create(message()).key
    store.update(key, Message.edits.append(["x" * 300_000]))
    store.update(key, Message.edits.append(["x" * 300_000]))


CASES: dict[type[StoreError], tuple[Callable[[Store], None], str]] = {
    ItemExistsError: (create_twice, "ConditionalCheckFailedException"),
    ConditionFailedError: (update_where_it_is_not_so, "ConditionalCheckFailedException"),
    ConstraintFailedError: (take_more_than_there_is, "ConditionalCheckFailedException"),
    PathAbsentError: (change_a_part_of_what_is_not_there, "ConditionalCheckFailedException"),
    KindMismatchError: (put_in_place_of_another_kind, "ConditionalCheckFailedException"),
    VersionConflictError: (put_a_stale_one, "ConditionalCheckFailedException"),
    ItemNotFoundError: (update_what_is_not_there, "ConditionalCheckFailedException"),
    TransactionCanceledError: (transact_about_what_is_not_there, "TransactionCanceledException"),
    StoreError: (write_more_than_an_item_holds, "ValidationException"),
}
WITH_FAULTS: dict[type[StoreError], tuple[float, float]] = {ThrottledError: (1, 0), OutcomeUnknownError: (0, 1)}
"""The parts of requests that are throttled, and whose answers are lost."""


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_refusal_is_told_by_its_class_and_keeps_the_answer(make_store: MakeStore, kind: type[StoreError]) -> None:
    act, code = CASES[kind]
    with pytest.raises(StoreError) as caught:
        act(make_store(CHAT))
    assert type(caught.value) is kind
    assert caught.value.aws_code == code
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("kind", WITH_FAULTS, ids=lambda kind: kind.__name__)
def test_a_fault_on_the_way_is_told_by_its_class(make_store: MakeStore, kind: type[StoreError]) -> None:
    store = make_store(CHAT, patience=Patience(attempts=2, base=0))
    counter = store.create(Counter(name="a"))
    throttled, lost = WITH_FAULTS[kind]
    with faults(make_store.client, throttled=throttled, lost=lost), pytest.raises(StoreError) as caught:
        store.update(counter.key, Counter.count.add(1))
    assert type(caught.value) is kind


def test_a_table_that_is_not_there_is_told_for_every_kind_of_request(make_store: MakeStore) -> None:
    store = make_store(CHAT, table_name="no-such-table")
    acts: list[Callable[[], object]] = [
        lambda: store.get(MISSING),
        lambda: store.put(Counter(name="a")),
        lambda: list(store.query(Message.in_room(room="a"))),
        lambda: list(store.scan(CHAT)),
        lambda: store.batch_get([MISSING]),
        lambda: store.batch_put([Counter(name="a")]),
        lambda: store.transact_get(MISSING),
        lambda: store.partiql("SELECT * FROM {table}"),
        lambda: transact_about_what_is_not_there(store),
    ]
    for act in acts:
        with pytest.raises(TableNotFoundError):
            act()


def test_an_index_that_is_not_there_is_what_dynamodb_calls_a_request_that_is_not_valid(make_store: MakeStore) -> None:
    # Both engines answer so, and it is no TableNotFoundError.
    store = make_store(CHAT, table_name=make_store(PLAIN).table_name)
    with pytest.raises(StoreError, match="index") as caught:
        list(store.query(Message.by_author(author="ann")))
    assert caught.value.aws_code == "ValidationException"


def test_no_error_of_the_store_is_without_a_test_here() -> None:
    def below(kind: type[StoreError]) -> set[type[StoreError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    # Neither engine refuses by IAM by itself; the end-to-end tests do, with an emulator that enforces it.
    # A conflict takes two transactions at the same moment; tests/unit/store/test_outcomes.py has what DynamoDB answers then.
    known = {*CASES, *WITH_FAULTS, TableNotFoundError, AccessDeniedError, UniqueConflictError, TransactionConflictError}
    assert {kind for kind in below(StoreError) if kind.__module__ == StoreError.__module__} == known
