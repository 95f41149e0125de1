"""A transaction's demand on an item that it does not write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.expressions import Placeholders
from gateleg.store.commands.conditions import alive_text, guarded, joined, refusal, type_text, when_text

if TYPE_CHECKING:
    from gateleg.errors import StoreError
    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.conditions import Condition

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class ConditionCheck(Generic[E]):
    """Demand that an item exists and fulfils a condition.

    Attributes:
        key: The item's key.
        when: The condition; `None` where it need only exist.
        alive_at: The time, in epoch seconds, at which an item that has expired counts as absent; `None` where it does not.
    """

    key: Key[E]
    when: Condition | None = None
    alive_at: int | None = None

    @property
    def label(self) -> str:
        """What is demanded, for messages."""
        return f"check {self.key!r}"

    def part(self, table_name: str) -> dict[str, Any]:
        """The demand as a part of a transaction."""
        placeholders = Placeholders()
        layout = self.key.entity.__gateleg__
        condition = joined(
            type_text(layout.family, placeholders),
            alive_text(layout, self.alive_at, placeholders),
            when_text(self.when, layout, placeholders),
        )
        return {"ConditionCheck": {"TableName": table_name, "Key": dict(self.key.wire), **guarded(placeholders, condition)}}

    def failure(self, error: StoreError) -> StoreError:
        """Whether the item is gone, or fails the condition."""
        return refusal(error, self.key, None, self.key.entity.__gateleg__.family, self.alive_at)
