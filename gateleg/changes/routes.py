"""Who may call the APIs of a template: routes without an authorizer, and those with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.change import Change
from gateleg.changes.template import is_array, is_object, resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.changes.template import Json

Routes = dict[str, dict[str, list[str]]]
"""By the logical id of an API, its `guarded` and its `public` routes."""

_BODIES: Final = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_ANY: Final = "x-amazon-apigateway-any-method"
_AUTH: Final = "x-amazon-apigateway-auth"
_METHODS: Final = ("delete", "get", "head", "patch", "post", "put", _ANY)
"""Preflights are answered to anybody, on every API with CORS."""


def routes_of(template: Json) -> Routes:
    """Return the routes of each API, whichever way they are declared."""
    found: dict[str, dict[str, set[str]]] = {}
    for api, key, public in (*_of_bodies(template), *_of_methods(template), *_of_routes(template), *_of_functions(template)):
        found.setdefault(api, {"guarded": set(), "public": set()})["public" if public else "guarded"].add(key)
    return {api: {kind: sorted(keys) for kind, keys in kinds.items()} for api, kinds in sorted(found.items())}


def route_changes(stack: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the routes of one stack that anybody may call now.

    Args:
        stack: The stack's name.
        before: Its routes as they are deployed.
        after: Its routes as they are declared now.
    """
    # An API of another logical id takes the place of one that goes.
    gone = [keys for api, keys in before.items() if api not in after]
    left = {kind: [key for keys in gone for key in keys.get(kind, ())] for kind in ("guarded", "public")}
    for api, now in after.items():
        was = before.get(api, left)
        for key in now.get("public", ()):
            if key in was.get("guarded", ()):
                said = f"{key} of {api} in stack {stack} asks for an authorizer now, and anybody may call it after this change"
                yield Change("public-route", stack, f"{api}/{key}", "refused", said, "leave its authorizer on")
            elif key not in was.get("public", ()):
                yield Change(
                    "public-route", stack, f"{api}/{key}", "told", f"{key} of {api} in stack {stack} is new, and anybody may call it"
                )


def _of_bodies(template: Json) -> Iterator[tuple[str, str, bool]]:
    for api, resource in resources(template, *_BODIES):
        body = resource.get("Properties", {}).get("Body")
        paths = body.get("paths") if is_object(body) else None
        for path, item in paths.items() if is_object(body) and is_object(paths) else ():
            for method in _METHODS:
                operation = item.get(method) if is_object(item) else None
                if is_object(operation):
                    yield api, f"{'ANY' if method == _ANY else method.upper()} {path}", _anybody(operation, body)


def _anybody(operation: Json, body: Json) -> bool:
    auth = operation.get(_AUTH, body.get(_AUTH))
    if is_object(auth):
        return auth.get("type") == "NONE"
    security = operation.get("security", body.get("security"))
    return not security or (is_array(security) and {} in security)


def _of_methods(template: Json) -> Iterator[tuple[str, str, bool]]:
    places = dict(resources(template, "AWS::ApiGateway::Resource"))
    for _, resource in resources(template, "AWS::ApiGateway::Method"):
        given = resource.get("Properties", {})
        method = str(given.get("HttpMethod"))
        if method != "OPTIONS":
            public = given.get("AuthorizationType", "NONE") == "NONE" and given.get("ApiKeyRequired") not in (True, "true")
            yield _named(given.get("RestApiId")), f"{method} {_path(given.get('ResourceId'), places)}", public


def _path(place: Any, places: Mapping[str, Json], depth: int = 0) -> str:
    name = place.get("Ref") if is_object(place) else None
    if name not in places or depth > len(places):
        return "/"
    given = places[str(name)].get("Properties", {})
    return f"{_path(given.get('ParentId'), places, depth + 1).rstrip('/')}/{given.get('PathPart')}"


def _of_routes(template: Json) -> Iterator[tuple[str, str, bool]]:
    sockets = {
        name for name, api in resources(template, "AWS::ApiGatewayV2::Api") if api.get("Properties", {}).get("ProtocolType") == "WEBSOCKET"
    }
    for _, resource in resources(template, "AWS::ApiGatewayV2::Route"):
        given = resource.get("Properties", {})
        api, key = _named(given.get("ApiId")), str(given.get("RouteKey"))
        # A connection is asked for its authorizer once; what comes by it afterwards is its own.
        if api not in sockets or key == "$connect":
            yield api, key, given.get("AuthorizationType", "NONE") == "NONE"


def _of_functions(template: Json) -> Iterator[tuple[str, str, bool]]:
    for name, resource in resources(template, "AWS::Lambda::Url"):
        yield name, "function URL", resource.get("Properties", {}).get("AuthType") == "NONE"


def _named(value: Any) -> str:
    if is_object(value):
        attribute = value.get("Fn::GetAtt")
        return str(value.get("Ref") or (attribute[0] if is_array(attribute) else attribute))
    return str(value)
