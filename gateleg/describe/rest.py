"""Describes a Powertools `APIGatewayRestResolver`."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateleg import places
from gateleg.describe.answerable import unanswered
from gateleg.describe.answers import answers_bytes
from gateleg.describe.bodies import answers_invalid_itself, body_of, required_parameters, takes_files, unlisted_of
from gateleg.describe.covering import cover
from gateleg.describe.handlers import declared, name_of, place_of
from gateleg.describe.openapi import document_of
from gateleg.description import App, Route
from gateleg.description.marks import asked_by, check_marks, public_reason_of
from gateleg.errors import DeclarationError, RouteError
from gateleg.rest.powertools import (
    answers_unknown,
    cors_of,
    exception_handlers_of,
    middlewares_of,
    prefixes_of,
    routes_of,
    shows_tracebacks,
    validates,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    from gateleg.describe.covering import Covered
    from gateleg.describe.openapi import Document
    from gateleg.description import Segment
    from gateleg.description.marks import Asked
    from gateleg.description.route import Requirements
    from gateleg.rest.powertools import RegisteredRoute

_AMAZON = "x-amazon-apigateway-"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def describe_rest(app: str, resolver: ApiGatewayResolver, called: Any = None) -> App:
    """Describe a resolver.

    Args:
        app: The app string.
        resolver: The app.
        called: What Lambda calls, where that is known.

    Raises:
        RouteError: A route that API Gateway cannot express, or that is never reached.
        AuthorizerError: A handler is marked public, and what that opens cannot be said.
        UsesError: A mark of uses does not reach the route.
        DeclarationError: This release of Powertools keeps its routes elsewhere, or the app tells callers of its insides.
    """
    if shows_tracebacks(resolver):
        message = (
            f"{app!r} was made with debug=True, which answers callers with tracebacks; leave it out, "
            "and set POWERTOOLS_DEV=true in the environment of a function that is for development"
        )
        raise DeclarationError(message, path=app, value=True, code="declaration.debug", place=places.of_name(app))
    registered = routes_of(resolver)
    _check_extensions(app, resolver, registered)
    check_marks((route.rule, route.handler) for route in registered)
    document = document_of(resolver)
    routes = [
        described
        for route, covered in zip(registered, cover(registered), strict=True)
        for described in _described(resolver, route, covered, document, unanswered(resolver, route, called, app))
    ]
    prefixes = tuple(prefixes_of(resolver))
    return App(
        name=app,
        kind="rest",
        routes=tuple(_behind_prefixes(prefixes, routes)),
        schemas=document.schemas,
        **_info(document),
        validates=validates(resolver),
        answers_invalid=answers_invalid_itself(resolver),
        answers_unknown=answers_unknown(resolver),
        security=_asked(resolver),
        cors=cors_of(resolver),
        prefixes=prefixes,
    )


def _check_extensions(app: str, resolver: ApiGatewayResolver, registered: Sequence[RegisteredRoute]) -> None:
    """Refuse extensions of API Gateway, of which nothing would come: the gateway renders its own."""
    said: list[tuple[str, Any, dict[str, Any] | None]] = [(app, None, resolver.openapi_config.openapi_extensions)]
    said += [
        (f"{route.method} {route.rule} of {name_of(route.handler)}", route.handler, route.source.openapi_extensions) for route in registered
    ]
    for whose, handler, extensions in said:
        if name := next((name for name in extensions or () if name.lower().startswith(_AMAZON)), None):
            message = (
                f"{whose} says {name!r} in openapi_extensions, which the gateway renders itself; leave it out, and write it in _render_body of a "
                "subclass of the gateway where nothing else says it"
            )
            place = places.of_name(app) if handler is None else places.of_function(handler)
            raise DeclarationError(message, path=name, value=name, place=place)


def _described(
    resolver: ApiGatewayResolver, route: RegisteredRoute, covered: Covered, document: Document, fault: str | None
) -> Iterator[Route]:
    """The route under each of its keys; the last one has what is told to readers and checked by the gateway."""
    handler = name_of(route.handler)
    if route.method not in METHODS:
        raise RouteError(
            f"API Gateway has no method {route.method!r} for {route.rule} of {handler}; write {', '.join(METHODS)}, or a list of them",
            path=route.rule,
            value=route.method,
            place=places.of_function(route.handler),
        )
    reason = public_reason_of(route.handler)
    # Any route may raise what an exception handler answers, and the function that it runs in is granted it once.
    called = (*middlewares_of(resolver), *exception_handlers_of(resolver), *route.middlewares, route.handler)
    asked = asked_by(called, route.method)
    described = Route(
        key=covered.keys[-1],
        handler=handler,
        operation=_with_headers(_operation(route, document), asked),
        headers=tuple(one.header for one in asked),
        security=None if route.security is None else tuple(route.security),
        public=reason,
        also=covered.also[covered.keys[-1]],
        cors=route.cors,
        binary=route.compress or answers_bytes(route),
        uploads=takes_files(resolver, route),
        body=body_of(resolver, route),
        parameters=required_parameters(resolver, route),
        unlisted=unlisted_of(resolver, route),
        problem=document.problems.get((route.method, route.rule)),
        unanswered=fault,
        place=place_of(route.handler),
        **declared(called),
    )
    for key in covered.keys[:-1]:
        yield replace(described, key=key, also=covered.also[key], body=None, parameters=(), operation=None, problem=None)
    yield described


def _behind_prefixes(prefixes: Sequence[str | None], routes: list[Route]) -> Iterator[Route]:
    """The routes; where a request's path may begin with a prefix that the app takes off, any other route may answer it."""
    for route in routes:
        reached = set(route.also)
        if any(_may_begin(route.segments, prefix) for prefix in prefixes):
            reached |= {other.key for other in routes if other.method == route.method and other.key != route.key}
        yield replace(route, also=tuple(sorted(reached)))


