"""The constraints of a place in an item, as its annotation and its attribute declare them."""

from __future__ import annotations

import operator as operators
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, Flag
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import BaseMetadata, Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic.fields import FieldInfo

from gateleg.errors import ItemInvalidError
from gateleg.model.paths.operands import kinds_of
from gateleg.model.values.annotations import alternatives, base_types, meaning, validators_of
from gateleg.model.values.moments import from_count
from gateleg.model.values.storage import Storage
from gateleg.model.values.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Comparator
    from gateleg.model.paths.place import Place
    from gateleg.model.values.wire import WireValue

_NUMBERS = frozenset({int, float, Decimal})
_LIMITS: tuple[tuple[type, str, Comparator], ...] = ((Ge, "ge", ">="), (Gt, "gt", ">"), (Le, "le", "<="), (Lt, "lt", "<"))
_MEASURED = (Ge, Gt, Le, Lt, MultipleOf, MinLen, MaxLen)
_REFUSE_NOTHING = {"Strict", "PathType", "PlainSerializer", "WrapSerializer", "Discriminator", "Tag"}
_GENERAL = {"max_digits", "decimal_places", "strict", "union_mode", "coerce_numbers_to_str", "fail_fast", "allow_inf_nan"}
_UNKNOWN = BaseMetadata()
"""Stands for constraints of which nothing more is known."""

HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {">=": operators.ge, ">": operators.gt, "<=": operators.le, "<": operators.lt}


@dataclass(frozen=True)
class _Choices(BaseMetadata):
    wires: tuple[WireValue, ...]


@dataclass(frozen=True)
class Rules:
    """The constraints of a place.

    Attributes:
        limits: What its stored values are compared with: numbers, or text that sorts as the values do.
        multiple: What its numbers are multiples of.
        shortest: How many elements it has at least.
        longest: How many elements it has at most.
        choices: The stored forms of the only values that it has; `None` where they are not counted up.
        others: Whether there are constraints of another sort.
    """

    limits: tuple[tuple[Comparator, Decimal | str], ...] = ()
    multiple: Decimal | None = None
    shortest: int = 0
    longest: int | None = None
    choices: tuple[WireValue, ...] | None = None
    others: bool = False

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self != Rules()

    def take(self, value: Decimal | str) -> bool:
        """Whether a stored number, or text, is within the limits."""
        return all(type(limit) is type(value) and HOLDS[operator](value, limit) for operator, limit in self.limits)


def rules_of(layout: Layout, place: Place) -> Rules:
    """The constraints of a place, those of its annotation and, for a whole attribute, of its declaration and its field validators."""
    metadata = list(_metadata(annotation_of(place)))
    if not place.steps:
        name = place.attribute.name
        metadata += [*_flat(layout.entity.model_fields[name].metadata), *validators_of(layout.entity, name)]
    limits = [
        _limit(place, operator, getattr(rule, name)) for rule in metadata for kind, name, operator in _LIMITS if isinstance(rule, kind)
    ]
    multiples = [Decimal(str(rule.multiple_of)) for rule in metadata if isinstance(rule, MultipleOf)]
    choices = [rule.wires for rule in metadata if isinstance(rule, _Choices)]
    for rule in metadata:
        if "decimal_places" in getattr(rule, "__dict__", ()):
            of_digits, step = _digits(rule)
            limits += of_digits
            multiples.append(step)
    multiple = max(multiples, default=None)
    return Rules(
        tuple(limit for limit in limits if limit is not None),
        multiple,
        max((rule.min_length for rule in metadata if isinstance(rule, MinLen)), default=0),
        min((rule.max_length for rule in metadata if isinstance(rule, MaxLen)), default=None),
        choices[0] if choices else None,
        None in limits or any(multiple % one for one in multiples if multiple) or any(map(_is_other, metadata)),
    )


def _limit(place: Place, operator: Comparator, limit: Any) -> tuple[Comparator, Decimal | str] | None:
    """A limit of what is stored; `None` where that does not sort as the values do."""
    kinds = kinds_of(place)
    if isinstance(limit, (int, float, Decimal)) and kinds <= _NUMBERS:
        return operator, Decimal(str(limit))
    attribute = place.attribute
    if kinds not in ({date}, {datetime}) or type(limit) not in kinds or (attribute.storage.save is not None and not place.steps):
        return None
    try:
        wire = to_wire(limit) if place.steps else attribute.encode_alone(limit)
    except ItemInvalidError:
        wire = None
    if wire is None:
        return None
    if "N" not in wire or attribute.count is None:
        return operator, str(wire["S"])
    if from_count(int(wire["N"]), attribute.count, repr(place), shown=limit) != limit:
        # What is smaller than the unit is cut off, so that what is stored is never the limit itself.
        operator = ">" if operator[0] == ">" else "<="
    return operator, Decimal(wire["N"])


