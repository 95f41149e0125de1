"""The chat backend: a table, a REST API, a WebSocket API and their handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk.aws_secretsmanager import Secret

from gateleg.cdk import (
    IamAuthorizer,
    ModelTable,
    NoWebAcl,
    RequestAuthorizer,
    RestApp,
    RestGateway,
    ServiceFunction,
    TokenAuthorizer,
    WebSocketGateway,
)
from lambdas.chat.model import CHAT
from stacks.moderators import Moderators

REST = "lambdas.chat.rest:app"
TAKING_BACK = "DELETE /rooms/{room}/messages/{message_id}"

if TYPE_CHECKING:
    from constructs import Construct


class ChatStack(Stack):
    """Everything the chat needs.

    Attributes:
        table: The table with its index.
        authorizer: The function that both APIs ask who is calling.
        socket: The WebSocket API.
        moderators: Who may take back what was said.
        rest: The REST API, which serves the page too.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.table = ModelTable(self, "Table", table=CHAT)
        self.session_key = Secret(self, "SessionKey", description="signs the chat's session tokens")
        Validations.of(self.session_key).acknowledge(
            Acknowledgment(id="AwsSolutions-SMG4", reason="Rotating by hand ends every session at once, which is when it is wanted.")
        )
        session = {"CHAT_SESSION_SECRET": self.session_key.secret_arn}

        self.authorizer = ServiceFunction(self, "Authorizer", handler="lambdas.chat.authorizer:handler", environment=session)
        self.socket = WebSocketGateway(
            self,
            "Socket",
            app="lambdas.chat.socket:app",
            tables=[self.table],
            authorizer=RequestAuthorizer(self.authorizer, identity_sources=["route.request.querystring.token"]),
        )
        self.moderators = Moderators(self, "Moderators")
        self.rest = RestGateway(
            self,
            "Rest",
            apps=[RestApp(REST, handler="lambdas.chat.rest:handler")],
            tables=[self.table],
            authorizers={"session": TokenAuthorizer(self.authorizer), "moderators": IamAuthorizer()},
            default_authorizer="session",
            web_acl=NoWebAcl("A demonstration: the stage throttles, and a web ACL costs by the month."),
            function_options={"environment": {**session, **self.moderators.variables, "CHAT_SOCKET_URL": self.socket.url_output.value}},
        )
        self.rest.grant_invoke(self.moderators.role, TAKING_BACK)
        self.rest.add_reference("/docs", public="the reference holds no data", socket=self.socket)
        handlers = self.rest.functions[REST]
        self.socket.add_publisher(handlers)
        for function in (self.authorizer, handlers):
            self.session_key.grant_read(function.function)
