"""Index keys that follow an update: an attribute that stands in a template cannot change alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.fields import FieldInfo

from gateleg.errors import ExpressionError
from gateleg.model.attributes.attribute import Attribute
from gateleg.model.paths.path import Path
from gateleg.model.paths.updates import Remove, SetValue

if TYPE_CHECKING:
    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.keys.schema import KeyPart
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.paths.updates import Update


def index_updates(key: Key[Any], updates: tuple[Update, ...], entity: Entity | None) -> tuple[list[Update], tuple[Condition, ...]]:
    """The changes of index keys that the updates bring, and what the stored item must still hold for them to be right.

    Args:
        key: The item's key, whose values fill the templates too.
        updates: The caller's updates.
        entity: The entity as the caller knows it; its other attributes fill the templates.

    Raises:
        ExpressionError: A template needs a value that neither the updates nor the entity give.
    """
    layout = key.entity.__gateleg__
    follower = _Follower(key, {update.path.attribute.name: update for update in updates}, entity)
    changes = [follower.change(part) for schema in layout.indexes.values() for part in schema.parts if follower.concerns(part)]
    written = {
        change.path.attribute.stored: change.wire
        for change in (*updates, *changes)
        if isinstance(change, SetValue) and not change.path.steps
    }
    for schema in layout.indexes.values():
        schema.check_sizes(written)
    return list({change.path.attribute.stored: change for change in changes}.values()), tuple(follower.known.values())


class _Follower:
    """Makes the new index keys of one update."""

    def __init__(self, key: Key[Any], changed: dict[str, Update], entity: Entity | None) -> None:
        self._key = key
        self._layout = key.entity.__gateleg__
        self._changed = changed
        self._entity = entity
        self.known: dict[str, Condition] = {}

    def concerns(self, part: KeyPart) -> bool:
        """Whether the update touches what a template makes a key of."""
        return part.template is not None and not self._changed.keys().isdisjoint(part.names)

    def change(self, part: KeyPart) -> Update:
        """The new value of an index's key attribute, or its removal."""
        made = part.wire({name: self._value(part, name) for name in part.names})
        wire = None if made is None else part.of_item(made, self._key.wire)
        path: Path[Any] = Path(Attribute(self._layout.entity.__name__, part.stored, FieldInfo(annotation=str), self._layout.table))
        return Remove(path) if wire is None else SetValue(path, None, wire)

    def _value(self, part: KeyPart, name: str) -> Any:
        update = self._changed.get(name)
        if update is None:
            return self._kept_value(part, name)
        if isinstance(update, Remove) and not update.path.steps:
            return None
        if isinstance(update, SetValue) and not update.path.steps and not update.only_if_absent:
            return update.value
        if update.path.attribute.storage.role == "version" and self._entity is not None:
            return getattr(self._entity, name) + 1
        if update.path.attribute.storage.role == "version":
            raise self._unknown(part, name)
        message = f"{update.path!r} stands in the key of an index ({part.stored!r}), so its new value must be known; use set(value)"
        raise ExpressionError(message, path=repr(update.path))

    def _kept_value(self, part: KeyPart, name: str) -> Any:
        if name in self._key.values:
            return self._key.values[name]
        if self._entity is None:
            raise self._unknown(part, name)
        value = getattr(self._entity, name)
        self.known[name] = Path[Any](self._layout.attributes[name]) == value
        return value

    def _unknown(self, part: KeyPart, name: str) -> ExpressionError:
        others = ", ".join(other for other in part.names if other in self._changed)
        message = f"updating {others} changes the index key {part.stored!r}, which also holds {name!r}; give the entity instead of its key"
        return ExpressionError(f"{message}, or set {name!r} too", path=f"{self._layout.entity.__name__}.{name}")