def _digits(rule: Any) -> tuple[list[tuple[Comparator, Decimal | str] | None], Decimal]:
    """The limits and the step of numbers with so many digits and decimal places."""
    digits, places = rule.__dict__.get("max_digits"), rule.decimal_places
    if digits is None:
        return [], Decimal(1).scaleb(-places)
    above = Decimal(1).scaleb(max(digits - places, 0))
    return [("<", above), (">", -above)], Decimal(1).scaleb(-min(places, digits))


def _is_other(rule: Any) -> bool:
    if isinstance(rule, (*_MEASURED, _Choices)) or type(rule).__name__ in _REFUSE_NOTHING:
        return False
    said: set[str] = set(getattr(rule, "__dict__", ()))
    if said & _GENERAL:
        # How many digits all in all, without a number of decimal places, is nothing that a limit could say.
        return not said <= _GENERAL or ("max_digits" in said and "decimal_places" not in said)
    return isinstance(rule, BaseMetadata) or hasattr(rule, "__get_pydantic_core_schema__")


def checks_its_parts(layout: Layout, place: Place) -> bool:
    """Whether there are validators of the whole of a place, so that a part of it may be valid by itself and not there."""
    if rules_of(layout, place).others:
        return True
    return any(_validates_whole(get_origin(member) or member) for member in alternatives(annotation_of(place)))


def _validates_whole(kind: Any) -> bool:
    declared: Any = getattr(kind, "__pydantic_decorators__", None)
    return bool(declared is not None and declared.model_validators) or (is_dataclass(kind) and hasattr(kind, "__post_init__"))


def annotation_of(place: Place) -> Any:
    """The annotation of a place with the constraints that the steps to it bring."""
    return place.annotation(constrained=bool(place.steps))


def _metadata(annotation: Any) -> Iterable[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *rules = get_args(annotation)
        yield from _metadata(inner)
        yield from _flat(rules)
    elif (meant := meaning(annotation)) is not annotation:
        yield from _metadata(meant)
    elif origin in {Union, UnionType}:
        yield from _of_members([member for member in get_args(annotation) if member is not type(None)])
    elif origin is Literal:
        yield _choices(choice for choice in get_args(annotation) if choice is not None)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield _UNKNOWN if issubclass(annotation, Flag) else _choices(annotation)


def _of_members(members: list[Any]) -> Iterable[Any]:
    if len(members) == 1:
        yield from _metadata(members[0])
        return
    free: set[Any] = {member for member in members if isinstance(member, type) and not issubclass(member, Enum)}
    if any(list(_metadata(member)) for member in members if not base_types(member) <= free):
        yield _UNKNOWN


def _choices(values: Iterable[Any]) -> BaseMetadata:
    try:
        return _Choices(tuple(map(to_wire, values)))
    except ItemInvalidError:
        return _UNKNOWN


def _flat(rules: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for rule in rules:
        if isinstance(rule, FieldInfo):
            flat += _flat(rule.metadata)
        elif isinstance(rule, GroupedMetadata):
            flat += _flat(rule)
        elif not isinstance(rule, Storage):
            flat.append(rule)
    return flat


def copies(place: Place, source: Place) -> bool:
    """Whether a place takes values of the kinds that another holds."""
    if _plain(place) == _plain(source):
        return True
    kinds, given = kinds_of(place), kinds_of(source)
    if not kinds:
        return True
    fractional = not kinds.isdisjoint({float, Decimal})
    return isinstance(_plain(place), type) and bool(given) and given <= (kinds | _NUMBERS if fractional else kinds)


def _plain(place: Place) -> Any:
    """The annotation without constraints and `None`."""
    annotation = annotation_of(place)
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        members = [member for member in arguments if member is not type(None)]
        if origin is not Annotated and not (origin in {Union, UnionType} and len(members) == 1):
            return annotation
        annotation = members[0]
