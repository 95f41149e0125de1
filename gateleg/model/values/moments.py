"""The ways to store a datetime: ISO 8601 text, or a number of seconds or milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gateleg.errors import ItemInvalidError

if TYPE_CHECKING:
    from decimal import Decimal

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class StoredAs(StrEnum):
    """How `attr(stored_as=...)` stores a datetime."""

    ISO = "iso"
    EPOCH = "epoch"
    EPOCH_MS = "epoch_ms"


ISO = StoredAs.ISO
"""Text in UTC, with six decimals; sorts as time does."""

EPOCH = StoredAs.EPOCH
"""A number of whole seconds since 1970; what is smaller is cut off, and refused in a table's key. The form of DynamoDB's time to live."""

EPOCH_MS = StoredAs.EPOCH_MS
"""A number of whole milliseconds since 1970; what is smaller is cut off, and refused in a table's key."""

Rounding: TypeAlias = Literal["down", "up", "whole"]
"""What becomes of a fraction: it is cut, it counts as one more, or it is refused."""

_UNITS = {EPOCH: timedelta(seconds=1), EPOCH_MS: timedelta(milliseconds=1)}


_WHOLE = {
    EPOCH: ("seconds", "value.replace(microsecond=0)"),
    EPOCH_MS: ("milliseconds", "value.replace(microsecond=value.microsecond // 1000 * 1000)"),
}


def to_count(value: datetime, stored_as: StoredAs, label: str, *, shown: Any, rounding: Rounding = "down") -> int:
    """The seconds or milliseconds from 1970 to a moment.

    Args:
        value: The moment.
        stored_as: The unit.
        label: What names the attribute, for messages.
        shown: The moment as messages show it.
        rounding: What becomes of a fraction of the unit.

    Raises:
        ItemInvalidError: The datetime has no zone, so that it does not say a moment; or a fraction, and is to be whole.
    """
    if value.tzinfo is None:
        message = f"{label} is stored as {stored_as.value} and cannot be {shown!r}, which has no time zone; write datetime(..., tzinfo=UTC)"
        raise ItemInvalidError(message, path=label, value=shown)
    count, fraction = divmod(value - _BEGINNING, _UNITS[stored_as])
    if not fraction or rounding == "down":
        return count
    if rounding == "up":
        return count + 1
    unit, whole = _WHOLE[stored_as]
    message = f"{label} is stored in whole {unit}, so that nothing equals {shown!r}, and a key would be that of other moments, too"
    raise ItemInvalidError(f"{message}; write {whole}, as only stored_as=ISO keeps fractions", path=label, value=shown)


def from_count(value: float | Decimal, stored_as: StoredAs, label: str, *, shown: Any) -> Any:
    """The moment of a stored number, in UTC.

    Raises:
        ItemInvalidError: No datetime is so late or so early: milliseconds, perhaps, where seconds were declared.
    """
    try:
        return _BEGINNING + float(value) * _UNITS[stored_as] if value % 1 else _BEGINNING + int(value) * _UNITS[stored_as]
    except OverflowError as error:
        message = (
            f"{label} is stored as {stored_as.value} and holds {shown}, which is not a moment that Python knows; is it of another unit?"
        )
        raise ItemInvalidError(message, path=label, value=shown) from error
