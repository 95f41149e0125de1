"""Reading one item."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.expressions import Placeholders, projection_params
from gateleg.expressions.sizes import check_expression
from gateleg.model.queries.projection import view
from gateleg.store.commands.base import COUNTED, Command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.kinds import TableBase
    from gateleg.model.paths.path import Path
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class GetStored(Command["dict[str, WireValue] | None"]):
    """Read the item under a key as it is stored, whichever entity it is of.

    Attributes:
        key: The key.
    """

    key: Key[Any]
    operation: ClassVar[str] = "GetItem"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request: the read sees all writes that ended before it."""
        return {"TableName": table_name, "Key": dict(self.key.wire), "ConsistentRead": True, **COUNTED}

    def result(self, response: dict[str, Any]) -> dict[str, WireValue] | None:
        """The item; `None` where there is none."""
        return response.get("Item")


def expired(table: TableBase, item: Mapping[str, WireValue], alive_at: int | None) -> bool:
    """Whether an item has expired at a time; DynamoDB deletes those within days, and never one whose time is no number."""
    if alive_at is None or table.ttl is None:
        return False
    expiry = item.get(table.ttl, {}).get("N")
    return expiry is not None and Decimal(expiry) <= alive_at


@dataclass(frozen=True)
class GetItem(Command[E | None], Generic[E]):
    """Read the item under a key; `None` where there is none.

    Attributes:
        key: The key.
        consistent: Whether writes that ended before the read are surely seen.
        projection: What is read of the item; empty for all of it.
        alive_at: The time, in epoch seconds, at which an item that has expired counts as absent; `None` to give it too.
    """

    key: Key[E]
    consistent: bool = False
    projection: tuple[Path[Any], ...] = ()
    alive_at: int | None = None
    operation: ClassVar[str] = "GetItem"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        placeholders = Placeholders()
        params: dict[str, Any] = {"TableName": table_name, "Key": dict(self.key.wire)}
        params |= projection_params([self.key.entity.__gateleg__], None, self.projection, placeholders)
        if self.projection:
            check_expression("projection", params["ProjectionExpression"])
        params |= {**placeholders.params(), **COUNTED}
        return {**params, "ConsistentRead": True} if self.consistent else params

    def result(self, response: dict[str, Any]) -> E | None:
        """The entity. An item that somebody else's program or another entity put under the key counts as absent."""
        item = response.get("Item")
        layout = self.key.entity.__gateleg__
        if not item or not layout.owns(item) or expired(layout.table, item, self.alive_at):
            return None
        return view(self.key.entity, self.projection, item) if self.projection else cast("E", layout.decode(item))
