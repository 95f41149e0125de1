"""Who may call: whoever has the key that the stack made. Ask your identity provider here once there are users."""

from __future__ import annotations

import os
from hmac import compare_digest
from typing import Any

from aws_lambda_powertools.utilities.parameters import get_secret


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Allow whoever has the key, on every route of the stage, since API Gateway keeps the answer for a while."""
    key = str(get_secret(os.environ["KEY_SECRET"], max_age=300))
    allowed = compare_digest(_given(event).encode(), key.encode())
    api, stage, *_ = event["methodArn"].split("/")
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if allowed else "Deny",
        "Resource": f"{api}/{stage}/*",
    }
    return {
        "principalId": "keyholder",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }


def _given(event: dict[str, Any]) -> str:
    """The key of a request, which a browser cannot put into a header when it opens a WebSocket."""
    query: dict[str, str] = event.get("queryStringParameters") or {}
    token: str = event.get("authorizationToken") or query.get("key") or ""
    return token.removeprefix("Bearer ")
