"""Updates as plain data: one clause each. `gateleg.expressions` joins them into an update expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateleg.model.paths.conditions import Raw
    from gateleg.model.paths.place import Place
    from gateleg.model.values.wire import WireValue


@dataclass(frozen=True, eq=False)
class Update:
    """One change to one path."""

    path: Place


@dataclass(frozen=True, eq=False)
class SetValue(Update):
    """The path gets a value.

    Attributes:
        value: The new value as Python has it after validation.
        wire: The same in wire form.
        only_if_absent: Whether a stored value is kept.
    """

    value: Any
    wire: WireValue
    only_if_absent: bool = False


@dataclass(frozen=True, eq=False)
class CopyPath(Update):
    """The path gets the value of another path of the same item.

    Attributes:
        source: The other path.
        only_if_absent: Whether a stored value is kept.
    """

    source: Place
    only_if_absent: bool = False


@dataclass(frozen=True, eq=False)
class SetRaw(Update):
    """The path gets the value of an expression in DynamoDB's own words."""

    raw: Raw


@dataclass(frozen=True, eq=False)
class Append(Update):
    """A list gets elements at its end, or at its start; an absent list counts as empty."""

    wire: WireValue
    at_start: bool = False


@dataclass(frozen=True, eq=False)
class Add(Update):
    """A number grows, or a set gains elements; an absent number counts as 0. Applying it twice adds twice."""

    wire: WireValue


@dataclass(frozen=True, eq=False)
class DeleteElements(Update):
    """A set loses elements."""

    wire: WireValue


@dataclass(frozen=True, eq=False)
class Remove(Update):
    """The path ceases to exist."""
