"""The reference of a REST or HTTP API for its callers: one OpenAPI 3.1 document of all its apps, as their handlers say it.

What API Gateway is deployed from (`openapi.py`) speaks of integrations; this speaks of requests and answers. Plain data in, plain data out.
Follows https://spec.openapis.org/oas/v3.1.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.authorizers import ApiKeyAuthorizer, CognitoAuthorizer, IamAuthorizer, JwtAuthorizer, RequestAuthorizer, TokenAuthorizer
from gateleg.description import service_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.plan import PlannedRoute
    from gateleg.description import App, Route

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_SCHEMAS = "#/components/schemas/"
_VARIABLE = re.compile(r"\{([^}+]+)\+?\}")
_SENT = re.compile(r"method\.request\.(?:multivalue)?(header|querystring)\.(.+)")
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9._-]")
_PLACES = {"header": "header", "querystring": "query"}
_UNKNOWN = {"default": {"description": "Whatever answers; nothing was said of it."}}
_REFUSALS = {
    "description": 'A refusal: `{"message": ...}` of the API or of the handlers\' resolver, `{"error": {"code": ..., "message": ...}}` of the data, '
    "or what the app answers to an exception of its own."
}


def reference_of(
    info: Mapping[str, str], apps: Sequence[App], routes: Sequence[PlannedRoute], authorizers: Mapping[str, AnyAuthorizer], *, server: str
) -> dict[str, Any]:
    """The document. Routes with `include_in_schema=False` are left out.

    Args:
        info: `title`, `version`, `description`.
        apps: The apps whose routes they are.
        routes: Every route of the API.
        authorizers: By the name that routes call them.
        server: The API's root as seen from the document.
    """
    schemas = _Schemas(apps)
    schemes = {name: _schemes(name, authorizer) for name, authorizer in authorizers.items()}
    groups = {app.name: app.title or service_name(app.name) for app in apps}
    paths: dict[str, dict[str, Any]] = {}
    variables: dict[str, list[str]] = {}
    for planned in routes:
        for route in filter(_is_told, planned.sources):
            # To OpenAPI, paths that differ in the names of their variables alone are one.
            shape = _VARIABLE.sub("{}", route.path)
            names = variables.setdefault(shape, _VARIABLE.findall(route.path))
            operation = _operation(route, names, schemas.renamed(planned.target, route.operation or {}))
            operation["security"] = [
                {scheme: scopes for name, scopes in asked.items() for scheme in schemes[name]} for asked in planned.access.requirements()
            ]
            if len(apps) > 1 and planned.target in groups:
                operation.setdefault("tags", [groups[planned.target]])
            members = paths.setdefault(_named(shape, names), {})
            members |= dict.fromkeys(_METHODS if route.method == "ANY" else (route.method.lower(),), operation)
    components = {"schemas": schemas.every, "securitySchemes": {name: said for each in schemes.values() for name, said in each.items()}}
    return {
        "openapi": "3.1.0",
        "info": dict(info),
        "servers": [{"url": server}],
        "paths": paths,
        "components": {name: part for name, part in components.items() if part},
    }


def _named(shape: str, names: Sequence[str]) -> str:
    """A path: `/rooms/{}` with `["room"]` is `/rooms/{room}`."""
    literals = shape.split("{}")
    return literals[0] + "".join(f"{{{name}}}{literal}" for name, literal in zip(names, literals[1:], strict=True))


def _is_told(route: Route) -> bool:
    return route.operation is not None or route.problem is not None


def _operation(route: Route, names: Sequence[str], described: dict[str, Any]) -> dict[str, Any]:
    own = dict(zip(_VARIABLE.findall(route.path), names, strict=True))
    said = [parameter for parameter in described.get("parameters", ()) if parameter["in"] != "path" or parameter["name"] in own]
    parameters = [parameter | {"name": own[parameter["name"]]} if parameter["in"] == "path" else parameter for parameter in said]
    unsaid = own.keys() - {parameter["name"] for parameter in said if parameter["in"] == "path"}
    parameters += [{"name": own[name], "in": "path", "required": True, "schema": {"type": "string"}} for name in own if name in unsaid]
    answers = {"default": _REFUSALS, **described["responses"]} if "responses" in described else _UNKNOWN
    return described | {"responses": answers, "parameters": parameters}


class _Schemas:
    """The schemas of several apps under one roof: equal ones share their name, and of different ones the later gets that of its app.

    Args:
        apps: The apps.

    Attributes:
        every: The schemas by their names in the document.
    """

    def __init__(self, apps: Sequence[App]) -> None:
        self.every: dict[str, Any] = {}
        self._names: dict[str, dict[str, str]] = {}
        for app in apps:
            self._names[app.name] = names = {name: f"{service_name(app.name)}-{name}" for name in self._others(app.schemas)}
            self.every |= {names.get(name, name): _replaced(schema, names) for name, schema in app.schemas.items()}

    def renamed(self, app: str, operation: dict[str, Any]) -> dict[str, Any]:
        """An operation with the names that its app's schemas have here."""
        renamed: dict[str, Any] = _replaced(operation, self._names.get(app, {}))
        return renamed

    def _others(self, schemas: Mapping[str, Any]) -> set[str]:
        """Those whose name means something else already, and those that refer to them."""
        others = {name for name, schema in schemas.items() if self.every.get(name, schema) != schema}
        while more := {name for name, schema in schemas.items() if name not in others and others & set(_referred(schema))}:
            others |= more
        return others


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():  # pyright: ignore[reportUnknownVariableType] (JSON)
            if name == "$ref" and isinstance(part, str):
                yield part.removeprefix(_SCHEMAS)
            else:
                yield from _referred(part)
    elif isinstance(value, list):
        for part in value:  # pyright: ignore[reportUnknownVariableType] (JSON)
            yield from _referred(part)


