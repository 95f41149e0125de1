"""Idempotent routes of a WebSocket API on real engines: a message is done once for each request id of somebody, and answered the same again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ConfigDict

from gateleg.describe.websocket import describe_websocket
from gateleg.description.asyncapi import is_repeatable
from gateleg.errors import DeclarationError, PayloadError
from gateleg.idempotency.replays import replay_of
from gateleg.model import Table
from gateleg.websocket import WebSocketResolver, idempotent
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.unit.websocket.management import Management

ORDERS = Table("orders", partition_key="pk", sort_key="sk", ttl="expires_at")
replay_of(ORDERS)
DEFAULTS: dict[str, Any] = {"table": ORDERS}
AT = datetime(2026, 11, 27, 8, tzinfo=UTC)


class Placed(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64")

    number: int
    at: datetime
    seal: bytes


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(ORDERS)


class Shop:
    """An app whose orders are numbered."""

    def __init__(self, store: Store, management: Management, **given: Any) -> None:
        self.placed: list[str] = []
        self.fails: list[Exception] = []
        self.before: Callable[[], object] = lambda: None
        self._management = management
        self.app = app = WebSocketResolver()

        @app.route("order", middlewares=[idempotent(ORDERS, store=store, **given)])
        def order(paint: str) -> Placed:
            self.before()
            if self.fails:
                raise self.fails.pop()
            self.placed.append(paint)
            return Placed(number=len(self.placed), at=AT, seal=b"\xff\xfe")

        @app.route("forget", middlewares=[idempotent(ORDERS, store=store, **given)])
        def forget() -> None:
            self.placed.clear()

    def ask(self, action: str = "order", *, who: str = "ada", connection: str = "c1=", **message: Any) -> Any:
        event = socket_event(action, {"action": action, **message}, connection=connection)
        event["requestContext"]["authorizer"] = {"principalId": who}
        event["requestContext"]["domainName"] = "127.0.0.1"
        self.app(event, Context(15_000))
        return self._management.sent_to(connection)[-1]

    def order(self, request_id: str | None = "1", paint: str = "red", **more: Any) -> Any:
        return self.ask(paint=paint, **({} if request_id is None else {"request_id": request_id}), **more)


@pytest.fixture
def shop(store: Store, management: Management) -> Shop:
    return Shop(store, management)


def test_what_comes_again_is_answered_the_same_over_whichever_connection_and_done_once(shop: Shop) -> None:
    answers = [shop.order(connection=connection) for connection in ("c1=", "c1=", "c2=")]
    assert answers == [{"action": "order", "data": {"number": 1, "at": "2026-11-27T08:00:00Z", "seal": "__4="}, "request_id": "1"}] * 3
    assert shop.placed == ["red"]
    assert shop.order("2")["data"]["number"] == 2


def test_nothing_that_was_answered_is_answered_again(shop: Shop) -> None:
    shop.order()
    answers = [shop.ask("forget", request_id="3") for _ in range(2)]
    assert answers == [{"action": "forget", "data": None, "request_id": "3"}] * 2
    shop.order("4")
    assert shop.ask("forget", request_id="3") == answers[0]
    assert shop.placed == ["red"], "it was forgotten once"


def test_an_id_is_somebody_s_and_a_route_s(shop: Shop) -> None:
    assert [shop.order(who=who)["data"]["number"] for who in ("ada", "bob", "ada")] == [1, 2, 1]
    shop.ask("forget", request_id="1")
    assert shop.placed == []


def test_whose_it_is_may_be_told_otherwise(store: Store, management: Management) -> None:
    shop = Shop(store, management, caller=attrgetter("id"))
    assert [shop.order(connection=connection)["data"]["number"] for connection in ("c1=", "c2=", "c1=")] == [1, 2, 1]


def test_the_same_id_with_another_message_is_refused(shop: Shop) -> None:
    shop.order()
    assert shop.order(paint="blue")["error"]["code"] == "websocket.other_request"
    assert shop.placed == ["red"]


@pytest.mark.parametrize("request_id", [None, "", "x" * 129])
def test_without_an_id_that_can_be_told_again_it_is_refused(shop: Shop, request_id: str | None) -> None:
    assert shop.order(request_id)["error"]["code"] == "websocket.no_request_id"
    assert shop.placed == []
    assert shop.order("y" * 128)["data"]["number"] == 1, "as the message advises"


def test_where_no_id_is_required_a_message_without_one_is_done_as_it_comes(store: Store, management: Management) -> None:
    shop = Shop(store, management, required=False)
    event = socket_event("order", {"action": "order", "paint": "red"})
    for _ in range(2):
        shop.app(event, Context(15_000))
    assert shop.placed == ["red", "red"]


def test_what_failed_is_not_kept(shop: Shop) -> None:
    shop.fails = [PayloadError("no", code="websocket.no"), RuntimeError("broken")]
    assert [shop.order().get("error", {}).get("code") for _ in range(3)] == ["internal", "websocket.no", None]
    assert shop.placed == ["red"]


def test_while_the_first_one_runs_a_second_is_told_to_come_later(shop: Shop) -> None:
    begun, go = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go.wait(30)

    shop.before = wait
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(shop.order, connection="c1=")
        assert begun.wait(30)
        assert shop.order(connection="c2=")["error"]["code"] == "websocket.in_progress"
        go.set()
        assert first.result()["data"]["number"] == 1
    assert shop.order(connection="c2=")["data"]["number"] == 1


@pytest.mark.parametrize(
    "result", [{"number": "many"}, {"number": 1, "at": AT, "seal": b"x" * 98_304}, {"number": 1, "at": AT, "seal": b"x" * 98_220}]
)
def test_what_cannot_be_sent_is_told_as_done_and_not_done_again(store: Store, management: Management, result: Any) -> None:
    shop, runs = Shop(store, management), list[int]()

    @shop.app.route("wrong", middlewares=[idempotent(ORDERS, store=store)])
    def wrong() -> Placed:
        runs.append(1)
        return result  # type: ignore[no-any-return]

    answers = [shop.ask("wrong", request_id="y" * 128) for _ in range(3)]
    assert [(answer["error"]["code"], answer["request_id"], answer["action"]) for answer in answers] == [
        ("store.write_done", "y" * 128, "wrong")
    ] * 3
    assert len(runs) == 1


@pytest.mark.parametrize("text", ["x" * 130_000, "\u00e9" * 65_000, "\U0001f600" * 32_000])
def test_what_can_just_be_sent_is_kept_whole(store: Store, management: Management, text: str) -> None:
    shop = Shop(store, management)
    shop.app.route("long", middlewares=[idempotent(ORDERS, store=store)])(lambda: text)
    assert [shop.ask("long", request_id="1")["data"] == text for _ in range(2)] == [True, True]


def test_it_is_declared_what_is_done_and_that_clients_may_repeat(store: Store, management: Management) -> None:
    app = Shop(store, management).app
    described = describe_websocket("svc:app", app)
    [route] = [route for route in described.routes if route.key == "order"]
    assert {(use.entity, use.operation) for use in route.uses} == {("Replay", "put"), ("Replay", "update"), ("Replay", "delete")}
    assert is_repeatable(described, route)
    loose = describe_websocket("svc:app", Shop(store, management, required=False).app)
    assert not any(is_repeatable(loose, one) for one in loose.routes)


def test_a_whole_app_may_have_it_and_connections_open_without_an_id(store: Store) -> None:
    app = WebSocketResolver()
    app.use([idempotent(ORDERS, store=store)])
    assert app(socket_event("$connect"), Context(15_000)) == {"statusCode": 200}
    assert app(socket_event("$disconnect"), Context(15_000)) == {"statusCode": 200}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"table": Table("plain", partition_key="pk")}, "has no TTL"),
        ({"table": "orders"}, r"idempotent\(table=...\) takes a Table, got 'orders'; write Table"),
        ({"required": "yes"}, r"takes True or False, got 'yes'; leave it out for True"),
        ({"expires": timedelta(seconds=1)}, r"takes a timedelta of a minute or more, got .*; write expires=timedelta\(hours=24\)"),
        ({"caller": "ada"}, r"takes a function of the connection, got 'ada'; leave it out for its principal"),
        ({"store": "store"}, r"takes a Store, got 'store'; leave it out for the one of the environment"),
    ],
)
def test_what_would_fail_at_the_first_message_is_refused_at_import(given: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        idempotent(**(DEFAULTS | given))
