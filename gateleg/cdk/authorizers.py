"""Who may call a route: plain declarations that the gateways render.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Token

from gateleg.cdk.arguments import FLAG, TEXT, check, duration, filled, having, header_name, listing, optional
from gateleg.cdk.body_rules.context import HTTP, REST, WEBSOCKET, unknown, withheld
from gateleg.cdk.functions import FUNCTION, authorizes
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_cognito as cognito

    from gateleg.cdk.arguments import Rule
    from gateleg.cdk.functions import FunctionLike

_DEFAULT_TTL = 300
_MAX_TTL = 3600
_MAX_AUDIENCES = 50
POOL = having("a user pool of CDK", "user_pool_arn")
CLIENT = having("a client of a user pool of CDK", "user_pool_client_id")
"""The rules for user pools and their clients."""

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_SOURCE = re.compile(
    r"(?:(?:method|route)\.request\.)?((?:header|querystring)\.[^,\s]+|multivalueheader\.[^,\s]+|multivaluequerystring\.[^,\s]+)|((?:stageVariables|context)\.[^,\s]+)"
)

_HEADER_SOURCE = re.compile(r"(?:(?:method|route)\.request\.)?(?:multivalue)?header\.(.+)")


@dataclass(frozen=True)
class TokenAuthorizer:
    """A Lambda function that judges one header and answers with an IAM policy.

    Args:
        function: The function that judges.
        header: The header that it is given.
        ttl: For how long an answer is reused for the same header; five minutes unless given, at most one hour. A reused
            answer is reused for every route: the policy must then allow all that the caller may do, not only `methodArn`.
        pattern: A regular expression that the header must match before the function is asked.
    """

    function: FunctionLike
    header: str = "Authorization"
    ttl: Duration | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        _check(self, function=(self.function, FUNCTION), header=(self.header, header_name), pattern=(self.pattern, optional(_pattern)))
        if (place := authorizes(self.function)) is not None:
            raise _misplaced(place, "a TokenAuthorizer gives its function one header", self.function)


@dataclass(frozen=True)
class RequestAuthorizer:
    """A Lambda function that judges the whole request; the only Lambda authorizer of a WebSocket API.

    Args:
        function: The function that judges.
        identity_sources: What must be there, and what answers are remembered by: `header.Authorization`,
            `querystring.token`, `stageVariables.x`, `context.x`.
        ttl: For how long an answer is reused for the same identity; five minutes unless given, at most one hour. A WebSocket
            API judges only when a connection opens and remembers nothing: it takes none but `Duration.seconds(0)`.
        simple_responses: Whether the function reads payload 2.0 and answers `{"isAuthorized": true}`, which HTTP APIs alone take; it reads
            payload 1.0 and answers with an IAM policy otherwise, everywhere. An HTTP API remembers a simple answer for the one route.

    Raises:
        AuthorizerError: An identity source is not one, answers are to be remembered by nothing, or the function finds its token elsewhere.
    """

    function: FunctionLike
    identity_sources: Sequence[str] = ("header.Authorization",)
    ttl: Duration | None = None
    simple_responses: bool = False

    def __post_init__(self) -> None:
        _check(
            self,
            function=(self.function, FUNCTION),
            identity_sources=(self.identity_sources, listing(TEXT)),
            simple_responses=(self.simple_responses, FLAG),
        )
        self.sources("method")
        if not self.identity_sources and ttl_seconds(self.ttl) != 0:
            message = "answers cannot be remembered without identity sources; name one, or pass ttl=Duration.seconds(0)"
            raise AuthorizerError(message, path="RequestAuthorizer.identity_sources")
        place = authorizes(self.function)
        if place is not None and f"method.request.{place}" not in self.sources("method"):
            given = f"the authorizer has identity_sources={list(self.identity_sources)!r}"
            raise _misplaced(place, given, self.function)

    def sources(self, kind: str) -> list[str]:
        """The identity sources as API Gateway writes them.

        Args:
            kind: `method` for REST, `route` for WebSocket APIs, `$request` for HTTP APIs.
        """
        return [_source(source, kind) for source in self.identity_sources]


@dataclass(frozen=True)
class CognitoAuthorizer:
    """Tokens of Amazon Cognito user pools; a route's scopes, where it names any, are those that the access token must hold.

    Args:
        user_pools: One or more pools.
        header: The header with the token.
        ttl: For how long an answer is reused for the same token; five minutes unless given, at most one hour. An HTTP API decides itself.
        clients: The clients that tokens are for. An HTTP API asks for them, and for one pool; a REST API cannot tell clients apart, and refuses them.
    """

    user_pools: Sequence[cognito.IUserPool | cognito.UserPool]
    header: str = "Authorization"
    ttl: Duration | None = None
    clients: Sequence[cognito.IUserPoolClient | cognito.UserPoolClient] = ()

    def __post_init__(self) -> None:
        _check(
            self,
            user_pools=(self.user_pools, listing(POOL)),
            header=(self.header, header_name),
            clients=(self.clients, listing(CLIENT)),
        )
        if not self.user_pools:
            message = "a Cognito authorizer needs at least one user pool; write user_pools=[pool]"
            raise AuthorizerError(message, path="CognitoAuthorizer.user_pools")


@dataclass(frozen=True)
class JwtAuthorizer:
    """JSON Web Tokens of an OpenID Connect or OAuth 2.0 issuer, which an HTTP API checks itself; only HTTP APIs have it.

    A route's scopes, where it names any, are those of which the token must hold one: `security=[{"name": ["orders/read"]}]`.

    Args:
        issuer: The issuer (`iss`), below which the gateway finds `.well-known/openid-configuration`; its keys are RSA keys.
        audience: For whom tokens are (`aud` or `client_id`), at most 50.
        identity_source: Where the token is: `header.Authorization`, `querystring.token`.

    Raises:
        AuthorizerError: An argument is not what it must be.
    """

    issuer: str
    audience: Sequence[str]
    identity_source: str = "header.Authorization"

    def __post_init__(self) -> None:
        check(
            "JwtAuthorizer",
            AuthorizerError,
            issuer=(self.issuer, _issuer),
            audience=(self.audience, listing(filled)),
            identity_source=(self.identity_source, one_source),
        )
        if not 1 <= len(self.audience) <= _MAX_AUDIENCES:
            message = f"a JWT authorizer names 1 to {_MAX_AUDIENCES} audiences, got {len(self.audience)}; write audience=['client id'], as tokens have it in aud"
            raise AuthorizerError(message, path="JwtAuthorizer.audience", value=list(self.audience))


@dataclass(frozen=True)
class IamAuthorizer:
    """Requests signed with AWS Signature Version 4; the caller's IAM policy decides."""


