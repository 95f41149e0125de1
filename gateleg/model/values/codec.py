"""The quick way to and from DynamoDB's attribute values: what `gateleg.model.values.wire` does, for the types that items are mostly made of.

`wire` says what is right and takes every value; here the common ones are told by their exact type and everything else is left to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gateleg.model.values import wire
from gateleg.model.values.annotations import is_root_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateleg.model.values.wire import WireValue

_PLAIN = 10**38


def encoded(value: Any) -> WireValue:
    """The wire form of a value, as `wire.to_wire` gives it.

    Raises:
        ItemInvalidError: As `wire.to_wire`.
    """
    encode = _ENCODERS.get(value.__class__)
    if encode is not None:
        return encode(value)
    fields = _fields(value.__class__)
    if fields is not None:
        # Iterating over a model takes longer, and is needed where it holds more than its fields.
        model: BaseModel = value
        return {"M": _encoded(vars(model).items() if vars(model).keys() == fields and not model.model_extra else model)}
    return wire.to_wire(value)


def decoded(value: WireValue) -> Any:
    """The Python value of a wire form, as `wire.from_wire` gives it."""
    if "S" in value:
        return value["S"]
    if "N" in value:
        return number(value["N"])
    if "M" in value:
        return {name: part["S"] if "S" in part else decoded(part) for name, part in value["M"].items()}
    if "L" in value:
        return [decoded(part) for part in value["L"]]
    return wire.from_wire(value)


def number(digits: str) -> Any:
    """The number of its digits: `int` where it is whole, `Decimal` elsewhere."""
    try:
        return int(digits)
    except ValueError:
        return wire.from_wire({"N": digits})


def _text(value: str) -> WireValue:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return wire.to_wire(value)
    return {"S": value}


def _integer(value: int) -> WireValue:
    return {"N": str(value)} if -_PLAIN < value < _PLAIN else wire.to_wire(value)


def _map(value: dict[Any, Any]) -> WireValue:
    return {"M": _encoded(value.items())}


def _encoded(parts: Iterable[tuple[Any, Any]]) -> dict[str, WireValue]:
    content: dict[str, WireValue] = {}
    for name, part in parts:
        plain = name if name and name.__class__ is str and name.isascii() else _name(name)
        content[plain] = {"S": part} if part.__class__ is str and part.isascii() else encoded(part)
    return content


@lru_cache(maxsize=512)
def _fields(kind: type[Any]) -> frozenset[str] | None:
    """The fields of a model that is stored as a map of them; `None` for all else, models that say themselves what their parts are included."""
    if not issubclass(kind, BaseModel) or is_root_model(kind) or issubclass(kind, Mapping) or kind.__iter__ is not BaseModel.__iter__:
        return None
    return frozenset(kind.model_fields)


def _name(name: Any) -> str:
    written: WireValue = wire.to_wire({name: None})["M"]
    return next(iter(written))


def _list(value: list[Any]) -> WireValue:
    return {"L": [encoded(part) for part in value]}


def _set(value: AbstractSet[Any]) -> WireValue:
    # All of it is text, and there is some.
    if {part.__class__ for part in value} == {str} and all(map(str.isascii, value)):
        return {"SS": sorted(value)}
    return wire.to_wire(value)


_ENCODERS: dict[type[Any], Callable[[Any], WireValue]] = {
    str: _text,
    int: _integer,
    bool: lambda value: {"BOOL": value},
    dict: _map,
    list: _list,
    tuple: _list,
    set: _set,
    frozenset: _set,
    datetime: lambda value: {"S": wire.datetime_text(value)},
    type(None): lambda _: {"NULL": True},
}
"""What gives the wire form of values of exactly this class: a subclass may mean something else."""

SCALAR_ENCODERS = {kind: _ENCODERS[kind] for kind in (str, int, bool, datetime)}
"""Those of values that are never stored as nothing."""
