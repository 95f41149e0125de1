"""Two gateways of one CDK app, in one stack or two, share a table and neither what tokens open nor the registry of connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App as CdkApp
from aws_cdk import Stack

from gateleg.cdk import EventChannels, Events, IamAuthorizer, ModelTable, RequestAuthorizer, RestGateway, WebSocketGateway
from gateleg.description import App, Route, Use
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import CHAT, function

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode, ServiceFunction

SOURCE = "querystring.token"
TAKING = App(
    "svc.auth:handler",
    "function",
    (Route("handler", "h", uses=(Use("chat", "ConnectToken", "delete"),)),),
    authorizes=SOURCE,
    audience="chat",
)
SOCKET = App("svc.socket:app", "websocket", (Route("$connect", "h"),))
REGISTERING = App("svc.socket:app", "websocket", (Route("$connect", "h", uses=(Use("chat", "SocketConnection", "put"),)),))


class Service:
    """A stack with its table, and what is made in it."""

    def __init__(self, code: HandlerCode, app: CdkApp | None = None, name: str = "One", table: ModelTable | None = None) -> None:
        self.code = code
        self.stack = Stack(app or CdkApp(), name)
        self.table = table or ModelTable(self.stack, "Table", table=CHAT)

    def beside(self, name: str = "Two", table: ModelTable | None = None) -> Service:
        root: Any = self.stack.node.root
        return Service(self.code, root, name, table or self.table)

    def judge(self, name: str = "Judge", **says: Any) -> ServiceFunction:
        return function(self.stack, self.code, name, tables=[self.table], described=replace(TAKING, **says))

    def socket(self, judge: ServiceFunction | None, name: str = "Socket", app: App = SOCKET) -> WebSocketGateway:
        who: Any = IamAuthorizer() if judge is None else RequestAuthorizer(judge, [SOURCE])
        options: Any = {"code": self.code}
        return WebSocketGateway(self.stack, name, app=app, authorizer=who, tables=[self.table], function_options=options)


def test_a_token_of_one_gateway_would_open_another_of_the_same_audience(code: HandlerCode) -> None:
    one = Service(code)
    one.socket(one.judge())
    two = one.beside()
    with pytest.raises(
        DeclarationError, match=r"Two/Socket and One/Socket take connect tokens of the audience 'chat' .*ConnectTokens\(TABLE, audience="
    ):
        two.socket(two.judge())
    assert two.socket(two.judge("Other", audience="admin"), "Admin")


def test_a_function_that_two_gateways_ask_opens_both_with_one_token(code: HandlerCode) -> None:
    one = Service(code)
    judge = one.judge()
    one.socket(judge, "First")
    with pytest.raises(DeclarationError, match="a function of its own"):
        one.socket(judge, "Second")
    with pytest.raises(DeclarationError, match="One/Rest and One/First take connect tokens"):
        RestGateway(
            one.stack,
            "Rest",
            apps=[],
            routes={"GET /a": one.judge("Answers", authorizes=None, audience=None)},
            authorizers={"judge": RequestAuthorizer(judge, [SOURCE])},
            default_authorizer="judge",
        )


def test_tokens_of_another_table_or_of_subscriptions_open_nothing_here(code: HandlerCode) -> None:
    one = Service(code)
    one.socket(one.judge())
    other = one.beside("Other", ModelTable(one.stack, "More", table=CHAT))
    assert other.socket(other.judge())
    EventChannels(one.stack, "Channels", events=Events(one.judge("Asked", authorizes="channel")))
    with pytest.raises(DeclarationError, match=r"take channel tokens of the audience 'chat' .*ChannelTokens\("):
        EventChannels(one.stack, "More Channels", events=Events(one.judge("AlsoAsked", authorizes="channel")))


def test_a_table_that_is_there_already_is_one_by_whatever_name_it_is_imported(code: HandlerCode) -> None:
    def imported(app: CdkApp, name: str, physical: str) -> Service:
        service = Service(code, app, name, ModelTable(Stack(app, f"{name}Data"), "Unused", table=CHAT))
        service.table = ModelTable.from_name(service.stack, "Imported", table=CHAT, name=physical)
        return service

    app = CdkApp()
    one, two, three = imported(app, "A", "chats"), imported(app, "B", "chats"), imported(app, "C", "others")
    one.socket(one.judge())
    with pytest.raises(DeclarationError, match="take connect tokens"):
        two.socket(two.judge())
    assert three.socket(three.judge())


def test_a_registry_in_the_same_table_would_forget_the_connections_of_the_other_gateway(code: HandlerCode) -> None:
    one = Service(code)
    one.socket(None, app=REGISTERING)
    with pytest.raises(DeclarationError, match=r"Two/Socket and One/Socket have the registries .*Connections\(TABLE\) and tables="):
        one.beside().socket(None, app=REGISTERING)
    other = one.beside("Other", ModelTable(one.stack, "More", table=CHAT))
    assert other.socket(None, app=REGISTERING)
    assert one.beside("Plain").socket(None)


def test_what_is_claimed_in_one_app_is_free_in_the_next(code: HandlerCode) -> None:
    for _ in range(2):
        service = Service(code)
        service.socket(service.judge(), app=REGISTERING)
