"""The quick way to and from DynamoDB's attribute values: what `gateleg.model.wire` does, for the types that items are mostly made of.

`wire` says what is right and takes every value; here the common ones are told by their exact type and everything else is left to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, RootModel

from gateleg.model import wire
from gateleg.model.types import class_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.wire import WireValue

_PLAIN = 10**38


def encoded(value: Any) -> WireValue:
    """The wire form of a value, as `wire.to_wire` gives it.

    Raises:
        ItemInvalidError: As `wire.to_wire`.
    """
    encode = _ENCODERS.get(class_of(value))
    if encode is not None:
        return encode(value)
    if isinstance(value, BaseModel) and not isinstance(value, (RootModel, Mapping)):
        return {"M": {_name(name): encoded(part) for name, part in value}}
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
    return {"S": value} if value.isascii() else wire.to_wire(value)


def _integer(value: int) -> WireValue:
    return {"N": str(value)} if -_PLAIN < value < _PLAIN else wire.to_wire(value)


def _map(value: dict[Any, Any]) -> WireValue:
    return {"M": {_name(name): encoded(part) for name, part in value.items()}}


def _name(name: Any) -> str:
    if class_of(name) is str and cast("str", name).isascii():
        return cast("str", name)
    written: WireValue = wire.to_wire({name: None})["M"]
    return next(iter(written))


def _list(value: list[Any]) -> WireValue:
    return {"L": [encoded(part) for part in value]}


_ENCODERS: dict[type[Any], Callable[[Any], WireValue]] = {
    str: _text,
    int: _integer,
    bool: lambda value: {"BOOL": value},
    dict: _map,
    list: _list,
    tuple: _list,
    datetime: lambda value: {"S": wire.datetime_text(value)},
    type(None): lambda _: {"NULL": True},
}
"""By the exact class: a subclass may mean something else."""
