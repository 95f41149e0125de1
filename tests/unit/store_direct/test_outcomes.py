"""Three outcomes against a real server that closes, stalls and answers half: done, not done, unknown; and nothing is sent twice by itself."""

from __future__ import annotations

import json
import socket
from email.utils import formatdate
from time import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from gateleg.aws import pool
from gateleg.errors import (
    AccessDeniedError,
    ConditionFailedError,
    GatelegError,
    ItemExistsError,
    OutcomeUnknownError,
    StoreError,
    ThrottledError,
    TransactionCanceledError,
)
from gateleg.store import DirectTransport, Patience, Store
from gateleg.store.outcomes import Doubt, classify, from_aws
from tests.integration.store.chat import CHAT, Counter, Message
from tests.unit.store_direct import server as deeds
from tests.unit.store_direct.conftest import StillKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.store_direct.server import Server

PATIENT = Patience(attempts=3, base=0)


@pytest.fixture
def store(direct: DirectTransport) -> Store:
    return Store(CHAT, table_name="chat", transport=direct, patience=PATIENT)


def message() -> Message:
    return Message(room="lobby", message_id="m", author="Ann", body="hello")


def create(store: Store, *names: str) -> None:
    with store.transact() as tx:
        for name in names:
            tx.create(Counter(name=name))


def count(store: Store) -> Counter:
    return store.update(Counter.key(name="a"), Counter.count.add(1))


@pytest.mark.parametrize(
    "deed",
    [
        deeds.close,
        deeds.half,
        deeds.garbage,
        deeds.stall,
        deeds.answer(b"", 500),
        deeds.answer(b"{}", X_Amz_Crc32="1", checksum=False),
        deeds.answer(b"[]"),
        deeds.answer(b"{}", Content_Encoding="gzip"),
        deeds.answer(b"<html>", 503),
    ],
    ids=["close", "half", "garbage", "stall", "500", "checksum", "list", "no gzip", "503"],
)
def test_an_unanswered_write_that_may_not_be_repeated_is_unknown_and_sent_once(
    server: Server, store: Store, deed: Callable[[socket.socket], bool]
) -> None:
    server.script.append(deed)
    with pytest.raises(OutcomeUnknownError):
        count(store)
    assert len(server.asked) == 1


@pytest.mark.parametrize("deed", [deeds.close, deeds.half, deeds.garbage, deeds.answer(b"", 500)], ids=["close", "half", "garbage", "500"])
def test_an_unanswered_read_is_repeated(server: Server, store: Store, deed: Callable[[socket.socket], bool]) -> None:
    server.script.extend([deed, deed])
    assert store.get(message().key) is None
    assert len(server.asked) == 3
    assert len({asked.body for asked in server.asked}) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException", "TransactionConflictException"])
def test_a_postponed_write_is_repeated(server: Server, store: Store, code: str) -> None:
    attributes = json.dumps({"Attributes": {"pk": {"S": "COUNTER#a"}, "sk": {"S": "-"}}}).encode()
    server.script.extend([deeds.refusal(code), deeds.refusal(code), deeds.answer(attributes)])
    with pytest.raises(GatelegError) as read:
        count(store)  # the answer is no counter
    assert not isinstance(read.value, (ThrottledError, OutcomeUnknownError))
    assert len(server.asked) == 3


def test_refusals_come_out_as_they_do_with_botocore(server: Server, store: Store) -> None:
    server.script.append(deeds.refusal("ConditionalCheckFailedException"))
    with pytest.raises(ItemExistsError):
        store.create(message())
    server.script.append(deeds.refusal("AccessDeniedException", status=400))
    with pytest.raises(AccessDeniedError):
        store.get(message().key)
    reasons = [{"Code": "ConditionalCheckFailed", "Message": "no"}, {"Code": "None"}]
    server.script.append(deeds.refusal("TransactionCanceledException", CancellationReasons=reasons))
    with pytest.raises(TransactionCanceledError) as canceled:
        create(store, "a", "b")
    assert isinstance(canceled.value.reasons[0], ConditionFailedError)
    assert canceled.value.reasons[1] is None
    assert len(server.asked) == 3


def test_what_never_left_is_not_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    direct = DirectTransport(endpoint=f"http://127.0.0.1:{port}", region="eu-north-1", credentials=StillKeys())
    with pytest.raises(StoreError, match="could not be reached") as failed:
        count(Store(CHAT, table_name="chat", transport=direct, patience=PATIENT))
    assert not isinstance(failed.value, OutcomeUnknownError)


