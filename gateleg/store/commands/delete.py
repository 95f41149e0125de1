"""Deleting one item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.expressions import Placeholders
from gateleg.store.commands.base import COUNTED, Command, without
from gateleg.store.commands.conditions import (
    alive_text,
    guarded,
    joined,
    known_text,
    or_expired,
    refusal,
    unrivalled_text,
    version_text,
    when_text,
)
from gateleg.store.commands.get import expired
from gateleg.store.commands.update import key_and_entity
from gateleg.store.upkeep import next_version

if TYPE_CHECKING:
    from gateleg.errors import StoreError
    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.conditions import Condition

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class DeleteItem(Command[E | None], Generic[E]):
    """Delete the item under a key, if there is one.

    Attributes:
        key: The key.
        expected: The version that the stored item must have; `None` where none is demanded.
        when: The caller's condition.
        known: What the stored item must still hold, as it was read.
        alive_at: The time, in epoch seconds, at which an item that has expired counts as absent; `None` where it does not.
        tells: Whether the entity that was deleted is asked for, which then must be one that can be read.
    """

    key: Key[E]
    expected: int | None = None
    when: Condition | None = None
    known: tuple[Condition, ...] = ()
    alive_at: int | None = None
    tells: bool = True
    operation: ClassVar[str] = "DeleteItem"

    @property
    def label(self) -> str:
        """What is written, for messages."""
        return f"delete {self.key!r}"

    @property
    def repeatable(self) -> bool:
        """A deletion without a condition of the caller's; a second one finds nothing, so that what was deleted is then not told."""
        return self.expected is None and self.when is None

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        placeholders = Placeholders()
        layout = self.key.entity.__gateleg__
        condition = joined(
            or_expired(unrivalled_text(layout.family, placeholders), layout, self.alive_at, placeholders),
            version_text(layout, self.expected, placeholders),
            None if self.expected is None else alive_text(layout, self.alive_at, placeholders),
            known_text(self.known, placeholders),
            when_text(self.when, layout, placeholders, self.alive_at),
        )
        told = {"ReturnValues": "ALL_OLD"} if self.tells else {}
        return {"TableName": table_name, "Key": dict(self.key.wire), **guarded(placeholders, condition), **told, **COUNTED}

    def request(self) -> dict[str, Any]:
        """The write as a part of a batch, which takes no conditions."""
        return {"DeleteRequest": {"Key": dict(self.key.wire)}}

    def part(self, table_name: str) -> dict[str, Any]:
        """The write as a part of a transaction."""
        return {"Delete": without(self.params(table_name), "ReturnValues", *COUNTED)}

    def result(self, response: dict[str, Any]) -> E | None:
        """The entity that was deleted; `None` where there was none, or none is asked for."""
        item = response.get("Attributes")
        layout = self.key.entity.__gateleg__
        if not item or not layout.owns(item) or expired(layout.table, item, self.alive_at):
            return None
        return cast("E", layout.decode(item))

    def failure(self, error: StoreError) -> StoreError:
        """Whether the item is gone, was written by somebody else, or fails the caller's condition."""
        return refusal(error, self.key, self.expected, self.key.entity.__gateleg__.family, self.alive_at)


def delete_item(target: Key[E] | E, when: Condition | None = None) -> DeleteItem[E]:
    """The deletion of an item. Given an entity, its version is demanded; given a key, none is."""
    key, entity = key_and_entity(target)
    return DeleteItem(key, next_version(entity) if entity is not None else None, when)
