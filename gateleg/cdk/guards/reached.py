"""Which routes of apps answer behind a route: an app goes by its own patterns, whatever path of the API leads to its function."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import INTEGRATION, STAGES, listing, mapping, stage_values
from gateleg.cdk.functions import behind
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.written_templates import Place
from gateleg.description import Route
from gateleg.description.paths import shape_of_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gateleg.cdk.body_rules import RestApi
    from gateleg.cdk.body_rules.reading import Operation
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.written_functions import WrittenFunctions
    from gateleg.description import App

_PROXIES = ("aws_proxy", "AWS_PROXY")


@dataclass(frozen=True)
class Planned:
    """What a route that an argument asked for calls.

    Attributes:
        uri: The URI or the ARN, as the gateway's stack resolves it.
        is_judged: Whether the route is one of the gateway's own apps.
        is_open: Whether anyone may call it.
    """

    uri: Any
    is_judged: bool
    is_open: bool


def reached(
    route: Route, target: FunctionLike, covers: Callable[[Route, Route], bool], handlers: Mapping[str, App]
) -> list[tuple[Route, bool]]:
    """The routes that requests for a route may be answered by, with what each or its app asks for, and whether the function only imports that app.

    Of what names a function, in place of being one, only the templates say which that is: see `answered`.

    Args:
        route: The route.
        target: What it calls.
        covers: Whether requests for another route would go to a route.
        handlers: By the handler string as Lambda writes it, the apps of the gateway.
    """
    return _answering(route, _apps(target, handlers), covers, anything=False)


def _answering(
    route: Route, apps: Iterable[tuple[App, bool]], covers: Callable[[Route, Route], bool], *, anything: bool
) -> list[tuple[Route, bool]]:
    found = [
        (other, imported)
        for app, imported in apps
        for other in map(app.asking, app.routes)
        if anything or any(covers(route, each) for each in _places(route, other, app.prefixes))
    ]
    return list({(other.key, imported): (other, imported) for other, imported in found}.values())


@dataclass(frozen=True)
class Reached:
    """A route of an app that an operation of a body leads to.

    Attributes:
        route: The operation, as a route.
        other: The route that may answer there.
        imported: Whether the function only imports the app of that.
        asked: What an argument asked for there; `None` where the operation calls something else, or is open in its place.
    """

    route: Route
    other: Route
    imported: bool
    asked: Planned | None


def answered(
    api: RestApi, planned: Mapping[str, Planned], covers: Callable[[Route, Route], bool], template: str, functions: WrittenFunctions
) -> Iterator[Reached]:
    """What the operations of a body may be answered by: those that are open, and those that an argument asked for.

    Those of the gateway's own apps, whose routes were judged together, are left out as long as they call what they were given.

    Args:
        api: The API as its template has it.
        planned: By the keys of the routes that arguments asked for, what each calls.
        covers: Whether requests for another route would go to a route.
        template: The name of the template.
        functions: The functions that templates name, with their apps.
    """
    known = {shape_of_key(key): target for key, target in planned.items()}
    for key, operation, integration in _operations(api):
        target = known.get(shape_of_key(key))
        is_open = _is_open(operation)
        if not is_open and (target is None or target.is_judged):
            continue
        called = functions.named(template, integration["uri"]) if _calls_functions(operation, integration) else set[Place]()
        is_asked = target is not None and target.is_open == is_open and called <= functions.named(template, target.uri)
        asked = target if is_asked else None
        if called and not (asked and asked.is_judged) and (asked or is_open):
            everything = operation.raw.get("isDefaultRoute") is True or operation.path == "/$default"
            route = Route("ANY /{proxy+}" if everything else key, "the body")
            apps = [one for place in sorted(called) for one in functions.apps.get(place, ())]
            found = _answering(route, apps, covers, anything=not _passes_on(integration))
            yield from (Reached(replace(route, key=key), other, imported, asked) for other, imported in found)


def other_handlers(api: RestApi, template: str, functions: WrittenFunctions) -> Iterator[tuple[str, ServiceFunction, Any]]:
    """The open operations of a body whose function calls another handler than was described, each with the function and that handler.

    Args:
        api: The API as its template has it.
        template: The name of the template.
        functions: The functions that templates name.
    """
    told = set[Place]()
    for key, operation, integration in _operations(api):
        for place in sorted(functions.named(template, integration["uri"]) - told) if _is_open(operation) else ():
            told.add(place)
            if (owner := functions.owners.get(place)) is not None and not owner.is_described_by(handler := functions.handler(place)):
                yield key, owner, handler


def _calls_functions(operation: Operation, integration: Mapping[str, Any]) -> bool:
    kind = str(integration.get("type")).lower()
    return not kind.startswith("http") and kind != "mock" and operation.service in {"lambda", None}


def _is_open(operation: Operation) -> bool:
    """Whether anyone may call."""
    return not any(map(mapping, listing(operation.raw.get("security"))))


def _operations(api: RestApi) -> Iterator[tuple[str, Operation, Mapping[str, Any]]]:
    """The operations that call something, with their keys and what that is, stage variables replaced by what the stages say."""
    shared = mapping(mapping(api.body.get("components")).get(f"{INTEGRATION}s"))
    for operation in api.operations:
        integration = operation.integration
        if isinstance(name := integration.get("$ref"), str):
            integration = _merged(mapping(shared.get(name.rpartition("/")[2])), integration)
        if integration.get("uri"):
            key = f"{'ANY' if operation.member.startswith('x-') else operation.member.upper()} {operation.path}"
            yield key, operation, {**integration, "uri": _with_variables(api, integration["uri"])}


def _merged(shared: Mapping[str, Any], beside: Mapping[str, Any]) -> Mapping[str, Any]:
    """An integration that is shared, with what stands beside the reference to it: AWS does not say which of two URIs counts."""
    uris = [one["uri"] for one in (shared, beside) if "uri" in one]
    return {**shared, **beside, "uri": uris[0] if len(uris) == 1 else uris}


def _with_variables(api: RestApi, uri: Any) -> Any:
    """A URI with the values that stages give its variables; where there are several, or CloudFormation makes one, a list with all of them."""
    stages = [stage for kind in STAGES for stage in api.of_type(kind)]
    if not (named := stage_values(json.dumps(uri), stages)):
        return uri
    return [uri, *(f":{value}" if isinstance(value, str) else value for values in named.values() for value in values)]


def _places(route: Route, other: Route, prefixes: Iterable[str | None]) -> Iterator[Route]:
    """A route, and where it is when a request has a prefix that the app takes off, or for a greedy path a slash at its end."""
    own = "/".join(map(str, other.segments))
    befores = ["", *(before for prefix in prefixes for before in _befores(route, prefix))]
    for before in befores:
        path = f"{before}/{own}".rstrip("/") or "/"
        yield replace(other, key=f"{other.method} {path}")
        if _is_greedy(route) and not _is_greedy(other):
            yield replace(other, key=f"{other.method} {path.rstrip('/')}/-")


def _befores(route: Route, prefix: str | None) -> Iterator[str]:
    """What may stand before a path: the prefix, or for a pattern each beginning of the route's path."""
    if prefix is not None:
        if re.fullmatch(r"[A-Za-z0-9._:/-]+", prefix):  # of any other, no route of an API begins with it
            yield f"/{prefix.strip('/')}"
        return
    texts = [segment.text if segment.kind == "literal" else "-" for segment in route.segments]
    yield from (f"/{'/'.join(texts[:depth])}" for depth in range(1, len(texts) + 1))


def _is_greedy(route: Route) -> bool:
    return bool(route.segments) and route.segments[-1].kind == "greedy"


def _passes_on(integration: Mapping[str, Any]) -> bool:
    """Whether a function finds the request's own path in the event."""
    written = [name for name in integration.get("requestParameters", {}) if name.endswith((":path", ".path"))]
    return integration.get("type") in _PROXIES and not written


def _apps(target: FunctionLike, handlers: Mapping[str, App]) -> Iterator[tuple[App, bool]]:
    """The apps that a function may answer with, each with whether it only imports that."""
    function = behind(target)
    if isinstance(owner := function.node.scope, ServiceFunction):
        yield from ((app, False) for app in owner.apps)
        yield from ((app, True) for app in owner.beside)
    elif (app := handlers.get(str(getattr(function.node.default_child, "handler", "")))) is not None:
        yield app, False
