"""Describes a Powertools `APIGatewayRestResolver`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.describe.handlers import described_uses, name_of, uses_with_dependencies
from gateleg.describe.paths import gateway_paths
from gateleg.description import DescribedRoute, Description, service_name
from gateleg.errors import RouteError
from gateleg.rest.marks import public_reason_of
from gateleg.rest.openapi import document_of
from gateleg.rest.powertools import answers_cors, middlewares_of, routes_of, validates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    from gateleg.rest.openapi import Document
    from gateleg.rest.powertools import RegisteredRoute

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def describe_rest(app: str, resolver: ApiGatewayResolver) -> Description:
    """Describe a resolver.

    Raises:
        RouteError: A duplicate route, or one that API Gateway cannot express.
        DeclarationError: This release of Powertools keeps its routes elsewhere.
    """
    registered = routes_of(resolver)
    paths = {id(route): gateway_paths(route.rule, name_of(route.handler)) for route in registered}
    document = document_of(resolver)
    main = [_described(resolver, route, paths[id(route)][-1], document) for route in registered]
    _refuse_duplicates(main)
    return Description(
        app=app,
        kind="rest",
        routes=tuple(_with_empty_paths(registered, main, paths)),
        schemas=document.schemas,
        info=_info(app, document),
        validates=validates(resolver),
        cors=answers_cors(resolver),
    )


def _refuse_duplicates(routes: list[DescribedRoute]) -> None:
    """Powertools only warns of one rule twice, and does not see that two rules are one path to API Gateway."""
    first: dict[str, DescribedRoute] = {}
    for route in routes:
        known = first.setdefault(re.sub(r"\{[^}+]+", "{", route.key), route)
        if known is not route:
            raise RouteError(
                f"{route.key} is declared twice: by {known.handler} as {known.key} and by {route.handler}; "
                "give one of them another path or method",
                path=route.key,
                value=route.handler,
            )


def _described(resolver: ApiGatewayResolver, route: RegisteredRoute, path: str, document: Document) -> DescribedRoute:
    handler = name_of(route.handler)
    if route.method not in METHODS:
        raise RouteError(
            f"API Gateway has no method {route.method!r} for {route.rule} of {handler}; write {', '.join(METHODS)}, or a list of them",
            path=route.rule,
            value=route.method,
        )
    reason = next(filter(None, map(public_reason_of, (route.handler, *route.middlewares))), None)
    called = (*middlewares_of(resolver), *route.middlewares, route.handler)
    return DescribedRoute(
        key=f"{route.method} {path}",
        handler=handler,
        operation=_operation(resolver, route, document, reason),
        uses=described_uses(use for function in called for use in uses_with_dependencies(function)),
        public=reason,
        problem=document.problems.get((route.method, route.rule)),
    )


def _operation(resolver: ApiGatewayResolver, route: RegisteredRoute, document: Document, public: str | None) -> dict[str, Any] | None:
    """The operation object; of a route without a schema only the security requirements, where it has any."""
    operation = dict(document.operation(route) or {})
    security = route.security or (resolver.openapi_config.security if public is None else None)
    if security:
        operation["security"] = security
    if "tags" in operation:
        # Powertools' routers keep tags as a set, whose order changes from process to process.
        operation["tags"] = sorted(operation["tags"])
    return (_undemanding(operation) if route.validates is False else operation) or None


def _undemanding(operation: dict[str, Any]) -> dict[str, Any]:
    """The operation of a route with `enable_validation=False`: its handler takes what its annotations do not say."""
    optional = [parameter | {"required": parameter["in"] == "path"} for parameter in operation.get("parameters", ())]
    kept = {name: part for name, part in operation.items() if name not in {"requestBody", "parameters"}}
    return kept | ({"parameters": optional} if optional else {})


def _with_empty_paths(
    registered: list[RegisteredRoute], main: list[DescribedRoute], paths: dict[int, list[str]]
) -> Iterator[DescribedRoute]:
    """The routes, and beside a greedy one that may be empty (`.*`) the path without it, unless a handler of its own has that."""
    taken = {route.key for route in main}
    for source, route in zip(registered, main, strict=True):
        for path in paths[id(source)][:-1]:
            if (key := f"{source.method} {path}") not in taken:
                taken.add(key)
                yield DescribedRoute(key=key, handler=route.handler, operation=_bare(route), uses=route.uses, public=route.public)
        yield route


def _bare(route: DescribedRoute) -> dict[str, Any] | None:
    security = (route.operation or {}).get("security")
    return {"security": security} if security else None


def _info(app: str, document: Document) -> dict[str, str]:
    from aws_lambda_powertools.event_handler.openapi.constants import DEFAULT_OPENAPI_TITLE

    info: dict[str, Any] = document.content["info"]
    title = service_name(app) if info["title"] == DEFAULT_OPENAPI_TITLE else info["title"]
    kept = {name: str(info[name]) for name in ("version", "description") if info.get(name)}
    return {"title": title, **kept}
