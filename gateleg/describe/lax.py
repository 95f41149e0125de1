"""JSON Schemas of what pydantic takes, not of what it documents.

pydantic's own schemas say what a client should send: `int` is `{"type": "integer"}`, although `"5"`, `5.0` and `true` are taken
too. A gateway that checks requests by them refuses what the handler would answer, so that here every kind of value says all of
the JSON that it takes in lax mode (https://docs.pydantic.dev/latest/concepts/conversion_table/), and what cannot be known, such
as the input of a validator that runs before the type's own, is `{}`: anything.
"""

from __future__ import annotations

import math
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic_core import CoreSchema

Schema = dict[str, Any]

_NUMERIC = ("number", "string", "boolean")
_SCALARS: dict[str, tuple[str, ...]] = {
    "none": ("null",),
    "bool": _NUMERIC,
    "decimal": ("number", "string"),
    "bytes": ("string",),
    "date": ("number", "string"),
    "time": ("number", "string"),
    "datetime": ("number", "string"),
    "timedelta": _NUMERIC,
    "json": ("string",),
    "url": ("string",),
    "multi-host-url": ("string",),
    "uuid": ("string",),
}
"""The JSON types that a kind of value is made from, where nothing more is said of them."""

_SAID = frozenset(
    {
        *_SCALARS,
        *("int", "float", "str", "literal", "enum", "list", "tuple", "set", "frozenset", "dict"),
        *("function-after", "default", "nullable", "union", "tagged-union", "chain", "lax-or-strict", "json-or-python", "custom-error"),
        *("model", "model-fields", "dataclass", "dataclass-args", "typed-dict", "definitions", "definition-ref"),
    }
)
"""The kinds of core schema that have a method here or a fitting one in pydantic; any other, of later releases too, takes anything."""

_FOLDS = frozenset({"str_strip_whitespace", "str_to_lower", "str_to_upper"})
"""What changes a text before its length is looked at."""

_NO_MEMBER = cast("Any", Enum._missing_).__func__

_EXACT = 2**53
"""From here on a number may change when it is read."""


