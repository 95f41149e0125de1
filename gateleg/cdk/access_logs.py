"""What the stages log of each request: who asked for what and how it ended; no bodies, no tokens, no query strings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from gateleg.cdk.management.encryption import key_of

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

_ACCESS = "AccessLogs"
_COMMON = {
    "requestId": "$context.requestId",
    "sourceIp": "$context.identity.sourceIp",
    "requestTime": "$context.requestTime",
    "status": "$context.status",
    "integrationError": "$context.integration.error",
    "integrationLatency": "$context.integration.latency",
    "authorizerError": "$context.authorizer.error",
    "userAgent": "$context.identity.userAgent",
}
_REST = {
    "httpMethod": "$context.httpMethod",
    "resourcePath": "$context.resourcePath",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
    "errorType": "$context.error.responseType",
    "wafStatus": "$context.waf.status",
    "xrayTraceId": "$context.xrayTraceId",
}
_HTTP = {
    "httpMethod": "$context.httpMethod",
    "routeKey": "$context.routeKey",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
    "errorType": "$context.error.responseType",
}
_WEBSOCKET = {
    "routeKey": "$context.routeKey",
    "eventType": "$context.eventType",
    "connectionId": "$context.connectionId",
    "error": "$context.error.message",
}


class StageLogs:
    """The log groups of a stage, which go with the stack.

    API Gateway makes the group of its execution logs itself, and never forgets, unless it is there before the stage.

    Args:
        scope: The gateway.
        retention: How long logs are kept.
        execution_name: The name that API Gateway gives the group of execution logs.
        canary: Whether a canary may log too, which API Gateway does in a group of its own.

    Attributes:
        access: Where access logs go.
    """

    def __init__(self, scope: Construct, retention: logs.RetentionDays, execution_name: str, *, canary: bool = False) -> None:
        self.access: logs.LogGroup = access_group(scope, retention)
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html
        names = {"ExecutionLogs": execution_name} | ({"CanaryLogs": f"{execution_name}/Canary"} if canary else {})
        self._execution = [
            logs.LogGroup(
                scope,
                id_,
                log_group_name=name,
                retention=retention,
                removal_policy=RemovalPolicy.DESTROY,
                encryption_key=key_of(scope),
            )
            for id_, name in names.items()
        ]

    def before(self, stage: IConstruct) -> None:
        """Let a stage wait for the groups.

        Args:
            stage: The stage.
        """
        stage.node.add_dependency(*self._execution)


def access_group(scope: Construct, retention: logs.RetentionDays) -> logs.LogGroup:
    """The group of a stage's access logs; those of an HTTP API are all its logs, and need no role of the account.

    Args:
        scope: The gateway.
        retention: How long logs are kept.
    """
    return logs.LogGroup(scope, _ACCESS, retention=retention, removal_policy=RemovalPolicy.DESTROY, encryption_key=key_of(scope))


def access_groups(gateway: Construct) -> list[logs.LogGroup]:
    """The groups of the access logs of all stages of a gateway."""
    return [found for found in gateway.node.find_all() if isinstance(found, logs.LogGroup) and found.node.id == _ACCESS]


def rest_format() -> str:
    """The access log format of a REST stage, one line of JSON."""
    return json.dumps({**_COMMON, **_REST}, separators=(",", ":"))


def http_format() -> str:
    """The access log format of an HTTP stage, one line of JSON."""
    return json.dumps({**_COMMON, **_HTTP}, separators=(",", ":"))


def websocket_format() -> str:
    """The access log format of a WebSocket stage, one line of JSON."""
    return json.dumps({**_COMMON, **_WEBSOCKET}, separators=(",", ":"))
