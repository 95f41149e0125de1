"""Messages that are handed to workers: as SQS takes them, in their order, and what is told where it takes none or some."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from gateleg.aws import queue
from gateleg.errors import ItemInvalidError, NotSentError, OutcomeUnknownError
from gateleg.model import Table
from gateleg.websocket import Connections, WebSocketResolver
from gateleg.websocket.relay import Part, hand_on
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
DENIED: tuple[int, dict[str, Any]] = (403, {"__type": "AccessDenied", "message": "no"})
BROKEN: tuple[int, dict[str, Any]] = (500, {"__type": "InternalFailure", "message": "broken"})


class Sqs:
    """Answers batches over real HTTP: with what is planned, and by taking them where nothing is."""

    def __init__(self) -> None:
        self.plans: list[tuple[int, dict[str, Any]]] = []
        self.batches: list[list[dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/1/parts.fifo"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.batches.append(asked["Entries"])
        return self.plans.pop(0) if self.plans else (200, {"Successful": [{"Id": one["Id"]} for one in asked["Entries"]]})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sqs = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = sqs.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None: ...  # pyright: ignore[reportIncompatibleMethodOverride]

        return Handler


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sqs]:
    server = Sqs()
    values = {"AWS_ENDPOINT_URL_SQS": server.url.rpartition("/1/")[0], "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in {**values, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}.items():
        monkeypatch.setenv(name, value)
    queue.reset()
    yield server
    queue.reset()
    server.stop()


def test_each_shard_gets_the_message_in_a_group_of_its_own_ten_a_request(sqs: Sqs) -> None:
    hand_on(sqs.url, "game:chess", 12, '"\ufffe ü"'.encode(), ["ada"], cause="KzX=")
    assert [len(batch) for batch in sqs.batches] == [10, 2]
    entries = [entry for batch in sqs.batches for entry in batch]
    assert {entry["MessageBody"] for entry in entries} == {'"\\ufffe ü"'}
    assert len({entry["MessageGroupId"] for entry in entries}) == len({entry["MessageDeduplicationId"] for entry in entries}) == 12
    told = [entry["MessageAttributes"]["gateleg"]["StringValue"] for entry in entries]
    records = [
        {"body": one["MessageBody"], "messageAttributes": {"gateleg": {"stringValue": text}}}
        for one, text in zip(entries, told, strict=True)
    ]
    assert [Part.of(record) for record in records] == [
        Part("game:chess", shard, '"\\ufffe ü"'.encode(), ("ada",), "KzX=") for shard in range(12)
    ]


def test_workers_are_told_which_request_a_message_comes_of(sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELEG_BROADCAST_QUEUE", sqs.url)
    app = WebSocketResolver(connections=Connections(Table("relayed", partition_key="pk", sort_key="sk", ttl="until"), shards=2))

    @app.route("say")
    def say() -> None:
        app.broadcast("game:chess", "hello")

    event = socket_event("say", {"action": "say"})
    assert app(event, Context(10_000)) == {"statusCode": 200}
    [entries] = sqs.batches
    records = [{"body": one["MessageBody"], "messageAttributes": {"gateleg": {"stringValue": about(one)}}} for one in entries]
    assert [Part.of(record).cause for record in records] == [event["requestContext"]["requestId"]] * 2


def test_workers_are_told_which_request_of_a_rest_api_a_message_comes_of(sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELEG_BROADCAST_QUEUE", sqs.url)
    connections, app = Connections(Table("told", partition_key="pk", sort_key="sk", ttl="until"), shards=2), APIGatewayRestResolver()

    @app.post("/say")
    def say() -> None:
        connections.broadcast("game:chess", "hello")

    context: Any = Context(10_000)
    app.resolve({"httpMethod": "POST", "path": "/say", "headers": {}, "requestContext": {"requestId": "of-the-request"}}, context)
    [entries] = sqs.batches
    assert {json.loads(about(one))["cause"] for one in entries} == {"of-the-request"}


def about(entry: dict[str, Any]) -> str:
    text: str = entry["MessageAttributes"]["gateleg"]["StringValue"]
    return text


def test_large_messages_go_in_several_requests(sqs: Sqs) -> None:
    hand_on(sqs.url, "game:chess", 10, b'"' + b"x" * 131_000 + b'"', [])
    assert [len(batch) for batch in sqs.batches] == [7, 3]


def test_what_was_refused_at_once_is_not_sent_and_may_be_sent_again(sqs: Sqs) -> None:
    sqs.plans = [DENIED]
    with pytest.raises(NotSentError, match=r"took 0 of 3 messages: ClientError: .*; send them again"):
        hand_on(sqs.url, "game:chess", 3, b"1", [])
    hand_on(sqs.url, "game:chess", 3, b"1", [])  # as the message advises
    assert len(sqs.batches) == 2


PARTLY: dict[str, tuple[list[tuple[int, dict[str, Any]]], int]] = {
    "refused after an error of the server": ([BROKEN, DENIED], 3),
    "errors of the server": ([BROKEN] * 4, 3),
    "a part of a batch": ([(200, {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "Throttled", "SenderFault": False}]})], 2),
    "the second batch": ([(200, {"Successful": []}), DENIED], 11),
}


@pytest.mark.parametrize("case", PARTLY)
def test_what_may_have_been_taken_is_told_as_unknown(sqs: Sqs, case: str) -> None:
    plans, shards = PARTLY[case]
    sqs.plans = [*plans]
    with pytest.raises(OutcomeUnknownError, match="send all again, where whoever gets them knows one that comes twice"):
        hand_on(sqs.url, "game:chess", shards, b"1", [])


def test_a_message_that_is_none_of_a_broadcast_is_refused() -> None:
    with pytest.raises(ItemInvalidError, match="let nothing but gateleg send to this queue"):
        Part.of({"body": "{}", "messageAttributes": {}})
