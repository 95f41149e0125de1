"""The conditions that guard writes: what the caller asks, what the entity's version asks, and what a refusal means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import ConditionFailedError, GatelegError, ItemNotFoundError, StoreError, VersionConflictError
from gateleg.expressions import condition_text, types_condition_text
from gateleg.model.paths.conditions import as_condition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.expressions import Placeholders
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.conditions import Condition

K = TypeVar("K", bound="StoreError")

REFUSED = "ConditionalCheckFailedException"
"""DynamoDB's code for a false condition."""


def joined(*texts: str | None) -> str | None:
    """Condition texts joined by AND; `None` where there is none."""
    return " AND ".join(text for text in texts if text) or None


def when_text(when: Condition | None, layout: Layout, placeholders: Placeholders) -> str | None:
    """The caller's condition.

    Raises:
        ExpressionError: It names an attribute of another entity.
    """
    if when is None:
        return None
    for path in as_condition(when).paths():
        layout.check_path(path)
    return condition_text(when, placeholders)


def known_text(known: Iterable[Condition], placeholders: Placeholders) -> str | None:
    """What the store itself knows of the stored item, and relies on."""
    return joined(*(condition_text(condition, placeholders) for condition in known))


def absent_text(layout: Layout, placeholders: Placeholders) -> str:
    """There is no item under the key."""
    return f"attribute_not_exists({placeholders.name(layout.table.partition_key)})"


def unstored_text(layout: Layout, placeholders: Placeholders) -> str:
    """There is no item under the key; or one of this entity from before versions were kept, which is read as version 0."""
    return f"({absent_text(layout, placeholders)} OR ({type_text(layout, placeholders)} AND {version_text(layout, 0, placeholders)}))"


def version_text(layout: Layout, version: int | None, placeholders: Placeholders) -> str | None:
    """The stored version is still this one; an item of version 0 was stored before versions were kept."""
    attribute = layout.role("version")
    if attribute is None or version is None:
        return None
    if version == 0:
        return f"attribute_not_exists({placeholders.name(attribute.stored)})"
    return f"{placeholders.name(attribute.stored)} = {placeholders.value({'N': str(version)})}"


def type_text(layout: Layout, placeholders: Placeholders) -> str:
    """There is an item, and it is of this entity, or of a subclass that the write keeps whole."""
    return types_condition_text(layout.kin, placeholders)


def guarded(placeholders: Placeholders, condition: str | None) -> dict[str, Any]:
    """The parameters of a condition: DynamoDB gives the stored item back where it is false."""
    if condition is None:
        return placeholders.params()
    return {**placeholders.params(), "ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def refusal(error: StoreError, key: Key[Any], version: int | None) -> StoreError:
    """What a false condition of a write to an existing item means: it is gone, it was written by somebody else, or the caller's condition failed.

    Args:
        error: The refusal as DynamoDB gave it.
        key: The item's key.
        version: The version that the write expected; `None` where it expected none.
    """
    if error.aws_code != REFUSED:
        return error
    layout = key.entity.__gateleg__
    item = error.response.get("Item")
    if not item or not layout.owns(item):
        return _narrowed(ItemNotFoundError, f"there is no item under {key!r}", error, key)
    kind = item[layout.table.type_attribute]["S"]
    if kind not in {member.name for member in layout.kin}:
        message = f"{key!r} is a {kind}, whose version, times or index keys {layout.name} does not know of; write it by {kind}.key(...)"
        return with_item(_narrowed(ConditionFailedError, message, error, key), layout, item)
    attribute = layout.role("version")
    stored = item.get(attribute.stored, {"N": "0"}).get("N") if attribute is not None else None
    if version is not None and stored is not None and int(stored) != version:
        message = f"{key!r} was written by somebody else: its version is {stored}, {version} was expected; read it again"
        return with_item(_narrowed(VersionConflictError, message, error, key), layout, item)
    return with_item(_narrowed(ConditionFailedError, f"the condition of the write to {key!r} is false", error, key), layout, item)


def with_item(error: ConditionFailedError, layout: Layout, item: dict[str, Any] | None) -> ConditionFailedError:
    """The error with the stored entity, where the item can be read as one."""
    if item and layout.owns(item):
        try:
            error.item = layout.decode(item)
        except GatelegError as unreadable:
            error.add_note(f"the stored item cannot be read: {unreadable}")
    return error


def _narrowed(kind: type[K], message: str, error: StoreError, key: Key[Any]) -> K:
    return kind(message, path=repr(key), aws_code=error.aws_code, response=error.response)
