"""The stack of gateleg-starter: its APIs, their handlers, who may call, and the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_secretsmanager import Secret, SecretStringGenerator
from gateleg.cdk import (
    ModelTable,  # [table]
    RequestAuthorizer,  # [websocket]
    RestGateway,  # [rest]
    ServiceFunction,
    TokenAuthorizer,  # [rest]
    WebSocketGateway,  # [websocket]
)

# [table]
from lambdas.starter.model import TABLE

# [end]
if TYPE_CHECKING:
    from constructs import Construct
# [rest]

_REST = "lambdas.starter.rest:app"
# [end]


class StarterStack(Stack):
    """Everything that the service needs."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        key = Secret(
            self,
            "Key",
            description="Whoever has it may call the APIs of gateleg-starter",
            generate_secret_string=SecretStringGenerator(exclude_punctuation=True),
        )
        authorizer = ServiceFunction(
            self,
            "Authorizer",
            handler="lambdas.starter.authorizer:handler",
            environment={"KEY_SECRET": key.secret_arn},
        )
        key.grant_read(authorizer.function)
        CfnOutput(self, "KeySecret", value=key.secret_arn)
        # [table]

        self.table = ModelTable(self, "Table", table=TABLE)
        # [end]
        # [rest]
        self.rest = RestGateway(
            self,
            "Rest",
            apps=[_REST],
            tables=[self.table],  # [table]
            authorizers={"key": TokenAuthorizer(authorizer)},
        )
        # [end]
        # [websocket]
        self.socket = WebSocketGateway(
            self,
            "Socket",
            app="lambdas.starter.socket:app",
            tables=[self.table],  # [table]
            authorizer=RequestAuthorizer(authorizer, identity_sources=["querystring.key"]),
        )
        # [table]
        self.socket.add_publisher(self.rest.functions[_REST])  # [rest]
        # [end]
        # [end]
