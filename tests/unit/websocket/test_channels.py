"""Messages to topics that are channels: as AppSync takes them, how often they are tried, and what is told where it does not take them."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import (
    AccessDeniedError,
    AnswerInvalidError,
    BindingError,
    DeclarationError,
    NotSentError,
    OutcomeUnknownError,
    StoreError,
    ThrottledError,
)
from gateleg.model import Table
from gateleg.websocket import BroadcastResult, Connections, Sending, channels
from gateleg.websocket.channels import channel_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAT = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at")
QUICK = Sending(attempts=3, wait=timedelta(seconds=0.25))
TAKEN: tuple[int, dict[str, Any]] = (200, {"successful": [{"identifier": "1", "index": 0}], "failed": []})
DENIED: tuple[int, dict[str, Any]] = (401, {"errors": [{"errorType": "UnauthorizedException", "message": "not you"}]})
TOO_MUCH: tuple[int, dict[str, Any]] = (429, {"errors": [{"errorType": "ThrottlingException", "message": "slowly"}]})
BROKEN: tuple[int, dict[str, Any]] = (500, {"errors": [{"errorType": "InternalFailure"}]})
REFUSED: tuple[int, dict[str, Any]] = (200, {"successful": [], "failed": [{"index": 0, "code": 400, "errorMessage": "no"}]})


class EventApi:
    """Answers publications over real HTTP: with what is planned, and by taking them where nothing is."""

    def __init__(self) -> None:
        self.plans: list[tuple[int, dict[str, Any]]] = []
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status, answer = api.plans.pop(0) if api.plans else TAKEN
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None: ...  # pyright: ignore[reportIncompatibleMethodOverride]

        return Handler


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[EventApi]:
    server = EventApi()
    values = {"GATELEG_EVENTS_ENDPOINT": server.url, "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    for name, value in {**values, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}.items():
        monkeypatch.setenv(name, value)
    channels.reset()
    yield server
    channels.reset()
    server.stop()


def connections(which: Any = None) -> Connections:
    return Connections(CHAT, channels=which or True, sending=QUICK)


def test_a_message_to_a_channel_is_published_once_whoever_is_connected(api: EventApi) -> None:
    result = connections().broadcast("room:lobby", {"body": "ü"})

    assert result == BroadcastResult(published=True)
    [(path, headers, body)] = api.asked
    assert (path, headers["content-type"], body) == (
        "/event",
        "application/json",
        {"channel": "/topics/troom-3alobby", "events": ['{"body":"ü"}']},
    )
    assert re.match(
        r"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-west-1/appsync/aws4_request, SignedHeaders=content-type;host",
        headers["authorization"],
    )


def test_a_message_to_a_channel_may_be_as_large_as_appsync_takes(api: EventApi) -> None:
    longest = 240 * 1024 - 2  # in quotes
    assert connections().broadcast("room:lobby", "x" * longest).published
    assert connections().broadcast("room:lobby", "ü" * (longest // 2)).published
    with pytest.raises(AnswerInvalidError, match=r"has 245761 bytes, AppSync takes 245760; send less"):
        connections().broadcast("room:lobby", "x" * (longest + 1))
    assert len(api.asked) == 2


def test_topics_of_principals_are_no_channels_unless_a_function_says_so() -> None:
    assert [connections().is_channel(topic) for topic in ("room:lobby", "principal:ada")] == [True, False]
    assert [connections("principal:ada".__eq__).is_channel(topic) for topic in ("room:lobby", "principal:ada")] == [
        False,
        True,
    ]
    assert [found.has_channels for found in (connections(), Connections(CHAT), connections("room:lobby".__eq__))] == [True, False, True]


@pytest.mark.parametrize(
    ("plans", "error", "asked"),
    [
        ([BROKEN, TAKEN], None, 2),
        ([TOO_MUCH, TOO_MUCH, TAKEN], None, 3),
        ([TOO_MUCH] * 3, ThrottledError, 3),
        ([BROKEN] * 3, OutcomeUnknownError, 3),
        ([BROKEN, TOO_MUCH, TOO_MUCH], OutcomeUnknownError, 3),
        ([DENIED], AccessDeniedError, 1),
        ([REFUSED], StoreError, 1),
    ],
)
def test_what_may_pass_is_tried_again_and_what_is_left_is_told(
    api: EventApi, plans: list[tuple[int, dict[str, Any]]], error: type[Exception] | None, asked: int
) -> None:
    api.plans = list(plans)
    if error is None:
        assert connections().broadcast("room:lobby", "hello").published
    else:
        with pytest.raises(error) as told:
            connections().broadcast("room:lobby", "hello")
        assert type(told.value) is error
    assert len(api.asked) == asked


def test_the_answer_says_why(api: EventApi) -> None:
    api.plans = [DENIED, REFUSED]
    with pytest.raises(AccessDeniedError, match=r"posting to the channel failed: 401: not you"):
        connections().broadcast("room:lobby", "hello")
    with pytest.raises(StoreError, match=r"AppSync did not take the message: 400: no"):
        connections().broadcast("room:lobby", "hello")


def test_without_time_nothing_is_published(api: EventApi) -> None:
    with pytest.raises(NotSentError, match=r"the time was up before the message was sent; send it again in the next invocation"):
        connections().broadcast("room:lobby", "hello", within=timedelta(0))
    assert not api.asked


def test_nobody_can_be_left_out(api: EventApi) -> None:
    with pytest.raises(DeclarationError, match=r"AppSync sends to all who subscribe to 'room:lobby'; leave out exclude="):
        connections().broadcast("room:lobby", "hello", exclude=["c1"])
    assert not api.asked
    assert connections().broadcast("room:lobby", "hello").published, "as the message advises"


def test_without_an_event_api_the_error_says_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATELEG_EVENTS_ENDPOINT", raising=False)
    with pytest.raises(BindingError, match=r"write WebSocketGateway\(events=Events\(...\)\), and add_publisher"):
        connections().broadcast("room:lobby", "hello")


@given(st.lists(st.text(max_size=90), min_size=2, max_size=6, unique=True))
def test_each_topic_has_a_channel_of_its_own_that_appsync_takes(topics: list[str]) -> None:
    found = [channel_of(topic) for topic in topics]

    assert all(one != other for one, other in combinations(found, 2))
    assert all(re.fullmatch(r"/topics/[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?", channel) for channel in found)
