"""Reading CloudFormation templates as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = dict[str, Any]
"""A JSON object: a template, a resource, a property map."""

TABLES: Final = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
"""The types that are a table; `TableV2` makes the first."""

RETAINING: Final = ("Retain", "RetainExceptOnCreate")
"""The policies by which CloudFormation lets go of a resource without deleting it."""


def is_object(node: Any) -> TypeGuard[Json]:
    """Return whether a JSON value is an object."""
    return isinstance(node, dict)


def is_array(node: Any) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array."""
    return isinstance(node, list)


def listed(node: Json, name: str) -> list[Json]:
    """Return the objects of a list; an intrinsic in its place has none that can be told."""
    value = node.get(name)
    return [part for part in value if is_object(part)] if is_array(value) else []


def resources(template: Json, *types: str) -> Iterator[tuple[str, Json]]:
    """Yield logical id and resource of the given types, or of every type if none is given."""
    for logical_id, resource in template.get("Resources", {}).items():
        if not types or resource.get("Type") in types:
            yield logical_id, resource
