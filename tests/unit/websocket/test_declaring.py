"""Mistakes in the declaration of routes are errors at once, or when the app is described."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler.depends import Depends

from gateleg.errors import DeclarationError, RouteError
from gateleg.model import Table
from gateleg.websocket import Connections, Payload, Router, WebSocketResolver

CHAT = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at")


def handler() -> None: ...


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("", "1 to 128"),
        ("x" * 129, "1 to 128"),
        (handler, "write @app.route"),
        ("$connect", "on_connect()"),
        ("$default", "on_default()"),
        ("$x", "without"),
    ],
)
def test_a_key_that_no_client_can_send_is_refused(key: Any, hint: str) -> None:
    with pytest.raises(RouteError) as caught:
        WebSocketResolver().route(key)
    assert hint in caught.value.message


@pytest.mark.parametrize("key", ["a.b", "", "request_id", "a b", "$action", "x[0]", "7", "action\n", 7])
def test_a_key_that_cannot_name_the_route_of_a_message_is_refused(key: Any) -> None:
    with pytest.raises(DeclarationError, match="write action_key='action'") as caught:
        WebSocketResolver(action_key=key)
    assert (caught.value.code, caught.value.path, caught.value.value) == ("websocket.action_key", "action_key", key)
    assert WebSocketResolver(action_key="action").action_key == "action"


def test_a_route_that_is_declared_twice_names_both_handlers() -> None:
    app, router = WebSocketResolver(), Router()
    app.route("send")(handler)
    router.route("send")(test_a_key_that_no_client_can_send_is_refused)
    with pytest.raises(RouteError, match=r"send is declared twice: by .*handler and by .*test_a_key"):
        app.include_router(router)
    with pytest.raises(RouteError, match="declared twice"):
        [app.on_connect()(handler) for _ in range(2)]


def test_a_disconnect_handler_takes_no_parameters() -> None:
    def with_default(reason: str = "") -> None: ...

    app = WebSocketResolver()
    with pytest.raises(RouteError, match=r"crowded takes parameters.*write a function without"):
        app.on_disconnect()(crowded)
    app.on_disconnect()(with_default)


def yielding() -> Iterator[None]:
    yield


async def yielding_later() -> AsyncIterator[None]:
    yield


class Yielding:
    """What yields when it is called."""

    __module__ = __name__

    def __call__(self) -> Iterator[None]:
        yield


@pytest.mark.parametrize("never", [yielding, yielding_later, Yielding(), partial(yielding)])
def test_what_yields_is_refused_since_calling_it_runs_nothing(never: Any) -> None:
    app = WebSocketResolver()
    for register in (app.on_connect(), app.on_disconnect(), app.on_default(), app.route("send"), app.exception_handler(LookupError)):
        with pytest.raises(RouteError, match=r"yields.*write a function that returns"):
            register(never)
    with pytest.raises(RouteError, match=r"the middleware .*yields"):
        app.use([never])
    with pytest.raises(RouteError, match=r"the middleware .*yields"):
        app.route("send", middlewares=[never])

    def needing(given: Any) -> None:
        del given

    needing.__annotations__["given"] = Annotated[Any, Depends(never)]
    app.route("send")(needing)
    with pytest.raises(RouteError, match=r"the dependency .*yields"):
        app.routes["send"].payload_schema()


def positional(room: str, /) -> None: ...


def variadic(*rooms: str) -> None: ...


def crowded(message: Annotated[dict[str, Any], Payload()], room: str) -> None: ...


def unknown(room: "Missing") -> None: ...  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore[reportUndefinedVariable, reportUnknownParameterType]: the point of the test


class Opaque:
    """Nothing pydantic knows."""


def opaque(thing: Opaque) -> None: ...


BAD: list[Any] = [positional, variadic, crowded, unknown, opaque]  # pyright: ignore[reportUnknownVariableType]: one has a name that is not there


@pytest.mark.parametrize("bad", BAD)
def test_a_handler_that_cannot_be_read_from_a_message_is_refused(bad: Any) -> None:
    app = WebSocketResolver()
    app.route("send")(bad)
    with pytest.raises(RouteError, match=f"{bad.__name__}: .*write"):
        app.routes["send"].payload_schema()


def test_the_payloads_schema_is_that_of_the_parameters() -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str, count: int = 3) -> None:
        _ = (room, count)

    schema = app.routes["send"].payload_schema()
    assert schema is not None
    assert schema["required"] == ["room"]
    assert schema["properties"] == {
        "room": {"title": "Room", "type": "string"},
        "count": {"default": 3, "title": "Count", "type": "integer"},
    }


def test_the_resolver_answers_what_nobody_declared() -> None:
    app = WebSocketResolver()
    app.route("send")(handler)
    assert list(app.routes) == ["send", "$connect", "$default"]
    assert list(WebSocketResolver(connections=Connections(CHAT)).routes) == ["$connect", "$default", "$disconnect"]


def test_a_registry_needs_a_sort_key_and_a_ttl() -> None:
    with pytest.raises(DeclarationError, match="sort_key='sk'"):
        Connections(Table("plain", partition_key="pk", ttl="expires_at"))
    with pytest.raises(DeclarationError, match="ttl='expires_at'"):
        Connections(Table("plain", partition_key="pk", sort_key="sk"))


def test_a_registry_may_be_named_in_several_modules() -> None:
    assert Connections(CHAT).registering == Connections(CHAT).registering


def test_what_the_registry_uses_is_exact() -> None:
    connections = Connections(CHAT)
    assert {(use.operation, use.index) for use in connections.reading.declared_uses()} == {("query", None)}
    assert {use.operation for use in connections.joining.declared_uses()} == {"check", "query", "put", "delete"}
    assert {use.operation for use in connections.broadcasting.declared_uses()} == {"query", "put", "delete"}
    assert {use.operation for use in connections.registering.declared_uses()} == {"check", "put", "query", "delete"}
    assert {use.table for use in connections.registering.declared_uses()} == {"chat"}


def test_the_registrys_names_follow_the_table() -> None:
    table = Table("odd", partition_key="hash", sort_key="range", ttl="gone_at")
    assert {use.table for use in Connections(table).registering.declared_uses()} == {"odd"}
    assert table.key_types() == {"hash": "S", "range": "S"}
