"""Items that were stored by an earlier or another declaration: upgrades on reading, and attributes that nobody declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import GatelegError, ItemInvalidError, StoredItemInvalidError
from gateleg.model.values.annotations import class_of
from gateleg.model.values.hidden import HIDDEN, SecretWire, cause
from gateleg.model.values.wire import from_wire, to_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.items.options import Transform, Upgrade
    from gateleg.model.kinds import Kind, TableBase
    from gateleg.model.values.wire import WireValue

_KEPT = "gateleg_unknown"


class Upgrades:
    """Brings items up to the entity's schema version as they are read. What is stored changes with the next put.

    Args:
        entity: The name of the entity's class, for messages.
        table: Its table.
        steps: What leads from version 0 to 1, from 1 to 2, …
        hidden: Whether errors do not show the values.
    """

    def __init__(self, entity: str, table: TableBase, steps: tuple[Upgrade, ...], *, hidden: bool) -> None:
        self._hidden = hidden
        self._entity = entity
        self._table = table
        self._steps = steps

    @property
    def stamp(self) -> dict[str, WireValue]:
        """The attribute that says an item's version; nothing where there never was another one."""
        return {self._table.schema_attribute: {"N": str(len(self._steps))}} if self._steps else {}

    def upgraded(self, item: Mapping[str, WireValue]) -> Mapping[str, WireValue]:
        """The item as the present declaration stores it.

        Raises:
            ItemInvalidError: It was stored by a later declaration, or an upgrade fails on it.
        """
        version = int(item.get(self._table.schema_attribute, {"N": "0"})["N"])
        if version == len(self._steps):
            return item
        if version > len(self._steps):
            message = f"the item has schema version {version}, and this declaration of {self._entity} knows {len(self._steps)}; deploy the later one"
            raise ItemInvalidError(message, path=self._entity, value=version)
        own = {self._table.type_attribute, self._table.schema_attribute}
        values = {name: from_wire(wire) for name, wire in item.items() if name not in own}
        for number, step in enumerate(self._steps[version:], version):
            values = self._stepped(number, step, values)
        kept = {name: wire for name, wire in item.items() if name == self._table.type_attribute}
        return {**{name: to_wire(value) for name, value in values.items() if value is not None}, **kept}

    def _stepped(self, number: int, step: Upgrade, values: dict[str, Any]) -> dict[str, Any]:
        try:
            given = step(values)
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            message = f"the upgrade of {self._entity} from version {number} failed on a stored item: {_told(error, hidden=self._hidden)}"
            shown = HIDDEN if self._hidden else values
            raise ItemInvalidError(message, path=self._entity, value=shown) from cause(error, hidden=self._hidden)
        if not issubclass(class_of(given), dict):
            shown = HIDDEN if self._hidden else given
            message = f"the upgrade of {self._entity} from version {number} gave {shown!r}; return the dict of the attributes"
            raise ItemInvalidError(message, path=self._entity, value=shown)
        return given


def _told(error: Exception, *, hidden: bool) -> str:
    return type(error).__name__ if hidden else f"{type(error).__name__}: {error}"


def run_hook(label: str, hook: Transform, values: dict[str, Any], *, hidden: bool) -> Any:
    """What a hook on whole items makes of the values.

    Raises:
        ItemInvalidError: It fails on them.
    """
    try:
        return hook(values)
    except GatelegError:
        raise
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        shown = HIDDEN if hidden else values
        message = f"{label} failed on {shown!r}: {_told(error, hidden=hidden)}"
        raise ItemInvalidError(message, path=label, value=shown) from cause(error, hidden=hidden)


def keep_unknown(entity: Kind, unknown: Mapping[str, WireValue]) -> None:
    """Put stored attributes that are not declared aside on an entity, where copies take them along and JSON does not show them."""
    if unknown:
        private = {**(entity.__pydantic_private__ or {}), _KEPT: dict(unknown)}
        object.__setattr__(entity, "__pydantic_private__", private)


def kept_unknown(entity: Kind) -> dict[str, WireValue]:
    """The wire values that were put aside on an entity, by stored name."""
    found: dict[str, WireValue] = (entity.__pydantic_private__ or {}).get(_KEPT, {})
    return found


def unknown_attributes(entity: Kind) -> dict[str, Any]:
    """What the stored item of an entity held beside the declared attributes, by stored name; empty unless its class says `unknown="keep"`."""
    return {name: from_wire(wire) for name, wire in kept_unknown(entity).items()}


UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What is raised where an item is not what its entity's types and transforms take; `ItemInvalidError` is one of them."""


def unreadable(table: TableBase, item: Mapping[str, WireValue], error: Exception, *, hidden: bool = False) -> Exception:
    """The error of an item that was stored, which says which one it is; errors of another sort stay as they are.

    Args:
        table: The item's table.
        item: The item.
        error: What reading it raised.
        hidden: Whether the error does not show the values.
    """
    if isinstance(error, GatelegError) and not isinstance(error, ItemInvalidError):
        return error
    key = {name: item[name] for name in table.key_names if name in item}
    shown = ", ".join(f"{name}={HIDDEN if isinstance(wire, SecretWire) else next(iter(wire.values()))!r}" for name, wire in key.items())
    where = f"stored under {shown or 'a key that was not read'}"
    if not isinstance(error, ItemInvalidError):
        told, value = _told(error, hidden=hidden), HIDDEN if hidden else error
        return StoredItemInvalidError(f"{told}; {where}", value=value, key=key, item=dict(item))
    message = f"{error.message}; {where}"
    return StoredItemInvalidError(message, path=error.path, value=error.value, problems=error.problems, key=key, item=dict(item))