class LaxSchemas(GenerateJsonSchema):
    """Generates one schema for several core schemas, each of all JSON that its validator takes.

    Args:
        schemas: The core schemas; what one of them sets, such as names beside aliases, is assumed of all.
    """

    def __init__(self, schemas: Sequence[CoreSchema]) -> None:
        nodes = [node for schema in schemas for node in _nodes(schema)]
        self._by_ref = {node["ref"]: node for node in nodes if "ref" in node and "type" in node}
        self._set = {name for node in nodes for name, value in node.items() if isinstance(value, (bool, str)) and value}
        self._alias_only = not self._set & {"validate_by_name", "populate_by_name"}
        self._aliases = not any(node.get("validate_by_alias") is False for node in nodes)
        self._python_patterns = any(node.get("regex_engine") == "python-re" for node in nodes)
        self._extra: list[str | None] = [None]
        super().__init__()

    def build_schema_type_to_method(self) -> dict[Any, Callable[[Any], Schema]]:
        """By kind of core schema the method that says what it takes."""
        methods = cast("dict[str, Callable[[Any], Schema]]", super().build_schema_type_to_method())
        chosen = {kind: method if kind in _SAID else _anything for kind, method in methods.items()}
        return chosen | {kind: _scalar(types) for kind, types in _SCALARS.items()}

    def generate_inner(self, schema: Any) -> Schema:
        """The schema of one node; what its author documents beside it may be narrower than what it takes, and is left out."""
        return super().generate_inner(cast("Any", {name: part for name, part in schema.items() if name != "metadata"}))

    def int_schema(self, schema: Any) -> Schema:
        """Integers: also whole floats, their text and booleans."""
        return _typed("number") | _bounds(schema) if schema.get("strict") else _typed(*_NUMERIC) | _bounds(schema)

    float_schema = int_schema

    def str_schema(self, schema: Any) -> Schema:
        """Text; its limits hold for what is sent only where nothing is stripped or folded first."""
        kinds = _NUMERIC if "coerce_numbers_to_str" in self._set else ("string",)
        if self._set & _FOLDS or any(schema.get(name.removeprefix("str_")) for name in _FOLDS):
            return _typed(*kinds)
        result = _typed(*kinds) | _sizes(schema, min_length="minLength", max_length="maxLength")
        if isinstance(pattern := schema.get("pattern"), str) and not self._python_patterns:
            result["pattern"] = pattern
        return result

    def literal_schema(self, schema: Any) -> Schema:
        """The values; a number also as an equal boolean or float."""
        return _one_of(schema["expected"], ("number", "boolean"))

    def enum_schema(self, schema: Any) -> Schema:
        """The members' values; what `_missing_` takes is not known."""
        if schema["cls"]._missing_.__func__ is not _NO_MEMBER:
            return {}
        return _one_of([member.value for member in schema["members"]], _NUMERIC)

    def list_schema(self, schema: Any) -> Schema:
        """Arrays."""
        items = self._nested(schema, "items_schema", "items")
        return _typed("array") | items | _sizes(schema, min_length="minItems", max_length="maxItems")

    def set_schema(self, schema: Any) -> Schema:
        """Arrays, in which a value may stand twice: there is no upper limit to what is sent."""
        return _typed("array") | self._nested(schema, "items_schema", "items") | _sizes(schema, min_length="minItems")

    frozenset_schema = set_schema

    def tuple_schema(self, schema: Any) -> Schema:
        """Arrays."""
        parts = [self.generate_inner(part) for part in schema["items_schema"]]
        if "variadic_item_index" not in schema:
            return _typed("array") | {"prefixItems": parts}
        return _typed("array") | ({"items": parts[0]} if len(parts) == 1 else {})

    def dict_schema(self, schema: Any) -> Schema:
        """Objects, of whose keys two may become one."""
        values = self._nested(schema, "values_schema", "additionalProperties")
        return _typed("object") | values | _sizes(schema, min_length="minProperties")

    def default_schema(self, schema: Any) -> Schema:
        """What the type takes, or anything where an error gives the default."""
        inner = self.generate_inner(schema["schema"])
        return inner if schema.get("on_error", "raise") == "raise" else {}

    def nullable_schema(self, schema: Any) -> Schema:
        """What the type takes, or null."""
        return _any_of([self.generate_inner(schema["schema"]), _typed("null")])

    def union_schema(self, schema: Any) -> Schema:
        """What one of the choices takes."""
        return _any_of([self.generate_inner(choice) for choice in core_schema.iter_union_choices(schema)])

    def tagged_union_schema(self, schema: Any) -> Schema:
        """What one of the choices takes, however it is chosen."""
        return _any_of([self.generate_inner(choice) for choice in schema["choices"].values()])

    def lax_or_strict_schema(self, schema: Any) -> Schema:
        """What the lax one of two takes: a strict one takes less."""
        return self.generate_inner(schema["lax_schema"])

    def json_or_python_schema(self, schema: Any) -> Schema:
        """What is taken from Python objects: Powertools reads the JSON before it validates."""
        return self.generate_inner(schema["python_schema"])

    def model_schema(self, schema: Any) -> Schema:
        """Objects of the model's fields; an `__init__` of the model's own may take anything."""
        return {} if schema.get("custom_init") else self._configured(schema)

    def dataclass_schema(self, schema: Any) -> Schema:
        """Objects of the fields."""
        return self._configured(schema)

    def model_fields_schema(self, schema: Any) -> Schema:
        """Objects of the fields."""
        return self._object(schema["fields"].items(), schema, self._extra[-1])

    def dataclass_args_schema(self, schema: Any) -> Schema:
        """Objects of the fields."""
        return self._object(((field["name"], field) for field in schema["fields"]), schema, self._extra[-1])

    def typed_dict_schema(self, schema: Any) -> Schema:
        """Objects of the keys."""
        total = schema.get("total", True)
        fields = {name: {"required": total, **field} for name, field in schema["fields"].items()}
        return self._object(fields.items(), schema, None)

    def _nested(self, schema: Mapping[str, Any], part: str, keyword: str) -> Schema:
        inner = self.generate_inner(schema[part]) if part in schema else {}
        return {keyword: inner} if inner else {}

    def _configured(self, schema: Mapping[str, Any]) -> Schema:
        self._extra.append(schema.get("config", {}).get("extra_fields_behavior"))
        try:
            return self.generate_inner(schema["schema"])
        finally:
            self._extra.pop()

    def _object(self, fields: Iterable[tuple[str, Any]], schema: Mapping[str, Any], extra: str | None) -> Schema:
        properties: Schema = {}
        required: list[str] = []
        for name, field in fields:
            certain, others = self._keys(name, field)
            if certain is not None:
                properties[certain] = self.generate_inner(field["schema"])
            for key in others:
                properties.setdefault(key, {})
            if self._is_required(field) and len(keys := {*others, certain} - {None}) == 1:
                required += [str(key) for key in keys]
        result = _typed("object") | {"properties": properties, "required": list(dict.fromkeys(required))}
        if schema.get("extra_behavior", extra) == "forbid":
            result["additionalProperties"] = False
        return {name: part for name, part in result.items() if part not in ({}, [])}

    def _keys(self, name: str, field: Mapping[str, Any]) -> tuple[str | None, list[str]]:
        """The key whose value the field surely validates where it is there, and the keys that it may read besides."""
        alias = field.get("validation_alias", name)
        paths: list[Any] = [[alias]] if isinstance(alias, str) else [alias] if isinstance(alias[0], str) else list(alias)
        keys = [str(path[0]) for path in paths]
        if alias != name and not self._alias_only:
            keys.append(name)
        certain = len(paths[0]) == 1 and (alias == name or self._aliases) and field.get("init", True)
        return (keys[0], keys[1:]) if certain else (None, keys)

    def _is_required(self, field: Mapping[str, Any]) -> bool:
        if not field.get("required", True) or not field.get("init", True):
            return False
        node: Schema | None = field["schema"]
        while node is not None and node["type"] not in {"default", "model", "dataclass"}:
            node = self._by_ref.get(node.get("schema_ref", ""), node.get("schema"))
        return node is None or node["type"] != "default"


