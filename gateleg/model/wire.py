"""Python values as DynamoDB attribute values, and back, without loss.

Follows "Supported data types and naming rules" of the DynamoDB developer guide. A value that DynamoDB would refuse, or that
would come back as another, is refused here, before anything is sent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Any, cast

from pydantic import BaseModel, RootModel, SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

from gateleg.errors import ItemInvalidError

WireValue = dict[str, Any]
"""One attribute value in the low-level form: `{"S": "text"}`, `{"N": "1"}`, …"""

_DIGITS = 38
_LARGEST_EXPONENT = 125
_SMALLEST_EXPONENT = -130
_PLAIN = 10**_DIGITS
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
    if isinstance(value, Enum):
        return to_wire(value.value)
    scalar = _scalar_to_wire(value)
    return scalar if scalar is not None else _container_to_wire(value)


def _scalar_to_wire(value: Any) -> WireValue | None:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": _text(value)}
        case int() | float() | Decimal():
            return {"N": number(value)}
        case bytes() | bytearray() | memoryview():
            return {"B": bytes(value)}
        case datetime():
            return {"S": datetime_text(value)}
        case date():
            return {"S": value.isoformat()}
        case SecretStr() | SecretBytes():
            return _scalar_to_wire(value.get_secret_value())
        case _:
            return None


def _container_to_wire(value: Any) -> WireValue:
    if isinstance(value, RootModel):
        return to_wire(cast("Any", value.root))
    if isinstance(value, BaseModel):
        return {"M": {name: to_wire(item) for name, item in value}}
    if is_dataclass(value) and not isinstance(value, type):
        return {"M": {field.name: to_wire(getattr(value, field.name)) for field in fields(value)}}
    if isinstance(value, Mapping):
        return {"M": {_map_key(key): to_wire(item) for key, item in cast("Mapping[Any, Any]", value).items()}}
    if isinstance(value, AbstractSet):
        return _set_to_wire(cast("AbstractSet[Any]", value))
    if isinstance(value, Sequence):
        return {"L": [to_wire(item) for item in cast("Sequence[Any]", value)]}
    return _other_to_wire(value)


def _other_to_wire(value: Any) -> WireValue:
    try:
        plain = to_jsonable_python(value)
    except ValueError as error:
        message = f"{type(value).__name__} has no stored form; convert it with attr(save=..., load=...)"
        raise ItemInvalidError(message, value=value) from error
    return to_wire(plain)


def _set_to_wire(value: AbstractSet[Any]) -> WireValue:
    if not value:
        return {"L": []}
    wired = [to_wire(item) for item in value]
    kinds = {kind for item in wired for kind in item}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        message = f"a set holds only text, only numbers or only bytes; {value!r} was given; use a list"
        raise ItemInvalidError(message, value=value)
    kind = kinds.pop()
    return {f"{kind}S": sorted({item[kind] for item in wired})}


def from_wire(wire: WireValue) -> Any:
    """The Python value of a wire form: `int` where a number is whole, `Decimal` elsewhere, so that no digit is lost."""
    kind, value = next(iter(wire.items()))
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return _number_from(value)
        case "B":
            return bytes(value)
        case "NULL":
            return None
        case "M":
            return {name: from_wire(item) for name, item in value.items()}
        case "L":
            return [from_wire(item) for item in value]
        case "NS":
            return {_number_from(item) for item in value}
        case "BS":
            return {bytes(item) for item in value}
        case _:
            return set(value)


def number(value: float | Decimal) -> str:
    """The digits of a number.

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
    return str(value) if isinstance(value, int) and abs(value) < _PLAIN else str(exact.normalize(_EXACT))


def datetime_text(value: datetime) -> str:
    """ISO 8601 with six decimals; in UTC with a `Z` where the zone is known, so that text order is the order in time."""
    if value.tzinfo is None:
        return value.isoformat(timespec="microseconds")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _number_from(digits: str) -> int | Decimal:
    exact = Decimal(digits)
    return int(exact) if exact == exact.to_integral_value() else exact


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ItemInvalidError(f"DynamoDB stores valid Unicode text; {value!r} holds a lone surrogate", value=value) from error
    return str(value)


def _map_key(key: Any) -> str:
    wire = to_wire(key)
    if "S" in wire:
        return str(wire["S"])
    if "N" in wire:
        return str(wire["N"])
    raise ItemInvalidError(f"the keys of a stored map are text or numbers; {key!r} was given", value=key)
