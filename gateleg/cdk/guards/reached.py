"""Which routes of apps answer behind a route: an app goes by its own patterns, whatever path of the API leads to its function."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aws_cdk import ConstructSelector, Mixins, Stack, Token

from gateleg.cdk.body_rules.reading import INTEGRATION, listing, mapping
from gateleg.cdk.functions import as_function, behind
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.written_templates import Place
from gateleg.description import Route
from gateleg.description.paths import shape_of_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from constructs import Construct

    from gateleg.cdk.body_rules import RestApi
    from gateleg.cdk.body_rules.reading import Operation
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.written_functions import WrittenFunctions
    from gateleg.description import App

_SERVICE = re.compile(r"(?:https?(?=:)|arn:[^:]*:apigateway:[^:]*:(\w+):)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{!?stageVariables\.(\w+)\}")
_STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
_PROXIES = ("aws_proxy", "AWS_PROXY")


@dataclass(frozen=True)
class Planned:
    """What a route that an argument asked for calls.

    Attributes:
        uri: The URI or the ARN, as the gateway's stack resolves it.
        is_judged: Whether the route is one of the gateway's own apps.
    """

    uri: Any
    is_judged: bool


def reached(
    scope: Construct,
    route: Route,
    target: FunctionLike | Mapping[str, Any],
    covers: Callable[[Route, Route], bool],
    handlers: Mapping[str, App],
) -> list[tuple[Route, bool]]:
    """The routes that requests for a route may be answered by, with what each or its app asks for, and whether the function only imports that app.

    Args:
        scope: The gateway.
        route: The route.
        target: What it calls.
        covers: Whether requests for another route would go to a route.
        handlers: By the handler string as Lambda writes it, the apps of the gateway.
    """
    return _answering(route, _apps(scope, target, handlers), covers, anything=isinstance(target, Mapping) and not _passes_on(target))


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


def opened(
    api: RestApi, planned: Mapping[str, Planned], covers: Callable[[Route, Route], bool], template: str, functions: WrittenFunctions
) -> Iterator[tuple[Route, Route, bool]]:
    """The open operations of a body, each with a route of an app that may answer there, and whether an argument asked for it and for what it calls.

    Those of the gateway's own apps, whose routes were judged together, are left out as long as they call what they were given.

    Args:
        api: The API as its template has it.
        planned: By the keys of the routes that arguments asked for, what each calls.
        covers: Whether requests for another route would go to a route.
        template: The name of the template.
        functions: The functions that templates name, with their apps.
    """
    known = {shape_of_key(key): target for key, target in planned.items()}
    for key, operation, integration in _open(api):
        target = known.get(shape_of_key(key))
        called = functions.named(template, integration["uri"]) if _calls_functions(operation, integration) else set[Place]()
        is_asked = target is not None and called <= functions.named(template, target.uri)
        if called and not (is_asked and target is not None and target.is_judged):
            everything = operation.raw.get("isDefaultRoute") is True or operation.path == "/$default"
            route = Route("ANY /{proxy+}" if everything else key, "the body")
            apps = [one for place in sorted(called) for one in functions.apps.get(place, ())]
            found = _answering(route, apps, covers, anything=not _passes_on(integration))
            yield from ((replace(route, key=key), other, is_asked) for other, _ in found)


def other_handlers(api: RestApi, template: str, functions: WrittenFunctions) -> Iterator[tuple[str, ServiceFunction, Any]]:
    """The open operations of a body whose function calls another handler than was described, each with the function and that handler.

    Args:
        api: The API as its template has it.
        template: The name of the template.
        functions: The functions that templates name.
    """
    told = set[Place]()
    for key, _, integration in _open(api):
        for place in sorted(functions.named(template, integration["uri"]) - told):
            told.add(place)
            if (owner := functions.owners.get(place)) is not None and not owner.is_described_by(handler := functions.handler(place)):
                yield key, owner, handler


def _calls_functions(operation: Operation, integration: Mapping[str, Any]) -> bool:
    kind = str(integration.get("type")).lower()
    return not kind.startswith("http") and kind != "mock" and operation.service in {"lambda", None}


def _open(api: RestApi) -> Iterator[tuple[str, Operation, Mapping[str, Any]]]:
    """The operations that anyone may call, with their keys and what they call, stage variables replaced by what the stages say."""
    shared = mapping(mapping(api.body.get("components")).get(f"{INTEGRATION}s"))
    for operation in api.operations:
        if any(map(mapping, listing(operation.raw.get("security")))):
            continue
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
    if not (names := _VARIABLE.findall(json.dumps(uri))):
        return uri
    stages = [stage for kind in _STAGES for stage in api.of_type(kind)]
    told = [mapping(stage.get(part)) for stage in stages for part in ("Variables", "StageVariables")]
    told += [mapping(mapping(stage.get("CanarySetting")).get("StageVariableOverrides")) for stage in stages]
    values = [variables[name] for name in dict.fromkeys(names) for variables in told if name in variables]
    return [uri, *(f":{value}" if isinstance(value, str) else value for value in values)]


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


def _apps(scope: Construct, target: FunctionLike | Mapping[str, Any], handlers: Mapping[str, App]) -> Iterator[tuple[App, bool]]:
    """The apps that a target may answer with, each with whether its function only imports it."""
    if isinstance(target, Mapping):
        service = _SERVICE.match(uri) if isinstance(uri := target.get("uri"), str) else None
        if uri is not None and not (service and service[1] != "lambda"):
            yield from _named(scope, uri)
        return
    function = behind(target)
    if isinstance(owner := function.node.scope, ServiceFunction):
        yield from _of(owner)
    elif (resource := function.node.default_child) is None:
        yield from _named(scope, as_function(target).function_arn)
    elif (app := handlers.get(str(getattr(resource, "handler", "")))) is not None:
        yield app, False


def _of(function: ServiceFunction) -> Iterator[tuple[App, bool]]:
    yield from ((app, False) for app in function.apps)
    yield from ((app, True) for app in function.beside)


def _named(scope: Construct, name: Any) -> Iterator[tuple[App, bool]]:
    """The apps of the functions of the tree that a URI or an ARN names, by a reference or by their own names."""
    for function in _functions(scope, _text(scope, name)):
        if isinstance(owner := function.node.scope.node.scope, ServiceFunction):
            yield from _of(owner)


def _text(scope: Construct, name: Any) -> str:
    return json.dumps(Stack.of(scope).resolve(name))


def _functions(scope: Construct, text: str) -> list[Any]:
    return _Functions(scope).named(text)


class _Functions:
    """The functions of the tree, read once: a tree may have hundreds, and each answer comes from another process."""

    def __init__(self, scope: Construct) -> None:
        every: Any = Mixins.of(scope.node.root, ConstructSelector.resources_of_type("AWS::Lambda::Function")).selected_constructs
        self._every = [(Stack.of(one).resolve(one.logical_id), one.function_name, one) for one in every]
        self._named: dict[str, list[Any]] = {}

    def named(self, text: str) -> list[Any]:
        """Those that a URI or an ARN names as JSON, by a reference or by their own names."""
        if text not in self._named:
            ids = {one for pair in re.findall(r'"([A-Za-z0-9]+)"|\$\{([A-Za-z0-9]+)\b', text) for one in pair if one}
            self._named[text] = [one for logical_id, own, one in self._every if logical_id in ids or _is_in(own, text)]
        return self._named[text]


def _is_in(own: Any, text: str) -> bool:
    return isinstance(own, str) and not Token.is_unresolved(own) and re.search(rf":{re.escape(own)}(?![\w-])", text) is not None