def _replaced(value: Any, names: Mapping[str, str]) -> Any:
    """JSON with other names where it refers to schemas, discriminators included."""
    if isinstance(value, dict):
        return {name: _replaced(part, names) for name, part in value.items()}  # pyright: ignore[reportUnknownVariableType] (JSON)
    if isinstance(value, list):
        return [_replaced(part, names) for part in value]  # pyright: ignore[reportUnknownVariableType] (JSON)
    if isinstance(value, str) and value.startswith(_SCHEMAS):
        name = value.removeprefix(_SCHEMAS)
        return _SCHEMAS + names.get(name, name)
    return value


def _schemes(name: str, authorizer: AnyAuthorizer) -> dict[str, dict[str, Any]]:
    """What a caller has to send; a function that judges several parts of a request has a scheme for each."""
    match authorizer:
        case ApiKeyAuthorizer():
            return {name: _sent("header", "x-api-key", "An API key of a usage plan.")}
        case IamAuthorizer():
            return {name: _sent("header", "Authorization", "AWS Signature Version 4, with AWS credentials that may invoke the route.")}
        case CognitoAuthorizer(header="Authorization") | JwtAuthorizer(identity_source="header.Authorization"):
            issuer = "issuer" if isinstance(authorizer, JwtAuthorizer) else "user pool"
            return {name: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": f"A token of the {issuer}."}}
        case JwtAuthorizer():
            where, _, part = authorizer.identity_source.partition(".")
            return {name: _sent(_PLACES[where], part, "A token of the issuer.")}
        case CognitoAuthorizer() | TokenAuthorizer():
            return {name: _sent("header", authorizer.header, "All of the header, `Bearer` included where that is asked for.")}
        case RequestAuthorizer():
            found = [match.groups() for source in authorizer.sources("method") if (match := _SENT.fullmatch(source))]
            parts = found or [("header", "Authorization")]
            names = [name] if len(parts) == 1 else [_UNNAMEABLE.sub("-", f"{name}-{where}-{part}") for where, part in parts]
            text = "What the authorizer judges."
            return {own: _sent(_PLACES[where], part, text) for own, (where, part) in zip(names, parts, strict=True)}


def schemes_of(authorizer: AnyAuthorizer | None) -> dict[str, dict[str, Any]]:
    """What a client of a WebSocket API has to send to connect, as AsyncAPI has it."""
    found = {} if authorizer is None else _schemes("connect", authorizer)
    return {name: {**scheme, "type": "httpApiKey"} if scheme["type"] == "apiKey" else scheme for name, scheme in found.items()}


def _sent(where: str, name: str, text: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": where, "name": name, "description": text}
