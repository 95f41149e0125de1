"""What is read from a `WebSocketResolver`."""

from collections.abc import Callable

import pytest

from gateleg.describe import describe
from gateleg.description import Route
from gateleg.errors import AuthorizerError, RouteError

HEAD = (
    "from gateleg.model import Attr, Entity, Table, access, attr, key\n"
    "from gateleg.websocket import Connections, Router, WebSocketResolver, public, uses\n"
    "CHAT = Table('chat', partition_key='pk', sort_key='sk', ttl='expires_at')\n"
    "class Message(Entity, table=CHAT):\n"
    "    room: Attr[str] = attr()\n"
    "    key = key('ROOM#{room}', 'MESSAGE')\n"
)
WITH = f"{HEAD}app = WebSocketResolver(connections=Connections(CHAT))\n"
WITHOUT = f"{HEAD}app = WebSocketResolver()\n"


def described(app: str) -> dict[str, Route]:
    description = describe(app)
    assert description.kind == "websocket"
    return {route.key: route for route in description.routes}


def operations(route: Route) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for use in route.uses:
        found.setdefault(use.entity, set()).add(use.operation)
    return found


def test_routes_payloads_and_uses_are_read(write_app: Callable[..., str]) -> None:
    app = write_app(
        "@app.route('send')\n@uses(Message.create)\ndef send(room: str, count: int = 1) -> None: ...\n"
        "@app.on_connect()\n@uses(Message.get)\ndef connect(token: str) -> None: ...\n",
        head=WITHOUT,
        name="services.chat.socket",
    )
    routes = described(app)
    assert list(routes) == ["send", "$connect", "$default"]
    assert routes["send"].handler == "services.chat.socket:send"
    assert routes["send"].operation == {"payload": {"$ref": "#/components/schemas/Send"}, "reply": {"type": "null"}}
    assert describe(app).schemas["Send"]["required"] == ["room"]
    assert operations(routes["send"]) == {"Message": {"create"}}
    assert operations(routes["$connect"]) == {"Message": {"get"}}
    assert routes["$connect"].operation == {"payload": {"$ref": "#/components/schemas/Connect"}}
    assert routes["$default"].uses == ()


def test_the_registrys_own_uses_are_implied(write_app: Callable[..., str]) -> None:
    routes = described(write_app("@app.route('send')\n@uses(Message.create)\ndef send() -> None: ...\n", head=WITH))
    assert set(routes) == {"send", "$connect", "$default", "$disconnect"}
    registry = {
        "SocketConnection": {"check", "put", "delete"},
        "SocketMembership": {"put", "query", "delete"},
        "SocketShare": {"put", "query", "delete"},
        "SocketSubscription": {"put", "query", "delete"},
    }
    assert operations(routes["$connect"]) == registry
    assert operations(routes["send"]) == {**registry, "Message": {"create"}}
    assert operations(routes["$disconnect"]) == {
        "SocketConnection": {"put", "delete"},  # that it has ended is remembered
        "SocketMembership": {"query", "delete"},
        "SocketShare": {"query", "delete"},
        "SocketSubscription": {"query", "delete"},
    }
    assert all(use.index is None for route in routes.values() for use in route.uses)


def test_routers_and_middlewares_are_read(write_app: Callable[..., str]) -> None:
    app = write_app(
        "router = Router()\n"
        "@uses(Message.get)\ndef guard(app, following): return following(app)\n"
        "@router.route('a', middlewares=[guard])\ndef a() -> None: ...\n"
        "app.include_router(router)\n",
        head=WITHOUT,
    )
    assert operations(described(app)["a"]) == {"Message": {"get"}}


def test_what_answers_errors_is_used_by_every_route(write_app: Callable[..., str]) -> None:
    app = write_app(
        "@app.exception_handler(ValueError)\n@uses(Message.get)\ndef failed(error) -> None: ...\n@app.route('a')\ndef a() -> None: ...\n",
        head=WITHOUT,
    )
    assert operations(described(app)["a"]) == {"Message": {"get"}}


def test_a_handler_that_cannot_be_read_is_named(write_app: Callable[..., str]) -> None:
    app = write_app("@app.route('a')\ndef a(room: 'Missing') -> None: ...\n", head=WITHOUT)
    with pytest.raises(RouteError, match="sample:a"):
        describe(app)


