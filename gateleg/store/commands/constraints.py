"""The constraints of a place in an item, as its annotation and its attribute declare them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic.fields import FieldInfo

from gateleg.model.paths.operands import kinds_of
from gateleg.model.values.annotations import validators_of
from gateleg.model.values.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Comparator
    from gateleg.model.paths.place import Place

_NUMBERS = frozenset({int, float, Decimal})
_LIMITS: tuple[tuple[type, str, Comparator], ...] = ((Ge, "ge", ">="), (Gt, "gt", ">"), (Le, "le", "<="), (Lt, "lt", "<"))
HOLDS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": Decimal.__ge__,
    ">": Decimal.__gt__,
    "<=": Decimal.__le__,
    "<": Decimal.__lt__,
}


@dataclass(frozen=True)
class Rules:
    """The constraints of a place.

    Attributes:
        limits: What its numbers are compared with.
        multiple: What its numbers are multiples of.
        shortest: How many elements it has at least.
        longest: How many elements it has at most.
        others: Whether there are constraints of another sort.
    """

    limits: tuple[tuple[Comparator, Decimal], ...] = ()
    multiple: Decimal | None = None
    shortest: int = 0
    longest: int | None = None
    others: bool = False

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self != Rules()

    def take(self, value: Decimal) -> bool:
        """Whether a number is within the limits."""
        return all(HOLDS[operator](value, limit) for operator, limit in self.limits)


def rules_of(layout: Layout, place: Place) -> Rules:
    """The constraints of a place, those of its annotation and, for a whole attribute, of its declaration and its field validators."""
    metadata = list(_metadata(annotation_of(place)))
    others = False
    if not place.steps:
        metadata += _flat(layout.entity.model_fields[place.attribute.name].metadata)
        others = bool(validators_of(layout.entity, place.attribute.name))
    rules = Rules(
        tuple(
            (operator, Decimal(str(getattr(rule, name)))) for rule in metadata for kind, name, operator in _LIMITS if isinstance(rule, kind)
        ),
        next((Decimal(str(rule.multiple_of)) for rule in metadata if isinstance(rule, MultipleOf)), None),
        max((rule.min_length for rule in metadata if isinstance(rule, MinLen)), default=0),
        min((rule.max_length for rule in metadata if isinstance(rule, MaxLen)), default=None),
        others or any(not isinstance(rule, (Ge, Gt, Le, Lt, MultipleOf, MinLen, MaxLen)) for rule in metadata),
    )
    is_numeric = kinds_of(place) <= _NUMBERS
    return rules if is_numeric or not rules.limits else Rules(others=True)


def annotation_of(place: Place) -> Any:
    """The annotation of a place with the constraints that the steps to it bring."""
    return place.annotation(constrained=bool(place.steps))


def _metadata(annotation: Any) -> Iterable[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *rules = get_args(annotation)
        yield from _metadata(inner)
        yield from _flat(rules)
    elif origin in {Union, UnionType}:
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            yield from _metadata(members[0])


def _flat(rules: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for rule in rules:
        if isinstance(rule, FieldInfo):
            flat += _flat(rule.metadata)
        elif isinstance(rule, GroupedMetadata):
            flat += _flat(rule)
        elif not isinstance(rule, Storage) and type(rule).__name__ not in {"Strict", "PathType"}:
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
