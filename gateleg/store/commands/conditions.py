"""The conditions that guard writes: what the caller asks, what the entity's version asks, and what a refusal means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import ConditionFailedError, GatelegError, ItemNotFoundError, KindMismatchError, StoreError, VersionConflictError
from gateleg.expressions import condition_text, types_condition_text
from gateleg.expressions.sizes import check_expression
from gateleg.model.paths.conditions import Comparison, FunctionCall, Joined, Negated, Raw, as_condition
from gateleg.store.commands.get import expired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.expressions import Placeholders
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.kinds import TableBase
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.values.wire import WireValue

K = TypeVar("K", bound="StoreError")
N = TypeVar("N", bound="ConditionFailedError")

REFUSED = "ConditionalCheckFailedException"
"""DynamoDB's code for a false condition."""


def joined(*texts: str | None) -> str | None:
    """Condition texts joined by AND; `None` where there is none."""
    return " AND ".join(text for text in texts if text) or None


def when_text(when: Condition | None, layout: Layout, placeholders: Placeholders, alive_at: int | None = None) -> str | None:
    """The caller's condition; of an item that has expired, what it would be where there is none.

    Raises:
        ExpressionError: It names an attribute of another entity.
    """
    if when is None:
        return None
    for path in as_condition(when).paths():
        layout.check_path(path)
    text = condition_text(when, placeholders)
    if (gone := expired_text(layout, alive_at, placeholders)) is None:
        return text
    return f"({gone} OR {text})" if _of_nothing(when) else f"NOT {gone} AND {text}"


def _of_nothing(condition: Condition) -> bool | None:
    """Whether a condition is true where there is no item; `None` where nobody knows."""
    match condition:
        case Raw():
            return None
        case Negated(part=part):
            found = _of_nothing(part)
            return None if found is None else not found
        case Joined(word=word, parts=parts):
            each = [_of_nothing(part) for part in parts]
            return None if None in each else all(each) if word == "AND" else any(each)
        case FunctionCall(function=function):
            return function == "attribute_not_exists"
        case _:
            return isinstance(condition, Comparison) and condition.operator == "<>"


def expired_text(layout: Layout, alive_at: int | None, placeholders: Placeholders) -> str | None:
    """There is an item, and it has expired at a time; `None` where no time is asked for, or the table's items do not expire.

    It is false of an item without a time of expiry, and of one whose time is no number.
    """
    if alive_at is None or layout.table.ttl is None:
        return None
    return f"{placeholders.name(layout.table.ttl)} <= {placeholders.value({'N': str(alive_at)})}"


def alive_text(layout: Layout, alive_at: int | None, placeholders: Placeholders) -> str | None:
    """There is no item, or it has not expired at a time; `None` as with `expired_text`."""
    gone = expired_text(layout, alive_at, placeholders)
    return None if gone is None else f"NOT {gone}"


def or_expired(text: str, layout: Layout, alive_at: int | None, placeholders: Placeholders) -> str:
    """What a text says, or there is an item and it has expired at a time."""
    gone = expired_text(layout, alive_at, placeholders)
    return text if gone is None else f"({text} OR {gone})"


def stored(error: StoreError, table: TableBase, alive_at: int | None) -> dict[str, WireValue]:
    """The item that a refusal tells of; empty where there is none, or where it has expired at a time."""
    item: dict[str, WireValue] = error.response.get("Item") or {}
    return {} if expired(table, item, alive_at) else item


def known_text(known: Iterable[Condition], placeholders: Placeholders) -> str | None:
    """What the store itself knows of the stored item, and relies on."""
    return joined(*(condition_text(condition, placeholders) for condition in known))


def absent_text(layout: Layout, placeholders: Placeholders) -> str:
    """There is no item under the key."""
    return f"attribute_not_exists({placeholders.name(layout.table.partition_key)})"


def unstored_text(layout: Layout, placeholders: Placeholders) -> str:
    """There is no item under the key; or one of this entity from before versions were kept, which is read as version 0."""
    return f"({absent_text(layout, placeholders)} OR ({type_text([layout], placeholders)} AND {version_text(layout, 0, placeholders)}))"


def version_text(layout: Layout, version: int | None, placeholders: Placeholders) -> str | None:
    """The stored version is still this one; an item of version 0 was stored before versions were kept."""
    attribute = layout.role("version")
    if attribute is None or version is None:
        return None
    if version == 0:
        return f"attribute_not_exists({placeholders.name(attribute.stored)})"
    return f"{placeholders.name(attribute.stored)} = {placeholders.value({'N': str(version)})}"


