"""Changing attributes of one stored item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.errors import ConditionFailedError, ConstraintFailedError, ExpressionError, ItemInvalidError, PathAbsentError
from gateleg.expressions import Placeholders, repeatable, update_text
from gateleg.expressions.sizes import MAX_ITEM_BYTES, check_depth, check_expression, value_size
from gateleg.model.keys.key import Key
from gateleg.model.paths.updates import Append, CopyPath, Remove, SetRaw, SetValue, Update
from gateleg.store.arguments import target_given
from gateleg.store.commands.base import COUNTED, Command, without
from gateleg.store.commands.conditions import (
    alive_text,
    guarded,
    joined,
    known_text,
    refusal,
    type_text,
    version_text,
    when_text,
    with_item,
)
from gateleg.store.commands.guards import guards
from gateleg.store.commands.indexes import index_updates
from gateleg.store.commands.schema_versions import current_text, outdated
from gateleg.store.upkeep import next_version, updates_beside

if TYPE_CHECKING:
    from datetime import datetime

    from gateleg.errors import StoreError
    from gateleg.model.entity import Entity
    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Condition
    from gateleg.store.commands.guard import Guard

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class UpdateItem(Command[E], Generic[E]):
    """Change some attributes of an item that is there.

    Attributes:
        key: The item's key.
        updates: The changes, with those that keep version, time and index keys right.
        known: What the indexes' new keys were made of and the stored item must still hold.
        expected: The version that the stored item must have; `None` where none is demanded.
        when: The caller's condition.
        guards: What the stored item must fulfil for the changes to leave valid values.
        alive_at: The time, in epoch seconds, at which an item that has expired counts as absent; `None` where it does not.
    """

    key: Key[E]
    updates: tuple[Update, ...]
    known: tuple[Condition, ...] = ()
    expected: int | None = None
    when: Condition | None = None
    guards: tuple[Guard, ...] = ()
    alive_at: int | None = None
    operation: ClassVar[str] = "UpdateItem"

    @property
    def label(self) -> str:
        """What is written, for messages."""
        return f"update {self.key!r}"

    @property
    def repeatable(self) -> bool:
        """Updates that leave the same when applied twice, without a condition that the first sending would make false."""
        if self.alive_at is not None and any(
            update.path.attribute.stored == self.key.entity.__gateleg__.table.ttl for update in self.updates
        ):
            return False
        return repeatable(self.updates) and self.expected is None and self.when is None and not self.known

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        placeholders = Placeholders()
        layout = self.key.entity.__gateleg__
        condition = joined(
            type_text(layout.kin, placeholders),
            current_text(layout.kin, placeholders),
            alive_text(layout, self.alive_at, placeholders),
            version_text(layout, self.expected, placeholders),
            known_text(self.known, placeholders),
            known_text((guard.condition for guard in self.guards), placeholders),
            when_text(self.when, layout, placeholders),
        )
        text = update_text(self.updates, placeholders)
        self._check(text, placeholders.most_bytes)
        return {
            "TableName": table_name,
            "Key": dict(self.key.wire),
            "UpdateExpression": text,
            **guarded(placeholders, condition),
            "ReturnValues": "ALL_NEW",
            **COUNTED,
        }

    def _check(self, text: str, most_bytes: int) -> None:
        """Refuse what DynamoDB would refuse, whatever is stored."""
        check_expression("update", text)
        wires = {update: update.wire for update in self.updates if isinstance(update, (SetValue, Append))}
        for update, wire in wires.items():
            if not wire.keys().isdisjoint(("M", "L")):
                check_depth(wire, repr(update.path), len(update.path.steps))
        if most_bytes > MAX_ITEM_BYTES and (size := sum(map(value_size, wires.values()))) > MAX_ITEM_BYTES:
            message = f"{self.label} sets {size} bytes, and an item has up to {MAX_ITEM_BYTES}: keep it in S3, or in several items"
            raise ItemInvalidError(message, path=repr(self.key), value=size)

    def part(self, table_name: str) -> dict[str, Any]:
        """The write as a part of a transaction."""
        return {"Update": without(self.params(table_name), "ReturnValues", *COUNTED)}

    def result(self, response: dict[str, Any]) -> E:
        """The entity after the update."""
        return cast("E", self.key.entity.__gateleg__.decode(response["Attributes"]))

    def failure(self, error: StoreError) -> StoreError:
        """Whether the item is gone, was written by somebody else, is to be brought up to date first, or fails the caller's condition."""
        refused = refusal(error, self.key, self.expected, self.key.entity.__gateleg__.kin, self.alive_at)
        item = error.response.get("Item")
        if type(refused) is not ConditionFailedError or not item:
            return refused
        if (behind := outdated(error, self.key, item)) is not None:
            return with_item(behind, self.key.entity.__gateleg__.table, item)
        broken = next((guard for guard in self.guards if not guard.kept(item)), None)
        if broken is None:
            return refused
        failed = _broken(self.key, broken, error)
        failed.item = refused.item
        return failed


