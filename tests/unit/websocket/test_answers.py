"""What handlers return, raise and see."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, cast

import pytest
from aws_lambda_powertools.event_handler import Depends
from pydantic import BaseModel

from gateleg.errors import ItemInvalidError, ItemNotFoundError, PayloadError, StoredItemInvalidError, WriteDoneError
from gateleg.websocket import Payload, Router, WebSocketResolver
from tests.unit.websocket.events import CONNECTION, socket_event
from tests.unit.websocket.management import Management

OK, FAILED = {"statusCode": 200}, {"statusCode": 500}


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


def test_a_message_with_an_id_is_answered_even_with_nothing(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("nothing")
    def nothing() -> None: ...

    @app.route("perhaps")
    def perhaps() -> Decimal | None: ...

    @app.route("text")
    def text(said: Annotated[str, Payload()]) -> None:
        del said

    for number, action in enumerate(["nothing", "perhaps", "text"]):
        assert app(socket_event(action, {"action": action, "request_id": number}), None) == OK
    assert app(socket_event("text", "no JSON"), None) == OK
    assert app(socket_event("nothing", {"action": "nothing", "request_id": ["no", "id"]}), None) == OK
    assert management.sent_to(CONNECTION) == [
        {"action": action, "data": None, "request_id": number} for number, action in enumerate(["nothing", "perhaps", "text"])
    ]


def test_nothing_is_no_answer_of_a_handler_that_promises_one(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("price")
    def price() -> Decimal:
        return cast("Decimal", None)

    app(socket_event("price", {"action": "price", "request_id": "1"}), None)
    assert management.sent_to(CONNECTION)[0]["error"]["code"] == "internal"
    assert "is not what" in caplog.text


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
        ItemInvalidError("title", problems=({"loc": ("title",), "msg": "Give text", "type": "string_type", "input": "secret"},)),
        PayloadError("the room is closed", code="chat.closed"),
    ]

    @app.route("send")
    def send(number: int) -> None:
        raise raised[number]

    assert [app(socket_event("send", {"action": "send", "number": number}), None) for number in range(3)] == [OK, OK, OK]
    assert [frame["error"] for frame in management.sent_to(CONNECTION)] == [
        {"code": "store.item_not_found", "message": "there is no such item"},
        {
            "code": "item.invalid",
            "message": "title: Give text",
            "details": [{"loc": ["title"], "msg": "Give text", "type": "string_type"}],
        },
        {"code": "chat.closed", "message": "the room is closed"},
    ]


def test_a_stored_item_that_is_not_valid_and_a_write_that_is_done_are_ours(
    management: Management, caplog: pytest.LogCaptureFixture
) -> None:
    app = WebSocketResolver()
    raised: list[Exception] = [StoredItemInvalidError("under ROOM#secret"), WriteDoneError("of ROOM#secret")]

    @app.route("send")
    def send(number: int) -> None:
        raise raised[number]

    for number in range(2):
        app(socket_event("send", {"action": "send", "number": number}), None)
    told = [frame["error"] for frame in management.sent_to(CONNECTION)]
    assert [error["code"] for error in told] == ["internal", "store.write_done"]
    assert "secret" not in str(told)
    assert "under ROOM#secret" in caplog.text
    assert "of ROOM#secret" in caplog.text


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


def test_a_result_that_cannot_be_sent_is_a_failure_of_the_server(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> object:
        return object()

    @app.route("long")
    def long() -> str:
        return "x" * 131_072

    assert app(socket_event("send", {"action": "send"}), None) == FAILED
    assert app(socket_event("long", {"action": "long"}), None) == FAILED
    assert [frame["error"]["code"] for frame in management.sent_to(CONNECTION)] == ["internal", "internal"]
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


def test_what_a_handler_sends_and_no_client_can_read_is_a_fault_of_ours(management: Management, caplog: pytest.LogCaptureFixture) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> None:
        app.send({"secret": object()})

    with caplog.at_level(logging.ERROR):
        assert app(socket_event("send", {"action": "send"}), None) == FAILED
    assert management.sent_to(CONNECTION)[0]["error"] == {"code": "internal", "message": "something went wrong on our side"}
    assert "cannot be written as JSON" in caplog.text


def test_middlewares_and_handlers_may_both_be_coroutine_functions(management: Management) -> None:
    app = WebSocketResolver()

    async def shouted(app: WebSocketResolver, following: Callable[[Any], Any]) -> str:
        await asyncio.sleep(0)
        return f"{following(app)}!"

    async def named() -> str:
        await asyncio.sleep(0)
        return app.current_connection.principal

    @app.route("greet", middlewares=[shouted, shouted])
    async def greet(name: Annotated[str, Depends(named)]) -> str:
        await asyncio.sleep(0)
        if name == "bob":
            raise PayloadError("not bob", code="chat.bob")
        app.append_context(greeted=name)
        return f"hello, {app.context['greeted']}"

    assert app(socket_event("greet", {"action": "greet"}), None) == OK
    event = socket_event("greet", {"action": "greet"})
    event["requestContext"]["authorizer"]["principalId"] = "bob"
    assert app(event, None) == OK
    [hello, refused] = management.sent_to(CONNECTION)
    assert (hello["data"], refused["error"]["code"]) == ("hello, ada!!", "chat.bob")


def test_an_app_may_be_called_where_an_event_loop_runs(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("who")
    async def who() -> str:
        await asyncio.sleep(0)
        return app.current_connection.principal

    async def outside() -> Any:
        await asyncio.sleep(0)
        return app(socket_event("who", {"action": "who"}), None)

    assert asyncio.run(outside()) == OK
    assert management.sent_to(CONNECTION)[0]["data"] == "ada"
