"""Pages of other origins do not connect, messages have limits, and clients are told before they are cut off."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.model import Table
from gateleg.store import AsyncStore, Store
from gateleg.websocket import ChannelTokens, Connections, ConnectTokens, CurrentConnection, Guards, Rate, Sending, WebSocketResolver
from gateleg.websocket.guards import is_deeper
from gateleg.websocket.subscribers import Subscribers
from tests.unit.websocket.events import CONNECTION, socket_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.websocket.management import Management

CHAT = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at")
ALLOWED = ("https://chat.example.com", "http://localhost:5173")


class Untouched:
    """A transport that nothing may be sent over."""

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        pytest.fail(f"{operation} of {params}")


class Empty:
    """A transport to a table that has nothing."""

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        del operation, params
        return {"Items": [], "Count": 0}


def guarded(**guards: Any) -> WebSocketResolver:
    store = Store(CHAT, table_name="chat", transport=Untouched())
    return WebSocketResolver(Connections(CHAT, store=store), guards=Guards(**guards))


def connect(origin: str | list[str] | None) -> dict[str, Any]:
    origins = [] if origin is None else [origin] if isinstance(origin, str) else origin
    headers = {"Origin": origins[-1]} if origins else {}
    return socket_event("$connect", headers=headers, multiValueHeaders=dict.fromkeys(headers, origins))


def foreign(chance: random.Random) -> str | list[str] | None:
    """An origin that is not allowed, most of them nearly one that is."""
    base = chance.choice(ALLOWED)
    scheme, _, host = base.partition("://")
    at = chance.randrange(len(base))
    made = chance.choice(
        [
            None,
            "",
            "null",
            "*",
            f"{base}.evil.example",
            f"https://evil.example/{base}",
            f"{base}:8443",
            f"{base}/",
            f"{base} ",
            base.upper(),
            f"{scheme}://evil.{host}",
            f"{scheme}://user@{host}",
            f"wss://{host}",
            base[:at] + chance.choice("xz-") + base[at + 1 :],
            base[:at] + base[at + 1 :],
            base + "\0",
            [base, "https://evil.example"],
            ["https://evil.example", base],
            [base, base],
        ]
    )
    return None if made in ALLOWED else made


def test_a_thousand_foreign_pages_are_refused_and_nothing_is_written() -> None:
    app, chance = guarded(origins=ALLOWED), random.Random(1)  # noqa: S311 (no secret)
    app.on_connect()(lambda: pytest.fail("the handler ran"))
    answers = {app(connect(foreign(chance)), None)["statusCode"] for _ in range(1_000)}
    assert answers == {403}


@pytest.mark.parametrize("name", ["Origin", "origin", "ORIGIN"])
def test_pages_of_an_allowed_origin_connect(name: str) -> None:
    app = WebSocketResolver(guards=Guards(origins=ALLOWED))
    for origin in ALLOWED:
        assert app(socket_event("$connect", headers={name: origin}), None) == {"statusCode": 200}


@pytest.mark.parametrize(
    "origins",
    [
        [],
        "https://a.example",
        ["*"],
        ["null"],
        ["https://a.example/"],
        ["https://A.example"],
        ["a.example"],
        ["https://*.a.example"],
        ["https://a.example:443"],
        ["http://a.example:80"],
        [3],
    ],
)
def test_what_is_no_origin_is_refused(origins: Any) -> None:
    with pytest.raises(DeclarationError, match="origin"):
        Guards(origins=origins)


def told(management: Management) -> dict[str, Any]:
    error: dict[str, Any] = management.sent_to(CONNECTION)[-1]["error"]
    return error


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"action": "say", "text": "' + "x" * 80 + '"}', "websocket.too_large"),
        ('{"action": "say", "text": "' + "é" * 45 + '"}', "websocket.too_large"),
        ('{"action": "say", "text": [[[[1]]]]}', "websocket.too_deep"),
        ("[" * 90, "websocket.too_deep"),
    ],
)
def test_a_message_beyond_its_limits_is_told_and_not_handled(management: Management, body: str, code: str) -> None:
    app = WebSocketResolver(guards=Guards(max_bytes=100, max_depth=3))
    app.route("say")(_noting(seen := list[Any]()))
    assert app(socket_event("say", body), None) == {"statusCode": 200}
    assert told(management)["code"] == code
    assert seen == []
    assert management.closed == []


def _noting(seen: list[Any]) -> Any:
    def say(text: Any) -> None:
        seen.append(text)

    return say


def test_a_message_within_its_limits_is_handled(management: Management) -> None:
    app, seen = WebSocketResolver(guards=Guards(max_bytes=100, max_depth=3)), list[Any]()
    app.route("say")(_noting(seen))
    app(socket_event("say", {"action": "say", "text": [["]}[[[[{{{{"]]}), None)
    assert seen == [[["]}[[[[{{{{"]]]
    assert management.received == []


def depth(value: Any) -> int:
    parts: Any = getattr(value, "values", value.__iter__)() if hasattr(value, "__iter__") and not isinstance(value, str) else None
    return 0 if parts is None else 1 + max(map(depth, parts), default=0)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner)


JSON: st.SearchStrategy[Any] = st.recursive(st.none() | st.text(st.sampled_from('[]{}"\\a')), nested)


@given(JSON, st.integers(1, 6))
def test_depth_is_that_of_the_json(value: Any, most: int) -> None:
    assert is_deeper(json.dumps(value), most) is (depth(value) > most)


@pytest.mark.parametrize(
    "given_", [{"max_bytes": 0}, {"max_bytes": 200_000}, {"max_depth": 0}, {"max_depth": 1.5}, {"max_bytes": None}, {"max_depth": True}]
)
def test_limits_of_nothing_or_of_more_than_there_is_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="131072 bytes"):
        Guards(**given_)


def test_rates_of_nothing_or_of_no_time_are_refused() -> None:
    with pytest.raises(DeclarationError, match="write Rate"):
        Rate(0)
    with pytest.raises(DeclarationError, match="write Rate"):
        Rate(5, timedelta(0))


@pytest.mark.parametrize(
    ("messages", "per"), [(1, 10), ("5", timedelta(seconds=1)), (2.5, timedelta(seconds=1)), (None, None), (True, timedelta(seconds=1))]
)
def test_rates_of_what_is_no_number_or_no_time_are_refused(messages: Any, per: Any) -> None:
    with pytest.raises(DeclarationError, match=r"write Rate\(20, timedelta\(seconds=10\)\)"):
        Rate(messages, per)


@pytest.mark.parametrize("name", ["per_connection", "per_principal"])
@pytest.mark.parametrize("rate", [5, "5/s", (5, timedelta(seconds=1)), 0])
def test_what_is_no_rate_is_refused(name: str, rate: Any) -> None:
    with pytest.raises(
        DeclarationError, match=rf"{name} is a rate, .* was given; write Guards\({name}=Rate\(20, timedelta\(seconds=10\)\)\)"
    ):
        Guards(**{name: rate})


def test_what_is_counted_needs_a_registry() -> None:
    with pytest.raises(DeclarationError, match=r"connections=Connections\(TABLE\)"):
        WebSocketResolver(guards=Guards(per_connection=Rate(5)))


def test_counting_is_declared_for_messages_alone() -> None:
    counted = WebSocketResolver(Connections(CHAT), guards=Guards(per_principal=Rate(5)))
    plain = WebSocketResolver(Connections(CHAT), guards=Guards())
    for key, more in (("send", {"update", "create"}), ("$connect", set[str]()), ("$disconnect", set[str]())):
        assert {use.operation for use in set(counted.implied_uses(key)) - set(plain.implied_uses(key))} == more


OTHERS = ["chat", None, ConnectTokens, {"name": "chat"}]
STORES = ["chat", CHAT, Store, AsyncStore(CHAT, table_name="chat"), Untouched(), False]
WRONG: dict[str, tuple[Callable[[Any], object], str, list[Any]]] = {
    "ttl": (lambda value: Connections(CHAT, ttl=value), "write ttl=timedelta", [7200, "2h", None]),
    "principal": (lambda value: Connections(CHAT, principal=value), "write principal='principalId'", ["", None, 3, True]),
    "sending": (lambda value: Connections(CHAT, sending=value), r"write sending=Sending\(", [None, 2_000, "fast"]),
    "channels": (lambda value: Connections(CHAT, channels=value), "write channels=True", [None, "news", 1, ["news"]]),
    "shards": (lambda value: Connections(CHAT, shards=value), "write shards=8", ["8", None, 2.0, True, 0, 257]),
    "lifetime": (lambda value: ConnectTokens(CHAT, audience="chat", lifetime=value), "from a second to an hour", [60, "1m", None]),
    "rate": (lambda value: Sending(rate=value), "needs rate of one or more", ["9", None, True, float("nan"), 0]),
    "burst": (lambda value: Sending(burst=value), "needs burst of one or more", ["9", None, True, 1.5]),
    "wait": (lambda value: Sending(wait=value), "waits for more than no time", [3, None, "3s"]),
    "reserve": (lambda value: Sending(reserve=value), "keeps less than the 15 minutes", [1, None]),
    "origins": (lambda value: Guards(origins=value), "write origins=", [3, True, 1.5]),
    "the registry's table": (Connections, r"write Table\('chat'", OTHERS),
    "the tokens' table": (lambda value: ConnectTokens(value, audience="chat"), r"write Table\('chat'", OTHERS),
    "the channels' table": (lambda value: ChannelTokens(value, audience="chat"), r"write Table\('chat'", OTHERS),
    "the registry's store": (lambda value: Connections(CHAT, store=value), r"write store=Store\(TABLE\)", STORES),
    "the tokens' store": (lambda value: ConnectTokens(CHAT, audience="chat", store=value), r"write store=Store\(TABLE\)", STORES),
    "the channels' store": (lambda value: ChannelTokens(CHAT, audience="chat", store=value), r"write store=Store\(TABLE\)", STORES),
    "connections": (WebSocketResolver, r"write connections=Connections\(TABLE\)", [CHAT, "chat", True, Connections, Subscribers]),
    "guards": (lambda value: WebSocketResolver(guards=value), r"write guards=Guards\(", [Rate(5), 16_384, Guards, {"max_bytes": 1}]),
    "who": (lambda value: WebSocketResolver(principal=value), "write principal='principalId'", ["", None, 3, ["principalId"]]),
    "events": (lambda value: WebSocketResolver(events=value), r"write events=\[Said, Presence\]", [Rate, "Rate", None, 3]),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, (_, _, values) in WRONG.items() for value in values])
def test_what_is_not_of_its_kind_is_refused_with_what_to_write(name: str, value: Any) -> None:
    make, advice, _ = WRONG[name]
    with pytest.raises(DeclarationError, match=advice):
        make(value)


def test_what_is_advised_in_the_place_of_another_kind_is_taken() -> None:
    table = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at")
    store = Store(table)
    ConnectTokens(table, audience="chat", store=store)
    ChannelTokens(table, audience="chat", store=store)
    app = WebSocketResolver(
        connections=Connections(table, store=store), guards=Guards(max_bytes=16_384), principal="principalId", events=[Rate, Guards]
    )
    assert app.events == (Rate, Guards)


@pytest.mark.parametrize("topic", ["", "x" * 331, "\ud83d", 7, None, b"room"])
def test_a_topic_that_cannot_be_one_is_refused_before_anything_is_asked(topic: Any) -> None:
    connections = Connections(CHAT, store=Store(CHAT, table_name="chat", transport=Untouched()))
    connection = CurrentConnection.of(socket_event("join"), principal="principalId")
    with pytest.raises(ItemInvalidError):
        connections.join(topic, connection=connection)


def test_one_id_that_is_left_out_without_a_list_is_told_how_to_be_written(management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELEG_WEBSOCKET_ENDPOINT", management.url)
    nobody = Connections(CHAT, store=Store(CHAT, table_name="chat", transport=Empty()))
    with pytest.raises(DeclarationError, match=r"write exclude=\['L0SM9cOFvHcCIhw='\]"):
        nobody.broadcast("room", "hello", exclude=CONNECTION)
    assert nobody.broadcast("room", "hello", exclude=[CONNECTION]).sent == 0


@pytest.mark.parametrize("principal", [7, None, b"ada", ["ada"], ""])
def test_a_token_is_of_somebody_whose_id_is_text(principal: Any) -> None:
    tokens = ConnectTokens(CHAT, audience="chat", store=Store(CHAT, table_name="chat", transport=Untouched()))
    with pytest.raises(ItemInvalidError, match="give the caller's id as principal"):
        tokens.issue(principal)
