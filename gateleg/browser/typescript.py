"""JSON Schemas as types of TypeScript: of what a schema says, all that a type can say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_REFERENCE = "#/components/schemas/"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def names_of(schemas: Iterable[str]) -> dict[str, str]:
    """What each schema is called as a type: `Page[Room]`, which a schema calls `Page_Room_`, stays that; what is no identifier becomes one."""
    names: dict[str, str] = {}
    for schema in schemas:
        plain = name = re.sub(r"\W", "_", re.sub(r"^(?=\d)", "_", schema))
        number = 1
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[schema] = name
    return names


def comment(text: str, indent: str = "") -> str:
    """A text as the comment of what follows it, with the end of its line; nothing for no text."""
    words = " ".join(text.split()).replace("*/", "*\\/")
    return f"{indent}/** {words} */\n" if words else ""


class Types:
    """Writes schemas that refer to each other.

    Args:
        names: What each schema is called where it is referred to.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def written(self, schema: Any, indent: str = "") -> str:
        """A schema as a type.

        Args:
            schema: A JSON Schema, or whether anything fits.
            indent: What the lines of its members stand behind.
        """
        if not isinstance(schema, dict):
            return "never" if schema is False else "unknown"
        given: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType] (JSON)
        parts = [*self._alternatives(given, indent), *(self.written(part, indent) for part in given.get("allOf", ()))]
        if (own := self._own(given, indent)) != "unknown" or not parts:
            parts.append(own)
        return parts[0] if len(parts) == 1 else " & ".join(map(_enclosed, parts))

    def _alternatives(self, schema: dict[str, Any], indent: str) -> Iterable[str]:
        for word in ("anyOf", "oneOf"):
            if word in schema:
                yield _union(self.written(part, indent) for part in schema[word])

    def _own(self, schema: dict[str, Any], indent: str) -> str:
        """What a schema says beside the parts that it is put together of."""
        if "$ref" in schema:
            return self._names.get(schema["$ref"].removeprefix(_REFERENCE), "unknown")
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return _union(map(json.dumps, schema["enum"]))
        kinds = schema.get("type", "object" if "properties" in schema else [])
        return _union(self._of(kind, schema, indent) for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "unknown"

    def _of(self, kind: str, schema: dict[str, Any], indent: str) -> str:
        if kind == "array":
            if "prefixItems" in schema:
                more = [] if schema.get("items", True) is False else [f"...{_enclosed(self.written(schema.get('items', True), indent))}[]"]
                return f"[{', '.join([*(self.written(item, indent) for item in schema['prefixItems']), *more])}]"
            return f"{_enclosed(self.written(schema.get('items', True), indent))}[]"
        return self._object(schema, indent) if kind == "object" else _PLAIN.get(kind, "unknown")

    def _object(self, schema: dict[str, Any], indent: str) -> str:
        properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        if not properties:
            return f"Record<string, {self.written(more, indent)}>"
        members = [self._member(name, part, name in schema.get("required", ()), indent + "  ") for name, part in properties.items()]
        if isinstance(more, dict):  # what TypeScript asks of an index: that it holds for the members, too
            members.append(f"{indent}  [name: string]: unknown;\n")
        return f"{{\n{''.join(members)}{indent}}}"

    def _member(self, name: str, schema: Any, required: bool, indent: str) -> str:  # noqa: FBT001 (of a private function)
        told = comment(schema.get("description", ""), indent) if isinstance(schema, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (JSON)
        own = name if _IDENTIFIER.fullmatch(name) else json.dumps(name)
        return f"{told}{indent}{own}{'' if required else '?'}: {self.written(schema, indent)};\n"


def _union(parts: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(_enclosed(part) if " & " in part else part for part in parts))


def _enclosed(part: str) -> str:
    """A type that others are joined to."""
    return part if re.fullmatch(r"[\w.$]+|\{[^|&]*\}|\[[^|&]*\]|\"[^\"]*\"", part) else f"({part})"
