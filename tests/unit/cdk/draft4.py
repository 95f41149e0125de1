"""A judge of JSON Schema draft 4, for the keywords that gateleg writes; any other keyword is a `KeyError`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, Any]
_SIZES = {"Length": str, "Items": list, "Properties": dict}
_TYPES: dict[str, Any] = {"string": str, "boolean": bool, "array": list, "object": dict, "number": (int, float)}


@dataclass(frozen=True)
class Judge:
    """Judges values by schemas that may refer to models."""

    models: dict[str, Schema]

    def accepts(self, schema: Schema, value: Any) -> bool:
        if "$ref" in schema:
            return self.accepts(self.models[schema["$ref"].removeprefix("#/components/schemas/")], value)
        return all(self._keyword(keyword, schema, value) for keyword in schema)

    def _keyword(self, keyword: str, schema: Schema, value: Any) -> bool:
        bound: Any = schema[keyword]
        if (kind := _SIZES.get(keyword[3:])) is not None:
            return not _is(value, kind) or (len(value) >= bound if keyword.startswith("min") else len(value) <= bound)
        judges: dict[str, Callable[[], bool]] = {
            "type": lambda: isinstance(value, _TYPES[bound]) and (bound != "number" or not isinstance(value, bool)),
            "enum": lambda: value in bound,
            "anyOf": lambda: any(self.accepts(part, value) for part in bound),
            "allOf": lambda: all(self.accepts(part, value) for part in bound),
            "items": lambda: not _is(value, list) or all(self.accepts(bound, value[at]) for at in range(len(value))),
            "required": lambda: not _is(value, dict) or set(bound) <= set(value),
            "properties": lambda: all(self.accepts(bound[name], value[name]) for name in bound if _is(value, dict) and name in value),
            "additionalProperties": lambda: self._additional(schema, value),
            "pattern": lambda: not isinstance(value, str) or re.search(bound, value) is not None,
            "multipleOf": lambda: not _number(value) or Decimal(str(value)) % Decimal(str(bound)) == 0,
            "minimum": lambda: not _number(value) or (value > bound if schema.get("exclusiveMinimum") else value >= bound),
            "maximum": lambda: not _number(value) or (value < bound if schema.get("exclusiveMaximum") else value <= bound),
            "exclusiveMinimum": lambda: bound is True and "minimum" in schema,
            "exclusiveMaximum": lambda: bound is True and "maximum" in schema,
        }
        return judges[keyword]()

    def _additional(self, schema: Schema, value: Any) -> bool:
        extra: Any = schema["additionalProperties"]
        rest: list[Any] = [item for name, item in value.items() if name not in schema.get("properties", {})] if _is(value, dict) else []
        return not rest if extra is False else all(self.accepts(extra, item) for item in rest)


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
