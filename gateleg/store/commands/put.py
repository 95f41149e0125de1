"""Writing one whole item: `create`, which refuses to replace, and `put`, which replaces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.errors import ConditionFailedError, ItemExistsError, VersionConflictError
from gateleg.expressions import Placeholders
from gateleg.expressions.sizes import check_item_size
from gateleg.store.commands.base import COUNTED, Command, without
from gateleg.store.commands.conditions import (
    REFUSED,
    absent_text,
    alive_text,
    guarded,
    joined,
    known_text,
    mismatched,
    or_expired,
    refusal,
    stored,
    type_text,
    unrivalled_text,
    unstored_text,
    version_text,
    when_text,
    with_item,
)
from gateleg.store.upkeep import as_written, next_version

if TYPE_CHECKING:
    from datetime import datetime

    from gateleg.errors import StoreError
    from gateleg.model.entity import Entity
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class PutItem(Command[E], Generic[E]):
    """Write an entity whole.

    Attributes:
        entity: The entity, valid, with its new version and time.
        expected: The version that the stored item must have; 0 for no item; `None` where the entity keeps no version.
        new: Whether there must be no item under the key.
        when: The caller's condition on the stored item.
        known: What the stored item must still hold, as it was read.
        alive_at: The time, in epoch seconds, at which an item that has expired counts as absent; `None` where it does not.
    """

    entity: E
    expected: int | None
    new: bool
    when: Condition | None = None
    known: tuple[Condition, ...] = ()
    alive_at: int | None = None
    operation: ClassVar[str] = "PutItem"

    @property
    def key(self) -> Key[E]:
        """The entity's key."""
        return cast("Key[E]", self.entity.__gateleg__.key_of(self.entity))

    @property
    def label(self) -> str:
        """What is written, for messages."""
        return f"{'create' if self.new else 'put'} {self.key!r}"

    @property
    def repeatable(self) -> bool:
        """A write without a condition of the caller's; the second sending of another would meet the work of the first."""
        return not self.new and self.expected is None and self.when is None

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        placeholders = Placeholders()
        layout = self.entity.__gateleg__
        condition = joined(
            self._replaceable(layout, placeholders),
            known_text(self.known, placeholders),
            when_text(self.when, layout, placeholders, self.alive_at),
        )
        self.check()
        return {"TableName": table_name, "Item": dict(self.item), **guarded(placeholders, condition), **COUNTED}

    def _replaceable(self, layout: Layout, placeholders: Placeholders) -> str | None:
        """That what is stored is what the caller knows: nothing, or an item of this very entity and the version that was read."""
        if self.new:
            return or_expired(absent_text(layout, placeholders), layout, self.alive_at, placeholders)
        if self.expected == 0:
            return or_expired(unstored_text(layout, placeholders), layout, self.alive_at, placeholders)
        if self.expected is None:
            return or_expired(unrivalled_text([layout], placeholders), layout, self.alive_at, placeholders)
        alive = alive_text(layout, self.alive_at, placeholders)
        return joined(type_text([layout], placeholders), version_text(layout, self.expected, placeholders), alive)

    def check(self) -> None:
        """Refuse what DynamoDB would refuse, and what could not be read again.

        Raises:
            ItemInvalidError: The item is one or the other.
        """
        check_item_size(self.item, self.label)
        _ = self._read_again

    def request(self) -> dict[str, Any]:
        """The write as a part of a batch, which takes no conditions."""
        return {"PutRequest": {"Item": dict(self.item)}}

    def part(self, table_name: str) -> dict[str, Any]:
        """The write as a part of a transaction."""
        return {"Put": without(self.params(table_name), *COUNTED)}

    def result(self, response: dict[str, Any]) -> E:  # noqa: ARG002 (DynamoDB answers a put with nothing)
        """The entity as a read would give it."""
        return self._read_again

    @cached_property
    def _read_again(self) -> E:
        return cast("E", self.entity.__gateleg__.read_again(self.item, self.entity))

    @cached_property
    def item(self) -> dict[str, WireValue]:
        """The entity's item."""
        return self.entity.__gateleg__.encode(self.entity)

    def failure(self, error: StoreError) -> StoreError:
        """Whether the item exists, is of another kind, was written by somebody else, or fails the caller's condition."""
        if error.aws_code != REFUSED:
            return error
        layout = self.entity.__gateleg__
        item = stored(error, layout.table, self.alive_at)
        if not self.new and (mismatch := mismatched(error, self.key, [layout], self.alive_at)) is not None:
            return mismatch
        kind, message = self._refusal(error, item)
        return with_item(kind(message, path=repr(self.key), aws_code=error.aws_code, response=error.response), layout.table, item)

    def _refusal(self, error: StoreError, item: dict[str, WireValue]) -> tuple[type[ConditionFailedError], str]:
        layout = self.entity.__gateleg__
        if self.new:
            other = layout.table.type_of(item) if item else layout.name
            what = "an item" if other == layout.name else f"an item of {other}" if other else "an item of no kind"
            return (
                ItemExistsError,
                f"there is {what} under {self.key!r} already; {'put replaces, update changes' if other == layout.name else 'a put would not replace it either'}",
            )
        if self.expected == 0 and item:
            message = f"{self.key!r} exists, and the entity given was never stored; read it, change it and put that"
            return VersionConflictError, message
        if self.expected and not item:
            return VersionConflictError, f"{self.key!r} was deleted by somebody else since it was read"
        narrowed = refusal(error, self.key, self.expected, [layout], self.alive_at)
        kind = type(narrowed) if isinstance(narrowed, ConditionFailedError) else ConditionFailedError
        return kind, narrowed.message if isinstance(
            narrowed, ConditionFailedError
        ) else f"the condition of the put of {self.key!r} is false"


def put_item(entity: E, now: datetime, *, new: bool, when: Condition | None = None) -> PutItem[E]:
    """The write of an entity at a time.

    Raises:
        ItemInvalidError: The entity was changed into something that it refuses.
    """
    return PutItem(as_written(entity, now), next_version(entity), new, when)
