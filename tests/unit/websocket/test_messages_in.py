"""Messages from clients: read and validated, or answered with what is wrong."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateleg.websocket import CurrentConnection, Guards, Payload, WebSocketResolver
from tests.unit.websocket.events import CONNECTION, socket_event
from tests.unit.websocket.management import Management

OK, FAILED = {"statusCode": 200}, {"statusCode": 500}


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
    assert app(socket_event("list", {"action": "list", "limit": 0}), None) == OK
    assert app(socket_event("list", {"action": "list", "limit": 10}), None) == OK
    assert {frame["error"]["message"].split(":")[0] for frame in management.sent_to(CONNECTION)} == {"limit"}


def test_the_action_itself_can_be_a_parameter(management: Management) -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.route("send")
    def send(action: str, **rest: Any) -> None:
        seen.append(action + ",".join(rest))

    assert app(socket_event("send", {"action": "send", "request_id": "1", "a": 1, "b": 2}), None) == OK
    assert seen == ["senda,b"]
    assert management.sent_to(CONNECTION) == [{"action": "send", "data": None, "request_id": "1"}]


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
    assert [answer["request_id"] for answer in management.sent_to(CONNECTION)] == ["7"]


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
    assert app(event, None) == OK
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


def test_a_handler_without_parameters_takes_no_key_either(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("ping")
    def ping(connection: CurrentConnection) -> str:
        return connection.principal

    app.route("pong")(lambda: "pong")
    for action in ("ping", "pong"):
        assert app(socket_event(action, {"action": action, "request_id": "1"}), None) == OK
        assert app(socket_event(action, {"action": action, "x": 1}), None) == OK
    assert [frame["error"]["message"] for frame in management.sent_to(CONNECTION)[1::2]] == ["x: Extra inputs are not permitted"] * 2


@pytest.mark.parametrize("number", ['"NaN"', '"Infinity"', '"-inf"', "1e400"])
def test_a_number_is_one_that_json_has(management: Management, number: str) -> None:
    app = WebSocketResolver()

    @app.route("place")
    def place(x: float, more: list[float] | None = None) -> None:
        raise AssertionError((x, more))

    for text in (f'"x": {number}', f'"x": 1, "more": [{number}]'):
        assert app(socket_event("place", f'{{"action": "place", {text}}}'), None) == OK
    for frame in management.sent_to(CONNECTION):
        assert frame["error"]["details"][0]["type"] == "finite_number"


def test_a_misspelt_key_is_told(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str, limit: int = 3) -> None:
        raise AssertionError(room, limit)

    assert app(socket_event("send", {"action": "send", "request_id": "1", "room": "lobby", "limt": 5}), None) == OK
    assert management.sent_to(CONNECTION)[0]["error"]["message"] == "limt: Extra inputs are not permitted"


def test_a_missing_parameter_is_named(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str) -> None:
        raise AssertionError(room)

    assert app(socket_event("send", {"action": "send"}), None) == OK
    assert management.sent_to(CONNECTION)[0]["error"]["message"] == "room: Field required"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("{", "websocket.invalid_json", "not JSON at line 1 column 1;"),
        ("", "websocket.invalid_json", "not JSON"),
        (None, "websocket.invalid_json", "not JSON"),
        ("[1]", "websocket.invalid_json", "an array"),
        ('"send"', "websocket.invalid_json", "a string"),
        ("3", "websocket.invalid_json", "a number"),
        ("null", "websocket.invalid_json", "null"),
        ('{"action": "send", "room": NaN}', "websocket.invalid_json", "not JSON"),
        ("[" * 100_000, "websocket.invalid_json", "not JSON"),
        ('{"room": "lobby"}', "websocket.no_action", "has no 'action'; write one of: join, send"),
        ('{"action": "sned"}', "websocket.unknown_action", "no such 'action'; write one of: join, send"),
        ('{"action": 3}', "websocket.unknown_action", "no such 'action'"),
        (json.dumps({"action": "x" * 1000}), "websocket.unknown_action", "no such 'action'"),
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

    assert app(socket_event("$default", body), None) == OK
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
    assert app(socket_event("count", large), None) == OK
    assert app(socket_event("count", many), None) == OK
    assert app(socket_event("$default", {"action": "a" * 130_000}), None) == OK
    first, second, third = management.sent_to(CONNECTION)
    assert first["error"]["details"][0]["loc"] == ["numbers", "k" * 79 + "\u2026", "a"]
    assert first["request_id"] == "L0SNBHzKPHcFRsQ="
    assert len(second["error"]["details"]) == 20
    assert second["error"]["message"].endswith("(and 4999 more)")
    assert third["action"] == "a" * 128


def test_a_broken_message_for_a_known_route_is_answered(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str) -> None:
        raise AssertionError(room)

    assert app(socket_event("send", '{"action": "send", "room": NaN}'), None) == OK
    assert management.sent_to(CONNECTION)[0]["error"]["code"] == "websocket.invalid_json"


def test_a_binary_message_is_decoded(management: Management) -> None:
    app, seen = WebSocketResolver(), list[str]()

    @app.route("send")
    def send(room: str) -> None:
        seen.append(room)

    body = base64.b64encode(json.dumps({"action": "send", "room": "caf\u00e9"}).encode()).decode()
    assert app(socket_event("send", body, isBase64Encoded=True), None) == OK
    assert seen == ["caf\u00e9"]
    assert app(socket_event("send", base64.b64encode(b"\xff\xfe").decode(), isBase64Encoded=True), None) == OK
    assert "UTF-8" in management.sent_to(CONNECTION)[0]["error"]["message"]
    for broken in ("A", f"{body}\n*"):
        assert app(socket_event("send", broken, isBase64Encoded=True), None) == OK
    assert len(management.sent_to(CONNECTION)) == 3


def test_an_action_that_is_said_twice_is_answered_as_the_one_that_was_routed(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> int:
        return 3

    assert app(socket_event("send", '{"action": "send", "action": "other"}'), None) == OK
    assert management.sent_to(CONNECTION)[0]["action"] == "send"


@pytest.mark.parametrize("text", ['"hello \\ud83d"', "NaN", "[" * 300 + "]" * 300])
@pytest.mark.parametrize("key", ["send", "$default"])
def test_the_client_s_own_id_is_told_of_a_message_that_cannot_be_read_whole(management: Management, key: str, text: str) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(**rest: object) -> None:
        raise AssertionError(rest)

    assert app(socket_event(key, f'{{"action": "send", "request_id": "mine", "a": {text}}}'), None) == OK
    [frame] = management.sent_to(CONNECTION)
    assert (frame["error"]["code"], frame["request_id"]) == ("websocket.invalid_json", "mine")


@pytest.mark.parametrize("key", ["$connect", "$disconnect"])
def test_a_message_cannot_pass_for_an_event_of_api_gateway_s(management: Management, key: str) -> None:
    app = WebSocketResolver(guards=Guards(max_bytes=100))
    app.on_connect()(lambda: pytest.fail("nobody connects"))
    app.on_disconnect()(lambda: pytest.fail("nobody disconnects"))
    for padding in ("", "x" * 100):
        event = socket_event(key, {"action": key, "padding": padding})
        event["requestContext"]["eventType"] = "MESSAGE"
        assert app(event, None) == OK
    assert [frame["error"]["code"] for frame in management.sent_to(CONNECTION)] == ["websocket.unknown_action", "websocket.too_large"]
    taking, seen = WebSocketResolver(), list[object]()

    @taking.on_default()
    def take(a: int) -> None:
        seen.append(a)

    assert taking(event | {"body": '{"a": 1}'}, None) == OK
    assert seen == [1]


@pytest.mark.parametrize("text", ['"\\ud800"', "9" * 5_000, "[" * 300 + "]" * 300, '{"\\udc00": 1}', "-Infinity"])
def test_what_could_not_be_answered_is_refused(management: Management, text: str) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(**rest: object) -> object:
        return rest

    assert app(socket_event("send", f'{{"action": "send", "request_id": {text}, "a": {text}}}'), None) == OK
    [frame] = management.sent_to(CONNECTION)
    assert (frame["error"]["code"], frame["action"], frame["request_id"]) == ("websocket.invalid_json", "send", "L0SNBHzKPHcFRsQ=")
