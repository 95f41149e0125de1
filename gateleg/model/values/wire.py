"""Python values as DynamoDB attribute values, and back, without loss.

Follows "Supported data types and naming rules" of the DynamoDB developer guide. A value that DynamoDB would refuse, or that
would come back as another, is refused here, before anything is sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import Enum
from operator import attrgetter
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

from gateleg.errors import ItemInvalidError
from gateleg.model.values.annotations import class_of, is_root_model
from gateleg.model.values.hidden import SecretWire

WireValue = dict[str, Any]
"""One attribute value in the low-level form: `{"S": "text"}`, `{"N": "1"}`, …"""

_DIGITS = 38
_LARGEST_EXPONENT = 125
_SMALLEST_EXPONENT = -130
_PLAIN = 10**_DIGITS
_root: Callable[[Any], Any] = attrgetter("root")
_EXACT = Context(prec=_DIGITS + 1)


def to_wire(value: Any) -> WireValue:
    """The wire form of a value.

    Models and dataclasses become maps of their fields by name, whatever their aliases or serializers say: this is storage,
    not a view. Aware datetimes become ISO 8601 text in UTC with six decimals, so that text order is the order in time. An empty set,
    which DynamoDB does not have, becomes an empty list.

    Raises:
        ItemInvalidError: A number out of DynamoDB's range or of more than 38 digits, a mixed set, a mapping whose keys
            are not text, or a type that has no stored form.
    """
    value = _unwrapped(value)
    if value is None:
        return {"NULL": True}
    for types, name, convert in _SCALARS:
        if isinstance(value, types):
            return {name: convert(value)}
    named = _named_parts(value)
    if named is not None:
        return {"M": {map_key(name): to_wire(item) for name, item in named}}
    kind = class_of(value)
    if issubclass(kind, AbstractSet):
        return _set_to_wire(value)
    return {"L": [to_wire(item) for item in value]} if issubclass(kind, Sequence) else _other_to_wire(value)


def _other_to_wire(value: Any) -> WireValue:
    if isinstance(value, (SecretStr, SecretBytes)):
        return SecretWire(to_wire(value.get_secret_value()))
    return to_wire(_jsonable(value))


def _unwrapped(value: Any) -> Any:
    """What stands for the value: an enum's value, the root of a root model."""
    if isinstance(value, Enum):
        return value.value
    return _root(value) if is_root_model(class_of(value)) else value


def _named_parts(value: Any) -> list[tuple[Any, Any]] | None:
    """The entries of a map, or the fields of an object; `None` for what has neither."""
    if issubclass(class_of(value), Mapping):
        return list(value.items())
    if isinstance(value, BaseModel):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return None


def _jsonable(value: Any) -> Any:
    try:
        return to_jsonable_python(value)
    except ValueError as error:
        message = f"{type(value).__name__} has no stored form; convert it with attr(save=..., load=...)"
        raise ItemInvalidError(message, value=value) from error


def _set_to_wire(value: AbstractSet[Any]) -> WireValue:
    if not value:
        return {"L": []}
    wired = [to_wire(item) for item in value]
    kinds = {kind for item in wired for kind in item}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        message = f"a set holds only text, only numbers or only bytes; {value!r} was given; use a list"
        raise ItemInvalidError(message, value=value)
    kind = kinds.pop()
    elements = {f"{kind}S": sorted({item[kind] for item in wired})}
    return SecretWire(elements) if any(isinstance(item, SecretWire) for item in wired) else elements


def from_wire(wire: WireValue) -> Any:
    """The Python value of a wire form: `int` where a number is whole, `Decimal` elsewhere, so that no digit is lost."""
    kind, value = next(iter(wire.items()))
    return _FROM_WIRE[kind](value)


def number(value: float | Decimal) -> str:
    """The digits of a number, without an exponent: as DynamoDB gives them back, so that emulators which compare digits find them.

    Raises:
        ItemInvalidError: Not finite, more than 38 significant digits, or a magnitude that DynamoDB cannot hold.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ItemInvalidError(f"DynamoDB stores finite numbers; {value!r} was given", value=value)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise ItemInvalidError(f"DynamoDB stores finite numbers; {value!r} was given", value=value)
    if exact.is_zero():
        return "0"
    digits = "".join(map(str, exact.as_tuple().digits)).strip("0")
    if len(digits) > _DIGITS:
        message = f"DynamoDB stores {_DIGITS} significant digits, the number has {len(digits)}; store it as text"
        raise ItemInvalidError(message, value=value)
    if not _SMALLEST_EXPONENT <= exact.adjusted() <= _LARGEST_EXPONENT:
        message = f"DynamoDB stores magnitudes from 1E{_SMALLEST_EXPONENT} to 1E+{_LARGEST_EXPONENT}; {value!r} was given"
        raise ItemInvalidError(message, value=value)
    return str(value) if isinstance(value, int) and abs(value) < _PLAIN else format(exact.normalize(_EXACT), "f")


def datetime_text(value: datetime) -> str:
    """ISO 8601 with six decimals; in UTC with a `Z` where the zone is known, so that text order is the order in time."""
    if value.tzinfo is None:
        return value.isoformat(timespec="microseconds")
    return in_utc(value).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def in_utc(value: datetime) -> datetime:
    """The same moment in UTC, as it comes back from what is stored.

    Raises:
        ItemInvalidError: In UTC it is before the year 1, or after the year 9999.
    """
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ItemInvalidError(f"moments are stored in UTC, in which {value!r} is out of the years 1 to 9999", value=value) from error


def _number_from(digits: str) -> int | Decimal:
    exact = Decimal(digits)
    return int(exact) if exact == exact.to_integral_value() else exact


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ItemInvalidError(f"DynamoDB stores valid Unicode text; {value!r} holds a lone surrogate", value=value) from error
    return str(value)


def map_key(key: Any) -> str:
    """The name of a stored map's entry.

    Raises:
        ItemInvalidError: The key has no text form, would not come back from it, or is empty.
    """
    wire = to_wire(key)
    if wire == {"S": ""}:
        raise ItemInvalidError("the keys of a stored map are not empty; leave the entry out, or give its key another text", value=key)
    if "S" in wire:
        return str(wire["S"])
    if isinstance(key, Enum):
        message = f"the keys of a stored map are text, and {key!r} would not come back from it; give the enum values that are text"
        raise ItemInvalidError(message, value=key)
    if "N" in wire:
        # DynamoDB does not know it for a number: what is stored stays what it was.
        return wire["N"] if isinstance(key, int) and abs(key) < _PLAIN else str(Decimal(wire["N"]).normalize(_EXACT))
    raise ItemInvalidError(f"the keys of a stored map are text or numbers; {key!r} was given", value=key)


_SCALARS: tuple[tuple[type | tuple[type, ...], str, Callable[[Any], Any]], ...] = (
    (bool, "BOOL", bool),
    (str, "S", _text),
    ((int, float, Decimal), "N", number),
    ((bytes, bytearray), "B", bytes),
    (datetime, "S", datetime_text),
    (date, "S", date.isoformat),
)
"""The first that fits counts: a `bool` is an `int` too, and a `datetime` a `date`."""

_FROM_WIRE: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "BOOL": bool,
    "N": _number_from,
    "B": bytes,
    "NULL": lambda _: None,
    "M": lambda entries: {name: from_wire(item) for name, item in entries.items()},
    "L": lambda items: [from_wire(item) for item in items],
    "SS": set,
    "NS": lambda items: {_number_from(item) for item in items},
    "BS": lambda items: {bytes(item) for item in items},
}
