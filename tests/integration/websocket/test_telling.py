"""What is told of messages to connections beside their result: figures for CloudWatch, and log records."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics

from gateleg.errors import ConnectionGoneError
from gateleg.websocket import Connections, CurrentConnection, WebSocketResolver
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from gateleg.store import Store
    from tests.unit.websocket.management import Management

pytestmark = pytest.mark.integration
METRICS = ("Posts", "GoneConnections", "FailedPosts")
TOPIC = "room:lobby"


@pytest.fixture
def connections(store: Store, monkeypatch: pytest.MonkeyPatch) -> Connections:
    """Of which `grace` is gone, and `eve` is somebody that API Gateway does not know."""
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://unused.example.com/prod")
    made = Connections(store.table, store=store)
    for name in ("ada", "grace", "eve"):
        event = socket_event("send", connection=name)
        event["requestContext"]["connectedAt"] = int(time.time() * 1000)
        connection = CurrentConnection.of(event, principal="principalId")
        made.register(connection)
        made.join(TOPIC, connection=connection)
    return made


def counted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written for CloudWatch since this was asked last."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_posts_are_counted_where_the_api_is_watched_as_powertools_counts(
    connections: Connections, management: Management, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    connections.broadcast(TOPIC, "unwatched")
    assert counted(capsys) == []

    monkeypatch.setenv("GATELEG_POSTS", "Chat/Socket")
    management.statuses |= {"grace": [410], "eve": [404]}
    connections.broadcast(TOPIC, "hello")
    connections.broadcast("room:nobody", "hello")
    connections.send("ada", "hello")
    management.statuses["ada"] = [410]
    with pytest.raises(ConnectionGoneError):
        connections.send("ada", "hello")

    first, *_ = written = counted(capsys)
    assert [tuple(one[name] for name in METRICS) for one in written] == [(3, 1, 1), (1, 0, 0), (1, 1, 0)]
    metrics: Any = EphemeralMetrics(namespace="gateleg")
    for name in METRICS:
        metrics.add_metric(name, "Count", first[name])
    theirs: dict[str, Any] = {**metrics.serialize_metric_set(dimensions={"Api": "Chat/Socket"})}
    assert abs(theirs["_aws"]["Timestamp"] - first["_aws"]["Timestamp"]) < 60_000
    theirs["_aws"]["Timestamp"] = first["_aws"]["Timestamp"]
    assert first | {name: [float(first[name])] for name in METRICS} == theirs


def test_whom_a_message_did_not_reach_is_logged_with_the_request_that_it_comes_of(
    connections: Connections, management: Management, caplog: pytest.LogCaptureFixture
) -> None:
    app = WebSocketResolver(connections)

    @app.route("say")
    def say() -> None:
        app.broadcast(TOPIC, "hello")

    management.statuses |= {"eve": [404]}
    said = socket_event("say", {"action": "say"}, connection="ada")
    assert app(said, None) == {"statusCode": 200}
    [record] = [one for one in caplog.records if "did not reach connection eve" in one.getMessage()]
    told = (record.__dict__["request_id"], record.__dict__["connection_id"])
    assert told == (said["requestContext"]["requestId"], "eve")
