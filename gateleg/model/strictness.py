"""The core schema of `Attr[T]`: pydantic's own for `T`, with text, numbers and booleans taken strictly.

Types that JSON can only spell as text (datetimes, UUIDs, decimals, enums) stay as pydantic has them, so that an entity
can be the body of a request; what would silently turn one stored type into another (`"3"` into 3, 1 into `True`) is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pydantic_core.core_schema import CoreSchema

_STRICT = frozenset({"str", "int", "float", "bool"})
_OPAQUE = frozenset({"model", "dataclass", "definition-ref", "enum", "literal"})
"""Schemas with a configuration of their own, or with no parts."""


def strict_scalars(schema: CoreSchema) -> CoreSchema:
    """A copy of the schema in which every text, number and boolean is strict; nested models keep their own configuration."""
    return cast("CoreSchema", _walk(schema))


def _walk(node: Any) -> Any:
    if isinstance(node, list):
        return [_walk(item) for item in cast("list[Any]", node)]
    if isinstance(node, tuple):
        return tuple(_walk(item) for item in cast("tuple[Any, ...]", node))
    if not isinstance(node, dict):
        return node
    schema = cast("dict[str, Any]", node)
    kind = schema.get("type")
    if kind in _STRICT:
        return {"strict": True, **schema}
    if kind in _OPAQUE:
        return schema
    return {name: item if name in {"metadata", "serialization", "default"} else _walk(item) for name, item in schema.items()}
