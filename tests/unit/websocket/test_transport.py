"""Posting to connections over real HTTP."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from gateleg.errors import AccessDeniedError, AnswerInvalidError, ConnectionGoneError, StoreError, ThrottledError
from gateleg.websocket.broadcast import post_to_all
from gateleg.websocket.messages import LIMIT, encode
from gateleg.websocket.transport import Transport
from tests.unit.websocket.management import Management

pytestmark = pytest.mark.slow


def patient(url: str, waited: list[float]) -> Transport:
    return Transport(url, sleep=waited.append)


def test_a_message_reaches_its_connection(management: Management) -> None:
    patient(management.url, []).post("a/b=+c", encode({"at": datetime(2026, 1, 1, tzinfo=UTC)}))
    assert management.received == [("a/b=+c", {"at": "2026-01-01T00:00:00Z"})]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(410, ConnectionGoneError), (403, AccessDeniedError), (413, AnswerInvalidError), (404, StoreError), (500, StoreError)],
)
def test_an_answer_becomes_its_error(management: Management, status: int, kind: type[Exception]) -> None:
    management.statuses["a"] = [status]
    with pytest.raises(kind) as caught:
        patient(management.url, []).post("a", b"{}")
    assert type(caught.value) is kind


def test_throttled_posts_are_repeated_with_growing_pauses(management: Management) -> None:
    management.statuses["a"] = [429] * 4 + [200]
    waited: list[float] = []
    patient(management.url, waited).post("a", b'"hello"')
    assert management.sent_to("a") == ["hello"]
    assert len(waited) == 1
    assert 0 <= waited[0] <= 0.25


def test_throttling_that_does_not_end_is_an_error(management: Management) -> None:
    management.statuses["a"] = [429]
    waited: list[float] = []
    with pytest.raises(ThrottledError):
        patient(management.url, waited).post("a", b"{}")
    assert len(waited) == 1


def test_closing_a_closed_connection_is_fine(management: Management) -> None:
    management.statuses["gone"] = [410]
    transport = patient(management.url, [])
    transport.close("gone")
    transport.close("open")
    assert management.closed == ["open"]


def test_one_bad_connection_stops_no_other(management: Management) -> None:
    management.statuses |= {"gone": [410], "broken": [404]}
    reaped: list[str] = []
    transport = patient(management.url, [])
    ids = ["one", "gone", "broken", "two", "two"]
    result = post_to_all(ids, lambda connection_id: transport.post(connection_id, b'"hi"'), reaped.append)
    assert (result.sent, result.gone, result.failed) == (2, 1, 1)
    assert sorted(connection_id for connection_id, _ in management.received) == ["one", "two"]
    assert reaped == ["gone"]
    assert isinstance(result.failures["broken"], StoreError)


def test_a_connection_that_cannot_be_reaped_counts_as_failed(management: Management) -> None:
    management.statuses["gone"] = [410]
    transport = patient(management.url, [])

    def reap(connection_id: str) -> None:
        raise StoreError(f"cannot delete {connection_id}")

    result = post_to_all(["gone", "one"], lambda connection_id: transport.post(connection_id, b'"hi"'), reap)
    assert (result.sent, result.gone, result.failed) == (1, 0, 1)


def test_posts_run_at_once_within_the_bound(management: Management) -> None:
    management.delay = 0.02
    transport = patient(management.url, [])
    result = post_to_all((str(n) for n in range(24)), lambda one: transport.post(one, b'"hi"'), print, concurrency=6)
    assert result.sent == len(management.received) == 24
    assert 2 <= management.most <= 6


def test_nobody_to_post_to_is_fine() -> None:
    assert post_to_all([], print, print).sent == 0


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"price": Decimal("1.10")}, {"price": "1.10"}),
        ([UUID(int=1)], ["00000000-0000-0000-0000-000000000001"]),
        ({"tags": {"a"}}, {"tags": ["a"]}),
        ("text", "text"),
        (float("nan"), None),
    ],
)
def test_plain_values_become_json(payload: Any, expected: Any) -> None:
    assert json.loads(encode(payload)) == expected


def test_what_is_no_json_or_too_large_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(AnswerInvalidError, match="cannot be written as JSON"):
        encode({"file": object()})
    with pytest.raises(AnswerInvalidError, match=r"131073 bytes, API Gateway takes 131072") as caught:
        encode("x" * (LIMIT - 1))
    assert caught.value.code == "answer.too_large"
    assert len(encode("x" * (LIMIT - 2))) == LIMIT