@dataclass(frozen=True)
class ApiKeyAuthorizer:
    """An API key in the `X-Api-Key` header, of a usage plan that the stage belongs to.

    A key names a consumer and counts its requests; AWS advises against it as the only proof of identity. A route may ask
    for a key and another authorizer together: `security=[{"key": [], "users": []}]`.
    """


Authorizer = TokenAuthorizer | RequestAuthorizer | CognitoAuthorizer | IamAuthorizer | ApiKeyAuthorizer
"""What `RestGateway(authorizers={...})` takes."""

HttpAuthorizer = JwtAuthorizer | CognitoAuthorizer | RequestAuthorizer | IamAuthorizer
"""What `HttpGateway(authorizers={...})` takes."""

AnyAuthorizer = Authorizer | JwtAuthorizer


def _misplaced(place: str, given: str, function: FunctionLike) -> AuthorizerError:
    """The refusal of a function that finds its token elsewhere than it is given one."""
    name = function.node.path
    if place == "channel":
        message = f"{name} judges subscriptions to channels of AppSync, and {given}; write Events(function), and a function of ConnectTokens(...).authorizer() here"
    else:
        message = f"{name} finds its token in {place}, and {given}; write RequestAuthorizer(function, identity_sources=[{place!r}])"
    return AuthorizerError(message, path="identity_sources", value=place)


def function_of(authorizer: AnyAuthorizer) -> FunctionLike | None:
    """The Lambda function of an authorizer that has one."""
    return authorizer.function if isinstance(authorizer, (TokenAuthorizer, RequestAuthorizer)) else None


