"""Typed paths into an item: `Message.likes`, `Message.address["city"]`, and the conditions and updates that they make."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar, cast, overload

from pydantic import ValidationError

from gateleg.errors import AttributeUnknownError, ExpressionError
from gateleg.model.attributes import attr_of
from gateleg.model.conditions import Between, Comparison, Condition, FunctionCall, Membership, Operand
from gateleg.model.problems import problems, reason
from gateleg.model.types import base_types, element, part
from gateleg.model.updates import Add, Append, CopyPath, DeleteElements, Remove, SetRaw, SetValue, Update
from gateleg.model.wire import number, to_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from gateleg.model.attribute import Attribute
    from gateleg.model.conditions import Comparator
    from gateleg.model.raw import Raw
    from gateleg.model.wire import WireValue

T = TypeVar("T")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)

_TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


class Holds(Protocol[T_co]):
    """A path whose values are `T`: how methods say for which paths they are."""

    def value_type(self) -> T_co:
        """The type of the values."""
        ...


class Path(Generic[T]):
    """A path to a value of an item; comparing makes a `Condition`, the update methods make an `Update`.

    Args:
        attribute: The attribute that it begins at.
        steps: The names and list indexes that lead on from there.
    """

    def __init__(self, attribute: Attribute, steps: tuple[str | int, ...] = ()) -> None:
        self.attribute = attribute
        self.steps = steps

    if TYPE_CHECKING:

        def value_type(self) -> T:
            """Only for type checkers: the type of the values."""
            ...

    def __repr__(self) -> str:
        return f"{self.attribute!r}{''.join(f'[{step!r}]' for step in self.steps)}"

    def __hash__(self) -> int:
        return hash((id(self.attribute), self.steps))

    # Comparisons -----------------------------------------------------------------------------------------------------------------

    def __eq__(self, other: T | Holds[T]) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._is_none() if other is None else self._compare("=", other)

    def __ne__(self, other: T | Holds[T]) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return ~self._is_none() if other is None else self._compare("<>", other)

    def __lt__(self, other: T | Holds[T]) -> Condition:
        return self._compare("<", other)

    def __le__(self, other: T | Holds[T]) -> Condition:
        return self._compare("<=", other)

    def __gt__(self, other: T | Holds[T]) -> Condition:
        return self._compare(">", other)

    def __ge__(self, other: T | Holds[T]) -> Condition:
        return self._compare(">=", other)

    def between(self, low: T, high: T) -> Condition:
        """The value is at least `low` and at most `high`."""
        return Between(Operand(self), self._operand(low), self._operand(high))

    def in_(self, choices: Iterable[T]) -> Condition:
        """The value is one of up to 100 choices."""
        return Membership(Operand(self), tuple(self._operand(choice) for choice in choices))

    def exists(self) -> Condition:
        """The item has the path. `None` is stored only where absence would mean another default; `== None` asks for it either way."""
        return FunctionCall("attribute_exists", Operand(self))

    def not_exists(self) -> Condition:
        """The item lacks the path."""
        return FunctionCall("attribute_not_exists", Operand(self))

    def attribute_type(self, kind: str) -> Condition:
        """The stored value has this type: S, N, B, SS, NS, BS, M, L, NULL or BOOL."""
        if kind not in _TYPES:
            raise ExpressionError(f"{kind!r} is no stored type; write one of {', '.join(sorted(_TYPES))}", path=repr(self), value=kind)
        return FunctionCall("attribute_type", Operand(self), ({"S": kind},))

    def begins_with(self: Holds[str | bytes | None], prefix: str | bytes) -> Condition:
        """The text, or bytes, begin with the prefix."""
        path = cast("Path[Any]", self)
        return FunctionCall("begins_with", Operand(path), (path._saved_part(prefix),))  # noqa: SLF001 (the protocol only narrows self)

    @overload
    def contains(self: Holds[str | None], value: str) -> Condition: ...
    @overload
    def contains(self: Holds[list[V] | AbstractSet[V] | None], value: V) -> Condition: ...
    def contains(self: Holds[Any], value: Any) -> Condition:
        """The text contains this part; the list or set contains this element."""
        path = cast("Path[Any]", self)
        return FunctionCall("contains", Operand(path), (path._saved_part(value),))  # noqa: SLF001 (the protocol only narrows self)

    def size(self) -> Size:
        """The length of text, bytes, a list, a map or a set, to compare with."""
        return Size(Operand(self, size=True))

    # Updates ---------------------------------------------------------------------------------------------------------------------

    def set(self, value: T | Holds[T], *, if_not_exists: bool = False) -> Update:
        """Give the path a value, or the value of another path of the same item; `None` removes it.

        Args:
            value: The value, valid by the attribute's constraints; a path of the same item; or `raw(...)`.
            if_not_exists: Keep a value that is stored already.
        """
        if isinstance(value, Path):
            return CopyPath(self, any_path(value))
        if isinstance(value, Condition):
            return SetRaw(self, _raw(value, repr(self)))
        checked = self._checked(value)
        wire = self._encoded(checked)
        return Remove(self) if wire is None else SetValue(self, checked, wire, if_not_exists)

    def remove(self: Holds[Any]) -> Update:
        """Delete the attribute, map entry or list element."""
        return Remove(cast("Path[Any]", self))

    @overload
    def add(self: Holds[int | None], value: int) -> Update: ...
    @overload
    def add(self: _Fractional, value: float | Decimal) -> Update: ...
    @overload
    def add(self: Holds[AbstractSet[V] | None], value: AbstractSet[V]) -> Update: ...
    def add(self: Holds[Any], value: Any) -> Update:
        """Add to a number, or elements to a set. Sent twice it adds twice: after `OutcomeUnknownError`, read before you repeat it."""
        path = cast("Path[Any]", self)
        if isinstance(value, (set, frozenset)):
            return Add(path, path._elements(cast("AbstractSet[Any]", value)))  # noqa: SLF001 (the protocol only narrows self)
        path._check_number(value)  # noqa: SLF001 (the protocol only narrows self)
        return Add(path, {"N": number(value)})

    def delete(self: Holds[AbstractSet[V] | None], elements: AbstractSet[V]) -> Update:
        """Take elements out of a set."""
        path = cast("Path[Any]", self)
        return DeleteElements(path, path._elements(elements))  # noqa: SLF001 (the protocol only narrows self)

    def append(self: Holds[list[V] | None], values: Iterable[V], *, at_start: bool = False) -> Update:
        """Put elements at the end of a list, or at its start; an absent list counts as empty."""
        path = cast("Path[Any]", self)
        wire = to_wire([path._part_checked(value) for value in values])  # noqa: SLF001 (the protocol only narrows self)
        return Append(path, wire, at_start)

    # Steps -----------------------------------------------------------------------------------------------------------------------

    @overload
    def __getitem__(self: Holds[list[V] | None], step: int) -> Path[V]: ...
    @overload
    def __getitem__(self: Holds[Mapping[str, V] | None], step: str) -> Path[V]: ...
    @overload
    def __getitem__(self, step: str) -> Path[Any]: ...
    def __getitem__(self: Holds[Any], step: str | int) -> Path[Any]:
        path = cast("Path[Any]", self)
        nested: Path[Any] = Path(path.attribute, (*path.steps, step))
        try:
            nested.annotation()
        except KeyError as error:
            raise AttributeUnknownError(f"{path!r} has no {step!r}", path=repr(path), value=step) from error
        return nested

    def annotation(self) -> Any:
        """The annotation of the values at this path; `Any` where it is not known."""
        found = self.attribute.annotation
        for step in self.steps:
            found = part(found, step)
        return found

    # Values ----------------------------------------------------------------------------------------------------------------------

    def _is_none(self) -> Condition:
        if self.steps or self.attribute.keeps_null:
            stored_null = self.attribute_type("NULL")
            return stored_null | self.not_exists() if self.steps else stored_null
        return self.not_exists()

    def _compare(self, operator: Comparator, other: object) -> Condition:
        if isinstance(other, Size):
            return Comparison(operator, Operand(self), other.operand)
        if not isinstance(other, Path):
            return Comparison(operator, Operand(self), self._operand(other))
        return Comparison(operator, Operand(self), Operand(any_path(other)))

    def _operand(self, value: Any) -> WireValue:
        if not self.steps:
            return self.attribute.operand(value)
        return to_wire(self._typed(self.annotation(), value))

    def _checked(self, value: Any) -> Any:
        return self._typed(self.annotation(), value) if self.steps else self.attribute.check_fully(value)

    def _encoded(self, value: Any) -> WireValue | None:
        if not self.steps:
            return self.attribute.encode(value)
        return None if value is None else to_wire(value)

    def _check_number(self, value: Any) -> None:
        kinds = base_types(self.annotation()) or {int, float, Decimal}
        allowed = (int,) if kinds == {int} else (int, float, Decimal)
        if isinstance(value, bool) or not isinstance(value, allowed) or not kinds <= {int, float, Decimal}:
            message = f"{self!r} holds {', '.join(sorted(kind.__name__ for kind in kinds))}; {value!r} cannot be added to it"
            raise ExpressionError(message, path=repr(self), value=value)

    def _saved_part(self, value: Any) -> WireValue:
        save = self.attribute.storage.save
        if isinstance(value, (str, bytes)):
            return to_wire(save(value) if save is not None and not self.steps else value)
        return to_wire(self._part_checked(value))

    def _part_checked(self, value: Any) -> Any:
        return self._typed(element(self.annotation()), value)

    def _elements(self, values: AbstractSet[Any]) -> WireValue:
        if not values:
            raise ExpressionError(f"an empty set was given for {self!r}; DynamoDB has none", path=repr(self), value=values)
        return to_wire({self._part_checked(value) for value in values})

    def _typed(self, annotation: Any, value: Any) -> Any:
        from pydantic import TypeAdapter

        try:
            adapter: TypeAdapter[Any] = TypeAdapter(attr_of(annotation))
            return adapter.validate_python(value)
        except ValidationError as error:
            message = f"{self!r} cannot be {value!r}: {reason(problems(error)[0])}"
            raise ExpressionError(message, path=repr(self), value=value) from error


_Fractional: TypeAlias = Path[float] | Path[float | None] | Path[Decimal] | Path[Decimal | None]
"""Paths whose values may have a fraction; named one by one, as type checkers take an `int` for a `float`."""


def any_path(path: Any) -> Path[Any]:
    """The path, whatever its values are."""
    found: Path[Any] = path
    return found


def _raw(condition: Condition, label: str) -> Raw:
    from gateleg.model.raw import Raw

    if not isinstance(condition, Raw):
        raise ExpressionError(f"{label} cannot be set to a condition; give a value, a path or raw(...)", path=label, value=condition)
    return condition


class Size:
    """The size of a stored value, to compare with a number: `Message.body.size() < 100`."""

    def __init__(self, operand: Operand) -> None:
        self.operand = operand

    if TYPE_CHECKING:

        def value_type(self) -> int:
            """Only for type checkers: sizes are numbers."""
            ...

    def __hash__(self) -> int:
        return hash(self.operand)

    def __eq__(self, other: int) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compare("=", other)

    def __ne__(self, other: int) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compare("<>", other)

    def __lt__(self, other: int) -> Condition:
        return self._compare("<", other)

    def __le__(self, other: int) -> Condition:
        return self._compare("<=", other)

    def __gt__(self, other: int) -> Condition:
        return self._compare(">", other)

    def __ge__(self, other: int) -> Condition:
        return self._compare(">=", other)

    def between(self, low: int, high: int) -> Condition:
        """The size is at least `low` and at most `high`."""
        return Between(self.operand, to_wire(low), to_wire(high))

    def _compare(self, operator: Comparator, other: int) -> Condition:
        return Comparison(operator, self.operand, to_wire(other))
