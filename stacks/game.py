"""The game backend: a table, a REST API, a WebSocket API, and what sends the changes of the one to the clients of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Stack

from gateleg.cdk import IamAuthorizer, ModelTable, NoWebAcl, RestApp, RestGateway, WebSocketGateway, Workers
from lambdas.game.model import GAMES

if TYPE_CHECKING:
    from constructs import Construct


class GameStack(Stack):
    """Everything the game needs.

    Attributes:
        table: The table with its index and its stream.
        socket: The WebSocket API, whose workers send to the watchers of a game.
        changes: What takes the changes of the table to them.
        rest: The REST API; game servers are granted its routes with `rest.grant_invoke(role, "PUT /players/{player}/sessions/{session_id}")`.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.table = ModelTable(self, "Table", table=GAMES)
        self.socket = WebSocketGateway(self, "Socket", app="lambdas.game.live:socket", tables=[self.table], workers=Workers(concurrency=20))
        self.changes = self.table.on_change("lambdas.game.live:changes")
        self.socket.add_publisher(self.changes.function)
        self.rest = RestGateway(
            self,
            "Rest",
            apps=[RestApp("lambdas.game.rest:app", handler="lambdas.game.rest:handler")],
            tables=[self.table],
            authorizers={"servers": IamAuthorizer()},
            default_authorizer="servers",
            web_acl=NoWebAcl("A demonstration: the stage throttles, and a web ACL costs by the month."),
            function_options={"environment": {"GAME_SOCKET_URL": self.socket.url_output.value}},
        )
        self.rest.add_reference("/docs", public="the reference holds no data", socket=self.socket)
