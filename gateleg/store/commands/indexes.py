"""Index keys that follow an update: an attribute that stands in a template cannot change alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.fields import FieldInfo

from gateleg.errors import ExpressionError
from gateleg.model.attribute import Attribute
from gateleg.model.paths import Path
from gateleg.model.updates import Remove, SetValue

if TYPE_CHECKING:
    from gateleg.model.conditions import Condition
    from gateleg.model.entity import Entity
    from gateleg.model.layout import Layout
    from gateleg.model.schema import KeyPart
    from gateleg.model.updates import Update


def index_updates(layout: Layout, updates: tuple[Update, ...], entity: Entity | None) -> tuple[list[Update], tuple[Condition, ...]]:
    """The changes of index keys that the updates bring, and what the stored item must still hold for them to be right.

    Args:
        layout: The entity's layout.
        updates: The caller's updates.
        entity: The entity as the caller knows it; its other attributes fill the templates.

    Raises:
        ExpressionError: A template needs a value that neither the updates nor the entity give.
    """
    changed = {update.path.attribute.name: update for update in updates}
    changes: dict[str, Update] = {}
    known: dict[str, Condition] = {}
    for schema in layout.indexes.values():
        for part in schema.parts:
            if part.template is not None and not changed.keys().isdisjoint(part.names):
                values = {name: _value(layout, part, name, changed, entity, known) for name in part.names}
                path: Path[Any] = Path(Attribute(layout.entity.__name__, part.stored, FieldInfo(annotation=str), layout.table))
                wire = part.wire(values)
                changes[part.stored] = Remove(path) if wire is None else SetValue(path, None, wire)
    return list(changes.values()), tuple(known.values())


def _value(layout: Layout, part: KeyPart, name: str, changed: dict[str, Update], entity: Entity | None, known: dict[str, Condition]) -> Any:
    update = changed.get(name)
    if isinstance(update, Remove) and not update.path.steps:
        return None
    if isinstance(update, SetValue) and not update.path.steps and not update.only_if_absent:
        return update.value
    if update is not None:
        message = f"{update.path!r} stands in the key of an index ({part.stored!r}), so its new value must be known; use set(value)"
        raise ExpressionError(message, path=repr(update.path))
    if entity is None:
        others = ", ".join(other for other in part.names if other in changed)
        message = f"updating {others} changes the index key {part.stored!r}, which also holds {name!r}; give the entity instead of its key"
        raise ExpressionError(f"{message}, or set {name!r} too", path=f"{layout.entity.__name__}.{name}")
    value = getattr(entity, name)
    if name not in layout.primary.attributes:
        known[name] = Path[Any](layout.attributes[name]) == value
    return value
