"""Every write is done, failed or unknown, and nothing is sent twice that might be done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from gateleg.errors import (
    AccessDeniedError,
    BindingError,
    GatelegError,
    OutcomeUnknownError,
    StoreError,
    TableNotFoundError,
    ThrottledError,
    TransactionCanceledError,
    TransactionConflictError,
    VersionConflictError,
)
from gateleg.store import Patience, Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = Tally.key(name="a")
URL = "http://dynamodb"


def refused(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "Operation")


def lost() -> Exception:
    return ReadTimeoutError(endpoint_url=URL)


def store_with(*answers: dict[str, Any] | Exception) -> tuple[Store, Script]:
    script = Script(list(answers))
    patience = Patience(attempts=3, base=0.1, cap=0.3, sleep=script.pauses.append, chance=lambda: 1.0)
    return Store(TABLE, table_name="physical", transport=script, patience=patience), script


def add(store: Store) -> object:
    return store.update(KEY, Tally.count.add(1))


def set_(store: Store) -> object:
    return store.update(KEY, Tally.count.set(1))


def put(store: Store) -> object:
    return store.put(Tally(name="a"))


def create(store: Store) -> object:
    return store.create(Tally(name="a"))


def put_versioned(store: Store) -> object:
    return store.put(Note(name="a", revision=3))


def delete(store: Store) -> object:
    return store.delete(KEY)


def delete_when(store: Store) -> object:
    return store.delete(KEY, when=Tally.count == 0)


def read(store: Store) -> object:
    return store.get(KEY)


def transact(store: Store) -> object:
    with store.transact() as tx:
        tx.update(KEY, Tally.count.add(1))
    return None


ITEM = {"Attributes": Tally.__gateleg__.encode(Tally(name="a"))}


@pytest.mark.parametrize("write", [add, create, put_versioned, delete_when])
@pytest.mark.parametrize(
    "failure", [lost(), ConnectionClosedError(endpoint_url=URL), refused("InternalServerError", 500), refused("ServiceUnavailable", 503)]
)
def test_a_write_whose_answer_is_lost_is_unknown_and_not_sent_again(write: Callable[[Store], object], failure: Exception) -> None:
    store, script = store_with(failure)
    with pytest.raises(OutcomeUnknownError, match="read the item before writing again") as caught:
        write(store)
    assert len(script.asked) == 1
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("write", [set_, put, delete, transact, read])
def test_what_is_the_same_when_done_twice_is_sent_again(write: Callable[[Store], object]) -> None:
    store, script = store_with(lost(), refused("InternalServerError", 500), ITEM)
    write(store)
    assert len(script.asked) == 3
    assert script.asked[0] == script.asked[1] == script.asked[2]


@pytest.mark.parametrize("write", [set_, put, delete, transact])
def test_a_write_that_never_got_an_answer_is_unknown(write: Callable[[Store], object]) -> None:
    store, script = store_with(lost(), lost(), lost())
    with pytest.raises(OutcomeUnknownError):
        write(store)
    assert len(script.asked) == 3


def test_a_refusal_after_a_lost_answer_leaves_the_write_unknown() -> None:
    store, _ = store_with(lost(), refused("AccessDeniedException"))
    with pytest.raises(OutcomeUnknownError) as caught:
        put(store)
    assert caught.value.aws_code == "AccessDeniedException"


def test_a_cancellation_after_a_lost_answer_is_certain_because_of_the_token() -> None:
    reasons = [{"Code": "ConditionalCheckFailed"}]
    store, _ = store_with(lost(), refused("TransactionCanceledException", CancellationReasons=reasons))
    with pytest.raises(TransactionCanceledError):
        transact(store)


def test_a_read_that_got_no_answer_has_failed() -> None:
    store, _ = store_with(lost(), lost(), lost())
    with pytest.raises(StoreError, match="did not answer") as caught:
        read(store)
    assert type(caught.value) is StoreError


@pytest.mark.parametrize("write", [add, create, put_versioned, delete_when, transact, read])
@pytest.mark.parametrize(
    "failure",
    [
        refused("ProvisionedThroughputExceededException"),
        refused("ThrottlingException"),
        refused("TransactionConflictException"),
        ConnectTimeoutError(endpoint_url=URL),
        EndpointConnectionError(endpoint_url=URL),
        refused("TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}]),
    ],
)
def test_what_surely_wrote_nothing_is_sent_again_after_a_pause(write: Callable[[Store], object], failure: Exception) -> None:
    store, script = store_with(failure, failure, ITEM)
    write(store)
    assert (len(script.asked), script.pauses) == (3, [0.1, 0.2])


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refused("ThrottlingException"), ThrottledError),
        (refused("TransactionConflictException"), TransactionConflictError),
        (refused("AccessDeniedException"), AccessDeniedError),
        (refused("ResourceNotFoundException"), TableNotFoundError),
        (refused("ValidationException"), StoreError),
        (refused("SomethingNewException"), StoreError),
        (EndpointConnectionError(endpoint_url=URL), StoreError),
        (NoCredentialsError(), BindingError),
    ],
)
def test_failures_have_their_class_and_keep_the_original(failure: Exception, error: type[GatelegError]) -> None:
    store, _ = store_with(failure, failure, failure)
    with pytest.raises(error) as caught:
        add(store)
    assert type(caught.value) is error
    assert caught.value.__cause__ is failure
    if isinstance(caught.value, StoreError) and isinstance(failure, ClientError):
        assert caught.value.aws_code == failure.response.get("Error", {}).get("Code")
        assert caught.value.response == failure.response
        assert "because" in str(caught.value)


def test_a_missing_permission_is_told_with_how_to_get_it() -> None:
    store, _ = store_with(refused("AccessDeniedException"), refused("ExpiredTokenException"))
    with pytest.raises(PermissionError, match=r"declare what the handler does with @uses.* @uses\(connections\.broadcasting\)"):
        add(store)
    with pytest.raises(PermissionError) as caught:
        add(store)
    assert "@uses" not in str(caught.value)


def test_a_fault_of_the_program_is_not_taken_for_a_failure_of_the_service() -> None:
    store, _ = store_with(KeyError("bug"))
    with pytest.raises(KeyError):
        add(store)


def test_pauses_grow_and_are_drawn_at_random() -> None:
    patience = Patience(base=0.1, cap=0.5, chance=iter([1.0, 0.5, 1.0, 1.0]).__next__)
    assert [patience.pause(attempt) for attempt in range(4)] == pytest.approx([0.1, 0.1, 0.4, 0.5])


def test_the_stored_version_tells_a_conflict_from_a_false_condition() -> None:
    stored = Note.__gateleg__.encode(Note(name="a", revision=4))
    store, _ = store_with(refused("ConditionalCheckFailedException", Item=stored))
    with pytest.raises(VersionConflictError, match="its version is 4, 3 was expected") as caught:
        store.update(Note(name="a", revision=3), Note.count.add(1))
    assert caught.value.item.revision == 4


def test_unprocessed_writes_are_sent_again_and_what_is_left_is_told() -> None:
    entities = [Tally(name=str(number)) for number in range(2)]
    second = {"PutRequest": {"Item": Tally.__gateleg__.encode(entities[1])}}
    store, script = store_with({"UnprocessedItems": {"physical": [second]}}, {"UnprocessedItems": {}})
    store.batch_put(entities)
    assert script.asked[1] == ("BatchWriteItem", {"RequestItems": {"physical": [second]}, "ReturnConsumedCapacity": "TOTAL"})
    stubborn, _ = store_with(*[{"UnprocessedItems": {"physical": [second]}}] * 3)
    with pytest.raises(ThrottledError, match="1 of 2 items were not written") as caught:
        stubborn.batch_put(entities)
    assert caught.value.value == [second]


def test_unprocessed_reads_are_sent_again_and_what_is_left_is_told() -> None:
    keys = [Tally.key(name=str(number)) for number in range(2)]
    items = [Tally.__gateleg__.encode(Tally(name=str(number))) for number in range(2)]
    left = {"UnprocessedKeys": {"physical": {"Keys": [dict(keys[0].wire)]}}}
    store, _ = store_with({"Responses": {"physical": [items[1]]}, **left}, {"Responses": {"physical": [items[0]]}})
    assert [found.name for found in store.batch_get(keys)] == ["0", "1"]
    stubborn, _ = store_with(*[{"Responses": {}, **left}] * 3)
    with pytest.raises(ThrottledError, match="1 of 2 items were not read") as caught:
        stubborn.batch_get(keys)
    assert caught.value.value == (keys[0],)