def test_a_connection_that_does_not_open_in_time_is_not_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with socket.create_connection(listener.getsockname()):  # which fills the queue of those that wait
            direct = DirectTransport(endpoint=url, region="eu-north-1", credentials=StillKeys(), connect_seconds=0.2)
            with pytest.raises(StoreError, match="could not be reached") as failed:
                count(Store(CHAT, table_name="chat", transport=direct, patience=Patience(attempts=1)))
    assert "Connect timeout" in str(failed.value)


def test_a_connection_that_the_server_ended_is_not_used_again(server: Server, direct: DirectTransport) -> None:
    for _ in range(3):
        direct.call("PutItem", {"TableName": "t"})
        server.hang_up()
    assert [asked.connection for asked in server.asked] == [1, 2, 3]


def test_writes_take_fresh_connections_and_reads_take_any(server: Server, direct: DirectTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    direct.call("PutItem", {"TableName": "t"})
    direct.call("PutItem", {"TableName": "t"})
    monkeypatch.setattr(pool, "WRITES_SECONDS", 0.0)
    direct.call("PutItem", {"TableName": "t"})
    direct.call("GetItem", {"TableName": "t"})
    monkeypatch.setattr(pool, "READS_SECONDS", 0.0)
    direct.call("GetItem", {"TableName": "t"})
    assert [asked.connection for asked in server.asked] == [1, 1, 2, 2, 3]


def test_a_request_that_cannot_be_sent_whole_is_not_unknown() -> None:
    # Nobody reads it: more than the sockets' buffers hold, so not all of it can arrive.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        direct = DirectTransport(endpoint=url, region="eu-north-1", credentials=StillKeys(), read_seconds=0.2)
        with pytest.raises(EndpointConnectionError) as failed:
            direct.call("BatchWriteItem", {"RequestItems": "x" * 30_000_000})
    judged = classify(failed.value)
    assert judged is not None
    assert judged[0] is Doubt.POSTPONED


def test_redirects_are_not_followed(server: Server, store: Store) -> None:
    server.script.append(deeds.answer(b"", 307, Location=f"{server.url}/elsewhere"))
    with pytest.raises(StoreError, match="307"):
        store.get(message().key)
    assert len(server.asked) == 1


def test_a_wrong_clock_is_set_right_once(server: Server, direct: DirectTransport) -> None:
    skewed = deeds.answer(b'{"__type":"#InvalidSignatureException","message":"Signature expired"}', 400, Date=formatdate(time() + 3600))
    server.script.append(skewed)
    direct.call("PutItem", {"TableName": "t"})
    direct.call("PutItem", {"TableName": "t"})
    first, second, third = (asked.headers["x-amz-date"] for asked in server.asked)
    assert first < second <= third
    assert server.asked[0].body == server.asked[1].body


def test_a_signature_that_is_wrong_for_another_reason_is_not_sent_again(server: Server, store: Store) -> None:
    server.script.append(deeds.answer(b'{"__type":"#InvalidSignatureException","message":"no"}', 400, Date=formatdate(time())))
    with pytest.raises(AccessDeniedError):
        store.get(message().key)
    server.script.append(deeds.refusal("InvalidSignatureException"))
    with pytest.raises(AccessDeniedError):
        store.get(message().key)
    assert len(server.asked) == 2


def test_errors_and_requests_show_no_secret(server: Server, store: Store, direct: DirectTransport) -> None:
    keys = StillKeys()
    server.script.append(deeds.close)
    with pytest.raises(OutcomeUnknownError) as failed:
        count(store)
    said = f"{failed.value!r} {failed.value} {failed.value.__cause__!r} {direct!r}"
    assert keys.secret_key not in said
    assert str(keys.token) not in said
    assert all(keys.secret_key not in str(asked) for asked in server.asked)
    assert server.asked[0].headers["x-amz-security-token"] == keys.token


def test_a_full_partition_of_a_table_with_local_indexes_is_told_with_what_to_do() -> None:
    """No engine here is filled to 10 GB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections.SizeLimit."""
    error = from_aws("ItemCollectionSizeLimitExceededException", "Collection size exceeded.", {})
    assert "holds 10 GB" in error.message
    assert "spread new ones over more partitions" in error.message
