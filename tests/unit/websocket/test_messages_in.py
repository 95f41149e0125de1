"""Messages from clients: read, validated, answered."""

import asyncio
import base64
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateleg.errors import ItemInvalidError, ItemNotFoundError, PayloadError
from gateleg.websocket import Payload, Router, WebSocketResolver
from tests.unit.websocket.events import CONNECTION, socket_event
from tests.unit.websocket.management import Management

OK, BAD, FAILED = {"statusCode": 200}, {"statusCode": 400}, {"statusCode": 500}


class Move(BaseModel):
    model_config = ConfigDict(extra="forbid")

    piece: str
    to: tuple[int, int]


@dataclass
class Point:
    x: int
    y: int = 0


class Named(TypedDict):
    name: str


def test_parameters_are_read_by_name_from_the_message(management: Management) -> None:
    app, seen = WebSocketResolver(), list[tuple[str, int, datetime | None]]()

    @app.route("send")
    def send(room: str, count: Annotated[int, Field(ge=1)] = 3, at: datetime | None = None) -> None:
        seen.append((room, count, at))

    assert app(socket_event("send", {"action": "send", "room": "lobby", "at": "2026-11-22T06:00:00Z"}), None) == OK
    assert seen == [("lobby", 3, datetime(2026, 11, 22, 6, tzinfo=UTC))]
    assert management.received == []


def test_a_parameter_may_have_a_name_that_pydantic_keeps(management: Management) -> None:
    app, seen = WebSocketResolver(), list[tuple[str, ...]]()

    @app.route("odd")
    def odd(schema: str, copy: str, model_config: str, json: str) -> None:
        seen.append((schema, copy, model_config, json))

    assert app(socket_event("odd", {"action": "odd", "schema": "a", "copy": "b", "model_config": "c", "json": "d"}), None) == OK
    assert seen == [("a", "b", "c", "d")]
    assert management.received == []


def test_defaults_constraints_and_aliases_may_be_given_by_field(management: Management) -> None:
    app, seen = WebSocketResolver(), list[tuple[Any, ...]]()

    @app.route("list")
    def listing(
        tags: list[str] = Field(default_factory=list),  # noqa: B008 (pydantic's own way to say it)
        limit: Annotated[int, Field(le=9)] = Field(default=5, ge=1),
        page: Annotated[int, Field(alias="pageNumber", default=1)] = 2,
    ) -> None:
        seen.append((tags, limit, page))

    assert app(socket_event("list", {"action": "list"}), None) == OK
    assert app(socket_event("list", {"action": "list", "tags": ["a"], "limit": 9, "pageNumber": 4}), None) == OK
    assert seen == [([], 5, 2), (["a"], 9, 4)]
    assert app(socket_event("list", {"action": "list", "limit": 0}), None) == BAD
    assert app(socket_event("list", {"action": "list", "limit": 10}), None) == BAD
    assert {frame["error"]["message"].split(":")[0] for frame in management.sent_to(CONNECTION)} == {"limit"}


def test_the_action_itself_can_be_a_parameter(management: Management) -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.route("send")
    def send(action: str, **rest: Any) -> None:
        seen.append(action + ",".join(rest))

    assert app(socket_event("send", {"action": "send", "request_id": "1", "a": 1, "b": 2}), None) == OK
    assert seen == ["senda,b"]
    assert management.received == []


def test_a_single_model_takes_the_whole_message_without_the_action(management: Management) -> None:
    app, seen = WebSocketResolver(), list[Any]()

    @app.route("move")
    def move(move: Move) -> None:
        seen.append(move)

    @app.route("point")
    def point(point: Point) -> None:
        seen.append(point)

    @app.route("name")
    def name(named: Named) -> None:
        seen.append(named)

    app(socket_event("move", {"action": "move", "request_id": "7", "piece": "rook", "to": [1, 2]}), None)
    app(socket_event("point", {"action": "point", "x": "4"}), None)
    app(socket_event("name", {"action": "name", "name": "ada"}), None)
    assert seen == [Move(piece="rook", to=(1, 2)), Point(4, 0), {"name": "ada"}]
    assert management.received == []


def test_a_model_beside_others_is_read_by_its_name(management: Management) -> None:
    app, seen = WebSocketResolver(), list[Any]()

    @app.route("move")
    def move(game: str, move: Move) -> None:
        seen.append((game, move))

    app(socket_event("move", {"action": "move", "game": "g", "move": {"piece": "rook", "to": [1, 2]}}), None)
    assert seen == [("g", Move(piece="rook", to=(1, 2)))]
    assert management.received == []


