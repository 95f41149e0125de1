"""Reading one item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.expressions import Placeholders, projection_params
from gateleg.model.projection import view
from gateleg.store.commands.base import COUNTED, Command

if TYPE_CHECKING:
    from gateleg.model.entity import Entity
    from gateleg.model.keys import Key
    from gateleg.model.paths import Path

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class GetItem(Command[E | None], Generic[E]):
    """Read the item under a key; `None` where there is none.

    Attributes:
        key: The key.
        consistent: Whether writes that ended before the read are surely seen.
        projection: What is read of the item; empty for all of it.
    """

    key: Key[E]
    consistent: bool = False
    projection: tuple[Path[Any], ...] = ()
    operation: ClassVar[str] = "GetItem"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        placeholders = Placeholders()
        params: dict[str, Any] = {"TableName": table_name, "Key": dict(self.key.wire)}
        params |= projection_params([self.key.entity.__gateleg__], None, self.projection, placeholders)
        params |= {**placeholders.params(), **COUNTED}
        return {**params, "ConsistentRead": True} if self.consistent else params

    def result(self, response: dict[str, Any]) -> E | None:
        """The entity. An item that somebody else's program or another entity put under the key counts as none."""
        item = response.get("Item")
        layout = self.key.entity.__gateleg__
        if not item or not layout.owns(item):
            return None
        return view(self.key.entity, self.projection, item) if self.projection else cast("E", layout.decode(item))
