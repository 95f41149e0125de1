"""Who may call routes of an HTTP API, as its import reads it: requirements, authorizers, pages.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.http import AUTHORIZER, CORS, route_key
from gateleg.cdk.body_rules.reading import Finding, Operation, is_made, listing, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.body_rules.http import HttpApi

_TYPE = "x-amazon-apigateway-authtype"
_SOURCE = re.compile(r"\$(request\.(header|querystring)\.[^,\s]+|context\.[^,\s]+|stageVariables\.[^,\s]+)")
_SCOPES, _AUDIENCES = 10, 50
_MAX_TTL = 3600


def requirements(api: HttpApi) -> Iterator[Finding]:
    """A route has one of IAM, a function and JWT; several are refused.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html, "error".
    """
    for operation in api.operations:
        asked = _asked(operation)
        if len(asked) > 1 or len(listing(operation.raw.get("security"))) > 1:
            yield Finding(operation.at("security"), f"a route has one authorizer, not {' and '.join(asked)}; name one")


def tokens(api: HttpApi) -> Iterator[Finding]:
    """A JWT authorizer is a scheme of type `oauth2` with an issuer, audiences and one place of the token.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html; aws/serverless-application-model, apigatewayv2.py.
    """
    for name, scheme, given in api.authorizers:
        if given.get("type") != "jwt":
            continue
        configuration, at = mapping(given.get("jwtConfiguration")), pointer("components", "securitySchemes", name)
        audience = configuration.get("audience")
        source = ",".join(_sources(given))
        if scheme.get("type") not in {"oauth2", "openIdConnect"}:
            yield Finding(at, f"a JWT authorizer is a scheme of type oauth2, not {scheme.get('type')!r}; write type: oauth2")
        if not configuration.get("issuer") and "openIdConnectUrl" not in scheme:
            yield Finding(at, "a JWT authorizer without an issuer is refused; write jwtConfiguration: {issuer: https://...}")
        if not is_made(audience) and not 1 <= len(listing(audience)) <= _AUDIENCES:
            yield Finding(at, f"a JWT authorizer names 1 to {_AUDIENCES} audiences; write jwtConfiguration: {{audience: [client id]}}")
        if not re.fullmatch(r"\$request\.(header|querystring)\.[^,\s]+", source):
            yield Finding(
                at, f"a token is in one header or query parameter, not in {source!r}; write identitySource: $request.header.Authorization"
            )
    yield from _scopes(api)


def _scopes(api: HttpApi) -> Iterator[Finding]:
    for operation in api.operations:
        for requirement in map(mapping, listing(operation.raw.get("security"))):
            for name, scopes in requirement.items():
                if len(listing(scopes)) > _SCOPES:
                    yield Finding(
                        operation.at("security"),
                        f"a route asks {name} for {_SCOPES} scopes at most, not {len(listing(scopes))}; name fewer",
                    )


def judges(api: HttpApi) -> Iterator[Finding]:
    """A Lambda authorizer is a scheme of type `apiKey` in a header, with its payload version.

    A scheme of another type made no authorizer: aws/serverless-application-model#2290.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
    """
    for name, scheme, given in api.authorizers:
        if given.get("type") == "jwt":
            continue
        at = pointer("components", "securitySchemes", name)
        payload, simple = str(given.get("authorizerPayloadFormatVersion")), given.get("enableSimpleResponses") is True
        if scheme.get("type") != "apiKey" or scheme.get("in") != "header":
            yield Finding(
                at,
                "a Lambda authorizer is a scheme of type apiKey in a header, and any other leaves routes open; write type: apiKey, in: header",
            )
        if given.get("type") != "request":
            yield Finding(at, f"an HTTP API has no authorizer of type {given.get('type')!r}; write request")
        if payload not in {"1.0", "2.0"}:
            yield Finding(at, f"authorizerPayloadFormatVersion is {payload!r}; write 1.0 or 2.0")
        if simple and payload != "2.0":
            yield Finding(
                at, "simple answers are of payload 2.0 alone; write authorizerPayloadFormatVersion: 2.0, or leave enableSimpleResponses out"
            )
        yield from _remembered(at, given, simple=simple)


def _remembered(at: str, given: Mapping[str, Any], *, simple: bool) -> Iterator[Finding]:
    ttl = given.get("authorizerResultTtlInSeconds", 0)
    sources = _sources(given)
    if isinstance(ttl, (int, float)) and not 0 <= ttl <= _MAX_TTL:
        yield Finding(
            at, f"API Gateway remembers an answer for 0 to {_MAX_TTL} seconds, not {ttl}; write authorizerResultTtlInSeconds within"
        )
    if ttl and not sources:
        yield Finding(at, "answers cannot be remembered by nothing; write identitySource: $request.header.Authorization, or a TTL of 0")
    if wrong := [source for source in sources if not _SOURCE.fullmatch(source)]:
        yield Finding(
            at, f"{wrong[0]} is no identity source of an HTTP API; write $request.header.NAME, $context.NAME or $stageVariables.NAME"
        )
    if ttl and simple and "$context.routeKey" not in sources:
        said = "a simple answer is remembered for every route, and what opens one opens all; add $context.routeKey to identitySource"
        yield Finding(at, said, "warning")


def _sources(given: Mapping[str, Any]) -> list[str]:
    """The identity sources: a text with commas, or a list, as aws/serverless-application-model writes it."""
    said = given.get("identitySource")
    texts = [text(part) or "" for part in listing(said) or [said]]
    return [source.strip() for part in texts for source in part.split(",") if source.strip()]


def unguarded(api: HttpApi) -> Iterator[Finding]:
    """A scheme that makes no authorizer leaves the route open; so is it for REST APIs, awslabs/aws-apigateway-importer#187."""
    for operation in api.operations:
        for name in _asked(operation):
            scheme = mapping(api.schemes.get(name))
            if not mapping(scheme.get(AUTHORIZER)) and scheme.get(_TYPE) != "awsSigv4":
                said = f"the scheme {name!r} makes no authorizer, and anybody may call; give it {AUTHORIZER}, or {_TYPE}: awsSigv4"
                yield Finding(operation.at("security"), said)


