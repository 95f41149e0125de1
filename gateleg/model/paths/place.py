"""Where a value stands in an item: the attribute that it begins at, and the steps that lead on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol

from typing_extensions import TypeVar

from gateleg.model.values.hidden import HIDDEN, Names
from gateleg.model.values.parts import part

if TYPE_CHECKING:
    from gateleg.model.values.moments import Rounding, StoredAs
    from gateleg.model.values.storage import Storage
    from gateleg.model.values.wire import WireValue

T_co = TypeVar("T_co", covariant=True)
E_contra = TypeVar("E_contra", contravariant=True, default=Any)
"""The entity whose items have the place: what is of a base is of its subclasses, too. `Path[str]` and `Condition` alone are of any."""


class Holds(Generic[T_co, E_contra]):
    """What stands for values of `T` in items of `E`: how methods say for which paths they are, and what they take beside values."""


class Nobody:
    """The owner of nothing, only for type checkers: `Condition[E] | Condition[Nobody]` takes no more than `Condition[E]`.

    But mypy then solves `E` by the key or entity alone, and does not read a path of a base as one of `E`, which it is not.
    """


class Root(Protocol):
    """What a path knows of the attribute that it begins at; `Attribute` says what each of these is."""

    name: str
    stored: str
    annotation: Any
    required: bool
    keeps_null: bool
    secret: bool
    hidden: bool
    storage: Storage
    count: StoredAs | None

    def check_fully(self, value: Any, /) -> Any:
        """The value, valid by type and constraints."""
        ...

    def saved(self, value: Any, /) -> Any:
        """What `save` makes of a value."""
        ...

    def encode_alone(self, value: Any, /) -> WireValue | None:
        """The wire form of a valid value, which comes back as it is."""
        ...

    def operand(self, value: Any, /, rounding: Rounding = "whole") -> WireValue:
        """The wire form of a value to compare with."""
        ...

    def masked(self, wire: WireValue, /) -> WireValue:
        """A wire form, which does not show itself where it is secret."""
        ...


class Place:
    """A place in an item. Conditions and updates hold places; a `Path` is one, and makes them.

    Args:
        attribute: The attribute that it begins at.
        steps: The names and list indexes that lead on from there.
    """

    def __init__(self, attribute: Root, steps: tuple[str | int, ...] = ()) -> None:
        self.attribute = attribute
        self.steps = steps

    def __repr__(self) -> str:
        # The keys of maps are hidden as their values are.
        shown = Names.of(self.attribute.annotation).shown(self.steps, HIDDEN) if self.attribute.hidden else self.steps
        return f"{self.attribute!r}{''.join(f'[{step!r}]' for step in shown)}"

    def given(self, value: Any) -> Any:
        """A value that was given for this place, as errors show it."""
        return HIDDEN if self.attribute.hidden else value

    def annotation(self, *, constrained: bool = False) -> Any:
        """The annotation of the values at this place; `Any` where it is not known.

        Args:
            constrained: Whether it brings the constraints and validators of the model whose field the steps lead to.
        """
        found = self.attribute.annotation
        for step in self.steps:
            found = part(found, step, constrained=constrained)
        return found
