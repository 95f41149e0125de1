"""The authorizers of HTTP APIs: which of the declared ones they have, and how their import reads them.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from aws_cdk import ConstructSelector, Mixins, Stack, Token

from gateleg.cdk.authorizers import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    HttpAuthorizer,
    IamAuthorizer,
    JwtAuthorizer,
    RequestAuthorizer,
    TokenAuthorizer,
    ttl_seconds,
)
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateleg.cdk.functions import FunctionLike

_AUTHORIZER = "x-amazon-apigateway-authorizer"
_MULTIPLE = ("multivalueheader.", "multivaluequerystring.")
_ROUTE = "$context.routeKey"


def check_http_authorizer(name: str, authorizer: Any) -> None:
    """Check what an HTTP API is given as an authorizer.

    Raises:
        AuthorizerError: It is something else, one that only REST APIs have, or one of which an HTTP API must know more.
    """
    problem: str | None
    match authorizer:
        case TokenAuthorizer():
            problem = (
                "a TokenAuthorizer, which only REST APIs have; write RequestAuthorizer(function), whose function is given the whole request"
            )
        case ApiKeyAuthorizer():
            problem = "an ApiKeyAuthorizer, and an HTTP API has no keys and no usage plans; write another authorizer, or use RestGateway"
        case CognitoAuthorizer():
            problem = _of_cognito(authorizer)
        case RequestAuthorizer():
            sources = [source for source in authorizer.identity_sources if source.removeprefix("method.request.").startswith(_MULTIPLE)]
            problem = (
                f"asked for {sources[0]!r}, and an HTTP API joins repeated values; write header.NAME or querystring.NAME"
                if sources
                else None
            )
        case _ if isinstance(authorizer, get_args(HttpAuthorizer)):
            problem = None
        case _:
            known = ", ".join(kind.__name__ for kind in get_args(HttpAuthorizer))
            problem = (
                f"{authorizer!r}, and API Gateway would let everybody in; write one of {known}, such as JwtAuthorizer(issuer, [audience])"
            )
    if problem is not None:
        raise AuthorizerError(f"the authorizer {name!r} is {problem}", path=name, value=authorizer)


def _of_cognito(authorizer: CognitoAuthorizer) -> str | None:
    if len(authorizer.user_pools) > 1:
        return f"a CognitoAuthorizer of {len(authorizer.user_pools)} pools, and an HTTP API checks the tokens of one issuer; name an authorizer for each pool"
    if not authorizer.clients:
        return "a CognitoAuthorizer without clients, and an HTTP API asks for whom a token is; write CognitoAuthorizer([pool], clients=[client])"
    [pool] = authorizer.user_pools
    if wrong := [client for client in authorizer.clients if is_of_another(client, pool)]:
        return (
            f"a CognitoAuthorizer of the pool {pool.node.path} and of a client of another pool, {wrong[0].node.path}, whose tokens have another issuer; write "
            "clients=[pool.add_client(...)] of the same pool"
        )
    if authorizer.ttl is not None:
        return "a CognitoAuthorizer with a ttl, and an HTTP API decides itself how long it remembers; leave ttl out"
    return None


def is_of_another(client: Any, pool: Any) -> bool:
    """Whether a client is known to be of another pool: its tokens are of that pool's issuer, which is compared before anything else.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html. What is imported does not say.
    """
    theirs, ours = getattr(client.node.default_child, "user_pool_id", None), pool.user_pool_id
    if theirs is None or theirs == ours:
        return False
    if not Token.is_unresolved(theirs) and not Token.is_unresolved(ours):
        return True
    # An import may name the pool in a way of its own: what counts is that another pool of the app is meant.
    stack, made = Stack.of(client), pool.node.default_child
    found = Mixins.of(client.node.root, ConstructSelector.resources_of_type("AWS::Cognito::UserPool")).selected_constructs
    pools = cast("Sequence[Any]", found)
    meant = [each.node.path for each in pools if stack.resolve(each.ref) == stack.resolve(theirs)]
    return made is not None and bool(meant) and made.node.path not in meant


def http_scheme(authorizer: HttpAuthorizer, uri: Callable[[FunctionLike], Any]) -> dict[str, Any]:
    """The authorizer as an OpenAPI security scheme with API Gateway's extensions.

    Args:
        authorizer: What the gateway was given.
        uri: Makes the invocation URI of a function.
    """
    match authorizer:
        case IamAuthorizer():
            return _key("Authorization") | {"x-amazon-apigateway-authtype": "awsSigv4"}
        case JwtAuthorizer():
            return _jwt(authorizer.issuer, list(authorizer.audience), f"$request.{authorizer.identity_source}")
        case CognitoAuthorizer():
            clients = [client.user_pool_client_id for client in authorizer.clients]
            return _jwt(issuer_of(authorizer), clients, f"$request.header.{authorizer.header}")
        case RequestAuthorizer():
            return _key("Unused") | {_AUTHORIZER: _request(authorizer, uri(authorizer.function))}


def issuer_of(authorizer: CognitoAuthorizer) -> str:
    """The issuer of the tokens of an authorizer's only pool."""
    [pool] = authorizer.user_pools
    region = pool.env.region
    suffix = "amazonaws.com.cn" if not Token.is_unresolved(region) and region.startswith("cn-") else "amazonaws.com"
    return f"https://cognito-idp.{region}.{suffix}/{pool.user_pool_id}"


def _jwt(issuer: str, audience: list[str], source: str) -> dict[str, Any]:
    settings = {"type": "jwt", "identitySource": source, "jwtConfiguration": {"issuer": issuer, "audience": audience}}
    # OpenAPI asks for flows; API Gateway looks at its own extension.
    return {"type": "oauth2", "flows": {}, _AUTHORIZER: settings}


def _request(authorizer: RequestAuthorizer, uri: Any) -> dict[str, Any]:
    """Payload 1.0 and policies, as REST APIs have them, or 2.0 and simple answers."""
    ttl = ttl_seconds(authorizer.ttl)
    sources = [_source(source) for source in authorizer.sources("$request")]
    if authorizer.simple_responses and ttl and _ROUTE not in sources:
        # A policy names what it allows. A simple answer would be reused for every route.
        sources.append(_ROUTE)
    return {
        "type": "request",
        "authorizerUri": uri,
        "authorizerPayloadFormatVersion": "2.0" if authorizer.simple_responses else "1.0",
        "enableSimpleResponses": authorizer.simple_responses,
        "authorizerResultTtlInSeconds": ttl,
    } | ({"identitySource": ", ".join(sources)} if sources else {})


def _source(source: str) -> str:
    """`$request.request.header.X`, as REST and WebSocket APIs put it, or `context.x`, in the words of HTTP APIs."""
    return source.replace("$request.request.", "$request.") if source.startswith("$request.") else f"${source}"


def _key(name: str) -> dict[str, Any]:
    return {"type": "apiKey", "name": name, "in": "header"}
