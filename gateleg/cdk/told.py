"""What handlers tell of their routes, in the words that API Gateway imports: for exports of the API and the clients made of them.

A handler's OpenAPI 3.1 becomes 3.0.1. What the importer ignores, drops or refuses is left out: `default` and `4XX` answers, cookies, constraints of parameters.
Nothing is checked by it; what the gateway checks is in `validation.py`.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from gateleg.cdk.schemas import Conversion, beside_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.cdk.plan import PlannedRoute
    from gateleg.cdk.schemas import Models, Schema
    from gateleg.description import App, Route

UNTOLD = "What the integration answers."
MAPPED = "mapped by the integration"
"""What stands in answers of which nobody tells anything: OpenAPI asks for words."""

_TEXTS = ("summary", "description")
_FORMATS = frozenset({"date-time", "email", "hostname", "ipv4", "ipv6", "uri"})
_TYPES = frozenset({"string", "integer", "number", "boolean"})
_NAME = re.compile(r"[a-zA-Z0-9._$-]+")
_STATUS = re.compile(r"[1-5]\d\d")
_UNLISTED = frozenset({"accept", "authorization", "content-type"})
"""Headers that OpenAPI tells elsewhere."""


class Telling:
    """Tells of the routes of one API.

    Args:
        apps: The apps.
        models: Where the schemas of bodies go.
    """

    def __init__(self, apps: Sequence[App], models: Models) -> None:
        self._models = models
        self._schemas = {app.name: _ToldSchemas(app.schemas, models) for app in apps}
        self._untold = _ToldSchemas({}, models)
        self._ids: set[str] = set()

    def of(self, planned: PlannedRoute) -> dict[str, Any]:
        """The members of an operation object; `responses` and, for variables, `parameters` are there even where nothing is told."""
        route = next((route for route in planned.sources if route.operation), planned.sources[0])
        operation = route.operation or {}
        schemas = self._schemas.get(planned.target, self._untold)
        told: dict[str, Any] = {name: operation[name] for name in _TEXTS if operation.get(name)}
        if told.get("summary") == route.key:  # what Powertools says for want of one
            del told["summary"]
        if "operationId" in operation:
            told["operationId"] = self._own(str(operation["operationId"]))
        if operation.get("tags"):
            told["tags"] = list(operation["tags"])
        if operation.get("deprecated") is True:
            told["deprecated"] = True
        name = _words(route)
        if parameters := _parameters(planned, route, operation):
            told["parameters"] = parameters
        taken: dict[str, Any] = operation.get("requestBody", {})
        if planned.checks.model is not None:  # the body has the model that it is checked by
            told |= {"requestBody": described} if (described := _described(taken)) else {}
        elif content := schemas.content(taken, f"{name}Body"):
            told["requestBody"] = {**_described(taken), "required": taken.get("required", False), "content": content}
        answers = {code: schemas.answer(answer, f"{name}{code}") for code, answer in _answers(operation).items()}
        return told | {"responses": answers or {"200": {"description": UNTOLD}}}

    def _own(self, name: str) -> str:
        """An operation id that no other route has: apps do not know each other's."""
        own, number = name, 1
        while own in self._ids:
            number += 1
            own = f"{name}_{number}"
        self._ids.add(own)
        return own


