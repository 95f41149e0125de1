"""Broadcasts over TLS to a stand-in for `@connections`: who gets a message, how often, who is gone, and what a deadline leaves."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ConnectionGoneError, NotSentError, OutcomeUnknownError, ThrottledError
from gateleg.websocket import Sending, transport
from gateleg.websocket.broadcast import settle
from gateleg.websocket.incoming import Incoming
from gateleg.websocket.invocation import CURRENT, CurrentConnection, Invocation, seconds_left
from gateleg.websocket.transport import Transport
from tests.unit.certificates import certificate
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import socket_event
from tests.unit.websocket.standin import HELD, KINDS, NEVER, SILENT, TAKEN, THROTTLED, WAIT, StandIn, drawn, encrypted, foretold

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
PATIENT = Sending(concurrency=16, wait=timedelta(seconds=60))
QUICK = Sending(concurrency=16, wait=timedelta(seconds=WAIT))
CASES = [(0, KINDS, PATIENT), (1, KINDS, PATIENT), (2, KINDS, PATIENT), (3, SILENT, QUICK)]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def standin(certificates: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    for name, value in {"AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CA_BUNDLE", certificates[0])
    transport.reset()
    with StandIn(tls=encrypted(*certificates)) as server:
        yield server
        transport.reset()


@pytest.mark.parametrize(("seed", "answers", "sending"), CASES)
def test_every_connection_gets_what_its_answers_say(standin: StandIn, seed: int, answers: tuple[str, ...], sending: Sending) -> None:
    standin.plans = drawn(seed, 60 if answers is KINDS else 16, answers)
    expected = {connection_id: foretold(plan, sending.attempts) for connection_id, plan in standin.plans.items()}
    outcomes = Transport(standin.callback_url, sending).post_each(standin.plans, b'"hello"', until=time.monotonic() + 300)
    kinds = {TAKEN: type(None), "gone": ConnectionGoneError, "unknown": OutcomeUnknownError, "unsent": ThrottledError}
    assert {one: type(error) for one, error in outcomes.items()} == {one: kinds[outcome] for one, (outcome, _) in expected.items()}
    assert standin.posts == Counter({one: posts for one, (_, posts) in expected.items()})
    reaped: list[str] = []
    result = settle(outcomes, reaped.append)
    assert sorted(reaped) == sorted(one for one, (outcome, _) in expected.items() if outcome == "gone")
    assert set(result.unreached) == {one for one, (outcome, _) in expected.items() if outcome == "unsent"}
    assert set(result.unknown) == {one for one, (outcome, _) in expected.items() if outcome == "unknown"}
    assert result.sent + result.gone + result.failed == len(standin.plans)
    assert {asked.body for asked in standin.asked} == {b'"hello"'}


def test_connections_are_kept_for_the_next_broadcast(standin: StandIn) -> None:
    patient = Sending(concurrency=16)
    sender = Transport(standin.callback_url, patient)
    ids = [str(number) for number in range(100)]
    for _ in range(3):
        assert set(sender.post_each(ids, b"{}").values()) == {None}
    assert len(standin.connections) == patient.concurrency
    standin.hang_up()
    assert set(sender.post_each(ids, b"{}").values()) == {None}
    assert len(standin.connections) == 2 * patient.concurrency


def test_what_a_deadline_leaves_is_taken_up_by_the_next_stage(standin: StandIn) -> None:
    slowly = Sending(rate=60, burst=20)
    ids = [str(number) for number in range(120)]
    sender = Transport(standin.callback_url, slowly)
    left, rounds, unknown = ids, 0, set[str]()
    while left:
        result = settle(sender.post_each(left, b"{}", until=time.monotonic() + 0.6), pytest.fail)
        assert result.sent + len(result.unreached) + len(result.unknown) == len(left)
        assert result.sent + len(result.unknown) <= 20 + 0.6 * 60, "the rate holds, however slow the machine is"
        left, rounds = list(result.unreached), rounds + 1
        unknown |= set(result.unknown)
    assert rounds >= 3
    assert {one: posts for one, posts in standin.posts.items() if one not in unknown} == {one: 1 for one in ids if one not in unknown}
    assert all(standin.posts[one] <= 1 for one in unknown)


def test_at_the_deadline_what_was_sent_is_unknown_and_what_waited_is_not_sent(standin: StandIn) -> None:
    standin.plans = {str(number): [NEVER] * 9 for number in range(40)}
    result = settle(
        Transport(standin.callback_url, Sending(concurrency=10)).post_each(standin.plans, b"{}", until=time.monotonic() + 0.6), pytest.fail
    )
    assert len(result.unknown) + len(result.unreached) == 40
    assert set(standin.posts) <= set(result.unknown)
    assert len(result.unknown) <= 10, "no other is sent while ten are waited for"
    assert {error.code for one, error in result.failures.items() if one in result.unreached and isinstance(error, NotSentError)} == {
        "websocket.deadline"
    }


def test_one_that_is_silent_holds_up_no_other(standin: StandIn) -> None:
    standin.plans = {"silent": [HELD]}
    ids = ["silent", *(str(number) for number in range(50))]
    outcomes = Transport(standin.callback_url, Sending(concurrency=2, wait=timedelta(seconds=60))).post_each(ids, b"{}")
    assert set(outcomes.values()) == {None}
    assert standin.posts == Counter(ids), "the silent one answers when all others are taken, and was asked once"


def test_throttling_is_followed_by_pauses_and_not_by_doubt(standin: StandIn) -> None:
    standin.plans = {"busy": [THROTTLED] * 9}
    result = settle(Transport(standin.callback_url, QUICK).post_each(["busy"], b"{}"), pytest.fail)
    assert result.unreached == ("busy",)
    assert type(result.failures["busy"]) is ThrottledError
    assert standin.posts["busy"] == QUICK.attempts


def test_a_server_that_nobody_trusts_gets_no_message(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(NotSentError, match="SSLCertVerificationError"):
        Transport(standin.callback_url).post("a", b"{}")
    assert standin.asked == []
    assert len(standin.connections) == 1


@pytest.mark.usefixtures("standin")
def test_where_nobody_listens_nothing_is_sent() -> None:
    with StandIn() as ended:
        pass
    with pytest.raises(NotSentError, match="could not be reached"):
        Transport(ended.callback_url).post("a", b"{}")


@pytest.mark.parametrize(("context", "left"), [(Context(7_000), 5.0), (Context(1_500), 0.0), (None, 24.0)])
def test_the_time_is_what_lambda_leaves_less_the_reserve(context: Context | None, left: float) -> None:
    event = socket_event("send")
    token = CURRENT.set(Invocation(event, context, CurrentConnection.of(event, principal="principalId"), Incoming(event)))
    assert seconds_left(timedelta(seconds=2)) == left
    CURRENT.reset(token)
    assert seconds_left(timedelta(seconds=2)) == 24