def test_a_marked_parameter_takes_the_whole_message(management: Management) -> None:
    app, seen = WebSocketResolver(), list[Any]()

    @app.route("any")
    def anything(everything: Annotated[dict[str, int], Payload()]) -> None:
        seen.append(everything)

    app(socket_event("any", {"action": "any", "a": 1}), None)
    assert seen == [{"a": 1}]
    assert management.received == []


def test_every_fault_of_a_message_is_told_to_the_client(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: Annotated[str, Field(max_length=5)], count: int) -> None:
        raise AssertionError(room, count)

    event = socket_event("send", {"action": "send", "room": "much too long", "count": "many", "request_id": "r-1"})
    assert app(event, None) == BAD
    [frame] = management.sent_to(CONNECTION)
    assert frame["action"] == "send"
    assert frame["request_id"] == "r-1"
    assert frame["error"]["code"] == "websocket.invalid_payload"
    assert frame["error"]["message"] == "room: String should have at most 5 characters (and 1 more)"
    assert [(detail["loc"], detail["type"]) for detail in frame["error"]["details"]] == [
        (["room"], "string_too_long"),
        (["count"], "int_parsing"),
    ]
    assert "much too long" not in json.dumps(frame)


def test_a_misspelt_key_is_told(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str, limit: int = 3) -> None:
        raise AssertionError(room, limit)

    assert app(socket_event("send", {"action": "send", "request_id": "1", "room": "lobby", "limt": 5}), None) == BAD
    assert management.sent_to(CONNECTION)[0]["error"]["message"] == "limt: Extra inputs are not permitted"


def test_a_missing_parameter_is_named(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str) -> None:
        raise AssertionError(room)

    assert app(socket_event("send", {"action": "send"}), None) == BAD
    assert management.sent_to(CONNECTION)[0]["error"]["message"] == "room: Field required"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("{", "websocket.invalid_json", "no JSON at character 1"),
        ("", "websocket.invalid_json", "no JSON"),
        (None, "websocket.invalid_json", "no JSON"),
        ("[1]", "websocket.invalid_json", "an array"),
        ('"send"', "websocket.invalid_json", "a string"),
        ("3", "websocket.invalid_json", "a number"),
        ("null", "websocket.invalid_json", "null"),
        ('{"action": "send", "room": NaN}', "websocket.invalid_json", "no JSON"),
        ("[" * 100_000, "websocket.invalid_json", "no JSON"),
        ('{"room": "lobby"}', "websocket.no_action", "has no 'action'; write one of: join, send"),
        ('{"action": "sned"}', "websocket.unknown_action", "no action 'sned'; write one of: join, send"),
        ('{"action": 3}', "websocket.unknown_action", "no action 3"),
        (json.dumps({"action": "x" * 1000}), "websocket.unknown_action", "xxx..."),
        (json.dumps({"action": "send", "room": "x" * 140_000}), "websocket.too_large", "131072 are taken"),
    ],
    ids=range(14),
)
def test_a_message_that_no_route_can_take_is_answered_clearly(management: Management, body: str | None, code: str, message: str) -> None:
    app = WebSocketResolver()

    @app.route("join")
    def join(room: str) -> None:
        raise AssertionError(room)

    @app.route("send")
    def send(room: str) -> None:
        raise AssertionError(room)

    assert app(socket_event("$default", body), None) == BAD
    [frame] = management.sent_to(CONNECTION)
    assert frame["error"]["code"] == code
    assert message in frame["error"]["message"]
    assert frame["request_id"] == "L0SNBHzKPHcFRsQ="


