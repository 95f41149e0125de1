"""The reference of a REST or HTTP API for its callers: one OpenAPI 3.1 document of all its apps, as their handlers say it.

What API Gateway is deployed from speaks of integrations; this speaks of requests and answers. Plain data in, plain data out.
Follows https://spec.openapis.org/oas/v3.1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateleg.description.handlers import service_name
from gateleg.description.refusals import UNTOLD, Refusals
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateleg.description.app import App
    from gateleg.description.route import Route

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_SCHEMAS = "#/components/schemas/"
_VARIABLE = re.compile(r"\{([^}+]+)\+?\}")


@dataclass(frozen=True)
class ToldRoute:
    """A route as callers meet it.

    Attributes:
        route: What its handler says.
        app: The name of its app; of a route beside the apps, of what answers it.
        security: OpenAPI security requirements, by the names of authorizers; none for a public route.
    """

    route: Route
    app: str
    security: Sequence[Mapping[str, list[str]]] = ()


def openapi_of(
    info: Mapping[str, str],
    apps: Sequence[App],
    routes: Iterable[ToldRoute],
    schemes: Mapping[str, Mapping[str, Any]],
    *,
    url: str | None = None,
) -> dict[str, Any]:
    """The document. Routes with `include_in_schema=False` are left out.

    Args:
        info: `title`, `version`, `description`.
        apps: The apps whose routes they are.
        routes: Every route of the API.
        schemes: By the name of an authorizer, the security schemes that a caller has to satisfy, by names of their own.
        url: Where the API is: `https://host/stage`, or relative to where the document is; left out where nobody knows.

    Raises:
        DeclarationError: The URL is not one of an API.
    """
    schemas = _Schemas(apps)
    refusals = Refusals(schemas.every)
    groups = {app.name: app.title or service_name(app.name) for app in apps}
    paths: dict[str, dict[str, Any]] = {}
    variables: dict[str, list[str]] = {}
    for told in (one for one in routes if _is_told(one.route)):
        route = told.route
        # To OpenAPI, paths that differ in the names of their variables alone are one.
        shape = _VARIABLE.sub("{}", route.path)
        names = variables.setdefault(shape, _VARIABLE.findall(route.path))
        operation = _operation(route, names, schemas.renamed(told.app, route.operation or {}), refusals)
        operation["security"] = [{scheme: scopes for name, scopes in asked.items() for scheme in schemes[name]} for asked in told.security]
        if len(apps) > 1 and told.app in groups:
            operation.setdefault("tags", [groups[told.app]])
        members = paths.setdefault(_named(shape, names), {})
        members |= dict.fromkeys(_METHODS if route.method == "ANY" else (route.method.lower(),), operation)
    components = {
        "schemas": schemas.every | refusals.used,
        "securitySchemes": {name: said for each in schemes.values() for name, said in each.items()},
    }
    return {
        "openapi": "3.1.0",
        "info": dict(info),
        **({} if url is None else {"servers": [{"url": _checked(url)}]}),
        "paths": paths,
        "components": {name: part for name, part in components.items() if part},
    }


def sent(where: str, name: str, text: str) -> dict[str, Any]:
    """The security scheme of a header, a query parameter or a cookie.

    Args:
        where: `header`, `query` or `cookie`.
        name: Its name.
        text: What it holds.
    """
    return {"type": "apiKey", "in": where, "name": name, "description": text}


def bearer(text: str) -> dict[str, Any]:
    """The security scheme of a JWT in `Authorization`, after `Bearer`."""
    return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": text}


def signed() -> dict[str, Any]:
    """The security scheme of requests that AWS credentials sign."""
    return sent("header", "Authorization", "AWS Signature Version 4, with AWS credentials that may invoke the route.")


def keyed() -> dict[str, Any]:
    """The security scheme of an API key."""
    return sent("header", "x-api-key", "An API key of a usage plan.")


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if (parts.scheme or parts.netloc) and (parts.scheme not in {"https", "http"} or not parts.netloc or parts.query or parts.fragment):
        message = (
            f"an API is at https://, a host and the stage, got {url!r}; write https://a1b2c3.execute-api.eu-north-1.amazonaws.com/live"
        )
        raise DeclarationError(message, path="url", value=url)
    return url


def _named(shape: str, names: Sequence[str]) -> str:
    """A path: `/rooms/{}` with `["room"]` is `/rooms/{room}`."""
    literals = shape.split("{}")
    return literals[0] + "".join(f"{{{name}}}{literal}" for name, literal in zip(names, literals[1:], strict=True))


def _is_told(route: Route) -> bool:
    return route.operation is not None or route.problem is not None


def _operation(route: Route, names: Sequence[str], described: dict[str, Any], refusals: Refusals) -> dict[str, Any]:
    own = dict(zip(_VARIABLE.findall(route.path), names, strict=True))
    said = [parameter for parameter in described.get("parameters", ()) if parameter["in"] != "path" or parameter["name"] in own]
    parameters = [parameter | {"name": own[parameter["name"]]} if parameter["in"] == "path" else parameter for parameter in said]
    unsaid = own.keys() - {parameter["name"] for parameter in said if parameter["in"] == "path"}
    parameters += [{"name": own[name], "in": "path", "required": True, "schema": {"type": "string"}} for name in own if name in unsaid]
    answers = refusals.among(described["responses"]) if "responses" in described else UNTOLD
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
