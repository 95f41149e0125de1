"""Events as API Gateway sends them."""

import json
from typing import Any

CONNECTION = "L0SM9cOFvHcCIhw="


def socket_event(route_key: str, body: Any = None, *, connection: str = CONNECTION, **changes: Any) -> dict[str, Any]:
    """The event that API Gateway sends for a route."""
    kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    made: dict[str, Any] = {
        "requestContext": {
            "routeKey": route_key,
            "messageId": "L0SNBdD3PHcCIhw=",
            "eventType": kinds.get(route_key, "MESSAGE"),
            "extendedRequestId": "L0SNBHzKPHcFRsQ=",
            "requestTime": "22/Nov/2026:06:21:57 +0000",
            "messageDirection": "IN",
            "stage": "prod",
            "connectedAt": 1795328517000,
            "requestTimeEpoch": 1795328518000,
            "identity": {"sourceIp": "192.0.2.7", "userAgent": "test/1.0"},
            "requestId": "L0SNBHzKPHcFRsQ=",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "connectionId": connection,
            "apiId": "a1b2c3d4e5",
            "authorizer": {"principalId": "ada", "integrationLatency": 12},
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        made["body"] = body if isinstance(body, str) else json.dumps(body)
    return made | changes
