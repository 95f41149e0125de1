"""A plain handler is described with what it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.describe import describe
from gateleg.description import App, Use
from gateleg.description.source import FunctionSource

if TYPE_CHECKING:
    from collections.abc import Callable

CODE = """
from gateleg.model import Table
from gateleg.websocket import ChannelTokens, Connections, ConnectTokens, uses
CHAT = Table('chat', partition_key='pk', sort_key='sk', ttl='expires_at')
authorize = ConnectTokens(CHAT, audience='chat').authorizer(origins=['https://chat.example.com'])
ticket = ConnectTokens(CHAT, audience='chat').authorizer(parameter='ticket')
channel = ChannelTokens(CHAT, audience='chat').authorizer()
connections = Connections(CHAT)
@uses(connections.broadcasting)
def tell(event, context): ...
def plain(event, context): ...
"""


@pytest.mark.parametrize(
    ("name", "operations", "publishes"),
    [
        ("authorize", {("ConnectToken", "delete")}, [False]),
        ("tell", {("SocketConnection", "put")}, [True]),
        ("plain", set[tuple[str, str]](), []),
    ],
)
def test_its_uses_are_those_of_its_marks(
    write_app: Callable[..., str], name: str, operations: set[tuple[str, str]], publishes: list[bool]
) -> None:
    app = write_app(CODE, head="")
    found = describe(FunctionSource(None, app.replace(":app", f":{name}")))
    assert found.kind == "function"
    used = {(use.entity, use.operation) for route in found.routes for use in route.uses}
    assert operations <= used
    assert bool(used) is bool(operations)
    assert [route.publishes for route in found.routes] == publishes
    assert all(isinstance(use, Use) and use.table == "chat" for route in found.routes for use in route.uses)


@pytest.mark.parametrize(
    ("name", "place"), [("authorize", "querystring.token"), ("ticket", "querystring.ticket"), ("channel", "channel"), ("plain", None)]
)
def test_an_authorizer_of_tokens_says_where_it_finds_them(write_app: Callable[..., str], name: str, place: str | None) -> None:
    described = describe(FunctionSource(None, write_app(CODE, head="").replace(":app", f":{name}")))

    assert described.authorizes == place
    assert App.from_json(described.to_json()) == described
