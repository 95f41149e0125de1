"""Messages that nobody of a topic may miss."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from gateleg.errors import AnswerInvalidError, NotSentError, OutcomeUnknownError
from gateleg.websocket import Connections, CurrentConnection, Sending
from gateleg.websocket.relay import Part
from gateleg.websocket.worker import work
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from gateleg.store import Store
    from tests.unit.websocket.management import Management

pytestmark = pytest.mark.integration
TOPIC = "board:chess"
SOON, LATER = timedelta(seconds=2), timedelta(minutes=5)


@pytest.fixture
def connections(store: Store, monkeypatch: pytest.MonkeyPatch) -> Connections:
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://unused.example.com/prod")
    made = Connections(store.table, store=store, sending=Sending(attempts=1, reserve=timedelta(0)))
    for name in ("ada", "grace", "mary"):
        event = socket_event("send", connection=name)
        event["requestContext"]["connectedAt"] = int(time.time() * 1000)
        connection = CurrentConnection.of(event, principal="principalId")
        made.register(connection)
        made.join(TOPIC, connection=connection)
    return made


def test_whom_it_did_not_reach_gets_it_again_and_nobody_else(connections: Connections, management: Management) -> None:
    management.statuses = {"grace": [429, 429, 200], "mary": [410]}
    result = connections.broadcast(TOPIC, 1, everybody=True, within=LATER)
    assert (result.sent, result.gone, result.failed) == (2, 1, 0)
    assert sorted(management.received) == [("ada", 1), ("grace", 1)]
    assert [present.connection_id for present in connections.of(TOPIC)] == ["ada", "grace"]


def test_it_is_an_error_where_it_reached_a_part_and_one_that_it_was_not_sent_where_it_reached_nobody(
    connections: Connections, management: Management
) -> None:
    management.statuses = {"grace": [429]}
    with pytest.raises(
        OutcomeUnknownError, match=f"the message on {TOPIC} did not reach 1 of 3 connections .grace: .*; send it again to all"
    ):
        connections.broadcast(TOPIC, 1, everybody=True, within=SOON)
    assert management.asked > 4, "grace was asked again"
    assert sorted(management.received) == [("ada", 1), ("mary", 1)]
    management.statuses = {name: [429] for name in ("ada", "grace", "mary")}
    with pytest.raises(NotSentError, match="did not reach 3 of 3 connections"):
        connections.broadcast(TOPIC, 2, everybody=True, within=timedelta(seconds=0.5))
    management.statuses = {}
    assert connections.broadcast(TOPIC, 2, everybody=True, within=LATER).sent == 3  # as both messages advise


def test_a_worker_tells_which_request_its_message_comes_of_where_it_fails(
    connections: Connections, management: Management, caplog: pytest.LogCaptureFixture
) -> None:
    management.statuses = {"grace": [413]}
    entry = Part(TOPIC, 0, b'"hello"', cause="KzX=").entry("one")
    attributes = {"gateleg": {"stringValue": entry["MessageAttributes"]["gateleg"]["StringValue"], "dataType": "String"}}
    record = {"messageId": "m1", "body": entry["MessageBody"], "messageAttributes": attributes, "attributes": {"MessageGroupId": "g"}}
    with pytest.raises(BatchProcessingError):
        work(connections, [record], Context(10_000))
    [said] = [one for one in caplog.records if "waits for its next attempt" in one.getMessage()]
    assert said.__dict__["request_id"] == "KzX="
    assert management.sent_to("ada") == ["hello"]


def test_where_an_answer_was_an_error_of_the_server_it_is_not_known(connections: Connections, management: Management) -> None:
    management.statuses = {name: [500] for name in ("ada", "grace", "mary")}
    with pytest.raises(OutcomeUnknownError):
        connections.broadcast(TOPIC, 1, everybody=True, within=LATER)
    assert management.asked == 3


def test_what_no_other_time_helps_is_told_rather_than_what_another_one_might(connections: Connections, management: Management) -> None:
    management.statuses = {"grace": [413], "mary": [429]}
    with pytest.raises(AnswerInvalidError):
        connections.broadcast(TOPIC, 1, everybody=True, within=timedelta(seconds=1))
