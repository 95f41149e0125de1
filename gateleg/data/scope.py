"""Whose items an operation is about, and which of its errors are one item's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.errors import (
    ConditionFailedError,
    DataError,
    ExpressionError,
    GatelegError,
    ItemInvalidError,
    StoredItemInvalidError,
    StoreError,
)
from gateleg.model.entity import Entity
from gateleg.model.items.evolution import UNREADABLE, unreadable
from gateleg.model.keys.key import Key, make_key
from gateleg.model.kinds import lineage
from gateleg.model.values.hidden import HIDDEN, SecretWire
from gateleg.model.values.stored import same_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.model.items.layout import Layout
    from gateleg.model.table import Table
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store

_ITEMS_OWN = (ItemInvalidError, StoredItemInvalidError, DataError, ConditionFailedError, ExpressionError)
_REFUSED_ITEM = "ValidationException"


@dataclass(frozen=True)
class Scope:
    """The entities of a table that an operation is about.

    Attributes:
        table: The table.
        asked: The layouts of the entities that were asked for; empty for all.
        names: What their items, and those of their subclasses, carry under the table's type attribute.
    """

    table: Table
    asked: tuple[Layout, ...]
    names: frozenset[str]

    @staticmethod
    def of(store: Store, entities: Iterable[type[Any]]) -> Scope:
        """The scope of some entities; of none, all of the table.

        Raises:
            DataError: One is not an entity, or the table has none.
            ExpressionError: One lives in another table.
        """
        table = store.table
        asked = tuple(_layout(entity) for entity in entities)
        for layout in asked:
            layout.check_table(table)
        table.check_default_type()
        names = frozenset(member.name for layout in asked for member in layout.family) if asked else frozenset(table.entities)
        if not names:
            message = f"table {table.name!r} has no entities; import the module that declares them"
            raise DataError(message, path=table.name, code="data.argument")
        return Scope(table, asked, names)

    def layout(self, item: Mapping[str, WireValue]) -> Layout | None:
        """The layout of the very entity that an item is of; `None` for one that is not meant."""
        name = self.table.type_of(item)
        return None if name not in self.names else self.table.entities[str(name)].__gateleg__


def stored_key(layout: Layout, item: Mapping[str, WireValue]) -> Key[Any]:
    """The key of an item as it is stored: of the values that `Entity.key(...)` takes, where those are stored and make this very key."""
    wire = {name: item[name] for name in layout.table.key_names}
    shown = layout.masked(wire)
    return Key(layout.entity, wire, _key_values(layout, item, wire) or {name: _content(shown[name]) for name in wire})


def _key_values(layout: Layout, item: Mapping[str, WireValue], wire: Mapping[str, WireValue]) -> Mapping[str, Any] | None:
    parts = layout.primary.attributes
    try:
        made = make_key(layout.entity, layout.primary, {name: part.loaded(item.get(part.stored)) for name, part in parts.items()})
    except (GatelegError, *UNREADABLE):
        return None
    return made.values if same_stored(made.wire, wire) else None


def shown_key(layout: Layout, item: Mapping[str, WireValue]) -> str:
    """An item's key for people."""
    return repr(stored_key(layout, item))


def is_of_the_item(error: Exception) -> bool:
    """Whether an error says something of one item, and the next may well be done; otherwise there is no use in going on."""
    return isinstance(error, (*_ITEMS_OWN, *UNREADABLE)) or (isinstance(error, StoreError) and error.aws_code == _REFUSED_ITEM)


def stored_error(layout: Layout, item: Mapping[str, WireValue], error: Exception) -> GatelegError:
    """The error as one of a stored item, which says which one it is."""
    made = unreadable(layout.table, layout.masked(item), error, hidden=layout.hidden)
    return made if isinstance(made, GatelegError) else DataError(str(made))


def _content(wire: WireValue) -> Any:
    return HIDDEN if isinstance(wire, SecretWire) else next(iter(wire.values()))


def _layout(entity: Any) -> Layout:
    if not isinstance(entity, type) or not issubclass(entity, Entity) or not lineage(entity):
        message = f"{entity!r} is not an entity of a table; give its class: Message"
        raise DataError(message, path="entities", value=entity, code="data.argument")
    layout: Layout = entity.__gateleg__
    return layout
