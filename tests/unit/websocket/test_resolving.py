"""What handlers are given beside the message, how results are written, and what goes around a handler."""

import base64
import logging
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler
from pydantic import BaseModel

from gateleg.errors import ConnectRefusedError, DeclarationError, RouteError
from gateleg.websocket import CurrentConnection, Payload, WebSocketResolver
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import CONNECTION, socket_event
from tests.unit.websocket.management import Management

OK, FAILED = {"statusCode": 200}, {"statusCode": 500}


class Price(BaseModel):
    amount: int


class Priced(Price):
    cost: int


def tenant(connection: CurrentConnection) -> str:
    return f"tenant of {connection.principal}"


def greeting(of: Annotated[str, Depends(tenant)], again: Annotated[str, Depends(tenant)]) -> str:
    assert of is again
    return f"hello, {of}"


class Counted:
    """A dependency that says how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls


# --- dependencies


def test_dependencies_and_the_connection_are_given_beside_the_message(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("greet")
    def greet(name: str, said: Annotated[str, Depends(greeting)], connection: CurrentConnection) -> str:
        return f"{said} / {name} / {connection.id}"

    assert app(socket_event("greet", {"action": "greet", "name": "x"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["data"] == f"hello, tenant of ada / x / {CONNECTION}"
    schema = app.routes["greet"].payload_schema()
    assert schema is not None
    assert list(schema["properties"]) == ["name"]


def test_a_client_cannot_give_what_a_dependency_gives(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("greet")
    def greet(name: str, of: Annotated[str, Depends(tenant)]) -> str:
        return f"{name} {of}"

    assert app(socket_event("greet", {"action": "greet", "name": "x", "of": "admin"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["error"]["message"] == "of: Extra inputs are not permitted"


def test_a_dependency_is_called_once_for_an_event_unless_it_says_otherwise(management: Management) -> None:
    app, once, always = WebSocketResolver(), Counted(), Counted()

    @app.route("count")
    def count(
        a: Annotated[int, Depends(once)],
        b: Annotated[int, Depends(once)],
        c: Annotated[int, Depends(always, use_cache=False)],
        d: Annotated[int, Depends(always, use_cache=False)],
    ) -> list[int]:
        return [a, b, c, d]

    for _ in range(2):
        app(socket_event("count", {"action": "count"}), None)
    assert [frame["data"] for frame in management.sent_to(CONNECTION)] == [[1, 1, 1, 2], [2, 2, 3, 4]]


def test_a_test_may_put_another_in_the_place_of_a_dependency(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("greet")
    def greet(said: Annotated[str, Depends(greeting)]) -> str:
        return said

    def fixed() -> str:
        return "acme"

    app.dependency_overrides[tenant] = fixed
    app(socket_event("greet", {"action": "greet"}), None)
    assert management.sent_to(CONNECTION)[0]["data"] == "hello, acme"


def test_what_a_dependency_raises_is_told_as_if_the_handler_had(management: Management) -> None:
    app = WebSocketResolver()

    async def closed() -> str:
        raise LookupError("no such room")

    @app.exception_handler(LookupError)
    def lost(error: LookupError) -> str:
        return str(error)

    @app.route("in")
    def enter(room: Annotated[str, Depends(closed)]) -> str:
        raise AssertionError(room)

    assert app(socket_event("in", {"action": "in"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["data"] == "no such room"


def test_connects_and_disconnects_have_dependencies_too(management: Management) -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.on_connect()
    def connect(room: str, of: Annotated[str, Depends(tenant)]) -> None:
        seen.append(f"{room} {of}")

    @app.on_disconnect()
    def left(of: Annotated[str, Depends(tenant)]) -> None:
        seen.append(of)

    assert app(socket_event("$connect", queryStringParameters={"room": "lobby"}), None) == OK
    assert app(socket_event("$disconnect"), None) == OK
    assert seen == ["lobby tenant of ada", "tenant of ada"]
    assert management.received == []


def test_a_dependency_that_cannot_be_called_is_refused() -> None:
    app = WebSocketResolver()

    def needs(room: str) -> str:
        return room

    @app.route("a")
    def a(it: Annotated[str, Depends(needs)]) -> str:
        return it

    with pytest.raises(RouteError, match=r"needs takes 'room', and nothing says from where; write Annotated\[..., Depends"):
        app.routes["a"].payload_schema()


# --- replies


def test_a_result_is_written_as_the_handler_says_that_it_returns_it(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("price")
    def price(kind: str) -> Price | None:
        given: dict[str, Any] = {"more": Priced(amount=3, cost=1), "dict": {"amount": "4"}, "wrong": {"amont": 1}, "none": None}
        result: Price | None = given[kind]
        return result

    results = [
        app(socket_event("price", {"action": "price", "kind": kind, "request_id": kind}), None)
        for kind in ("more", "dict", "wrong", "none")
    ]
    more, given, wrong, none = management.sent_to(CONNECTION)
    assert results == [OK, OK, FAILED, OK]
    assert more == {"action": "price", "data": {"amount": 3}, "request_id": "more"}
    assert given["data"] == {"amount": 4}
    assert none == {"action": "price", "data": None, "request_id": "none"}
    assert wrong == {"error": {"code": "internal", "message": "something went wrong on our side"}, "action": "price", "request_id": "wrong"}
    assert "test_resolving:test_a_result_is_written" in caplog.text
    assert "says that it returns" in caplog.text


def test_a_result_that_no_type_can_describe_is_refused_and_told_as_ours(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("odd")
    def odd() -> Management:
        return management

    assert app(socket_event("odd", {"action": "odd"}), None) == FAILED
    assert management.sent_to(CONNECTION)[0]["error"]["code"] == "internal"
    with pytest.raises(RouteError, match="annotate types that pydantic knows"):
        _ = app.routes["odd"].reply.described
    assert "annotate types that pydantic knows" in caplog.text


def test_a_result_larger_than_a_frame_is_ours(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("much")
    def much() -> str:
        return "x" * 140_000

    assert app(socket_event("much", {"action": "much"}), None) == FAILED
    assert management.sent_to(CONNECTION)[0]["error"]["code"] == "internal"


# --- bytes


@pytest.mark.parametrize("returned", [bytes, Any])
def test_bytes_come_and_go_in_base64(management: Management, returned: Any) -> None:
    app, octets = WebSocketResolver(), bytes(range(256))

    def image(data: bytes) -> Any:
        assert data == octets
        return data

    image.__annotations__["return"] = returned
    app.route("image")(image)
    for encoded in (base64.b64encode(octets), base64.urlsafe_b64encode(octets)):
        assert app(socket_event("image", {"action": "image", "data": encoded.decode()}), None) == OK
    assert {base64.urlsafe_b64decode(frame["data"]) for frame in management.sent_to(CONNECTION)} == {octets}


def test_a_handler_may_take_the_bytes_as_they_came(management: Management) -> None:
    app, seen = WebSocketResolver(), list[bytes]()

    @app.on_default()
    def any_bytes(data: Annotated[bytes, Payload()]) -> None:
        seen.append(data)

    assert app(socket_event("$default", base64.b64encode(b"\xff\x00").decode(), isBase64Encoded=True), None) == OK
    assert app(socket_event("$default", "text"), None) == OK
    assert seen == [b"\xff\x00", b"text"]
    assert management.received == []


# --- subprotocols


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"headers": {"Sec-WebSocket-Protocol": "chat.v1, chat.v2"}}, "chat.v2"),
        ({"headers": {"sec-websocket-protocol": "x,chat.v1"}}, "chat.v1"),
        ({"multiValueHeaders": {"Sec-WebSocket-Protocol": ["x", "chat.v1"]}}, "chat.v1"),
        ({}, None),
        ({"headers": None}, None),
    ],
)
def test_the_best_subprotocol_that_a_client_offers_is_answered(headers: dict[str, Any], answer: str | None) -> None:
    app = WebSocketResolver(subprotocols=["chat.v2", "chat.v1"])
    expected = OK if answer is None else {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": answer}}
    assert app(socket_event("$connect", **headers), None) == expected


def test_a_client_of_other_subprotocols_is_refused_before_its_handler_runs() -> None:
    app = WebSocketResolver(subprotocols=["chat.v2"])

    @app.on_connect()
    def connect() -> None:
        raise AssertionError

    assert app(socket_event("$connect", headers={"Sec-WebSocket-Protocol": "chat.v22, Chat.v2"}), None) == {"statusCode": 403}


def test_a_handlers_own_headers_stay_beside_the_subprotocol() -> None:
    app, own = WebSocketResolver(subprotocols=["a"]), {"statusCode": 200, "headers": {"X-Room": "lobby"}}

    @app.on_connect()
    def connect() -> dict[str, Any]:
        return own

    answer = app(socket_event("$connect", headers={"Sec-WebSocket-Protocol": "a"}), None)
    assert answer == {"statusCode": 200, "headers": {"X-Room": "lobby", "Sec-WebSocket-Protocol": "a"}}
    assert own["headers"] == {"X-Room": "lobby"}


@pytest.mark.parametrize("names", ["chat", ["a b"], [""], ["a", "a"], [3]])
def test_what_is_no_subprotocol_is_refused(names: Any) -> None:
    with pytest.raises(DeclarationError, match=r"write subprotocols=\['chat.v2', 'chat.v1'\]"):
        WebSocketResolver(subprotocols=names)


# --- exception handlers beside messages


@pytest.mark.parametrize(
    ("answered", "status"),
    [({"statusCode": 429}, 429), ({"statusCode": 200}, 403), ("something", 403), (None, 403), (ValueError("x"), 500)],
)
def test_an_exception_handler_may_say_how_a_connect_is_refused_and_never_opens_it(answered: Any, status: int) -> None:
    app = WebSocketResolver()

    @app.exception_handler(ConnectRefusedError)
    def refused(_error: ConnectRefusedError) -> Any:
        if isinstance(answered, Exception):
            raise answered
        return answered

    @app.on_connect()
    def connect() -> None:
        raise ConnectRefusedError("full")

    assert app(socket_event("$connect"), None) == {"statusCode": status}


def test_an_exception_handler_answers_for_a_disconnect() -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.exception_handler(LookupError)
    def lost(error: LookupError) -> None:
        seen.append(str(error.args[0]))

    @app.on_disconnect()
    def left() -> None:
        raise KeyError("room")

    assert app(socket_event("$disconnect"), None) == OK
    assert seen == ["room"]


# --- Powertools


def test_powertools_middlewares_run_and_see_the_context(management: Management) -> None:
    app = WebSocketResolver()

    class Tenant(BaseMiddlewareHandler[Any]):
        def handler(self, app: Any, next_middleware: Callable[[Any], Any]) -> Any:
            app.append_context(tenant="acme")
            return {"wrapped": next_middleware(app)}

    app.use(middlewares=[Tenant()])

    @app.route("who")
    def who() -> Any:
        tenant = app.context["tenant"]
        app.clear_context()
        return [tenant, app.context]

    app(socket_event("who", {"action": "who"}), None)
    assert management.sent_to(CONNECTION)[0]["data"] == {"wrapped": ["acme", {}]}


def test_logger_tracer_and_metrics_decorate_the_entry_point(
    management: Management, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    app, logger, tracer, metrics = (
        WebSocketResolver(),
        Logger(service="chat"),
        Tracer(service="chat"),
        Metrics(namespace="Chat", service="chat"),
    )

    @app.route("send")
    def send() -> str:
        logger.info("sending")
        metrics.add_metric("Sent", "Count", 1)
        return "sent"

    @logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
    @tracer.capture_lambda_handler
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return app.resolve(event, context)

    assert handler(socket_event("send", {"action": "send"}), Context(9_000)) == OK
    assert management.sent_to(CONNECTION)[0]["data"] == "sent"
    out = capsys.readouterr().out
    assert '"correlation_id":"L0SNBHzKPHcFRsQ="' in out
    assert '"Sent":[1.0]' in out


def test_own_log_records_name_the_event(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> None:
        raise RuntimeError

    with caplog.at_level(logging.ERROR):
        app(socket_event("send", {"action": "send", "request_id": "mine"}), None)
    [record] = caplog.records
    assert (vars(record)["request_id"], vars(record)["connection_id"], vars(record)["route_key"]) == (
        "L0SNBHzKPHcFRsQ=",
        CONNECTION,
        "send",
    )
    assert management.sent_to(CONNECTION)[0]["request_id"] == "mine"
