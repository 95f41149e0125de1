"""The authorizers of REST APIs: which of the declared ones they have, and how their import reads them.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from gateleg.cdk.authorizers import (
    ApiKeyAuthorizer,
    Authorizer,
    CognitoAuthorizer,
    IamAuthorizer,
    JwtAuthorizer,
    RequestAuthorizer,
    TokenAuthorizer,
    check_policies,
    ttl_seconds,
)
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Duration

    from gateleg.cdk.functions import FunctionLike


def check_rest_authorizer(name: str, authorizer: Any) -> None:
    """Check what a gateway is given as an authorizer.

    Raises:
        AuthorizerError: It is something else, such as an authorizer of CDK, which adds itself beside the OpenAPI body.
    """
    if isinstance(authorizer, JwtAuthorizer):
        message = (
            f"the authorizer {name!r} is a JwtAuthorizer, and a REST API checks tokens of Cognito user pools alone; "
            "write CognitoAuthorizer([pool]) or TokenAuthorizer(function), or use HttpGateway"
        )
        raise AuthorizerError(message, path=name, value=authorizer)
    if not isinstance(authorizer, get_args(Authorizer)):
        known = ", ".join(kind.__name__ for kind in get_args(Authorizer))
        message = f"the authorizer {name!r} is {authorizer!r}, and API Gateway would let everybody in; write one of {known}, such as TokenAuthorizer(function)"
        raise AuthorizerError(message, path=name, value=authorizer)
    if isinstance(authorizer, CognitoAuthorizer) and authorizer.clients:
        message = (
            f"the authorizer {name!r} names clients, and a REST API lets in the tokens of every client of the pool; leave clients out if that is "
            "meant, give the pool's other clients other scopes, or use HttpGateway"
        )
        raise AuthorizerError(message, path=name, value=authorizer)
    if isinstance(authorizer, RequestAuthorizer):
        check_policies(authorizer, f"the authorizer {name!r}", "a REST API")


def rest_scheme(authorizer: Authorizer, uri: Callable[[FunctionLike], Any]) -> dict[str, Any]:
    """The authorizer as an OpenAPI security scheme with API Gateway's extensions.

    Args:
        authorizer: What the gateway was given.
        uri: Makes the invocation URI of a function.
    """
    match authorizer:
        case ApiKeyAuthorizer():
            return _header_scheme("x-api-key")
        case IamAuthorizer():
            return _header_scheme("Authorization") | {"x-amazon-apigateway-authtype": "awsSigv4"}
        case CognitoAuthorizer():
            arns = [pool.user_pool_arn for pool in authorizer.user_pools]
            settings = {"type": "cognito_user_pools", "providerARNs": arns}
            return _custom(authorizer.header, "cognito_user_pools", settings, authorizer.ttl)
        case TokenAuthorizer():
            settings = {"type": "token", "authorizerUri": uri(authorizer.function)}
            if authorizer.pattern is not None:
                settings["identityValidationExpression"] = authorizer.pattern
            return _custom(authorizer.header, "custom", settings, authorizer.ttl)
        case RequestAuthorizer():
            settings = {"type": "request", "authorizerUri": uri(authorizer.function)}
            if sources := authorizer.sources("method"):
                settings["identitySource"] = ", ".join(sources)
            return _custom("Unused", "custom", settings, authorizer.ttl)


def _custom(header: str, kind: str, settings: dict[str, Any], ttl: Duration | None) -> dict[str, Any]:
    settings = settings | {"authorizerResultTtlInSeconds": ttl_seconds(ttl)}
    return _header_scheme(header) | {"x-amazon-apigateway-authtype": kind, "x-amazon-apigateway-authorizer": settings}


def _header_scheme(name: str) -> dict[str, Any]:
    return {"type": "apiKey", "name": name, "in": "header"}