def headers_of(authorizer: AnyAuthorizer) -> tuple[str, ...]:
    """The headers that an authorizer reads, as callers must send them."""
    match authorizer:
        case ApiKeyAuthorizer():
            return ("X-Api-Key",)
        case IamAuthorizer():
            return ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
        case TokenAuthorizer() | CognitoAuthorizer():
            return (authorizer.header,)
        case RequestAuthorizer():
            return _headers(authorizer.identity_sources)
        case JwtAuthorizer():
            return _headers([authorizer.identity_source])


def ttl_seconds(ttl: Duration | None) -> int:
    """How long an answer is remembered, in seconds.

    Raises:
        AuthorizerError: It is more than an hour.
    """
    seconds = _DEFAULT_TTL if ttl is None else int(ttl.to_seconds())
    if seconds > _MAX_TTL:
        message = f"API Gateway remembers an authorizer's answer for at most {_MAX_TTL} seconds, got {seconds}"
        raise AuthorizerError(message, path="ttl", value=seconds)
    return seconds


def check_name(name: str) -> None:
    """Check the name under which a gateway is given an authorizer.

    Raises:
        AuthorizerError: It cannot stand in an OpenAPI document.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
        message = f"an authorizer is named with A-Z a-z 0-9 . _ -, got {name!r}"
        raise AuthorizerError(message, path=str(name), value=name)


def check_policies(authorizer: RequestAuthorizer, name: str, api: str) -> None:
    """Check that the function of an authorizer answers with IAM policies, which all but HTTP APIs ask for.

    Args:
        authorizer: The authorizer.
        name: What messages call it.
        api: What messages call the API.

    Raises:
        AuthorizerError: It gives simple answers.
    """
    if authorizer.simple_responses:
        message = f"{name} has simple_responses=True, and {api} takes IAM policies alone; leave it out, and let the function answer with a policy, or use HttpGateway"
        raise AuthorizerError(message, path=name, value=authorizer)


def _check(authorizer: TokenAuthorizer | RequestAuthorizer | CognitoAuthorizer, **arguments: tuple[Any, Rule]) -> None:
    check(type(authorizer).__name__, AuthorizerError, ttl=(authorizer.ttl, optional(duration)), **arguments)
    ttl_seconds(authorizer.ttl)


def _pattern(value: Any) -> str | None:
    """Refuse what neither Java, in which API Gateway reads it, nor Python takes for a regular expression."""
    if (said := filled(value)) is not None:
        return said
    try:
        re.compile(value)
    except re.error as error:
        # Java knows classes and escapes that Python does not.
        return None if "bad escape" in error.msg else f"a regular expression ({error.msg} at {error.pos})"
    return None


def _issuer(value: Any) -> str | None:
    fits = isinstance(value, str) and (Token.is_unresolved(value) or re.fullmatch(r"https://[^\s?#]+", value))
    return None if fits else "the URL of an issuer, such as 'https://login.example.com/'"


def one_source(value: Any) -> str | None:
    """The rule for the place of a token."""
    fits = isinstance(value, str) and re.fullmatch(r"(header|querystring)\.[^,\s]+", value)
    return None if fits else "one place of the token: 'header.NAME' or 'querystring.NAME'"


def _headers(sources: Iterable[str]) -> tuple[str, ...]:
    found = [_HEADER_SOURCE.fullmatch(source) for source in sources]
    return tuple(match[1] for match in found if match)


def _source(source: str, kind: str) -> str:
    match = _SOURCE.fullmatch(source)
    if match is None:
        message = f"an identity source is header.NAME, querystring.NAME, stageVariables.NAME or context.NAME, got {source!r}"
        raise AuthorizerError(message, path="RequestAuthorizer.identity_sources", value=source)
    if match[2] and match[2].startswith("context."):
        name, known = match[2].removeprefix("context."), {"$request": HTTP, "route": WEBSOCKET}.get(kind, REST | HTTP | WEBSOCKET)
        if (said := unknown(name, known) or withheld(name, ["key"])) is not None:
            message = f"the identity source {source!r} says nothing before anybody is judged: {said}"
            raise AuthorizerError(message, path="RequestAuthorizer.identity_sources", value=source)
    return f"{kind}.request.{match[1]}" if match[1] else match[2]
