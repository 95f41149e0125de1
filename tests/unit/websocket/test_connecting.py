"""`$connect` and `$disconnect` without a registry."""

import logging
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import pytest
from pydantic import Field

from gateleg.errors import BindingError, ConnectRefusedError, PayloadError
from gateleg.websocket import CurrentConnection, WebSocketResolver
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import CONNECTION, socket_event
from tests.unit.websocket.management import Management


def test_a_client_may_connect_where_nothing_says_otherwise(management: Management) -> None:
    assert WebSocketResolver()(socket_event("$connect"), None) == {"statusCode": 200}
    assert WebSocketResolver()(socket_event("$disconnect"), None) == {"statusCode": 200}
    assert management.received == []


def test_the_query_string_is_read_and_validated(management: Management) -> None:
    app, seen = WebSocketResolver(), list[Any]()

    @app.on_connect()
    def connect(room: str, level: Annotated[int, Field(le=3)] = 1, tag: list[str] | None = None) -> None:
        seen.append((room, level, tag))

    event = socket_event(
        "$connect",
        queryStringParameters={"room": "lobby", "level": "2", "tag": "b", "token": "for the authorizer"},
        multiValueQueryStringParameters={"room": ["lobby"], "level": ["2"], "tag": ["a", "b"]},
    )
    assert app(event, None) == {"statusCode": 200}
    assert app(socket_event("$connect", queryStringParameters={"room": "lobby", "level": "9"}), None) == {"statusCode": 400}
    assert app(socket_event("$connect", queryStringParameters=None), None) == {"statusCode": 400}
    assert seen == [("lobby", 2, ["a", "b"])]
    assert management.received == []


def test_a_handler_refuses_by_raising_or_by_false() -> None:
    raising, saying = WebSocketResolver(), WebSocketResolver()

    @raising.on_connect()
    def refuse() -> None:
        raise ConnectRefusedError("not today")

    @saying.on_connect()
    def no() -> bool:
        return False

    assert raising(socket_event("$connect"), None) == {"statusCode": 403}
    assert saying(socket_event("$connect"), None) == {"statusCode": 403}


@pytest.mark.parametrize(
    "odd",
    [
        ("no", 403),
        0,
        "",
        {},
        {"statuscode": 403},
        {"statusCode": None},
        {"statusCode": "no"},
        {"statusCode": 200, "headers": ["a"]},
        {"room"},
    ],
)
def test_what_stands_for_no_answer_lets_nobody_in_and_says_how_to_refuse(odd: Any, caplog: pytest.LogCaptureFixture) -> None:
    app, failing = WebSocketResolver(subprotocols=["chat.v1"]), WebSocketResolver()

    @app.on_connect()
    def connect() -> Any:
        return odd

    @failing.on_connect()
    def fail() -> None:
        raise LookupError

    @failing.exception_handler(LookupError)
    def failed(error: LookupError) -> Any:
        del error
        return odd

    event = socket_event("$connect", headers={"Sec-WebSocket-Protocol": "chat.v1"})
    assert app(event, None) == {"statusCode": 500}
    assert failing(event, None)["statusCode"] >= 400
    assert "raise ConnectRefusedError('...') to refuse" in caplog.text


@pytest.mark.parametrize("answer", [True, {"statusCode": 200}, {"statusCode": "200"}, {"statusCode": HTTPStatus.OK, "headers": None}])
def test_what_stands_for_yes_lets_in(answer: Any) -> None:
    app = WebSocketResolver()

    @app.on_connect()
    def connect() -> Any:
        return answer

    assert int(app(socket_event("$connect"), None)["statusCode"]) == HTTPStatus.OK


def test_a_failing_handler_refuses_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.on_connect()
    def fail() -> None:
        raise RuntimeError("broken inside")

    with caplog.at_level(logging.ERROR):
        assert app(socket_event("$connect"), None) == {"statusCode": 500}
    assert "broken inside" in caplog.text


def test_a_handler_may_choose_the_subprotocol() -> None:
    app = WebSocketResolver()
    chosen = {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat.v2"}}

    @app.on_connect()
    def connect() -> dict[str, Any]:
        return chosen

    assert app(socket_event("$connect"), None) == chosen


def test_nothing_is_sent_while_the_connection_is_being_opened(management: Management) -> None:
    app = WebSocketResolver()

    @app.on_connect()
    def connect() -> None:
        with pytest.raises(BindingError, match="during"):
            app.send("too early")

    assert app(socket_event("$connect"), None) == {"statusCode": 200}
    assert management.received == []


def test_a_failing_disconnect_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.on_disconnect()
    def left() -> None:
        raise RuntimeError("could not tell the others")

    with caplog.at_level(logging.ERROR):
        assert app(socket_event("$disconnect"), None) == {"statusCode": 500}
    assert "could not tell the others" in caplog.text


def test_an_event_of_another_kind_is_refused() -> None:
    with pytest.raises(PayloadError, match="not an event of a WebSocket API"):
        WebSocketResolver()({"httpMethod": "GET", "requestContext": {"requestId": "1"}}, None)


def test_outside_of_an_event_there_is_no_connection() -> None:
    with pytest.raises(BindingError, match="no WebSocket event"):
        _ = WebSocketResolver().current_connection


def test_without_a_registry_there_is_no_broadcast() -> None:
    with pytest.raises(BindingError, match="connections=Connections"):
        WebSocketResolver().broadcast("topic", "hello")


def connection(**changes: Any) -> CurrentConnection:
    event = socket_event("send")
    event["requestContext"] |= changes
    return CurrentConnection.of(event, principal="principalId")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATELEG_WEBSOCKET_ENDPOINT", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def test_the_endpoint_is_the_stages_own() -> None:
    assert connection().endpoint == "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"


def test_behind_a_custom_domain_the_endpoint_is_the_apis_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection(domainName="ws.example.com").endpoint == "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    assert connection(domainName="ws.example.com").endpoint == "https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn/prod"


def test_a_configured_endpoint_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://ws.example.com/base")
    assert connection().endpoint == "https://ws.example.com/base"


def test_an_event_without_a_time_is_of_now() -> None:
    assert datetime.now(UTC) - connection(connectedAt=None).connected_at < timedelta(seconds=5)


def test_the_principal_comes_from_the_authorizers_context() -> None:
    assert connection(authorizer={"principalId": "ada", "tenant": "acme"}).claims["tenant"] == "acme"
    assert connection(authorizer=None).principal == ""
    event = socket_event("send")
    event["requestContext"]["authorizer"] = {"sub": 17}
    assert CurrentConnection.of(event, principal="sub").principal == "17"
    assert CurrentConnection.of(event, principal="sub").id == CONNECTION


def test_a_schedules_event_needs_a_registry_to_sweep() -> None:
    with pytest.raises(BindingError, match="connections=Connections"):
        WebSocketResolver()({"source": "gateleg.sweep", "endpoint": "https://unused.example.com/prod"}, Context(3_000))