def test_a_rest_handler_declares_that_it_broadcasts(write_app: Callable[..., str]) -> None:
    app = write_app(
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\n"
        "connections = Connections(CHAT)\napp = APIGatewayRestResolver()\n"
        "@app.post('/a')\n@uses(connections.broadcasting)\ndef a() -> str: ...\n"
        "@app.get('/b')\n@uses(connections.reading)\ndef b() -> str: ...\n",
        head=HEAD,
    )
    routes = {route.key: route for route in describe(app).routes}
    assert {use.operation for use in routes["POST /a"].uses} == {"query", "put", "delete"}
    assert {use.operation for use in routes["GET /b"].uses} == {"query"}
    assert (routes["POST /a"].publishes, routes["GET /b"].publishes) == (True, False)


def test_the_way_in_may_be_public_and_says_why(write_app: Callable[..., str]) -> None:
    app = write_app("@app.on_connect()\n@public('a demo')\ndef come() -> None: ...\n", head=WITHOUT)
    assert {key: route.public for key, route in described(app).items()} == {"$connect": "a demo", "$default": None}


def test_a_public_message_is_refused_with_what_to_mark(write_app: Callable[..., str]) -> None:
    app = write_app("@app.route('send')\n@public('a demo')\ndef send() -> None: ...\n", head=WITHOUT)
    with pytest.raises(AuthorizerError, match=r"mark the handler of @app\.on_connect"):
        describe(app)


def test_a_public_mark_above_the_registration_is_refused(write_app: Callable[..., str]) -> None:
    app = write_app("@public('a demo')\n@app.on_connect()\ndef come() -> None: ...\n", head=WITHOUT)
    with pytest.raises(AuthorizerError, match="write it below"):
        describe(app)


def test_replies_docstrings_events_and_subprotocols_are_read(write_app: Callable[..., str]) -> None:
    head = f"{HEAD}from pydantic import BaseModel\nclass Said(BaseModel):\n    body: bytes\n"
    app = write_app(
        "app = WebSocketResolver(subprotocols=['chat.v1'], events=[Said])\n"
        '@app.route(\'say\')\ndef say(body: str) -> Said | None:\n    """Say\n    something.\n\n    To all.\n    """\n'
        '@app.route(\'any\')\ndef anything():\n    """Who knows."""\n'
        "@app.route('nothing')\ndef nothing() -> None: ...\n",
        head=head,
    )
    routes, said = described(app), {"$ref": "#/components/schemas/Said"}
    assert routes["say"].operation == {
        "summary": "Say something",
        "description": "To all.",
        "payload": {"$ref": "#/components/schemas/Say"},
        "reply": {"anyOf": [said, {"type": "null"}]},
    }
    assert routes["any"].operation == {"summary": "Who knows", "reply": {}}
    assert routes["nothing"].operation == {"reply": {"type": "null"}}
    assert routes["$connect"].operation == {"subprotocols": ["chat.v1"], "events": {"Said": said}}


def test_what_dependencies_use_and_nothing_that_they_give_is_read(write_app: Callable[..., str]) -> None:
    app = write_app(
        "from typing import Annotated\nfrom aws_lambda_powertools.event_handler import Depends\n"
        "@uses(Message.get)\ndef room() -> str: ...\n"
        "@app.route('a')\ndef a(room: Annotated[str, Depends(room)], body: str) -> None: ...\n",
        head=WITHOUT,
    )
    assert operations(described(app)["a"]) == {"Message": {"get"}}
    assert list(describe(app).schemas["A"]["properties"]) == ["body"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("app = WebSocketResolver(events=['Said'])\n", r"write events=\[Said, Presence\]"),
        ("class Odd: ...\napp = WebSocketResolver(events=[Odd])\n", "write types that pydantic can describe"),
        ("class Odd: ...\n@app.route('a')\ndef a() -> Odd: ...\n", "annotate types that pydantic knows"),
        (
            "from collections.abc import Callable\n@app.route('a')\ndef a() -> Callable[[], int]: ...\n",
            "types that pydantic can describe",
        ),
    ],
    ids=["text", "class", "result", "schema"],
)
def test_what_cannot_be_told_is_refused(write_app: Callable[..., str], body: str, told: str) -> None:
    with pytest.raises(RouteError, match=told):
        describe(write_app(body, head=WITHOUT))


def test_what_counts_the_messages_of_principals_says_so(write_app: Callable[..., str]) -> None:
    def counts(guards: str, name: str) -> bool:
        head = f"{HEAD}from gateleg.websocket import Guards, Rate\napp = WebSocketResolver(Connections(CHAT), guards={guards})\n"
        return describe(write_app("@app.route('send')\ndef send() -> None: ...\n", head=head, name=name)).counts_principals

    assert counts("Guards(per_principal=Rate(5))", "services.counting")
    assert not counts("Guards(per_connection=Rate(5))", "services.alone")
    assert not counts("None", "services.unguarded")
