"""A demand on the stored item, and what such demands are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.model.paths.conditions import Comparison, Condition, FunctionCall, Operand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateleg.model.paths.conditions import Comparator
    from gateleg.model.paths.place import Place
    from gateleg.model.values.wire import WireValue


@dataclass(frozen=True)
class Guard:
    """What the stored item must fulfil for an update to leave a valid value.

    Attributes:
        place: The place whose constraint it keeps.
        condition: What is demanded.
        kept: Whether an item fulfils it.
        whole: Whether it demands that the place is there, as something with parts.
        coarse: Whether it demands more than the constraint does, as the exact condition would be too long.
    """

    place: Place
    condition: Condition
    kept: Callable[[Mapping[str, WireValue]], bool]
    whole: bool = False
    coarse: bool = False


def all_of(conditions: Sequence[Condition]) -> Condition:
    """All of the conditions."""
    first, *rest = conditions
    for condition in rest:
        first &= condition
    return first


def call(function: str, place: Place, *arguments: WireValue) -> Condition:
    """A function of a place."""
    return FunctionCall(function, Operand(place), arguments)


def size(place: Place, operator: Comparator, length: int) -> Condition:
    """A comparison of the size of a place."""
    return Comparison(operator, Operand(place, size=True), {"N": str(length)})


def stored_at(item: Mapping[str, WireValue], place: Place) -> WireValue:
    """The wire value at a place; empty where there is none."""
    wire: WireValue = dict(item.get(place.attribute.stored, {}))
    for step in place.steps:
        elements: list[Any] = wire.get("L", [])
        parts: dict[Any, Any] = wire.get("M", {}) if isinstance(step, str) else dict(enumerate(elements))
        wire = parts.get(step, {})
    return wire


def length_of(wire: WireValue) -> int:
    """How many elements a wire value has."""
    content: Any = next(iter(wire.values()), ())
    return len(content)
