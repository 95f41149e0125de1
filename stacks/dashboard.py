"""The dashboard backend: a table whose changes are counted and sent to a page, and who may look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Acknowledgment, CfnOutput, Stack, Validations
from aws_cdk.aws_cognito import AuthFlow, PasswordPolicy, UserPool

from gateleg.cdk import (
    CognitoAuthorizer,
    IamAuthorizer,
    ModelTable,
    NoWebAcl,
    RequestAuthorizer,
    RestApp,
    RestGateway,
    ServiceFunction,
    WebSocketGateway,
)
from lambdas.dashboard.model import JOBS

if TYPE_CHECKING:
    from constructs import Construct


class DashboardStack(Stack):
    """Everything the dashboard needs.

    Attributes:
        table: The table with its index and its stream.
        people: The user pool of those who look at it, whom an administrator makes.
        counts: What takes the changes of jobs to count them.
        changes: What takes all changes to the pages that watch.
        socket: The WebSocket API, which a token of the REST API opens.
        rest: The REST API; programs are granted its routes with `rest.grant_invoke(role, "PUT /jobs/{job_id}/progress")`.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.table = ModelTable(self, "Table", table=JOBS)
        policy = PasswordPolicy(min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True)
        self.people = UserPool(self, "People", self_sign_up_enabled=False, password_policy=policy)
        reasons = {
            "AwsSolutions-COG2": "A demonstration, whose page asks for a name and a password alone.",
            "AwsSolutions-COG8": "A demonstration: the plus plan costs by the person.",
        }
        Validations.of(self.people).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items()))
        client = self.people.add_client("Page", auth_flows=AuthFlow(user_password=True), disable_o_auth=True)
        connect = ServiceFunction(self, "Connect", handler="lambdas.dashboard.live:authorize", tables=[self.table])
        self.socket = WebSocketGateway(
            self,
            "Socket",
            app="lambdas.dashboard.live:socket",
            tables=[self.table],
            authorizer=RequestAuthorizer(connect, identity_sources=["route.request.querystring.token"]),
        )
        self.counts = self.table.on_change("lambdas.dashboard.counts:app")
        self.changes = self.table.on_change("lambdas.dashboard.live:changes")
        self.socket.add_publisher(self.changes.function)
        self.rest = RestGateway(
            self,
            "Rest",
            apps=[RestApp("lambdas.dashboard.rest:app", handler="lambdas.dashboard.rest:handler")],
            tables=[self.table],
            authorizers={"people": CognitoAuthorizer([self.people]), "programs": IamAuthorizer()},
            default_authorizer="people",
            web_acl=NoWebAcl("A demonstration: the stage throttles, and a web ACL costs by the month."),
            function_options={
                "environment": {"DASHBOARD_SOCKET_URL": self.socket.url_output.value, "DASHBOARD_CLIENT": client.user_pool_client_id}
            },
        )
        self.rest.add_reference("/docs", public="the reference holds no data", socket=self.socket)
        CfnOutput(self, "PoolId", value=self.people.user_pool_id)
        CfnOutput(self, "ClientId", value=client.user_pool_client_id)