def preflights(api: HttpApi) -> Iterator[Finding]:
    """A guarded route that takes every method takes preflights, which carry no credentials.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html.
    """
    open_routes = {route_key(operation) for operation in api.operations if not _asked(operation)}
    for operation in api.operations if api.body.get(CORS) else ():
        key = route_key(operation)
        method, _, path = key.partition(" ")
        instead = "OPTIONS /{proxy+}" if key == "$default" else f"OPTIONS {path}"
        if _asked(operation) and method in {"ANY", "OPTIONS", "$default"} and instead not in open_routes:
            yield Finding(operation.at("security"), f"pages' preflights are answered 401 here; add an open {instead}")


def credentials(api: HttpApi) -> Iterator[Finding]:
    """`allow-credentials is not supported if 'allow-origin' is *`; of `https://*` pages of every site read what a person may.

    https://github.com/aws/aws-cdk/issues/9076.
    """
    cors = mapping(api.body.get(CORS))
    wide = [one for one in map(text, listing(cors.get("allowOrigins"))) if one in {"*", "https://*", "http://*"}]
    if wide and cors.get("allowCredentials") is True:
        said = (
            f"allowOrigins has {wide[0]!r} beside allowCredentials, and every site may act for whoever is signed in; name the origins, as in "
            "Cors(['https://app.example.com'], allow_credentials=True)"
        )
        yield Finding(pointer(CORS, "allowOrigins"), said)


def _asked(operation: Operation) -> list[str]:
    return list(dict.fromkeys(name for one in listing(operation.raw.get("security")) for name in mapping(one)))