class _ToldSchemas(Conversion):
    """Converts the schemas of one app, with their descriptions."""

    _NUMBERS: ClassVar[dict[str, str]] = {}

    def convert(self, schema: Any) -> Schema:
        """The draft-4 form; nothing but its description where it accepts anything, or null."""
        if schema.__class__ is not dict:
            return {}
        plain = _plain(schema)
        converted = super().convert(plain)
        if "$ref" in converted:
            return converted
        every = [part for part in map(self.convert, plain.get("allOf", ())) if part]
        if every and not self._takes_null(plain):
            converted["allOf"] = [*converted.get("allOf", ()), *every]
        kept = {"format": schema["format"]} if schema.get("format") in _FORMATS and converted else {}
        # Titles are made from names, as pydantic makes them.
        words = {"description": schema["description"]} if isinstance(schema.get("description"), str) else {}
        bounds = {name: schema[name] for name in ("minimum", "maximum") if converted and isinstance(schema.get(name), (int, float))}
        return words | converted | bounds | kept

    def content(self, body: dict[str, Any], name: str) -> dict[str, Any]:
        """The content of a request or an answer, each schema a model; without what no schema says anything of."""
        found = {media: self._model(kind.get("schema", {}), name) for media, kind in body.get("content", {}).items()}
        return {media: {"schema": reference} for media, reference in found.items() if reference}

    def answer(self, said: dict[str, Any], name: str) -> dict[str, Any]:
        """A response object."""
        headers = {
            header: {**_described(given), "schema": {"type": "string"}}
            for header, given in said.get("headers", {}).items()
            if _NAME.fullmatch(header)
        }
        answer: dict[str, Any] = {"description": str(said.get("description") or "Answer")}
        if headers:
            answer["headers"] = headers
        if content := self.content(said, name):
            answer["content"] = content
        return answer

    def _reference(self, name: str) -> Schema:
        return super()._reference(name) if name in self._definitions else {}

    def _model(self, schema: Any, name: str) -> Schema:
        converted = self.convert(schema)
        return self._models.shared(converted, name) if converted.keys() - {"description"} else {}


def _plain(schema: Schema) -> Schema:
    """The schema in the words that those of bodies have."""
    said = dict(schema)
    if rest := beside_reference(schema):
        said = rest | {"allOf": [{"$ref": schema["$ref"]}, *rest.get("allOf", ())]}
    if "const" in said:
        said["enum"] = [said.pop("const")]
    branches = [branch for branch in (*said.pop("oneOf", ()), *said.pop("anyOf", ())) if branch.__class__ is dict]
    return said | ({"anyOf": branches} if branches else {})


def _answers(operation: dict[str, Any]) -> dict[str, Any]:
    return {str(code): answer for code, answer in operation.get("responses", {}).items() if _STATUS.fullmatch(str(code))}


def _parameters(planned: PlannedRoute, route: Route, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The variables of the path as the gateway names them, then what is told of query and headers; a name stands once."""
    told = {(said["in"], said["name"]): said for said in operation.get("parameters", ())}
    own = [segment.text for segment in route.segments if segment.kind != "literal"]
    variables = re.findall(r"\{([^}+]+)\+?\}", planned.key)
    found = {name: _parameter(name, "path", told.get(("path", mine), {})) for name, mine in zip(variables, own, strict=True)}
    enforced = planned.checks.validator in {"parameters", "all"}
    for name in planned.checks.required:
        found.setdefault(name, _parameter(name, "query", told.get(("query", name), {})) | {"required": True})
    for (where, name), said in told.items():
        if where in {"query", "header"} and _NAME.fullmatch(name) and not (where == "header" and name.lower() in _UNLISTED):
            # The gateway refuses requests without what is required here, and takes a blank one for none.
            required = {"required": False} if enforced else {}
            found.setdefault(name, _parameter(name, where, said) | required)
    return list(found.values())


def _parameter(name: str, where: str, said: dict[str, Any]) -> dict[str, Any]:
    required = where == "path" or bool(said.get("required", False))
    return {"name": name, "in": where, "required": required, **_described(said), "schema": _type(said.get("schema", {}))}


def _described(said: dict[str, Any]) -> dict[str, Any]:
    return {"description": said["description"]} if said.get("description") else {}


def _type(schema: dict[str, Any]) -> dict[str, Any]:
    """The type, which is all that the importer keeps of a parameter's schema; text where it is not one of JSON's."""
    branches = [branch for branch in schema.get("anyOf", ()) if branch.get("type") != "null"] if "anyOf" in schema else [schema]
    kind = branches[0].get("type") if len(branches) == 1 else None
    if kind == "array":
        return {"type": "array", "items": {"type": "string"}}
    return {"type": kind if isinstance(kind, str) and kind in _TYPES else "string"}


def _words(route: Route) -> str:
    words = re.findall(r"[A-Za-z0-9]+", f"{route.method.lower()} {route.path}")
    return "".join(word[:1].upper() + word[1:] for word in words)
