"""Connections in the table: who is there, to whom messages go, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import (
    AnswerInvalidError,
    BindingError,
    ConnectionGoneError,
    ConnectRefusedError,
    DeclarationError,
    ItemInvalidError,
)
from gateleg.model import Table
from gateleg.store import BotocoreTransport, Patience, Store
from gateleg.websocket import Connections, CurrentConnection, SweepResult, WebSocketResolver
from tests.integration.websocket.conftest import CHAT
from tests.unit.websocket.contexts import Context
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from gateleg.store import DynamoDBClient
    from gateleg.testing import MakeStore
    from tests.unit.websocket.management import Management

pytestmark = pytest.mark.integration
NOW = int(time.time() * 1000)


def event(route: str, connection: str, body: Any = None, *, principal: str = "", connected_at: int = NOW, **changes: Any) -> dict[str, Any]:
    made = socket_event(route, body, connection=connection, **changes)
    made["requestContext"] |= {"authorizer": {"principalId": principal}, "connectedAt": connected_at}
    return made


def items(store: Store, client: DynamoDBClient) -> list[dict[str, Any]]:
    """All but what is remembered of connections that have ended."""
    found: list[dict[str, Any]] = client.scan(TableName=store.table_name)["Items"]
    return [item for item in found if item.get("ended") != {"BOOL": True}]


def remembered(store: Store, client: DynamoDBClient) -> set[str]:
    found: list[dict[str, Any]] = client.scan(TableName=store.table_name)["Items"]
    return {item["connection_id"]["S"] for item in found if item.get("ended") == {"BOOL": True}}


@pytest.fixture
def topics_at_the_end() -> list[set[str]]:
    """What the connections that left were subscribed to."""
    return []


@pytest.fixture
def app(connections: Connections, topics_at_the_end: list[set[str]]) -> WebSocketResolver:
    app = WebSocketResolver(connections=connections)

    @app.route("join")
    def join(room: str) -> list[str]:
        app.connections.join(f"room:{room}")
        return sorted(present.principal for present in app.connections.of(f"room:{room}"))

    @app.route("leave")
    def leave(room: str) -> None:
        app.connections.leave(f"room:{room}")

    @app.route("say")
    def say(room: str, text: str) -> dict[str, int]:
        result = app.broadcast(f"room:{room}", {"text": text})
        return {"sent": result.sent, "gone": result.gone, "failed": result.failed}

    @app.on_disconnect()
    def left() -> None:
        topics_at_the_end.append(set(app.current_connection.topics))
        for topic in app.current_connection.topics:
            app.broadcast(topic, {"left": app.current_connection.principal})

    return app


def connect(app: WebSocketResolver, *names: str) -> None:
    for name in names:
        assert app(event("$connect", name, principal=name), None) == {"statusCode": 200}
        assert app(event("join", name, {"action": "join", "room": "lobby"}, principal=name), None) == {"statusCode": 200}


def test_a_connection_is_registered_with_its_expiry(app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient) -> None:
    assert app(event("$connect", "c=1", principal="ada"), None) == {"statusCode": 200}
    found = {(item["pk"]["S"], item["sk"]["S"]): item for item in items(store, dynamodb_engine)}
    assert set(found) == {
        ("CONNECTION#c=1", "CONNECTION"),
        ("CONNECTION#c=1", "TOPIC#principal:ada"),
        ("TOPIC#principal:ada", "CONNECTION#c=1"),
    }
    latest = NOW // 1000 + 2 * 3600 + 15 * 60
    assert {int(item["expires_at"]["N"]) for item in found.values()} == {latest}


def test_an_anonymous_connection_has_no_topic_of_its_own(app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient) -> None:
    app(event("$connect", "c1"), None)
    assert [item["pk"]["S"] for item in items(store, dynamodb_engine)] == ["CONNECTION#c1"]


def test_a_message_reaches_everybody_in_the_room_and_nobody_else(app: WebSocketResolver, management: Management) -> None:
    connect(app, "ada", "grace")
    assert app(event("$connect", "eve", principal="eve"), None) == {"statusCode": 200}
    management.received.clear()
    app(event("say", "ada", {"action": "say", "room": "lobby", "text": "hello"}, principal="ada"), None)
    assert management.sent_to("grace") == [{"text": "hello"}]
    assert management.sent_to("ada")[0] == {"text": "hello"}
    assert management.sent_to("ada")[1]["data"] == {"sent": 2, "gone": 0, "failed": 0}
    assert management.sent_to("eve") == []


def test_an_item_that_cannot_be_read_keeps_no_message_from_the_others(
    app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient, management: Management, caplog: pytest.LogCaptureFixture
) -> None:
    connect(app, "ada", "bob", "grace")
    for item in items(store, dynamodb_engine):
        if item.get("connection_id") == {"S": "bob"} and "topic" in item:
            dynamodb_engine.put_item(TableName=store.table_name, Item={**item, "topic": {"N": "1"}})
    management.received.clear()
    app(event("say", "ada", {"action": "say", "room": "lobby", "text": "hello"}, principal="ada"), None)
    assert (management.sent_to("grace"), management.sent_to("bob")) == ([{"text": "hello"}], [])
    app(event("$disconnect", "bob", principal="bob"), None)
    assert sorted(present.principal for present in app.connections.of("room:lobby")) == ["ada", "grace"]
    assert "an item of the registry is left out" in caplog.text


def test_presence_follows_joins_and_leaves(app: WebSocketResolver, connections: Connections, management: Management) -> None:
    connect(app, "ada", "grace")
    assert management.sent_to("grace")[-1]["data"] == ["ada", "grace"]
    connect(app, "ada")
    assert len(connections.of("room:lobby")) == 2
    app(event("leave", "ada", {"action": "leave", "room": "lobby"}), None)
    app(event("leave", "ada", {"action": "leave", "room": "lobby"}), None)
    assert [(present.connection_id, present.principal) for present in connections.of("room:lobby")] == [("grace", "grace")]
    assert connections.topics_of("ada") == ("principal:ada",)


def test_topics_with_the_keys_own_signs_do_not_mix(app: WebSocketResolver, connections: Connections, management: Management) -> None:
    for number, room in enumerate(["a#b", "a", "a#", "a%23b", "a#1", "\u00e9\U0001f600"]):
        app(event("$connect", f"c#{number}"), None)
        app(event("join", f"c#{number}", {"action": "join", "room": room}), None)
        assert [present.connection_id for present in connections.of(f"room:{room}")] == [f"c#{number}"]
    assert len(management.received) == 6


def test_disconnecting_removes_everything_and_tells_the_handler_what_it_was(
    app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient, management: Management, topics_at_the_end: list[set[str]]
) -> None:
    connect(app, "ada", "grace")
    management.received.clear()
    assert app(event("$disconnect", "ada", principal="ada"), None) == {"statusCode": 200}
    assert management.sent_to("grace") == [{"left": "ada"}]
    assert management.sent_to("ada") == []
    assert app(event("$disconnect", "grace", principal="grace"), None) == {"statusCode": 200}
    assert items(store, dynamodb_engine) == []
    assert topics_at_the_end == [{"principal:ada", "room:lobby"}, {"principal:grace", "room:lobby"}]
    assert remembered(store, dynamodb_engine) == {"ada", "grace"}


def test_disconnecting_twice_or_without_connecting_is_fine(app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient) -> None:
    for _ in range(2):
        assert app(event("$disconnect", "never"), None) == {"statusCode": 200}
    assert items(store, dynamodb_engine) == []


def test_a_gone_connection_is_reaped_with_all_its_topics(
    app: WebSocketResolver, connections: Connections, store: Store, dynamodb_engine: DynamoDBClient, management: Management
) -> None:
    connect(app, "ada", "grace", "eve")
    management.statuses |= {"grace": [410], "eve": [404]}
    app(event("say", "ada", {"action": "say", "room": "lobby", "text": "x"}, principal="ada"), None)
    assert management.sent_to("ada")[-1]["data"] == {"sent": 1, "gone": 1, "failed": 1}
    assert sorted(present.principal for present in connections.of("room:lobby")) == ["ada", "eve"]
    assert not [item for item in items(store, dynamodb_engine) if "grace" in item["pk"]["S"] + item["sk"]["S"]]


def test_a_subscription_without_a_way_back_is_reaped_too(
    app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient, management: Management
) -> None:
    connect(app, "ada", "grace")
    management.statuses["grace"] = [410]
    key: Any = {"pk": {"S": "CONNECTION#grace"}, "sk": {"S": "TOPIC#room:lobby"}}
    assert dynamodb_engine.delete_item(TableName=store.table_name, Key=key, ReturnValues="ALL_OLD")["Attributes"]
    app(event("say", "ada", {"action": "say", "room": "lobby", "text": "x"}, principal="ada"), None)
    assert not [item for item in items(store, dynamodb_engine) if "grace" in item["pk"]["S"] + item["sk"]["S"]]


class Dying:
    """A transport of a function that ends before a write: one that was killed, or whose time was up."""

    def __init__(self, client: DynamoDBClient, writes: int) -> None:
        self._inner = BotocoreTransport(client)
        self._left = writes

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        return self._inner.call(operation, params)


@pytest.mark.parametrize("writes", range(2))
def test_whatever_a_join_wrote_before_its_function_ended_is_found_on_disconnect(
    connections: Connections, store: Store, dynamodb_engine: DynamoDBClient, writes: int
) -> None:
    dying = Connections(CHAT, store=Store(CHAT, table_name=store.table_name, transport=Dying(dynamodb_engine, writes)))
    ada = CurrentConnection.of(event("join", "ada"), principal="principalId")
    connections.register(ada)
    with contextlib.suppress(KeyboardInterrupt):
        dying.join("room:lobby", connection=ada)
    assert len(items(store, dynamodb_engine)) == 1 + 2 * writes
    connections.forget("ada")
    assert items(store, dynamodb_engine) == []


def test_a_rest_handler_sends_to_the_endpoint_of_its_environment(
    app: WebSocketResolver, connections: Connections, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(app, "ada", "grace")
    management.received.clear()
    with pytest.raises(BindingError, match="GATELEG_WEBSOCKET_ENDPOINT"):
        connections.broadcast("room:lobby", {"n": 1})
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://unused.example.com/prod")
    assert connections.broadcast("room:lobby", {"n": 1}, exclude=["grace"]).sent == 1
    assert connections.broadcast("principal:grace", {"n": 2}).sent == 1
    assert connections.broadcast("room:nobody", {"n": 3}).sent == 0
    assert management.received == [("ada", {"n": 1}), ("grace", {"n": 2})]


def test_sending_to_one_connection_reaps_it_when_it_is_gone(
    app: WebSocketResolver, connections: Connections, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://unused.example.com/prod")
    connect(app, "ada")
    connections.send("ada", "hello")
    assert management.sent_to("ada")[-1] == "hello"
    management.statuses["ada"] = [410]
    with pytest.raises(ConnectionGoneError):
        connections.send("ada", "hello")
    assert connections.topics_of("ada") == ()
    connections.close("grace")
    assert management.closed == ["grace"]


def test_nothing_is_sent_of_a_payload_that_is_too_large(
    app: WebSocketResolver, connections: Connections, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://unused.example.com/prod")
    connect(app, "ada")
    management.received.clear()
    with pytest.raises(AnswerInvalidError):
        connections.broadcast("room:lobby", "x" * 200_000)
    assert management.received == []


def test_an_expired_connection_is_nobody_although_dynamodb_still_has_it(
    app: WebSocketResolver, connections: Connections, management: Management, store: Store, dynamodb_engine: DynamoDBClient
) -> None:
    long_ago = NOW - int(timedelta(hours=3).total_seconds() * 1000)
    app(event("$connect", "ghost", connected_at=long_ago), None)
    app(event("join", "ghost", {"action": "join", "room": "lobby"}, connected_at=long_ago), None)
    connect(app, "ada")
    assert len(items(store, dynamodb_engine)) == 8
    assert [present.connection_id for present in connections.of("room:lobby")] == ["ada"]
    assert len(management.received) == 2


def test_during_connect_the_new_connection_is_left_out(connections: Connections, management: Management) -> None:
    app = WebSocketResolver(connections=connections)

    @app.on_connect()
    def greet(room: str) -> None:
        app.connections.join(f"room:{room}")
        app.broadcast(f"room:{room}", {"joined": app.current_connection.principal})

    for name in ("ada", "grace"):
        assert app(event("$connect", name, principal=name, queryStringParameters={"room": "lobby"}), None) == {"statusCode": 200}
    assert management.received == [("ada", {"joined": "grace"})]
    assert len(connections.of("room:lobby")) == 2


def test_a_refused_connection_leaves_nothing(connections: Connections, store: Store, dynamodb_engine: DynamoDBClient) -> None:
    app = WebSocketResolver(connections=connections)

    @app.on_connect()
    def refuse(how: str) -> bool:
        app.connections.join("room:lobby")
        if how == "raise":
            raise ConnectRefusedError("no")
        if how == "fail":
            raise RuntimeError("broken")
        return False

    answers = [
        app(event("$connect", how, principal="ada", queryStringParameters={"how": how}), None)["statusCode"]
        for how in ("raise", "fail", "no")
    ]
    assert answers == [403, 500, 403]
    assert items(store, dynamodb_engine) == []
    assert remembered(store, dynamodb_engine) == set()


def test_a_connection_that_cannot_be_written_is_refused(dynamodb_engine: DynamoDBClient, caplog: pytest.LogCaptureFixture) -> None:
    missing = Store(CHAT, table_name="no-such-table", client=dynamodb_engine, patience=Patience(attempts=1, base=0))
    app = WebSocketResolver(connections=Connections(CHAT, store=missing))
    reached: list[bool] = []

    @app.on_connect()
    def connected() -> None:
        reached.append(True)

    with caplog.at_level(logging.ERROR):
        assert app(event("$connect", "ada", principal="ada"), None) == {"statusCode": 500}
    assert "store.table_not_found" in caplog.text
    assert reached == []


def test_outside_of_an_event_a_connection_must_be_named(connections: Connections) -> None:
    with pytest.raises(BindingError, match="connection="):
        connections.join("room:lobby")


def test_a_topic_that_is_empty_or_too_long_for_a_key_is_refused(app: WebSocketResolver, management: Management) -> None:
    @app.route("subscribe")
    def subscribe(topic: str) -> None:
        app.connections.join(topic)

    app(event("$connect", "ada"), None)

    for topic in ("", "x" * 331, "#" * 330):
        app(event("subscribe", "ada", {"action": "subscribe", "topic": topic}), None)
    assert len(management.sent_to("ada")) == 2
    assert {frame["error"]["code"] for frame in management.sent_to("ada")} == {ItemInvalidError.default_code}


def test_another_key_and_ttl_name_work_alike(make_store: MakeStore, management: Management) -> None:
    table = Table("odd", partition_key="hash", sort_key="range", ttl="gone_at")
    Connections(table)  # declares the registry's entities before the table is made
    store = make_store(table)
    connections = Connections(table, store=store)
    app = WebSocketResolver(connections=connections)
    app(event("$connect", "ada", principal="ada"), None)
    assert all("gone_at" in item for item in items(store, make_store.client))
    assert [present.principal for present in connections.of("principal:ada")] == ["ada"]
    app(event("$disconnect", "ada", principal="ada"), None)
    assert items(store, make_store.client) == []
    assert management.received == []


def test_four_hundred_connections_get_one_message_each(
    connections: Connections, management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", "https://unused.example.com/prod")
    for number in range(400):
        made = event("send", f"c{number}", connected_at=NOW)
        joining = CurrentConnection.of(made, principal="")
        connections.register(joining)
        connections.join("room:big", connection=joining)
    management.statuses |= {f"c{number}": [410] for number in range(0, 400, 40)}
    result = connections.broadcast("room:big", {"pad": "x" * 300})
    assert (result.sent, result.gone, result.failed) == (390, 10, 0)
    assert len(management.received) == len({receiver for receiver, _ in management.received}) == 390
    assert len(connections.of("room:big")) == 390


def test_a_join_that_comes_after_its_disconnect_is_refused_and_leaves_nothing(
    app: WebSocketResolver, store: Store, dynamodb_engine: DynamoDBClient, management: Management
) -> None:
    connect(app, "ada")
    app(event("$disconnect", "ada", principal="ada"), None)
    management.statuses["ada"] = [410]
    assert app(event("join", "ada", {"action": "join", "room": "lobby"}, principal="ada"), None) == {"statusCode": 200}
    assert app(event("$connect", "ada", principal="ada"), None) == {"statusCode": 403}
    assert items(store, dynamodb_engine) == []


def test_who_never_connected_joins_nothing(connections: Connections, store: Store, dynamodb_engine: DynamoDBClient) -> None:
    with pytest.raises(ConnectionGoneError, match="never registered"):
        connections.join("room:lobby", connection=CurrentConnection.of(event("join", "eve"), principal=""))
    assert items(store, dynamodb_engine) == []


def test_a_topic_in_shards_is_found_whole_and_left_whole(store: Store, dynamodb_engine: DynamoDBClient, management: Management) -> None:
    connections = Connections(CHAT, store=store, shards=lambda topic: 4 if topic == "room:big" else 1)
    joined = [CurrentConnection.of(event("join", f"c{number}"), principal="") for number in range(24)]
    for each in joined:
        connections.register(each)
        connections.join("room:big", connection=each)
    assert {present.connection_id for present in connections.of("room:big")} == {each.id for each in joined}
    partitions = [item["pk"]["S"] for item in items(store, dynamodb_engine) if item["pk"]["S"].startswith("TOPIC#")]
    assert set(partitions) == {"TOPIC#room:big", *(f"TOPIC#room:big#{shard}" for shard in (1, 2, 3))}
    for each in joined[:8]:
        connections.leave("room:big", connection=each)
    for each in joined[8:16]:
        connections.forget(each.id)
    assert {present.connection_id for present in connections.of("room:big")} == {each.id for each in joined[16:]}
    assert management.received == []


def test_what_was_stored_before_shards_is_found_and_forgotten(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    before, after = Connections(CHAT, store=store), Connections(CHAT, store=store, shards=8)
    old = [CurrentConnection.of(event("join", f"c{number}"), principal="") for number in range(8)]
    for each in old:
        before.register(each)
        before.join("room:lobby", connection=each)
    for item in items(store, dynamodb_engine):  # as it was written before there were shards and ends
        plain = {name: value for name, value in item.items() if name not in {"shard", "ended"}}
        dynamodb_engine.put_item(TableName=store.table_name, Item=plain)
    assert {present.connection_id for present in after.of("room:lobby")} == {each.id for each in old}
    after.leave("room:lobby", connection=old[0])
    after.join("room:lobby", connection=old[1])
    after.forget(old[2].id)
    assert sorted(present.connection_id for present in after.of("room:lobby")) == sorted({each.id for each in old} - {"c0", "c2"})
    for each in old:
        after.forget(each.id)
    assert items(store, dynamodb_engine) == []


@pytest.mark.parametrize("shards", [0, 257, -1])
def test_numbers_of_shards_that_cannot_be_are_refused(shards: int) -> None:
    with pytest.raises(DeclarationError, match="1 to 256 shards"):
        Connections(CHAT, shards=shards)


def test_a_sweep_forgets_who_is_gone_and_nobody_else(
    app: WebSocketResolver, connections: Connections, store: Store, dynamodb_engine: DynamoDBClient, management: Management
) -> None:
    connect(app, "ada", "grace", "eve", "left")
    app(event("$disconnect", "left", principal="left"), None)
    management.statuses |= {"grace": [410], "eve": [404], "left": [500]}
    swept = app({"source": "gateleg.sweep", "endpoint": management.url}, Context(30_000))
    assert swept == {"open": 1, "gone": 1, "failed": 1, "complete": True}
    assert connections.sweep(endpoint=management.url) == SweepResult(open=1, failed=1)
    assert {present.connection_id for present in connections.of("room:lobby")} == {"ada", "eve"}
    assert remembered(store, dynamodb_engine) == {"grace", "left"}
    assert {item["connection_id"]["S"] for item in items(store, dynamodb_engine)} == {"ada", "eve"}


def test_a_sweep_without_time_says_that_it_is_not_complete(
    app: WebSocketResolver, connections: Connections, management: Management
) -> None:
    connect(app, "ada")
    swept = connections.sweep(endpoint=management.url, within=timedelta(0))
    assert (swept.open, swept.failed, swept.complete) == (0, 1, False)
