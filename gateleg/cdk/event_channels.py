"""An Event API of AppSync that sends the messages of topics which are its channels, who may publish to it and who may subscribe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Duration
from constructs import Construct

from gateleg.cdk.arguments import a, check
from gateleg.cdk.functions import FUNCTION, FunctionLike, as_function, authorizes
from gateleg.cdk.sharing import claim_tokens
from gateleg.description.names import EVENTS_NAMESPACE
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_appsync as appsync
    from aws_cdk import aws_lambda as lambda_

    from gateleg.cdk.tables.granting import Grantee
    from gateleg.description import App


@dataclass(frozen=True)
class Events:
    """Who may subscribe to the topics that AppSync sends.

    Args:
        authorizer: The function that AppSync asks about each connection and each subscription: one whose handler is `ChannelTokens(TABLE, audience="news").authorizer()`,
            or one of yours. Follows https://docs.aws.amazon.com/appsync/latest/eventapi/configure-event-api-auth.html.

    Raises:
        DeclarationError: It is not a function, or one that judges connections.
    """

    authorizer: FunctionLike

    def __post_init__(self) -> None:
        check("Events", authorizer=(self.authorizer, FUNCTION))
        if (place := authorizes(self.authorizer)) not in {None, "channel"}:
            message = (
                f"{self.authorizer.node.path} judges connections, whose token it finds in {place}, and AppSync asks about subscriptions; "
                "pass the function of ChannelTokens(TABLE, audience='...').authorizer()"
            )
            raise DeclarationError(message, path="Events.authorizer", value=place)


class EventChannels(Construct):
    """The Event API of a WebSocket API; made by `WebSocketGateway(events=...)`.

    Roles publish to it by IAM, and nobody else does. Its authorizer is asked about each connection and each subscription; no answer is kept.

    Args:
        scope: The parent construct.
        id: The construct's id.
        events: Who may subscribe.

    Attributes:
        api: The `EventApi`.
        namespace: The `ChannelNamespace` of all topics.
        authorizer: The function that AppSync asks.

    Raises:
        DeclarationError: An argument is not what it must be, or another Event API asks the function already.
    """

    def __init__(self, scope: Construct, id: str, *, events: Events) -> None:  # noqa: A002 (the construct grammar of CDK)
        from aws_cdk import aws_appsync as appsync

        check("EventChannels", events=(events, a("Events", Events)))
        super().__init__(scope, id)
        self.authorizer: FunctionLike = events.authorizer
        claim_tokens(self, events.authorizer)
        by_role, by_function = appsync.AppSyncAuthorizationType.IAM, appsync.AppSyncAuthorizationType.LAMBDA
        asked = appsync.AppSyncLambdaAuthorizerConfig(handler=_free(events.authorizer), results_cache_ttl=Duration.seconds(0))
        self.api: appsync.EventApi = appsync.EventApi(
            self,
            "Resource",
            api_name=self.node.path.replace("/", "-"),
            authorization_config=appsync.EventApiAuthConfig(
                auth_providers=[
                    appsync.AppSyncAuthProvider(authorization_type=by_role),
                    appsync.AppSyncAuthProvider(authorization_type=by_function, lambda_authorizer_config=asked),
                ],
                connection_auth_mode_types=[by_function],
                default_publish_auth_mode_types=[by_role],
                default_subscribe_auth_mode_types=[by_function],
            ),
        )
        self.namespace: appsync.ChannelNamespace = self.api.add_channel_namespace(EVENTS_NAMESPACE)
        self.url_output: CfnOutput = CfnOutput(self, "Url", value=self.url)

    @property
    def endpoint(self) -> str:
        """Where messages are published: what `GATELEG_EVENTS_ENDPOINT` holds."""
        return f"https://{self.api.http_dns}"

    @property
    def url(self) -> str:
        """Where clients subscribe, `wss://...`."""
        return f"wss://{self.api.realtime_dns}/event/realtime"

    def grant_publish(self, grantee: Grantee) -> None:
        """Let a role publish to the channels of topics.

        Args:
            grantee: Who gets the permission.
        """
        taker: Any = grantee
        self.namespace.grant_publish(taker)


def _free(authorizer: FunctionLike) -> lambda_.IFunction:
    """The function, unless another Event API asks it: CDK gives both permissions one id."""
    function = as_function(authorizer)
    if function.node.try_find_child("Resource-appsync") is not None:
        message = f"a function answers one Event API, and {authorizer.node.path!r} answers another already; make a ServiceFunction of the same handler for each"
        raise DeclarationError(message, path="Events", value=authorizer.node.path)
    return function


def check_channels(apps: Iterable[App], events: Events | None) -> None:
    """Check that there is an Event API where topics are its channels, and not elsewhere.

    Raises:
        DeclarationError: There is one without the other.
    """
    declared = any(app.channels for app in apps)
    if declared and events is None:
        message = "topics of the app's registry are channels of AppSync, and there is no Event API to send to; write WebSocketGateway(events=Events(function))"
        raise DeclarationError(message, path="WebSocketGateway.events")
    if events is not None and not declared:
        message = "events= sends topics that are channels, and no registry of the app has any; write WebSocketResolver(connections=Connections(TABLE, channels=True))"
        raise DeclarationError(message, path="WebSocketGateway.events")
