"""What `HttpGateway` is given beside what other gateways are, and what it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Never, TypedDict

from gateleg.cdk.arguments import check, number
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_RATE = 10_000
_MAX_BURST = 5_000


class RestOnly(TypedDict, total=False):
    """Arguments of `RestGateway` that an HTTP API cannot follow; each is refused with what to do instead."""

    web_acl: Never
    policy: Never
    endpoint: Never
    usage_plans: Never
    client_certificate: Never
    binary_media_types: Never
    validate_requests: Never
    security_policy: Never
    cache: Never
    canary: Never
    minimum_compression_size: Never
    gateway_responses: Never
    documentation: Never


INSTEAD = {
    "web_acl": "AWS WAF guards no HTTP API; put CloudFront before it, or use RestGateway",
    "policy": "an HTTP API has no resource policy; write IamAuthorizer(), or use RestGateway",
    "endpoint": "an HTTP API answers in its region alone; leave it out, or use RestGateway",
    "usage_plans": "an HTTP API has no keys and no usage plans; write throttles={'GET /orders': Throttle(10, 5)}, or use RestGateway",
    "client_certificate": "an HTTP API shows its backends no certificate; reach them by a VPC link, or use RestGateway",
    "binary_media_types": "an HTTP API takes bytes by each answer's isBase64Encoded; leave it out",
    "validate_requests": "an HTTP API checks no requests; leave it out: handlers with enable_validation=True check them, or use RestGateway",
    "security_policy": "the TLS version belongs to the domain; write domain=Domain(name, certificate), which asks for TLS 1.2, or use RestGateway",
    "cache": "an HTTP API keeps no answers; put CloudFront before it, or use RestGateway",
    "canary": "an HTTP API has no canary releases; shift an alias of the function, or use RestGateway",
    "minimum_compression_size": "an HTTP API compresses nothing; write compress=True on the handlers' routes, or use RestGateway",
    "documentation": "an HTTP API keeps no documentation parts; its body says what handlers tell: leave it out",
    "gateway_responses": "the errors of an HTTP API have AWS's own form, {'message': ...}; leave it out, or use RestGateway",
}


@dataclass(frozen=True)
class Throttle:
    """How many requests a route takes.

    Args:
        rate_limit: Requests a second in the long run.
        burst_limit: Requests at once.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    rate_limit: float
    burst_limit: int

    def __post_init__(self) -> None:
        check("Throttle", rate_limit=(self.rate_limit, number(0, _MAX_RATE)), burst_limit=(self.burst_limit, number(0, _MAX_BURST, int)))


def route_settings(throttle: Throttle) -> dict[str, Any]:
    """All settings of a route: what is left out is AWS's default, and not the stage's."""
    return {
        "ThrottlingRateLimit": throttle.rate_limit,
        "ThrottlingBurstLimit": throttle.burst_limit,
        "DetailedMetricsEnabled": True,
    }


def refuse_rest_only(given: Mapping[str, Any]) -> None:
    """Refuse what only REST APIs have, with what to do instead.

    Args:
        given: Arguments that `HttpGateway` does not name.

    Raises:
        DeclarationError: REST APIs have it.
        TypeError: Nobody does.
    """
    for name, value in given.items():
        if name not in INSTEAD:
            message = f"HttpGateway.__init__() got an unexpected keyword argument {name!r}"
            raise TypeError(message)
        if value is None or value is False:  # what asks for nothing moves with the rest
            continue
        message = f"HttpGateway({name}=...) is for REST APIs: {INSTEAD[name]}"
        raise DeclarationError(message, path=f"HttpGateway.{name}", value=value, code="declaration.rest_only")