def test_a_client_that_sends_much_is_answered_all_the_same(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("count")
    def count(numbers: dict[str, dict[str, int]]) -> None:
        raise AssertionError(numbers)

    large = {"action": "count", "request_id": "r" * 500, "numbers": {"k" * 60_000: {"a": "x", "b": "y", "c": "z"}}}
    many = {"action": "count", "numbers": {str(number): "x" for number in range(5_000)}}
    assert app(socket_event("count", large), None) == BAD
    assert app(socket_event("count", many), None) == BAD
    assert app(socket_event("$default", {"action": "a" * 130_000}), None) == BAD
    first, second, third = management.sent_to(CONNECTION)
    assert "details" not in first["error"]
    assert first["request_id"] == "L0SNBHzKPHcFRsQ="
    assert len(second["error"]["details"]) == 20
    assert second["error"]["message"].endswith("(and 4999 more)")
    assert third["action"] == "a" * 128


def test_a_broken_message_for_a_known_route_is_answered(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str) -> None:
        raise AssertionError(room)

    assert app(socket_event("send", '{"action": "send", "room": NaN}'), None) == BAD
    assert management.sent_to(CONNECTION)[0]["error"]["code"] == "websocket.invalid_json"


def test_a_binary_message_is_decoded(management: Management) -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.route("send")
    def send(room: str) -> None:
        seen.append(room)

    body = base64.b64encode(json.dumps({"action": "send", "room": "caf\u00e9"}).encode()).decode()
    assert app(socket_event("send", body, isBase64Encoded=True), None) == OK
    assert seen == ["caf\u00e9"]
    assert app(socket_event("send", base64.b64encode(b"\xff\xfe").decode(), isBase64Encoded=True), None) == BAD
    assert "UTF-8" in management.sent_to(CONNECTION)[0]["error"]["message"]


def test_what_a_handler_returns_goes_to_the_caller(management: Management) -> None:
    app = WebSocketResolver()

    class Price(BaseModel):
        amount: Decimal
        since: datetime

    @app.route("price")
    def price() -> Price:
        return Price(amount=Decimal("9.90"), since=datetime(2026, 11, 22, tzinfo=UTC))

    assert app(socket_event("price", {"action": "price", "request_id": 7}), None) == OK
    assert management.received == [
        (CONNECTION, {"action": "price", "data": {"amount": "9.90", "since": "2026-11-22T00:00:00Z"}, "request_id": 7})
    ]


def test_a_handler_may_be_a_coroutine_function(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("slow")
    async def slow(name: str) -> str:
        await asyncio.sleep(0)
        return f"{name} for {app.current_connection.principal}"

    assert app(socket_event("slow", {"action": "slow", "name": "tea"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["data"] == "tea for ada"


def test_an_empty_result_is_sent_and_none_is_not(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("empty")
    def empty() -> list[str]:
        return []

    @app.route("nothing")
    def nothing() -> None: ...

    app(socket_event("empty", {"action": "empty"}), None)
    app(socket_event("nothing", {"action": "nothing"}), None)
    assert [message["data"] for message in management.sent_to(CONNECTION)] == [[]]


def test_an_unexpected_exception_is_logged_and_tells_the_client_nothing(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> None:
        raise RuntimeError("password=hunter2")

    with caplog.at_level(logging.ERROR):
        assert app(socket_event("send", {"action": "send"}), None) == FAILED
    [frame] = management.sent_to(CONNECTION)
    assert frame["error"] == {"code": "internal", "message": "something went wrong on our side"}
    assert "hunter2" in caplog.text


def test_the_librarys_errors_speak_to_the_client_where_they_may(management: Management) -> None:
    app = WebSocketResolver()
    raised: list[Exception] = [
        ItemNotFoundError("no item under ROOM#secret", aws_code="x"),
        ItemInvalidError("title: too long", problems=({"loc": ("title",), "msg": "too long", "type": "t", "input": "secret"},)),
        PayloadError("the room is closed", code="chat.closed"),
    ]

    @app.route("send")
    def send(number: int) -> None:
        raise raised[number]

    assert [app(socket_event("send", {"action": "send", "number": number}), None) for number in range(3)] == [BAD, BAD, BAD]
    assert [frame["error"] for frame in management.sent_to(CONNECTION)] == [
        {"code": "store.item_not_found", "message": "there is no such item"},
        {
            "code": "item.invalid",
            "message": "title: too long",
            "details": [{"loc": ["title"], "msg": "too long", "type": "t"}],
        },
        {"code": "chat.closed", "message": "the room is closed"},
    ]


def test_an_exception_handler_answers_for_its_class_and_below(management: Management) -> None:
    app = WebSocketResolver()

    @app.exception_handler([LookupError])
    def lost(error: LookupError) -> dict[str, str]:
        return {"lost": str(error.args[0])}

    @app.route("send")
    def send() -> None:
        raise KeyError("room")

    assert app(socket_event("send", {"action": "send"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["data"] == {"lost": "room"}


def test_a_result_that_is_no_json_is_logged(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> object:
        return object()

    assert app(socket_event("send", {"action": "send"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["error"]["code"] == "internal"
    assert "cannot be sent" in caplog.text


def test_a_client_that_left_before_the_answer_is_no_failure(management: Management) -> None:
    app = WebSocketResolver()
    management.statuses[CONNECTION] = [410]

    @app.route("send")
    def send() -> str:
        return "hello"

    assert app(socket_event("send", {"action": "send"}), None) == OK


def test_the_default_handler_takes_what_no_route_does(management: Management) -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.on_default()
    def other(text: Annotated[str, Payload()]) -> None:
        seen.append(text)

    app(socket_event("$default", "plain text"), None)
    app(socket_event("$default", {"action": "unknown"}), None)
    assert seen == ["plain text", '{"action": "unknown"}']
    assert management.received == []


def test_a_default_handler_may_read_part_of_any_message(management: Management) -> None:
    app = WebSocketResolver()

    @app.on_default()
    def other(action: str) -> str:
        return f"no {action} here"

    app(socket_event("$default", {"action": "dance", "with": "me"}), None)
    assert management.sent_to(CONNECTION)[0]["data"] == "no dance here"


def test_a_default_handler_without_parameters_takes_anything(management: Management) -> None:
    app = WebSocketResolver()

    @app.on_default()
    def other() -> str | None:
        return app.current_event.body

    app(socket_event("$default", "plain"), None)
    assert management.sent_to(CONNECTION)[0]["data"] == "plain"


def test_the_action_may_have_another_key(management: Management) -> None:
    app = WebSocketResolver(action_key="type")

    @app.route("ping")
    def ping() -> str:
        return "pong"

    app(socket_event("ping", {"type": "ping"}), None)
    app(socket_event("$default", {"action": "ping"}), None)
    first, second = management.sent_to(CONNECTION)
    assert (first["action"], first["data"]) == ("ping", "pong")
    assert "has no 'type'" in second["error"]["message"]


def test_handlers_see_the_event_the_connection_and_their_context(management: Management) -> None:
    app, seen = WebSocketResolver(), list[Any]()

    def tenant(resolver: WebSocketResolver, next_middleware: Any) -> Any:
        resolver.append_context(tenant="acme")
        return next_middleware(resolver)

    @app.route("who", middlewares=[tenant])
    def who() -> None:
        connection = app.current_connection
        seen.append((connection.id, connection.principal, connection.source_ip, connection.connected_at.year, app.context))
        seen.append((app.current_event.request_context.stage, app.lambda_context))

    app(socket_event("who", {"action": "who"}), "lambda context")
    app(socket_event("who", {"action": "who"}), None)
    assert seen[0] == (CONNECTION, "ada", "192.0.2.7", 2026, {"tenant": "acme"})
    assert seen[1] == ("prod", "lambda context")
    assert seen[2] == seen[0]
    assert management.received == []


def test_middlewares_run_outside_in_and_may_answer_themselves(management: Management) -> None:
    app, order = WebSocketResolver(), list[str]()

    def named(name: str) -> Any:
        def middleware(resolver: WebSocketResolver, next_middleware: Any) -> Any:
            order.append(name)
            return next_middleware(resolver)

        return middleware

    def stop(_resolver: WebSocketResolver, _next: Any) -> str:
        return "stopped"

    router = Router()
    router.use([named("router")])

    @router.route("a", middlewares=[named("route")])
    def a() -> str:
        return "a"

    @router.route("b", middlewares=[stop])
    def b() -> str:
        raise AssertionError

    app.use([named("app")])
    app.include_router(router)
    app(socket_event("a", {"action": "a"}), None)
    app(socket_event("b", {"action": "b"}), None)
    assert order == ["app", "router", "route", "app", "router"]
    assert [message["data"] for message in management.sent_to(CONNECTION)] == ["a", "stopped"]


def test_a_routers_handlers_see_the_connection_and_its_errors_are_handled(management: Management) -> None:
    app, router = WebSocketResolver(), Router()

    @router.exception_handler(ZeroDivisionError)
    def zero(_error: ZeroDivisionError) -> str:
        return f"zero for {router.current_connection.principal}"

    @router.route("divide")
    def divide(by: int) -> float:
        return 1 / by

    app.include_router(router)
    app(socket_event("divide", {"action": "divide", "by": 0}), None)
    assert management.sent_to(CONNECTION)[0]["data"] == "zero for ada"
