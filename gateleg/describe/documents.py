"""The subcommands `gateleg openapi` and `gateleg asyncapi`: references of APIs for their callers, from the apps alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateleg.description import App
    from gateleg.description.openapi import ToldRoute

Schemes = dict[str, dict[str, Any]]
_WAYS = "bearer, iam, api-key, header.NAME or query.NAME"


def add_parsers(commands: Any, write: Callable[[str], None]) -> None:
    """Add the subcommands to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes what they print.
    """
    openapi = commands.add_parser("openapi", help="write the OpenAPI 3.1 document of all REST or HTTP apps of an API")
    openapi.add_argument("apps", nargs="+", metavar="APP", help="such as lambdas.chat.rest:app")
    openapi.add_argument(
        "--authorizer",
        metavar="NAME=WAY",
        action="append",
        default=[],
        help=f"what an authorizer that routes name asks a caller for: {_WAYS}; may be repeated. The first one guards routes that name none",
    )
    asyncapi = commands.add_parser("asyncapi", help="write the AsyncAPI 3 document of a WebSocket app")
    asyncapi.add_argument("app", metavar="APP", help="such as lambdas.chat.socket:app")
    _add(openapi, _openapi, "where the API is, such as https://api.example.com", write)
    _add(asyncapi, _asyncapi, "where clients connect, such as wss://chat.example.com", write)


def _add(parser: Any, document: Callable[[argparse.Namespace], dict[str, Any]], url: str, write: Callable[[str], None]) -> None:
    """The options that both have."""
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file")
    parser.add_argument("--title", metavar="TITLE", help="the API's name")
    parser.add_argument("--api-version", metavar="VERSION", help="the API's version; that of the app, or 1.0.0, unless given")
    parser.add_argument("--url", metavar="URL", help=url)

    def run(given: argparse.Namespace) -> None:
        _written(given, document(given), write)

    parser.set_defaults(run=run)


def _written(given: argparse.Namespace, document: dict[str, Any], write: Callable[[str], None]) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if given.output is None:
        write(text)
        return
    try:
        given.output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        message = f"{given.output} cannot be written ({error.strerror}); give a file in a folder that is there"
        raise DeclarationError(message, path="--output", value=str(given.output)) from None


def _asyncapi(given: argparse.Namespace) -> dict[str, Any]:
    from gateleg.describe import describe
    from gateleg.description.asyncapi import asyncapi_of

    return asyncapi_of(describe(given.app), title=given.title, version=given.api_version, url=given.url)


def _openapi(given: argparse.Namespace) -> dict[str, Any]:
    from gateleg.describe import describe
    from gateleg.description import service_name
    from gateleg.description.openapi import openapi_of

    schemes = dict(map(_scheme, given.authorizer))
    apps = [_checked(describe(app)) for app in given.apps]
    alone = apps[0] if len(apps) == 1 else None
    info = {
        "title": given.title or (alone and alone.title) or service_name(apps[0].name),
        "version": given.api_version or (alone and alone.version) or "1.0.0",
        **({"description": alone.summary} if alone is not None and alone.summary else {}),
    }
    return openapi_of(info, apps, [*_routes(apps, schemes)], schemes, url=given.url)


def _checked(app: App) -> App:
    if app.kind in {"rest", "http"}:
        return app
    instead = "write gateleg asyncapi" if app.kind == "websocket" else "name a resolver, such as lambdas.chat.rest:app"
    message = f"{app.name} is a {app.kind} app, and OpenAPI tells of REST and HTTP apps; {instead}"
    raise DeclarationError(message, path=app.name, value=app.kind)


def _routes(apps: Sequence[App], schemes: Mapping[str, Schemes]) -> Iterator[ToldRoute]:
    """The routes of all apps, each guarded as its gateway would guard it.

    Raises:
        RouteError: Two apps have a route of one key.
        AuthorizerError: Of the authorizer of a route nothing is said.
    """
    from gateleg.description.openapi import ToldRoute

    default = next(iter(schemes), None)
    known: dict[str, str] = {}
    for app in apps:
        for route in app.routes:
            if (other := known.setdefault(route.key, app.name)) != app.name:
                message = f"{route.key} is answered by {other} and by {app.name}; name the apps of one API, each once"
                raise RouteError(message, path=route.key, value=app.name)
            asked = route.security
            if asked is None and route.public is None:
                if default is None:
                    message = f"{route.key} of {app.name} does not say who may call it; add --authorizer NAME=WAY, of which the first guards such routes, where WAY is {_WAYS}"
                    raise AuthorizerError(message, path=route.key, value=None)
                asked = ({default: list[str]()},)
            for name in (name for names in asked or () for name in names if name not in schemes):
                message = f"{route.key} of {app.name} asks for the authorizer {name!r}; add --authorizer {name}=WAY, where WAY is {_WAYS}"
                raise AuthorizerError(message, path=route.key, value=name)
            yield ToldRoute(route, app.name, asked or ())


def _scheme(text: str) -> tuple[str, Schemes]:
    """`person=bearer`, as the name and the security schemes of an authorizer.

    Raises:
        DeclarationError: It is not of that form.
    """
    from gateleg.description.openapi import bearer, keyed, sent, signed

    name, _, way = text.partition("=")
    where, _, part = way.partition(".")
    kinds = {"bearer": bearer("A token of the authorizer."), "iam": signed(), "api-key": keyed()}
    if way in kinds and name:
        return name, {name: kinds[way]}
    if where in {"header", "query"} and part and name:
        return name, {name: sent(where, part, "What the authorizer judges.")}
    message = f"--authorizer takes NAME=WAY, where WAY is {_WAYS}; got {text!r}, write person=bearer or the like"
    raise DeclarationError(message, path="--authorizer", value=text)