def _broken(key: Key[Any], guard: Guard, error: StoreError) -> ConditionFailedError:
    path = repr(guard.place)
    if guard.coarse:
        message = (
            f"the update of {key!r} changes so many parts of {path} that its constraint on the length cannot be checked in one update; "
            f"change fewer of them at a time, or read it, and give the whole of it, {path}.set(...)"
        )
        return ConstraintFailedError(message, path=path, aws_code=error.aws_code, response=error.response)
    if not guard.whole:
        message = f"the update of {key!r} would make {path} what its constraints refuse; read the item, and change it by less"
        return ConstraintFailedError(message, path=path, aws_code=error.aws_code, response=error.response)
    message = (
        f"{path} is not there in {key!r}, and no part of it can be updated; give the whole of it, {path}.set(...), "
        "or set what is empty by an update before this one: .set({}, if_not_exists=True)"
    )
    return PathAbsentError(message, path=path, aws_code=error.aws_code, response=error.response)


def update_item(target: Key[E] | E, updates: tuple[Update, ...], now: datetime, when: Condition | None = None) -> UpdateItem[E]:
    """The update of an item at a time. Given an entity, its version is demanded; given a key, none is.

    Raises:
        ExpressionError: There is no change, a key is changed, or an index's key cannot be made of what is known.
    """
    key, entity = key_and_entity(target)
    layout = key.entity.__gateleg__
    _check(key, updates)
    kept = guards(layout, updates, when)
    updates = (*updates, *updates_beside(layout, updates, now))
    changes, known = index_updates(key, updates, entity)
    return UpdateItem(key, (*updates, *changes), known, next_version(entity) if entity else None, when, kept)


def key_and_entity(target: Key[E] | E) -> tuple[Key[E], E | None]:
    """The key of a target, and the entity where it is one."""
    target = target_given(target)
    if isinstance(target, Key):
        return target, None
    return cast("Key[E]", target.__gateleg__.key_of(target)), target


def _check_update(update: Update, layout: Layout) -> None:
    if not isinstance(update, Update):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
        raise ExpressionError(f"{update!r} is not an update; call a method of a path, as in Message.likes.add(1)", value=update)
    layout.check_path(update.path)
    if isinstance(update, CopyPath):
        layout.check_path(update.source)
    if isinstance(update, SetRaw):
        for path in update.raw.paths():
            layout.check_path(path)


def _check(key: Key[Any], updates: tuple[Update, ...]) -> None:
    layout = key.entity.__gateleg__
    if not updates:
        raise ExpressionError(f"the update of {key!r} changes nothing; give at least one change, as in Message.likes.add(1)")
    for update in updates:
        _check_update(update, layout)
        name = update.path.attribute.name
        if name in layout.primary.attributes:
            message = f"{update.path!r} is part of the key and cannot be updated; create an item under the new key and delete this one"
            raise ExpressionError(message, path=repr(update.path))
        if update.path.attribute.storage.role == "version":
            raise ExpressionError(f"{update.path!r} is counted by the store; leave it out", path=repr(update.path))
        if update.path.attribute.storage.forced:
            raise ExpressionError(f"{update.path!r} is always stored as its default; leave it out", path=repr(update.path))
        if isinstance(update, Remove) and not update.path.steps and update.path.attribute.required:
            message = f"{update.path!r} is required and cannot be removed; give it a default, or set another value"
            raise ExpressionError(message, path=repr(update.path))
