"""Who may call: one authorizer for both APIs."""

from __future__ import annotations

from typing import Any

from lambdas.chat.session import whose

BEARER = "Bearer "


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Allow whoever holds a token of ours: in the Authorization header, or in the query string for a browser's WebSocket."""
    name = whose(_token(event))
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow" if name else "Deny", "Resource": _stage(event["methodArn"])}
    return {"principalId": name or "nobody", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def _token(event: dict[str, Any]) -> str:
    query: dict[str, str] = event.get("queryStringParameters") or {}
    token: str = event.get("authorizationToken") or query.get("token") or ""
    return token.removeprefix(BEARER)


def _stage(method_arn: str) -> str:
    """All routes of the stage: API Gateway keeps the answer for a while, and asks it about other routes too."""
    api, stage, *_ = method_arn.split("/")
    return f"{api}/{stage}/*"
