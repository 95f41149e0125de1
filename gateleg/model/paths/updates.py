"""Updates as plain data: one clause each. `gateleg.expressions` joins them into an update expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from gateleg.model.paths.place import E_contra

if TYPE_CHECKING:
    from gateleg.model.paths.conditions import Raw
    from gateleg.model.paths.place import Nobody, Place
    from gateleg.model.values.wire import WireValue

    F = TypeVar("F")
    UpdateOf: TypeAlias = "Update[F] | Update[Nobody]"
    """What is taken for an update of items of `F`."""

    AtLeastOne: TypeAlias = "tuple[UpdateOf[F], *tuple[UpdateOf[F], ...]]"
    """As many as are given, and one at least."""


@dataclass(frozen=True, eq=False)
class Update(Generic[E_contra]):
    """One change to one path; to type checkers, `Update[Message]` is one of items of `Message` and its subclasses."""

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
