"""The ends of what is asked of a sort key, no longer than sort keys are: DynamoDB refuses others, though they mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError
from gateleg.model.keys.schema import MAX_KEY_BYTES
from gateleg.model.queries.query import SortCondition

if TYPE_CHECKING:
    from gateleg.model.values.wire import WireValue

_LONGEST = MAX_KEY_BYTES["sort"]
_GREATEST = ("", "\x7f", "\u07ff", "\uffff")
"""By their number of bytes, the characters that sort after all others of no more bytes."""


def within_keys(label: str, condition: SortCondition) -> SortCondition:
    """The same question about keys of up to 1,024 bytes.

    An upper end that is longer, such as that of all texts which begin with a long one, becomes the greatest key below it.

    Args:
        label: The access pattern, for messages.
        condition: What is asked of the sort key.

    Raises:
        ItemInvalidError: A prefix or a lower end is longer than a key can be.
    """
    match condition.operator:
        case "between":
            return SortCondition("between", (_checked(label, condition.values[0]), _below(condition.values[1])))
        case "<" | "<=":
            below = _below(condition.values[0])
            return condition if below == condition.values[0] else SortCondition("<=", (below,))
        case _:
            _checked(label, condition.values[0])
            return condition


def _bytes_of(wire: WireValue) -> bytes:
    content: Any = next(iter(wire.values()))
    return content.encode() if isinstance(content, str) else bytes(content)


def _checked(label: str, wire: WireValue) -> WireValue:
    size = len(_bytes_of(wire))
    if size > _LONGEST:
        message = (
            f"{label} asks for sort keys from {size} bytes on, and DynamoDB takes 1 to {_LONGEST}; nothing has a longer one: ask for less"
        )
        raise ItemInvalidError(message, path=label, value=size)
    return wire


def _below(wire: WireValue) -> WireValue:
    """The end itself, or the greatest key that is less."""
    content = _bytes_of(wire)
    if len(content) <= _LONGEST:
        return wire
    if "B" in wire:
        return {"B": content[:_LONGEST]}
    kept = content[:_LONGEST].decode(errors="ignore")
    return {"S": kept + _GREATEST[_LONGEST - len(kept.encode())]}
