"""Turns JSON Schema 2020-12 into the draft 4 that API Gateway's models speak.

The one rule: a model accepts all that the schema accepts. What draft 4, API Gateway or CloudFormation cannot say is left out, so
that a request which the handler would take is never refused at the gateway; the handler still validates in full.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties")
_PORTABLE_PATTERN = re.compile(
    r"(?!.*\(\?|.*[*+?}][*+?{])\^?(?:[A-Za-z0-9 _:;,@/=<>!\"'%&#~-]|\\[.\-/+*?()\[\]{}]|\[[A-Za-z0-9 _.:,@/=+-]+\]|[()|]|[*+?]|\{\d+(?:,\d*)?\})*\$?"
)
_WORDS = ("title", "description")
_FORMATS = frozenset({"date-time", "email", "hostname", "ipv4", "ipv6", "uri"})
_SHOWN = frozenset({"$ref", "title", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"})
_RESERVED = {"Ref", "Condition"}
_EXACT = 2**53
"""Validators that read numbers as floats confuse those from here on."""


class Models:
    """The models of one API: alphanumeric names, as API Gateway demands, each with its draft-4 schema.

    Attributes:
        schemas: The schemas by name.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._names: dict[str, str] = {}

    def add(self, schema: Schema, name: str) -> str | None:
        """Add a model and those that it refers to, and return its name; `None` where no model would check anything.

        Args:
            schema: A JSON Schema (2020-12) that holds its definitions in `$defs`.
            name: The name that is wanted. Equal schemas share one, different ones are told apart by a number.
        """
        converted = Conversion(schema.get("$defs", {}), self).convert(schema)
        return str(self.shared(converted, name)["$ref"]).rsplit("/", 1)[1] if converted else None

    def shared(self, converted: Schema, name: str) -> Schema:
        """The same as `kept` for a name that nobody gave: any model that says the same will do."""
        if not converted or "$ref" in converted:
            return converted
        known = self._names.get(json.dumps(converted, sort_keys=True))
        return self.reference(converted, known or name)

    def kept(self, converted: Schema, name: str) -> Schema:
        """The reference to a model: that which a converted schema is, or a new one to a model of it."""
        return converted if not converted or "$ref" in converted else self.reference(converted, name)

    def reference(self, schema: Schema, name: str) -> Schema:
        """Keep a schema as a model, and return the reference to it."""
        return {"$ref": f"#/components/schemas/{self._named(schema, name)}"}

    def _named(self, schema: Schema, wanted: str) -> str:
        base = re.sub(r"[^A-Za-z0-9]", "", wanted) or "Model"
        base += "Model" if base in _RESERVED else ""
        name, number = base, 1
        while self.schemas.get(name, schema) != schema:
            number += 1
            name = f"{base}{number}"
        self.schemas[name] = schema
        self._names.setdefault(json.dumps(schema, sort_keys=True), name)
        return name


def beside_reference(schema: Schema) -> Schema:
    """What a schema says beside its reference, which holds too; nothing where it has none, or says how it is shown."""
    return {name: part for name, part in schema.items() if name not in _SHOWN} if "$ref" in schema else {}


class Conversion:
    """Converts schemas and the definitions that they refer to.

    Args:
        definitions: What is referred to, by the last part of its references.
        models: Where definitions go.
    """

    _NUMBERS: ClassVar = {"integer": "number"}

    def __init__(self, definitions: Mapping[str, Any], models: Models) -> None:
        self._definitions = definitions
        self._models = models
        self._done: dict[str, Schema] = {}
        self._open: list[str] = []

    def convert(self, schema: Schema) -> Schema:
        """The draft-4 form; `{}` where it accepts anything, null among it: a model cannot name null."""
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]).rsplit("/", 1)[1])
        if not schema or self._takes_null(schema):
            return {}
        counts = {keyword: schema[keyword] for keyword in _COUNTS if keyword in schema}
        parts = [self._types(schema), *([self._any_of(schema["anyOf"])] if "anyOf" in schema else [])]
        choices = [part["anyOf"] for part in parts if "anyOf" in part]
        said = {keyword: value for part in parts for keyword, value in part.items() if keyword != "anyOf"}
        if len(choices) > 1:
            said["allOf"] = [{"anyOf": branches} for branches in choices]
        elif choices:
            said["anyOf"] = choices[0]
        return said | counts | _values(schema) | _bounds(schema) | self._object(schema) | self._items(schema)

    def _reference(self, name: str) -> Schema:
        if name in self._open:
            return {}
        if name not in self._done:
            self._open.append(name)
            converted = self.convert(self._definitions[name])
            self._open.pop()
            self._done[name] = self._models.kept(converted, name)
        return self._done[name]

    def _takes_null(self, schema: Schema) -> bool:
        return "null" in _listed(schema.get("type", [])) or any(self._takes_null(branch) for branch in schema.get("anyOf", ()))

    def _any_of(self, branches: list[Schema]) -> Schema:
        converted = [self.convert(branch) for branch in branches]
        if not all(converted):
            return {}
        return {"anyOf": converted}

    def _object(self, schema: Schema) -> Schema:
        given: dict[str, Schema] = schema.get("properties", {})
        properties = {name: self.convert(part) for name, part in given.items() if _is_free(name)}
        complete = len(properties) == len(given)
        properties |= {name: {} for name in schema.get("required", ()) if name not in given and _is_free(name)}
        said: Schema = {"properties": properties, "required": list(schema.get("required", ()))}
        extra = schema.get("additionalProperties", {})
        if complete:
            said["additionalProperties"] = extra if extra is False else self.convert(extra)
        return {keyword: value for keyword, value in said.items() if value not in ({}, [])}

    def _items(self, schema: Schema) -> Schema:
        if "array" not in _listed(schema.get("type", [])):
            return {}
        return {"items": self.convert(schema.get("items", {})) if "prefixItems" not in schema else {}}

    def _types(self, schema: Schema) -> Schema:
        """One type, or a choice of types: the importer of OpenAPI 3.0 knows no list."""
        types = [{"type": self._NUMBERS.get(name, name)} for name in _listed(schema.get("type", []))]
        return types[0] if len(types) == 1 else {"anyOf": types} if types else {}


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _is_free(name: str) -> bool:
    """Whether neither CloudFormation nor the importer would read a property of this name as something of its own."""
    return name not in _RESERVED and not name.startswith(("Fn::", "$"))


def _values(schema: Schema) -> Schema:
    said: Schema = {"enum": list(schema["enum"])} if "enum" in schema else {}
    if _PORTABLE_PATTERN.fullmatch(schema.get("pattern", ".")):
        said["pattern"] = schema["pattern"]
    return said


def _bounds(schema: Schema) -> Schema:
    said: Schema = {}
    for keyword in ("minimum", "maximum"):
        exclusive = "exclusive" + keyword.capitalize()
        if abs(bound := schema.get(exclusive, _EXACT)) < _EXACT:
            # API Gateway's models know no `exclusiveMinimum`.
            said[keyword] = bound
            if keyword == "maximum":
                said[exclusive] = True
    return said
