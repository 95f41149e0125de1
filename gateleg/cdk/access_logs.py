"""What the stages log of each request: who asked for what and how it ended; no bodies, no tokens, no query strings."""

from __future__ import annotations

import json

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
_WEBSOCKET = {
    "routeKey": "$context.routeKey",
    "eventType": "$context.eventType",
    "connectionId": "$context.connectionId",
    "error": "$context.error.message",
}


def rest_format() -> str:
    """The access log format of a REST stage, one line of JSON."""
    return json.dumps({**_COMMON, **_REST}, separators=(",", ":"))


def websocket_format() -> str:
    """The access log format of a WebSocket stage, one line of JSON."""
    return json.dumps({**_COMMON, **_WEBSOCKET}, separators=(",", ":"))
