"""Entities that remember how they were stored, so that what has changed since can be told, and written alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import ExpressionError
from gateleg.model.paths.path import Path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.kinds import Kind
    from gateleg.model.paths.updates import Update
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Kind")

_REMEMBERED = "_gateleg_item"


def remember(entity: Kind, item: Mapping[str, WireValue]) -> None:
    """Keep the item of an entity beside its values, where copies take it along, and neither JSON nor comparisons look."""
    vars(entity)[_REMEMBERED] = item


def remembered(entity: Kind) -> dict[str, WireValue] | None:
    """The item of which an entity was read; `None` where its class does not say `remember=True`, or it was not read from the store."""
    return vars(entity).get(_REMEMBERED)


def original(entity: E) -> E | None:
    """An entity as it was read, whatever was assigned since; `None` where its class does not say `remember=True`, or it was never read."""
    item = remembered(entity)
    if item is None:
        return None
    found: E = entity.__gateleg__.decode(item)
    return found


def changes(entity: Kind) -> tuple[Update, ...]:
    """What makes of the stored item what an entity has become since it was read: `store.update(order, *changes(order))`.

    Attributes that the store writes itself are left to it. Afterwards go on with the entity that the store gives.

    Raises:
        ExpressionError: The entity does not remember how it was read: its class does not say `remember=True`, or it was made by a program.
        ItemInvalidError: DynamoDB cannot hold a value.
    """
    layout, before = entity.__gateleg__, original(entity)
    name = type(entity).__name__
    if before is None:
        message = f"this {name} does not remember how it was read; declare class {name}(..., remember=True), and read it from the store"
        raise ExpressionError(message, path=name)
    attributes = [attribute for attribute in layout.attributes.values() if not _kept_by_store(attribute)]
    return tuple(
        Path[Any](attribute).set(getattr(entity, attribute.name))
        for attribute in attributes
        if attribute.encode(getattr(entity, attribute.name)) != attribute.encode(getattr(before, attribute.name))
    )


def _kept_by_store(attribute: Attribute) -> bool:
    return attribute.storage.role in {"version", "updated_at"} or attribute.storage.forced