def _may_begin(segments: Sequence[Segment], prefix: str | None) -> bool:
    if prefix is None:
        return bool(segments)
    for position, text in enumerate(filter(None, prefix.split("/"))):
        if position >= len(segments) or (segments[position].kind == "literal" and segments[position].text != text):
            return False
        if segments[position].kind == "greedy":
            return True
    return True


def _asked(resolver: ApiGatewayResolver) -> Requirements | None:
    """What the whole app asks for, as `configure_openapi(security=...)` says it."""
    asked = resolver.openapi_config.security
    return None if asked is None else tuple(asked)


def _operation(route: RegisteredRoute, document: Document) -> dict[str, Any] | None:
    """The operation object, without what the route says elsewhere."""
    operation = dict(document.operation(route) or {})
    operation.pop("security", None)
    if operation.get("summary") == f"{route.method} {route.openapi_path}" and (told := _told(route.handler)):
        # What Powertools says for want of a summary. Nobody's docstring is lost, nor does one go before what was written for callers.
        operation = told | {name: part for name, part in operation.items() if name != "summary"}
    if "tags" in operation:
        # Powertools' routers keep tags as a set, whose order changes from process to process.
        operation["tags"] = sorted(operation["tags"])
    return (_undemanding(operation) if route.validates is False else operation) or None


def _with_headers(operation: dict[str, Any] | None, asked: Sequence[Asked]) -> dict[str, Any] | None:
    """The operation with the headers that middlewares read, unless the handler itself tells of them."""
    if operation is None or not asked:
        return operation
    parameters: list[dict[str, Any]] = operation.get("parameters", [])
    told = {parameter["name"].lower() for parameter in parameters if parameter["in"] == "header"}
    return operation | {"parameters": [*parameters, *(one.parameter for one in asked if one.header.lower() not in told)]}


def _told(handler: Any) -> dict[str, str]:
    """Summary and description, as a handler's docstring tells them: its first paragraph and the others."""
    if not inspect.isroutine(handler):
        return {}
    summary, _, description = (inspect.getdoc(handler) or "").partition("\n\n")
    told = {"summary": " ".join(summary.split()), "description": description.strip()}
    return {name: text for name, text in told.items() if text}


def _undemanding(operation: dict[str, Any]) -> dict[str, Any]:
    """The operation of a route with `enable_validation=False`: its handler takes what its annotations do not say."""
    optional = [parameter | {"required": parameter["in"] == "path"} for parameter in operation.get("parameters", ())]
    kept = {name: part for name, part in operation.items() if name not in {"requestBody", "parameters"}}
    return kept | ({"parameters": optional} if optional else {})


def _info(document: Document) -> dict[str, Any]:
    """Title, version and summary, where the app gives them."""
    from aws_lambda_powertools.event_handler.openapi.constants import DEFAULT_API_VERSION, DEFAULT_OPENAPI_TITLE

    info: dict[str, Any] = document.content["info"]
    defaults = {"title": DEFAULT_OPENAPI_TITLE, "version": DEFAULT_API_VERSION}
    names = {"title": "title", "version": "version", "description": "summary"}
    return {names[name]: str(value) for name, value in info.items() if name in names and value and value != defaults.get(name)}