def type_text(layouts: Sequence[Layout], placeholders: Placeholders) -> str:
    """There is an item, and it is of one of these entities."""
    table = layouts[0].table
    text = types_condition_text(layouts, placeholders)
    if table.default_type not in {layout.name for layout in layouts}:
        return text
    return f"({text} AND attribute_exists({placeholders.name(table.partition_key)}))"


def unrivalled_text(layouts: Sequence[Layout], placeholders: Placeholders) -> str:
    """There is no item under the key, or one of these entities: what holds before a write holds after it, so that it may be sent again."""
    return f"({absent_text(layouts[0], placeholders)} OR {type_text(layouts, placeholders)})"


def guarded(placeholders: Placeholders, condition: str | None) -> dict[str, Any]:
    """The parameters of a condition: DynamoDB gives the stored item back where it is false."""
    if condition is None:
        return placeholders.params()
    check_expression("condition", condition)
    return {**placeholders.params(), "ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def refusal(error: StoreError, key: Key[Any], version: int | None, kinds: Sequence[Layout], alive_at: int | None = None) -> StoreError:
    """What a false condition of a write to an existing item means: it is gone, of another kind, or written by somebody else, or the caller's condition failed.

    Args:
        error: The refusal as DynamoDB gave it.
        key: The item's key.
        version: The version that the write expected; `None` where it expected none.
        kinds: The entities one of which the item must be.
        alive_at: The time, in epoch seconds, at which an item that has expired counts as absent; `None` for no time.
    """
    if error.aws_code != REFUSED:
        return error
    layout = key.entity.__gateleg__
    item = stored(error, layout.table, alive_at)
    if not item:
        return _narrowed(ItemNotFoundError, f"there is no item under {key!r}", error, key)
    if (mismatch := mismatched(error, key, kinds, alive_at)) is not None:
        return mismatch
    attribute = layout.role("version")
    found = item.get(attribute.stored, {"N": "0"}).get("N") if attribute is not None else None
    if version is not None and found is not None and int(found) != version:
        message = f"{key!r} was written by somebody else: its version is {found}, {version} was expected; read it again"
        return with_item(_narrowed(VersionConflictError, message, error, key), layout.table, item)
    return with_item(_narrowed(ConditionFailedError, f"the condition of the write to {key!r} is false", error, key), layout.table, item)


def mismatched(error: StoreError, key: Key[Any], kinds: Sequence[Layout], alive_at: int | None) -> KindMismatchError | None:
    """The refusal of an item that is not of these entities; `None` where it is one, or where there is no item."""
    layout = key.entity.__gateleg__
    item = stored(error, layout.table, alive_at)
    kind = layout.table.type_of(item) if item else None
    if not item or kind in {member.name for member in kinds}:
        return None
    found = _narrowed(KindMismatchError, f"{key!r} is {_other_kind(layout, kind)}", error, key)
    found.kind, found.stored_kind = layout.name, kind
    return with_item(found, layout.table, item)


def _other_kind(layout: Layout, stored: str | None) -> str:
    """What an item is, and what to do instead of writing it as this entity."""
    if stored is None:
        return (
            f"of no kind: another program stored it; to have such items read and written as {layout.name}, "
            f"declare Table({layout.table.name!r}, ..., default_type={layout.name!r})"
        )
    other = layout.table.entities.get(stored)
    if other is None:
        return f"an item of {stored}, which table {layout.table.name!r} has no entity for; import the module that declares it, and write it by its own key"
    write = f"write it by {other.__name__}.key(...), or delete it so before another takes its place"
    if stored in {member.name for member in layout.family}:
        return f"an item of {stored}, which {layout.name} does not know whole (attributes, version, times or index keys); {write}"
    return f"an item of {stored}, not of {layout.name}; {write}"


def with_item(error: N, table: TableBase, item: dict[str, WireValue]) -> N:
    """The error with the stored entity, where the item can be read as one."""
    entity = table.entities.get(str(table.type_of(item))) if item else None
    if item and entity is not None:
        try:
            error.item = entity.__gateleg__.decode(item)
        except GatelegError as unreadable:
            error.add_note(f"the stored item cannot be read: {unreadable}")
    return error


def _narrowed(kind: type[K], message: str, error: StoreError, key: Key[Any]) -> K:
    return kind(message, path=repr(key), aws_code=error.aws_code, response=error.response)
