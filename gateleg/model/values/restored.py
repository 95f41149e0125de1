"""What pydantic does not take in the form in which it is stored, turned into what it takes as an item is read."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from enum import Enum
from sys import modules
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from gateleg.model.values.annotations import alternatives, class_of

if TYPE_CHECKING:
    from collections.abc import Callable


def reader(annotation: Any) -> Callable[[Any], Any] | None:
    """What is to be done with stored values of an annotation; `None` for nothing, which is nearly always so.

    `JsonValue` holds floats where stored numbers are read as `Decimal`; a `Literal` of an enum's members holds the members.
    """
    members = {choice.value: choice for choice in _choices(annotation) if isinstance(choice, Enum)}
    if members:
        return lambda value: members.get(value, value) if isinstance(value, Hashable) else value
    # Where nobody imported it, nobody can have written it.
    json = getattr(modules.get("pydantic.types"), "JsonValue", None)
    if json is not None and _mentions(annotation, json) and not _mentions(annotation, Decimal):
        return _with_floats
    return None


def _choices(annotation: Any) -> list[Any]:
    return [choice for member in alternatives(annotation) if get_origin(member) is Literal for choice in get_args(member)]


def _mentions(annotation: Any, wanted: Any) -> bool:
    if annotation is wanted:
        return True
    return any(_mentions(argument, wanted) for argument in get_args(annotation))


def _with_floats(value: Any) -> Any:
    kind = class_of(value)
    if kind is Decimal:
        return float(value)
    if kind is dict:
        return {name: _with_floats(part) for name, part in value.items()}
    return [_with_floats(part) for part in value] if kind is list else value
