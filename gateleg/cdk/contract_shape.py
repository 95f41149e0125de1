"""What an OpenAPI document must look like where it is read, and what its references lead to."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""The operations of OpenAPI that API Gateway has, too."""
_DEEPEST = 100
_TEXTS = {"summary": "text", "description": "text"}
_SECURITY = {"security": "[{[text]}]"}
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")
SCHEMAS = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
_LIMITS = ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_SCHEMA: dict[str, str] = {
    **dict.fromkeys(SCHEMA_LISTS, "[schema]"),
    **dict.fromkeys(SCHEMA_MAPS, "{schema}"),
    **dict.fromkeys(SCHEMAS, "schema"),
    **dict.fromkeys(_LIMITS, "number"),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), "number|flag"),
    **dict.fromkeys(("format", "pattern", "description"), "text"),
    "type": "text|[text]",
    "required": "[text]",
    "enum": "[any]",
}
_PARTS: dict[str, dict[str, str]] = {
    "document": {"info": "info", "paths": "{path}", "components": "components", "servers": "[open]", "tags": "[open]"} | _SECURITY,
    "info": {"title": "text|number", "version": "text|number", "description": "text"},
    "components": {"schemas": "{schema}", "securitySchemes": "{open}"},
    "path": {"parameters": "[parameter]"} | dict.fromkeys(METHODS, "operation"),
    "operation": {
        "operationId": "text",
        "tags": "[text]",
        "deprecated": "flag",
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "{answer}",
        **_TEXTS,
        **_SECURITY,
    },
    "parameter": {"in": "text", "name": "text", "required": "flag", "description": "text", "schema": "schema", "content": "{media}"},
    "body": {"required": "flag", "content": "{media}"},
    "answer": {"description": "text", "headers": "{header}", "content": "{media}"},
    "header": {},
    "open": {},
    "media": {"schema": "schema"},
    "schema": _SCHEMA,
}
_NEEDED = {"parameter": ("in", "name")}
_REFERABLE = frozenset({"path", "parameter", "body", "answer", "header", "schema"})
_EXTENSIBLE = frozenset({"{path}", "{answer}"})
_PLAIN: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "flag": (bool,), "any": (object,)}
_WANTED = {"text": "a text", "number": "a number", "flag": "true or false"}


def check_shape(source: str, content: Json) -> None:
    """Check all that is read of a document, so that whoever reads it may rely on it.

    Args:
        source: Where it is from, for messages.
        content: The document.

    Raises:
        DeclarationError: A part is not what it must be, or a reference leads nowhere.
    """
    waiting: list[tuple[str, Any, str]] = [("document", content, "#")]
    followed: set[tuple[str, str]] = set()
    while waiting:
        kind, value, place = waiting.pop()
        if place.count("/") > _DEEPEST:
            raise refusal(f"{source} is nested deeper than {_DEEPEST} at {place}; refer to schemas of its components instead", place)
        if kind in _REFERABLE and isinstance(value, dict) and "$ref" in value:
            reference: Any = cast("Json", value)["$ref"]
            if not isinstance(reference, str):
                raise _misshapen(source, f"{place}/$ref", "text", reference)
            if (kind, reference) not in followed:
                followed.add((kind, reference))
                waiting.append((kind, referred(source, content, reference), reference))
            if kind != "schema":
                continue
        waiting += _within(source, kind, value, place)


def referred(source: str, content: Json, reference: str) -> Any:
    """What a reference leads to.

    Args:
        source: Where the document is from, for messages.
        content: The document.
        reference: A JSON pointer into it, such as `#/components/schemas/Room`.

    Raises:
        DeclarationError: It leads nowhere, or out of the document.
    """
    found: Any = content
    for step in reference.removeprefix("#/").split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            many = cast("Sequence[Any]", found)
            found = many[int(name)] if name.isdecimal() and len(name) < len(str(_DEEPEST**2)) and int(name) < len(many) else None
        else:
            found = cast("Json", found).get(name) if isinstance(found, dict) else None
    if not reference.startswith("#/") or found is None:
        raise refusal(f"{source} refers to {reference!r}, which is not in it; put it there, under components", reference)
    return found


def is_told(name: str) -> bool:
    """Whether a member of paths or answers is one: the others are extensions."""
    return not name.startswith("x-")


def refusal(message: str, value: Any) -> DeclarationError:
    """The error of a document that cannot be read."""
    return DeclarationError(message, path="Contract.document", value=value, code="declaration.contract.document")


def _within(source: str, kinds: str, value: Any, place: str) -> list[tuple[str, Any, str]]:
    """What is in a part, each with its kind and place."""
    kind = next((kind for kind in kinds.split("|") if _fits(kind, value)), None)
    if kind is None:
        raise _misshapen(source, place, kinds, value)
    if kind.startswith("["):
        return [(kind[1:-1], one, f"{place}/{number}") for number, one in enumerate(value)]
    if kind.startswith("{"):
        members: Json = {name: one for name, one in value.items() if kind not in _EXTENSIBLE or is_told(name)}
        return [(kind[1:-1], one, _inside(place, name)) for name, one in members.items()]
    if kind not in _PARTS or isinstance(value, bool):
        return []
    for name in _NEEDED.get(kind, ()):
        if name not in value:
            raise refusal(f"{source} has a {kind} without {name!r} at {place}; write it", place)
    return [(part, value[name], _inside(place, name)) for name, part in _PARTS[kind].items() if name in value]


def _fits(kind: str, value: Any) -> bool:
    if kind.startswith("["):
        return isinstance(value, list)
    if kind.startswith("{") or kind in _PARTS:
        # OpenAPI 3.1 has schemas that are true or false.
        return isinstance(value, dict) or (kind == "schema" and isinstance(value, bool))
    return isinstance(value, _PLAIN[kind]) and (kind != "number" or not isinstance(value, bool))


def _inside(place: str, name: str) -> str:
    return f"{place}/{name.replace('~', '~0').replace('/', '~1')}"


def _misshapen(source: str, place: str, kinds: str, value: Any) -> DeclarationError:
    wanted = " or ".join("a list" if kind.startswith("[") else _WANTED.get(kind, "an object") for kind in kinds.split("|"))
    return refusal(f"{source} has {reprlib.repr(value)} at {place}, which must be {wanted}; write that, or leave it out", value)
