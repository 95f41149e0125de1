"""The core schema of `Attr[T]`: pydantic's own for `T`, with text, numbers and booleans taken strictly.

Types that JSON can only spell as text (datetimes, UUIDs, decimals, enums) stay as pydantic has them, so that an entity
can be the body of a request; what would silently turn one stored type into another (`"3"` into 3, 1 into `True`) is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args

from gateleg.model.values.annotations import class_of

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core.core_schema import CoreSchema

T = TypeVar("T")

_STRICT = frozenset({"str", "int", "float", "bool"})
_OPAQUE = frozenset({"model", "dataclass", "definition-ref", "enum", "literal"})
"""Schemas with a configuration of their own, or without parts."""

_KEPT = frozenset({"metadata", "serialization", "default"})
"""Entries of a schema that hold no schema of what is validated."""


class Strict(Generic[T]):
    """`T` as attributes take it, for pydantic alone."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of `T`, strict about text, numbers and booleans."""
        return strict_scalars(handler.generate_schema(get_args(source)[0]))


def strict(annotation: Any) -> Any:
    """`Strict[annotation]`, for an annotation that is known at run time alone."""
    return cast("Any", Strict).__class_getitem__(annotation)


def strict_scalars(schema: CoreSchema) -> CoreSchema:
    """A copy of the schema in which every text, number and boolean is strict; nested models keep their own configuration."""
    return cast("CoreSchema", _walk(schema))


def _walk(node: Any) -> Any:
    kind = class_of(node)
    if kind in {list, tuple}:
        parts: list[Any] = [_walk(item) for item in node]
        return parts if kind is list else tuple(parts)
    if kind is not dict:
        return node
    schema: dict[str, Any] = node
    if schema.get("type") in _STRICT:
        return {"strict": True, **schema}
    if schema.get("type") in _OPAQUE:
        return schema
    return {name: item if name in _KEPT else _walk(item) for name, item in schema.items()}
