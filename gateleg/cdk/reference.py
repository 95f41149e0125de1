"""What the gateways tell of themselves to `gateleg.description.openapi`: who may call, and what a caller has to send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.authorizers import ApiKeyAuthorizer, CognitoAuthorizer, IamAuthorizer, JwtAuthorizer, RequestAuthorizer, TokenAuthorizer
from gateleg.description.openapi import ToldRoute, bearer, keyed, openapi_of, sent, signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.plan import PlannedRoute
    from gateleg.description import App

_SENT = re.compile(r"method\.request\.(?:multivalue)?(header|querystring)\.(.+)")
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9._-]")
_PLACES = {"header": "header", "querystring": "query"}


def reference_of(
    info: Mapping[str, str],
    apps: Sequence[App],
    routes: Sequence[PlannedRoute],
    authorizers: Mapping[str, AnyAuthorizer],
    *,
    url: str | None,
) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a gateway.

    Args:
        info: `title`, `version`, `description`.
        apps: The apps whose routes they are.
        routes: Every route of the API.
        authorizers: By the name that routes call them.
        url: Where the API is, which may be relative to the document; left out where nobody knows.

    Raises:
        DeclarationError: The URL is not one of an API.
    """
    told = [ToldRoute(route, planned.target, planned.access.requirements()) for planned in routes for route in planned.sources]
    return openapi_of(info, apps, told, {name: _schemes(name, authorizer) for name, authorizer in authorizers.items()}, url=url)


def _schemes(name: str, authorizer: AnyAuthorizer) -> dict[str, dict[str, Any]]:
    """What a caller has to send; a function that judges several parts of a request has a scheme for each."""
    match authorizer:
        case ApiKeyAuthorizer():
            return {name: keyed()}
        case IamAuthorizer():
            return {name: signed()}
        case CognitoAuthorizer(header="Authorization") | JwtAuthorizer(identity_source="header.Authorization"):
            issuer = "issuer" if isinstance(authorizer, JwtAuthorizer) else "user pool"
            return {name: bearer(f"A token of the {issuer}.")}
        case JwtAuthorizer():
            where, _, part = authorizer.identity_source.partition(".")
            return {name: sent(_PLACES[where], part, "A token of the issuer.")}
        case CognitoAuthorizer() | TokenAuthorizer():
            return {name: sent("header", authorizer.header, "All of the header, `Bearer` included where that is asked for.")}
        case RequestAuthorizer():
            found = [match.groups() for source in authorizer.sources("method") if (match := _SENT.fullmatch(source))]
            parts = found or [("header", "Authorization")]
            names = [name] if len(parts) == 1 else [_UNNAMEABLE.sub("-", f"{name}-{where}-{part}") for where, part in parts]
            text = "What the authorizer judges."
            return {own: sent(_PLACES[where], part, text) for own, (where, part) in zip(names, parts, strict=True)}


def said_of(authorizers: Mapping[str, AnyAuthorizer]) -> dict[str, str]:
    """By name, what the reference says of those that API Gateway calls authorizers: API keys and signatures have no documentation there."""
    judged = {name: one for name, one in authorizers.items() if not isinstance(one, (ApiKeyAuthorizer, IamAuthorizer))}
    return {name: _in_words([*_schemes(name, one).values()]) for name, one in judged.items()}


def _in_words(schemes: Sequence[Mapping[str, Any]]) -> str:
    places = [f"{one['in']} {one['name']}" if one["type"] == "apiKey" else "header Authorization" for one in schemes]
    return f"{schemes[0]['description']} It is sent as {' and '.join(places)}."


def schemes_of(authorizer: AnyAuthorizer | None) -> dict[str, dict[str, Any]]:
    """What a client of a WebSocket API has to send to connect, as AsyncAPI has it."""
    found = {} if authorizer is None else _schemes("connect", authorizer)
    return {name: {**scheme, "type": "httpApiKey"} if scheme["type"] == "apiKey" else scheme for name, scheme in found.items()}
