"""Reading several items as they are at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from gateleg.errors import ExpressionError
from gateleg.store.commands.base import COUNTED, Command
from gateleg.store.commands.get import GetItem
from gateleg.store.commands.transact import MAX_PARTS, cancellation
from gateleg.store.other_tables import OtherTables, name_in

if TYPE_CHECKING:
    from gateleg.errors import StoreError
    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.kinds import TableBase
    from gateleg.store.other_tables import Bound


@dataclass(frozen=True)
class TransactGetItems(Command[tuple["Entity | None", ...]]):
    """Read up to 100 items, none of which is written in between.

    Attributes:
        keys: Their keys; an item that several are of is read once for all.
        alive_at: The time, in epoch seconds, at which items that have expired count as absent; `None` to give them too.
        others: The stores of the other tables that keys are of.
    """

    keys: tuple[Key[Entity], ...]
    alive_at: int | None = None
    others: OtherTables = field(default_factory=dict["TableBase", "Bound"])
    operation: ClassVar[str] = "TransactGetItems"

    def __post_init__(self) -> None:
        if not 1 <= len(self._items) <= MAX_PARTS:
            message = (
                f"transact_get reads 1 to {MAX_PARTS} items; {len(self._items)} were asked for: batch_get reads more, not at one moment"
            )
            raise ExpressionError(message, value=len(self._items))

    @cached_property
    def _items(self) -> dict[object, Key[Entity]]:
        """A key of each item, by what tells items apart."""
        return {key.identity: key for key in self.keys}

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        return {
            "TransactItems": [{"Get": {"TableName": self._name(key, table_name), "Key": dict(key.wire)}} for key in self._items.values()],
            **COUNTED,
        }

    def result(self, response: dict[str, Any]) -> tuple[Entity | None, ...]:
        """The entities, in the keys' order."""
        given = dict(zip(self._items, response.get("Responses", ()), strict=True))
        return tuple(GetItem(key, alive_at=self.alive_at).result(given[key.identity]) for key in self.keys)

    def _name(self, key: Key[Entity], home_name: str) -> str:
        return name_in(self.others, key.entity.__gateleg__.table, home_name)

    def failure(self, error: StoreError) -> StoreError:
        """Why the transaction was canceled, item by item."""
        return cancellation(error, [(key, f"get {key!r}", None) for key in self._items.values()], "nothing was read")
