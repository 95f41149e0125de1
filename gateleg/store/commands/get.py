"""Reading one item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.store.commands.base import COUNTED, Command

if TYPE_CHECKING:
    from gateleg.model.entity import Entity
    from gateleg.model.keys import Key

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class GetItem(Command[E | None], Generic[E]):
    """Read the item under a key; `None` where there is none.

    Attributes:
        key: The key.
        consistent: Whether writes that ended before the read are surely seen.
    """

    key: Key[E]
    consistent: bool = False
    operation: ClassVar[str] = "GetItem"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        params: dict[str, Any] = {"TableName": table_name, "Key": dict(self.key.wire), **COUNTED}
        return {**params, "ConsistentRead": True} if self.consistent else params

    def result(self, response: dict[str, Any]) -> E | None:
        """The entity. An item that somebody else's program or another entity put under the key counts as none."""
        item = response.get("Item")
        layout = self.key.entity.__gateleg__
        return cast("E", layout.decode(item)) if item and layout.owns(item) else None