_OUTWARDS: dict[str, tuple[str, Callable[[Any], int], Callable[..., int]]] = {
    "gt": ("exclusiveMinimum", math.floor, max),
    "ge": ("exclusiveMinimum", lambda bound: math.ceil(bound) - 1, max),
    "lt": ("exclusiveMaximum", math.ceil, min),
    "le": ("exclusiveMaximum", lambda bound: math.floor(bound) + 1, min),
}


def _anything(schema: Any) -> Schema:
    del schema
    return {}


def _scalar(types: tuple[str, ...]) -> Callable[[Any], Schema]:
    def said(schema: Any) -> Schema:
        return _typed(*types) | (_bounds(schema) if "number" in types else {})

    return said


def _typed(*names: str) -> Schema:
    return {"type": names[0] if len(names) == 1 else list(names)}


def _sizes(schema: Mapping[str, Any], **keywords: str) -> Schema:
    return {keyword: schema[name] for name, keyword in keywords.items() if schema.get(name) is not None}


def _any_of(branches: list[Schema]) -> Schema:
    if not all(branches):
        return {}
    return branches[0] if len(branches) == 1 else {"anyOf": branches}


def _one_of(values: Sequence[Any], numeric: tuple[str, ...]) -> Schema:
    texts = list(dict.fromkeys(str(getattr(value, "value", value)) for value in values if isinstance(value, str)))
    others = [value for value in values if not isinstance(value, str)]
    if not all(isinstance(value, (int, float, type(None))) for value in others):
        return {}
    types = [*(numeric if any(value is not None for value in others) else ()), *(["null"] if None in others else [])]
    return _any_of([*([{"enum": texts}] if texts else []), *([_typed(*types)] if types else [])])


def _bounds(schema: Mapping[str, Any]) -> Schema:
    """The bounds of numbers, moved outwards to the next integer that no float between it and the bound is rounded over."""
    said: dict[str, int] = {}
    for name, (keyword, outwards, nearer) in _OUTWARDS.items():
        if _is_exact(schema.get(name)):
            bound = outwards(schema[name])
            said[keyword] = nearer(bound, said.get(keyword, bound))
    return said


def _is_exact(bound: Any) -> bool:
    return isinstance(bound, (int, float, Decimal)) and math.isfinite(bound) and -_EXACT < bound < _EXACT


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside a core schema, its configurations included."""
    if isinstance(part, dict):
        node = cast("dict[str, Any]", part)
        yield node
        for name, value in node.items():
            if name not in {"metadata", "default"}:
                yield from _nodes(value)
    elif isinstance(part, (list, tuple)):
        for value in cast("Sequence[Any]", part):
            yield from _nodes(value)
