"""The operations on an entity, as things that a handler can declare as used: `Message.create`, `Message.get`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.model.uses import Use

if TYPE_CHECKING:
    from gateleg.model.entity import Entity
    from gateleg.model.uses import Operation


@dataclass(frozen=True)
class EntityOperation:
    """One operation on one entity; what it does is in the store."""

    entity: type[Entity]
    operation: Operation

    def __repr__(self) -> str:
        return f"{self.entity.__name__}.{self.operation}"

    def declared_uses(self) -> tuple[Use, ...]:
        """The operation on the entity's table."""
        return (Use(self.entity.__gateleg__.table.name, self.entity.__name__, self.operation),)


class OperationMarker:
    """On an entity's class, the `EntityOperation` of that entity."""

    def __init__(self, operation: Operation) -> None:
        self.operation: Operation = operation

    def __get__(self, instance: object, owner: type[Any]) -> EntityOperation:
        """The operation on this entity."""
        return EntityOperation(owner, self.operation)
