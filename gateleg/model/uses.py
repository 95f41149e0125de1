"""The operations on an entity, as things that a handler can declare as used: `Message.create`, `Message.get`."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gateleg.model.items.rivals import foreign_rivals, rivals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description.uses import Operation, Use
    from gateleg.model.items.layout import Layout
    from gateleg.model.kinds import Kind


_BEHIND: Mapping[Operation, tuple[Operation, ...]] = MappingProxyType(
    {"put": ("get", "delete"), "update": ("get", "put", "delete"), "delete": ("get",)}
)
"""What writes of unique values do beside: read the item, take values, give values back."""


@dataclass(frozen=True)
class EntityOperation:
    """One operation on one entity; what it does is in the store."""

    entity: type[Kind]
    operation: Operation

    def __repr__(self) -> str:
        return f"{self.entity.__name__}.{self.operation}"

    def declared_uses(self) -> tuple[Use, ...]:
        """The operation on the entity's table; with what it takes to keep unique attributes unique, and other kinds of items from being replaced."""
        layout = self.entity.__gateleg__
        behind = _BEHIND.get(self.operation, ()) if layout.claimed else ()
        operations = _batched(layout) if self.operation == "batch_write" else (self.operation, *behind)
        return tuple(map(layout.use, operations))


def _batched(layout: Layout) -> tuple[Operation, ...]:
    """What writes of many items send: one by one, on a condition, where another kind of item may be under the key."""
    if foreign_rivals(layout):
        return ("put", "delete")
    return ("batch_write", "put") if rivals(layout) else ("batch_write",)


class OperationMarker:
    """On an entity's class, the `EntityOperation` of that entity."""

    def __init__(self, operation: Operation) -> None:
        self.operation: Operation = operation

    def __get__(self, instance: object, owner: type[Any]) -> EntityOperation:
        """The operation on this entity."""
        return EntityOperation(owner, self.operation)
