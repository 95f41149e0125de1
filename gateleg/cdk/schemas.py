"""Turns JSON Schema 2020-12, as pydantic and OpenAPI 3.1 write it, into the draft 4 that API Gateway's models speak.

The one rule: a converted schema accepts everything that the original accepts. What draft 4 or API Gateway cannot say is left
out, so that a request which the handler would take is never refused at the gateway; the handler still validates in full.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Schema = dict[str, Any]

_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_UNSAYABLE = (
    "not",
    "if",
    "patternProperties",
    "propertyNames",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
)
_PORTABLE_PATTERN = re.compile(
    r"(?!.*\(\?|.*[*+?}][*+?{])\^?(?:[A-Za-z0-9 _:;,@/=<>!\"'%&#~-]|\\[.\-/+*?()\[\]{}]|\[[A-Za-z0-9 _.:,@/=+-]+\]|[()|]|[*+?]|\{\d+(?:,\d*)?\})*\$?"
)
_REF = re.compile(r"#/(?:components/schemas|\$defs|definitions)/(.+)")


class ModelRegistry:
    """The models of one API: alphanumeric names, as API Gateway demands, each with its draft-4 schema.

    Attributes:
        models: The converted schemas by name.
    """

    def __init__(self) -> None:
        self.models: dict[str, Schema] = {}

    def name(self, wanted: str, schema: Schema) -> str:
        """The name under which the schema is kept; equal schemas share one, different ones are told apart by a number."""
        base = re.sub(r"[^A-Za-z0-9]", "", wanted) or "Model"
        name, number = base, 1
        while self.models.get(name, schema) != schema:
            number += 1
            name = f"{base}{number}"
        self.models[name] = schema
        return name


class SchemaConverter:
    """Converts the schemas of one app into a registry of models.

    Args:
        schemas: `components.schemas` of the app's OpenAPI 3.1 document.
        registry: Where the converted models go.

    Attributes:
        notes: What API Gateway will not check although the handler does, one sentence each, in order and without repeats.
    """

    def __init__(self, schemas: Mapping[str, Any], registry: ModelRegistry) -> None:
        self._schemas = dict(schemas)
        self._registry = registry
        self._done: dict[str, Schema] = {}
        self._open: list[str] = []
        self.notes: list[str] = []

    def model(self, schema: Any, name: str) -> str | None:
        """The name of the model for a request body, or `None` where no model would check anything.

        Args:
            schema: The body's schema: a reference or an inline schema.
            name: The name for an inline schema.
        """
        converted = self.convert(schema, name)
        if not converted:
            return None
        if set(converted) == {"$ref"}:
            return str(converted["$ref"]).rsplit("/", 1)[1]
        return self._registry.name(name, converted)

    def convert(self, schema: Any, where: str) -> Schema:
        """The draft-4 form of a schema; `{}` where it accepts anything.

        Args:
            schema: A schema, possibly boolean.
            where: What the schema describes, for the notes.
        """
        source = _mapping(schema)
        if not source:
            return {}
        for key in ("$defs", "definitions"):
            self._schemas |= _mapping(source.get(key))
        if "$ref" in source:
            return self._reference(str(source["$ref"]), where)
        if _admits_null(source):
            return {}
        return self._convert_keywords(source, where)

    def _convert_keywords(self, source: Schema, where: str) -> Schema:
        result: Schema = {}
        for convert in (_types, _values, _numbers, _strings):
            result |= convert(source)
        for convert_nested in (self._objects, self._items, self._combinations):
            result |= convert_nested(source, where)
        for keyword in _UNSAYABLE:
            if keyword in source:
                self._note(f"{where}: {keyword} has no form in API Gateway's models")
        if "pattern" in source and "pattern" not in result:
            self._note(f"{where}: the pattern {source['pattern']} may mean something else in API Gateway's dialect")
        return result

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _reference(self, reference: str, where: str) -> Schema:
        match = _REF.fullmatch(reference)
        name = match[1].replace("~1", "/").replace("~0", "~") if match else reference
        if name not in self._schemas:
            self._note(f"{where}: the reference {reference} leads nowhere")
            return {}
        if name in self._open:
            self._note(f"{where}: {name} contains itself, and API Gateway's models cannot")
            return {}
        if name not in self._done:
            self._open.append(name)
            self._done[name] = self.convert(self._schemas[name], name)
            self._open.pop()
        converted = self._done[name]
        if not converted or "$ref" in converted:
            return converted
        return {"$ref": f"#/components/schemas/{self._registry.name(name, converted)}"}

    def _objects(self, source: Schema, where: str) -> Schema:
        result: Schema = {}
        properties = {
            name: self.convert(value, f"{where}.{name}")
            for name, value in _mapping(source.get("properties")).items()
            if not _is_intrinsic(name)
        }
        if properties:
            result["properties"] = properties
        if required := source.get("required"):
            result["required"] = list(required)
        closed = len(properties) == len(_mapping(source.get("properties"))) and "patternProperties" not in source
        extra = source.get("additionalProperties")
        if extra is False and closed:
            result["additionalProperties"] = False
        elif closed and (converted := self.convert(extra, f"{where}.*")):
            result["additionalProperties"] = converted
        return result

    def _items(self, source: Schema, where: str) -> Schema:
        if "prefixItems" in source:
            self._note(f"{where}: a fixed sequence of item types has no form in API Gateway's models")
            return {"items": {}}
        if "items" in source:
            return {"items": self.convert(source["items"], f"{where}[]")}
        return {"items": {}} if source.get("type") == "array" else {}

    def _combinations(self, source: Schema, where: str) -> Schema:
        result: Schema = {}
        # A loosened branch may match where it did not before, so `oneOf` could refuse what it accepted: `anyOf` cannot.
        for keyword in ("anyOf", "oneOf"):
            branches = [self.convert(branch, where) for branch in _sequence(source.get(keyword))]
            if branches and all(branches):
                wrapped: Schema = {"anyOf": branches} if len(branches) > 1 else branches[0]
                result["allOf"] = [*result.get("allOf", []), wrapped]
        for branch in _sequence(source.get("allOf")):
            if converted := self.convert(branch, where):
                result["allOf"] = [*result.get("allOf", []), converted]
        if len(parts := result.get("allOf", [])) == 1 and set(parts[0]) == {"anyOf"}:
            return {"anyOf": parts[0]["anyOf"]}
        return result


def _admits_null(schema: Schema) -> bool:
    kinds = schema.get("type")
    if kinds == "null" or (isinstance(kinds, list) and "null" in kinds) or schema.get("nullable") is True:
        return True
    if None in (schema.get("enum") or []) or ("const" in schema and schema["const"] is None):
        return True
    branches = [*_sequence(schema.get("anyOf")), *_sequence(schema.get("oneOf"))]
    return any(_admits_null(_mapping(branch)) for branch in branches)


def _mapping(value: Any) -> Schema:
    """The value if it is an object; a boolean schema says nothing that could be kept."""
    return dict(value) if _is_mapping(value) else {}


def _sequence(value: Any) -> list[Any]:
    return list(value) if _is_sequence(value) else []


def _is_mapping(value: Any) -> TypeGuard[Schema]:
    return isinstance(value, dict)


def _is_sequence(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_intrinsic(name: str) -> bool:
    """Whether CloudFormation would read a property of this name as one of its functions."""
    return name in {"Ref", "Condition"} or name.startswith("Fn::")


def _types(source: Schema) -> Schema:
    kinds = source.get("type")
    if named := _sequence(kinds):
        return {"anyOf": [_type(kind) for kind in named]} if "anyOf" not in source and "oneOf" not in source else {}
    return _type(kinds) if isinstance(kinds, str) else {}


def _type(kind: str) -> Schema:
    # 1.0 is an integer for pydantic and for every draft since 6, and none for draft 4.
    return {"type": "number", "multipleOf": 1} if kind == "integer" else {"type": kind}


def _values(source: Schema) -> Schema:
    if "const" in source:
        return {"enum": [source["const"]]}
    return {"enum": list(source["enum"])} if source.get("enum") else {}


def _numbers(source: Schema) -> Schema:
    result: Schema = {}
    for bound, exclusive, stricter in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        result |= _bound(source, bound, exclusive, stricter)
    step: Any = source.get("multipleOf")
    if _is_finite(step) and step > 0:
        result["multipleOf"] = step
    return result


def _bound(source: Schema, bound: str, exclusive: str, stricter: Callable[[Any, Any], Any]) -> Schema:
    inclusive_value, exclusive_value = source.get(bound), source.get(exclusive)
    if isinstance(exclusive_value, bool):
        return {bound: inclusive_value, exclusive: exclusive_value} if _is_finite(inclusive_value) else {}
    if not _is_finite(exclusive_value):
        return {bound: inclusive_value} if _is_finite(inclusive_value) else {}
    if _is_finite(inclusive_value) and stricter(inclusive_value, exclusive_value) != exclusive_value:
        return {bound: inclusive_value}
    return {bound: exclusive_value, exclusive: True}


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _strings(source: Schema) -> Schema:
    result: Schema = {name: source[name] for name in _COUNTS if isinstance(source.get(name), int)}
    pattern = source.get("pattern")
    if isinstance(pattern, str) and _PORTABLE_PATTERN.fullmatch(pattern):
        result["pattern"] = pattern
    return result
