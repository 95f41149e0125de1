"""What the functions that judge connections have in common: what a client sent with `$connect`, and the answer to API Gateway.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Redeemed:
    """Whose token it was.

    Attributes:
        principal: Who connects.
        claims: What was said of them when it was issued.
    """

    principal: str
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])


def header_values(event: Mapping[str, Any], name: str) -> list[str]:
    """Every value of a header: proxies and hostile clients may send several, or write the name otherwise.

    Args:
        event: The `$connect` event.
        name: The name in lower case.
    """
    several: Mapping[str, list[str]] = event.get("multiValueHeaders") or {}
    single: Mapping[str, str] = event.get("headers") or {}
    found = [value for own, values in several.items() if own.lower() == name for value in values]
    return found or [value for own, value in single.items() if own.lower() == name]


def single_parameter(event: Mapping[str, Any], name: str) -> str | None:
    """The parameter of the URL, where it is there once: of one that is said twice, others may have read the other."""
    several: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    single: Mapping[str, str] = event.get("queryStringParameters") or {}
    return None if len(several.get(name, ())) > 1 else single.get(name)


def policy(event: Mapping[str, Any], who: Redeemed | None) -> dict[str, Any]:
    """What lets somebody connect; nobody, for `None`."""
    effect, who = "Deny" if who is None else "Allow", who or Redeemed("nobody")
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": who.principal, "policyDocument": document, "context": dict(who.claims)}
