"""The ways to store a datetime: ISO 8601 text, or a number of seconds or milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

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
"""A number of whole seconds since 1970; what is smaller is cut off. The form of DynamoDB's time to live."""

EPOCH_MS = StoredAs.EPOCH_MS
"""A number of whole milliseconds since 1970; what is smaller is cut off."""

_UNITS = {EPOCH: timedelta(seconds=1), EPOCH_MS: timedelta(milliseconds=1)}


def to_count(value: datetime, stored_as: StoredAs, label: str) -> int:
    """The seconds or milliseconds from 1970 to a moment, rounded down.

    Raises:
        ItemInvalidError: The datetime has no zone, so that it does not say a moment.
    """
    if value.tzinfo is None:
        message = f"{label} is stored as {stored_as.value} and cannot be {value!r}, which has no time zone; write datetime(..., tzinfo=UTC)"
        raise ItemInvalidError(message, path=label, value=value)
    return (value - _BEGINNING) // _UNITS[stored_as]


def from_count(value: float | Decimal, stored_as: StoredAs, label: str) -> Any:
    """The moment of a stored number, in UTC.

    Raises:
        ItemInvalidError: No datetime is so late or so early: milliseconds, perhaps, where seconds were declared.
    """
    try:
        return _BEGINNING + float(value) * _UNITS[stored_as] if value % 1 else _BEGINNING + int(value) * _UNITS[stored_as]
    except OverflowError as error:
        message = (
            f"{label} is stored as {stored_as.value} and holds {value}, which is not a moment that Python knows; is it of another unit?"
        )
        raise ItemInvalidError(message, path=label, value=value) from error
