"""Connect tokens and rates on real engines: a token opens one connection, once; who sends too much is told, and then cut off."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ConnectRefusedError, DeclarationError, ItemInvalidError
from gateleg.model import Table
from gateleg.websocket import ChannelTokens, Connections, ConnectTokens, CurrentConnection, Guards, Rate, WebSocketResolver
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from gateleg.store import DynamoDBClient, Store
    from gateleg.testing import MakeStore
    from tests.unit.websocket.management import Management

pytestmark = pytest.mark.integration

CHAT = Table("guarded", partition_key="pk", sort_key="sk", ttl="expires_at")
ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/live/$connect"
ORIGIN = "https://chat.example.com"
Connections(CHAT)
ConnectTokens(CHAT, audience="chat")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    WebSocketResolver(Connections(CHAT), guards=Guards(per_connection=Rate(1)))
    return make_store(CHAT)


def asked(token: str | None, origin: str | None = ORIGIN) -> dict[str, Any]:
    """What API Gateway asks an authorizer of a WebSocket API."""
    query = None if token is None else {"token": token}
    event = socket_event("$connect", headers={} if origin is None else {"Origin": origin}, queryStringParameters=query)
    return event | {"type": "REQUEST", "methodArn": ARN}


def effect(answer: dict[str, Any]) -> str:
    said: str = answer["policyDocument"]["Statement"][0]["Effect"]
    return said


def test_a_token_opens_one_connection_for_whom_it_was_issued(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    tokens = ConnectTokens(CHAT, audience="chat", store=store)
    authorize = tokens.authorizer(origins=[ORIGIN])
    token = tokens.issue("ada", {"tenant": "acme"})
    stored = dynamodb_engine.scan(TableName=store.table_name)["Items"]
    assert len(stored) == 1
    assert token not in str(stored)
    answer = authorize(asked(token), None)
    assert answer == {
        "principalId": "ada",
        "policyDocument": {"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}]},
        "context": {"tenant": "acme"},
    }
    assert effect(authorize(asked(token), None)) == "Deny"
    assert dynamodb_engine.scan(TableName=store.table_name)["Items"] == []


def test_a_thousand_connects_without_a_good_token_open_nothing(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    chance = random.Random(7)  # noqa: S311 (no secret)
    tokens = ConnectTokens(CHAT, audience="chat", store=store)
    other = ConnectTokens(CHAT, audience="another API", store=store)
    authorize = tokens.authorizer(origins=[ORIGIN])
    used = [tokens.issue(f"user{number}") for number in range(20)]
    assert {effect(authorize(asked(token), None)) for token in used} == {"Allow"}
    expired = [tokens.issue("late") for _ in range(5)]
    for item in dynamodb_engine.scan(TableName=store.table_name)["Items"]:
        dynamodb_engine.put_item(TableName=store.table_name, Item={**item, "expires_at": {"N": "1700000000"}})
    foreign = [other.issue("eve") for _ in range(5)]
    good = tokens.issue("ada")
    kept = len(dynamodb_engine.scan(TableName=store.table_name)["Items"])

    def bad() -> dict[str, Any]:
        at = chance.randrange(43)
        altered = good[:at] + chance.choice([sign for sign in "AZaz09-_" if sign != good[at]]) + good[at + 1 :]
        return chance.choice(
            [
                *(asked(chance.choice(known)) for known in (used, expired, foreign)),
                asked(altered),
                *(asked(text) for text in (None, "", "x", good[:-1], good + "A", good.lower() + "!", "' OR 1=1", "\0" * 43, "é" * 43)),
                *(asked(good, origin) for origin in (None, "null", "https://evil.example", ORIGIN + ".evil.example", ORIGIN.upper())),
                asked(good) | {"multiValueQueryStringParameters": {"token": ["x", good]}},
            ]
        )

    def judged(event: dict[str, Any]) -> str:
        return effect(authorize(event, None))

    with ThreadPoolExecutor(4) as threads:
        effects = set(threads.map(judged, [bad() for _ in range(1_000)]))
    assert effects == {"Deny"}
    assert len(dynamodb_engine.scan(TableName=store.table_name)["Items"]) == kept
    assert effect(authorize(asked(good), None)) == "Allow"


def test_of_many_uses_at_once_one_succeeds(store: Store) -> None:
    tokens = ConnectTokens(CHAT, audience="chat", store=store)
    authorize = tokens.authorizer()

    def judged(event: dict[str, Any]) -> str:
        return effect(authorize(event, None))

    for _ in range(3):
        token = tokens.issue("ada")
        with ThreadPoolExecutor(8) as threads:
            effects = list(threads.map(judged, [asked(token)] * 8))
        assert effects.count("Allow") == 1


def test_a_token_is_somebodys_and_lives_for_a_while(store: Store) -> None:
    tokens = ConnectTokens(CHAT, audience="chat", store=store)
    with pytest.raises(ItemInvalidError, match="is somebody's"):
        tokens.issue("")
    with pytest.raises(ItemInvalidError, match="no claim principalId"):
        tokens.issue("ada", {"principalId": "root"})
    with pytest.raises(ItemInvalidError, match=r"at most 320 bytes, .*; give an id, and what else there is as claims"):
        tokens.issue("é" * 161)
    longest = CurrentConnection("c1=", tokens.redeem(tokens.issue("é" * 160)).principal, "https://example.com", datetime.now(UTC))
    Connections(CHAT, store=store).register(longest)
    for parameter in ("header.token", "querystring.token", ""):
        with pytest.raises(DeclarationError, match=r"write parameter='token' for querystring\.token"):
            tokens.authorizer(parameter=parameter)
    with pytest.raises(ConnectRefusedError, match="no connect token"):
        tokens.redeem(None)
    with pytest.raises(DeclarationError, match="from a second to an hour"):
        ConnectTokens(CHAT, audience="chat", lifetime=timedelta(hours=2))
    with pytest.raises(DeclarationError, match=r"names their API, '' was given; write audience='chat'"):
        ConnectTokens(CHAT, audience="")
    with pytest.raises(DeclarationError, match="a sort key and a TTL"):
        ConnectTokens(Table("plain", partition_key="pk"), audience="chat")


def send(app: WebSocketResolver, connection: str, principal: str = "") -> None:
    event = socket_event("say", {"action": "say"}, connection=connection)
    event["requestContext"]["authorizer"] = {"principalId": principal}
    assert app(event, None) == {"statusCode": 200}, "a fault of the client's is told to the client"


def test_who_sends_too_much_is_told_and_then_cut_off(store: Store, management: Management) -> None:
    app = WebSocketResolver(Connections(CHAT, store=store), guards=Guards(per_connection=Rate(3, timedelta(hours=1))))
    handled: list[str] = []
    app.route("say")(lambda: handled.append(app.current_connection.id))
    for _ in range(7):
        send(app, "loud")
    assert len(handled) == 3
    messages = [frame["error"] for frame in management.sent_to("loud")]
    assert len(messages) == 4
    assert {error["code"] for error in messages} == {"websocket.too_often"}
    assert "after 6 messages in that time the connection is closed" in messages[0]["message"]
    assert messages[-1]["message"].endswith("the connection is closed")
    assert management.closed == ["loud"]
    send(app, "quiet")
    assert handled[3:] == ["quiet"]


def test_a_principal_counts_over_all_connections(store: Store, management: Management) -> None:
    app = WebSocketResolver(Connections(CHAT, store=store), guards=Guards(per_principal=Rate(3, timedelta(hours=1))))
    handled: list[str] = []
    app.route("say")(lambda: handled.append(app.current_connection.id))
    for number in range(5):
        send(app, f"c{number}", "ada")
    assert handled == ["c0", "c1", "c2"]
    send(app, "c9", "grace")
    assert handled[3:] == ["c9"]
    assert management.closed == []


def test_where_the_authorizer_names_nobody_each_connection_counts_by_itself(store: Store, management: Management) -> None:
    app = WebSocketResolver(Connections(CHAT, store=store), guards=Guards(per_principal=Rate(3, timedelta(hours=1))))
    handled: list[str] = []
    app.route("say")(lambda: handled.append(app.current_connection.id))
    for _ in range(4):
        for connection in ("c0", "c1"):
            send(app, connection)
    assert handled == ["c0", "c1"] * 3
    assert {frame["error"]["code"] for frame in management.sent_to("c1")} == {"websocket.too_often"}


def test_messages_of_one_moment_are_all_counted(store: Store, management: Management) -> None:
    app = WebSocketResolver(Connections(CHAT, store=store), guards=Guards(per_connection=Rate(5, timedelta(hours=1))))
    handled: list[str] = []
    app.route("say")(lambda: handled.append("loud"))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(partial(send, app), ["loud"] * 10))
    assert (len(handled), len(management.sent_to("loud"))) == (5, 5)
    assert management.closed == []


def request(token: object, operation: str = "EVENT_SUBSCRIBE", channel: str | None = None) -> dict[str, Any]:
    return {"authorizationToken": token, "requestContext": {"operation": operation, "channel": channel}}


def test_a_channel_token_connects_as_often_as_it_must_and_subscribes_once_to_its_channel(store: Store) -> None:
    tokens = ChannelTokens(CHAT, audience="chat", store=store)
    authorize = tokens.authorizer()
    ticket, other = tokens.issue("ada", "room:lobby"), tokens.issue("ada", "room:attic")
    asked = [
        request(ticket["token"], "EVENT_CONNECT"),
        request(ticket["token"], "EVENT_CONNECT"),
        request(ticket["token"], "EVENT_PUBLISH", ticket["channel"]),
        request(ticket["token"], channel=ticket["channel"].lstrip("/")),
        request(ticket["token"], channel=ticket["channel"]),
        request(ticket["token"], "EVENT_CONNECT"),
        request(other["token"], channel=ticket["channel"]),
        request(other["token"], channel=other["channel"]),  # it was used up for another
    ]
    assert [authorize(one, None)["isAuthorized"] for one in asked] == [True, True, False, True, False, False, False, False]
    assert ticket["channel"] == "/topics/troom-3alobby"


def test_a_token_opens_nothing_of_another_api_that_shares_the_table(store: Store) -> None:
    connects = {name: ConnectTokens(CHAT, audience=name, store=store) for name in ("chat", "admin")}
    channels = {name: ChannelTokens(CHAT, audience=name, store=store) for name in ("chat", "admin")}
    with pytest.raises(ConnectRefusedError):
        connects["admin"].redeem(connects["chat"].issue("mallory"))
    for token in (channels["chat"].issue("mallory", "room:lobby")["token"], connects["admin"].issue("mallory")):
        assert channels["admin"].authorizer()(request(token, "EVENT_CONNECT"), None) == {"isAuthorized": False}
    for kind in (ConnectTokens, ChannelTokens):
        with pytest.raises(TypeError, match="audience"):
            kind(CHAT)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] (that is the fault)


def test_what_is_no_channel_token_opens_nothing(store: Store) -> None:
    authorize = ChannelTokens(CHAT, audience="chat", store=store).authorizer()
    expired = ChannelTokens(CHAT, audience="chat", store=store, lifetime=timedelta(seconds=1)).issue("ada", "room:lobby")
    of_sockets = ConnectTokens(CHAT, audience="chat", store=store).issue("ada", {"channel": expired["channel"]})
    time.sleep(1.1)
    for operation in ("EVENT_CONNECT", "EVENT_SUBSCRIBE"):
        for token in (expired["token"], of_sockets, "x" * 43, "", None, 3):
            assert authorize(request(token, operation, expired["channel"]), None) == {"isAuthorized": False}
