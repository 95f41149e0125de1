"""Posting to connections over real HTTP."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from gateleg.errors import (
    AccessDeniedError,
    AnswerInvalidError,
    BindingError,
    ConnectionGoneError,
    DeclarationError,
    GatelegError,
    ItemInvalidError,
    NotSentError,
    OutcomeUnknownError,
    StoreError,
    ThrottledError,
)
from gateleg.websocket import BroadcastResult, Sending
from gateleg.websocket.broadcast import settle
from gateleg.websocket.messages import LIMIT, encode
from gateleg.websocket.transport import Transport
from tests.unit.websocket.management import Management

pytestmark = pytest.mark.slow


def outcome(management: Management, status: int) -> Exception:
    management.statuses["a"] = [status]
    with pytest.raises(GatelegError) as caught:
        Transport(management.url).post("a", b"{}")
    return caught.value


def test_a_message_reaches_its_connection(management: Management) -> None:
    Transport(management.url).post("a/b=+c", encode({"at": datetime(2026, 1, 1, tzinfo=UTC)}))
    assert management.received == [("a/b=+c", {"at": "2026-01-01T00:00:00Z"})]


@pytest.mark.parametrize(
    ("status", "kind", "times"),
    [
        (410, ConnectionGoneError, 1),
        (403, AccessDeniedError, 1),
        (413, AnswerInvalidError, 1),
        (404, StoreError, 1),
        (429, ThrottledError, 4),
        (500, OutcomeUnknownError, 4),
        (503, OutcomeUnknownError, 4),
    ],
)
def test_an_answer_becomes_its_error(management: Management, status: int, kind: type[Exception], times: int) -> None:
    assert type(outcome(management, status)) is kind
    assert management.asked == times


def test_throttled_and_failed_posts_are_repeated(management: Management) -> None:
    management.statuses["a"] = [429, 500, 429, 200]
    Transport(management.url).post("a", b'"hello"')
    assert management.sent_to("a") == ["hello"]
    assert management.asked == 4


def test_closing_a_closed_connection_is_fine(management: Management) -> None:
    management.statuses |= {"gone": [410], "kept": [403]}
    transport = Transport(management.url)
    transport.close("gone")
    transport.close("open")
    assert management.closed == ["open"]
    with pytest.raises(AccessDeniedError):
        transport.close("kept")


def test_what_is_asked_of_closed_connections_counts_them_once() -> None:
    reaped: list[str] = []

    def reap(connection_id: str) -> None:
        reaped.append(connection_id)
        if connection_id == "kept":
            raise StoreError("cannot delete it")

    outcomes = {"one": None, "gone": ConnectionGoneError("x"), "kept": ConnectionGoneError("x"), "slow": NotSentError("x"), "two": None}
    result = settle(outcomes, reap)
    assert (result.sent, result.gone, result.failed) == (2, 1, 2)
    assert sorted(reaped) == ["gone", "kept"]
    assert type(result.failures["kept"]) is StoreError
    assert (result.unreached, result.unknown) == (("slow",), ())


def test_closed_connections_stay_for_the_next_broadcast_where_the_time_is_up() -> None:
    result = settle({"gone": ConnectionGoneError("x")}, lambda _: pytest.fail("no time is left for it"), in_time=lambda: False)
    assert (result.gone, result.failed) == (1, 0)


def test_posts_run_at_once_within_the_bound(management: Management) -> None:
    management.delay = 0.02
    outcomes = Transport(management.url, Sending(concurrency=6)).post_each(map(str, range(24)), b'"hi"')
    assert list(outcomes.values()) == [None] * 24
    assert len(management.received) == 24
    assert 2 <= management.most <= 6


def test_nobody_to_post_to_is_fine(management: Management) -> None:
    assert Transport(management.url).post_each([], b"{}") == {}
    assert settle({}, print) == BroadcastResult()


@pytest.mark.parametrize(
    "url", ["https://", "ws://a.example.com/live", "https://a.example.com/live?x=1", "https://me:pw@a.example.com/live"]
)
def test_what_is_no_callback_url_is_refused_without_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", raising=False)
    with pytest.raises(BindingError, match="set GATELEG_WEBSOCKET_ENDPOINT") as refused:
        Transport(url).post("a", b"{}")
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("given", ["", ".", ".."])
def test_what_would_be_another_path_is_no_connection(management: Management, given: str) -> None:
    with pytest.raises(ItemInvalidError, match="no connection id"):
        Transport(management.url).post_each(["a", given], b"{}")
    assert management.asked == 0


def test_proxies_are_not_gone_past(management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    with pytest.raises(BindingError, match="name the host in NO_PROXY"):
        Transport(management.url).post("a", b"{}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Transport(management.url).post("a", b"{}")


def test_missing_credentials_are_said(management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    with pytest.raises(BindingError, match="set credentials and region"):
        Transport(management.url).post("a", b"{}")


@pytest.mark.parametrize("given", [{"concurrency": 0}, {"rate": 0.5}, {"burst": 0}, {"attempts": 0}])
def test_numbers_that_send_nothing_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match=f"needs {next(iter(given))} of one or more"):
        Sending(**given)


def test_times_that_are_none_are_refused() -> None:
    with pytest.raises(DeclarationError, match="waits for more than no time"):
        Sending(wait=timedelta(0))
    with pytest.raises(DeclarationError, match="waits for more than no time"):
        Sending(reserve=timedelta(seconds=-1))
    with pytest.raises(DeclarationError, match="less than the 15 minutes that a function may run"):
        Sending(reserve=timedelta(minutes=15))
    for rate in (float("nan"), float("inf")):
        with pytest.raises(DeclarationError, match="rate of one or more"):
            Sending(rate=rate)


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
