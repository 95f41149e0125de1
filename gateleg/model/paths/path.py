"""Typed paths into an item: `Message.likes`, `Message.address["city"]`, and the conditions and updates that they make."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, TypeAlias, TypeVar, cast, overload

from pydantic import ValidationError

from gateleg.errors import AttributeUnknownError, ExpressionError, ItemInvalidError
from gateleg.model.paths.conditions import Between, Comparison, Condition, FunctionCall, Membership, Operand, Raw
from gateleg.model.paths.operands import (
    ROUNDINGS,
    check_kept,
    check_list,
    check_number,
    check_ordered,
    check_own_form,
    check_range,
    check_same_form,
    check_set,
    check_step,
    kinds_of,
    one_by_one,
    only_element,
)
from gateleg.model.paths.place import E_contra, Holds, Place
from gateleg.model.paths.size import Size
from gateleg.model.paths.updates import Add, Append, CopyPath, DeleteElements, Remove, SetRaw, SetValue, Update
from gateleg.model.values.hidden import HIDDEN, cause
from gateleg.model.values.parts import NoPartError, element, is_part_required, part
from gateleg.model.values.problems import problems, reason
from gateleg.model.values.strictness import strict
from gateleg.model.values.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateleg.model.paths.conditions import Comparator
    from gateleg.model.paths.place import Nobody
    from gateleg.model.values.moments import Rounding
    from gateleg.model.values.wire import WireValue

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
F = TypeVar("F")
V_co = TypeVar("V_co", covariant=True)

# What is known at run time alone is no type for checkers.
_List: Any = list
_Set: Any = set

_TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


if TYPE_CHECKING:

    class NotText(Protocol[V_co]):
        """Several values: a list, a tuple, a set, the keys of a dict; but no text, whose letters would be taken one by one."""

        def __iter__(self) -> Iterator[V_co]: ...

        def __contains__(self, value: object, /) -> bool: ...

    Several: TypeAlias = NotText[V] | Iterator[V]
    Given: TypeAlias = V | Holds[V, F] | Holds[V, Nobody]
    """A value, or a path of the same item to one."""

    PathOf: TypeAlias = "Path[Any, F] | Path[Any, Nobody]"
    """What is taken for a path of `F`."""


class Path(Place, Holds[T, E_contra], Generic[T, E_contra]):
    """A path to a value of an item; comparing makes a `Condition`, the update methods make an `Update`.

    To type checkers, `Path[str, Message]` leads to texts in items of `Message` and its subclasses, `Path[str]` in any.

    Args:
        attribute: The attribute that it begins at.
        steps: The names and list indexes that lead on from there.
    """

    if not TYPE_CHECKING:

        def __iter__(self) -> Any:
            # Without it, Python would step to [0], [1], [2], ... for ever.
            raise ExpressionError(f"{self!r} is one path and was used as several, or as a value; write [{self!r}]", path=repr(self))

        def __contains__(self, value: object) -> bool:
            raise ExpressionError(
                f"`in` asks nothing of DynamoDB; write {self!r}.contains({self.given(value)!r})", path=repr(self), value=self.given(value)
            )

        def __getattr__(self, name: str) -> Any:
            message = f"a path has no {name!r}"
            if "attribute" in vars(self) and not name.startswith("_"):
                message = f"{message}; to a part of {self!r} leads {self!r}[{name!r}], or {self!r}.at(lambda value: value.{name})"
            raise AttributeError(message, name=name, obj=self)

    def __bool__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} is a path, which has no truth value; compare it, or ask an entity for its value", path=repr(self))

    def __hash__(self) -> int:
        return hash((id(self.attribute), self.steps))

    # Comparisons -----------------------------------------------------------------------------------------------------------------

    @overload  # type: ignore[override]
    def __eq__(self, other: Given[T, E_contra]) -> Condition[E_contra]: ...
    @overload
    def __eq__(self: Holds[Decimal | None], other: int) -> Condition[E_contra]: ...
    def __eq__(self: Any, other: object) -> Condition[E_contra]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return any_path(self)._equals(other)

    @overload  # type: ignore[override]
    def __ne__(self, other: Given[T, E_contra]) -> Condition[E_contra]: ...
    @overload
    def __ne__(self: Holds[Decimal | None], other: int) -> Condition[E_contra]: ...
    def __ne__(self: Any, other: object) -> Condition[E_contra]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return any_path(self)._differs(other)

    @overload
    def __lt__(self, other: Given[T, E_contra]) -> Condition[E_contra]: ...
    @overload
    def __lt__(self: Holds[Decimal | None], other: int) -> Condition[E_contra]: ...
    def __lt__(self: Any, other: Any) -> Condition[E_contra]:
        return any_path(self)._compare("<", other)

    @overload
    def __le__(self, other: Given[T, E_contra]) -> Condition[E_contra]: ...
    @overload
    def __le__(self: Holds[Decimal | None], other: int) -> Condition[E_contra]: ...
    def __le__(self: Any, other: Any) -> Condition[E_contra]:
        return any_path(self)._compare("<=", other)

    @overload
    def __gt__(self, other: Given[T, E_contra]) -> Condition[E_contra]: ...
    @overload
    def __gt__(self: Holds[Decimal | None], other: int) -> Condition[E_contra]: ...
    def __gt__(self: Any, other: Any) -> Condition[E_contra]:
        return any_path(self)._compare(">", other)

    @overload
    def __ge__(self, other: Given[T, E_contra]) -> Condition[E_contra]: ...
    @overload
    def __ge__(self: Holds[Decimal | None], other: int) -> Condition[E_contra]: ...
    def __ge__(self: Any, other: Any) -> Condition[E_contra]:
        return any_path(self)._compare(">=", other)

    def between(self, low: T, high: T) -> Condition[E_contra]:
        """The value is at least `low` and at most `high`."""
        ends = (self._ordered("between", low, "up"), self._ordered("between", high, "down"))
        check_range(self, *ends, (low, high))
        return Between(Operand(self), *ends)

    def in_(self, choices: Several[T]) -> Condition[E_contra]:
        """The value is one of up to 100 choices; `None` among them is asked for as `== None` does."""
        given = one_by_one(self, "in_", choices)
        held = tuple(self._operand(choice) for choice in given if not self._means_none(choice))
        if len(held) == len(given):
            return Membership(Operand(self), held)
        return Membership(Operand(self), held) | self._is_none() if held else self._is_none()

    def exists(self) -> Condition[E_contra]:
        """The item has the path. `None` is stored only where absence would mean another default; `== None` asks for it either way."""
        return FunctionCall("attribute_exists", Operand(self))

    def not_exists(self) -> Condition[E_contra]:
        """The item lacks the path."""
        return FunctionCall("attribute_not_exists", Operand(self))

    def attribute_type(self, kind: str) -> Condition[E_contra]:
        """The stored value has this type: S, N, B, SS, NS, BS, M, L, NULL or BOOL."""
        if kind not in _TYPES:
            shown = self.given(kind)
            raise ExpressionError(f"{shown!r} is not a stored type; write one of {', '.join(sorted(_TYPES))}", path=repr(self), value=shown)
        return FunctionCall("attribute_type", Operand(self), ({"S": kind},))

    def begins_with(self: Holds[str | bytes | None], prefix: str | bytes) -> Condition[E_contra]:
        """The text, or bytes, begin with the prefix."""
        path = cast("Path[Any]", self)
        if not isinstance(prefix, (str, bytes)):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
            raise ExpressionError(
                f"{path!r} begins with text or bytes; {path.given(prefix)!r} was given", path=repr(path), value=path.given(prefix)
            )
        return FunctionCall("begins_with", Operand(path), (path._saved_part(prefix),))  # noqa: SLF001 (the protocol only narrows self)

    @overload
    def contains(self: Holds[str | None], value: str) -> Condition[E_contra]: ...
    @overload
    def contains(self: Holds[list[V] | AbstractSet[V] | None], value: V) -> Condition[E_contra]: ...
    def contains(self: Holds[Any], value: Any) -> Condition[E_contra]:
        """The text contains this part; the list or set contains this element."""
        path = cast("Path[Any]", self)
        return FunctionCall("contains", Operand(path), (path._saved_part(value),))  # noqa: SLF001 (the protocol only narrows self)

    def size(self) -> Size[E_contra]:
        """The length of text, bytes, a list, a map or a set, to compare with."""
        return Size(Operand(self, size=True))

    # Updates ---------------------------------------------------------------------------------------------------------------------

    def set(self, value: Given[T, E_contra], *, if_not_exists: bool = False) -> Update[E_contra]:
        """Give the path a value, or the value of another path of the same item; `None` removes it.

        Args:
            value: The value, valid by the attribute's constraints; a path of the same item; or `raw(...)`.
            if_not_exists: Keep a value that is stored already.
        """
        if isinstance(value, Path):
            check_same_form(self, any_path(value), whole=True)
            return CopyPath(self, any_path(value), if_not_exists)
        if isinstance(value, Condition):
            return SetRaw(self, _raw(value, self))
        checked = self._checked(value)
        wire = self._encoded(checked)
        if wire is not None:
            return SetValue(self, checked, wire, if_not_exists)
        if if_not_exists:
            shown = self.given(value)
            message = f"{shown!r} is stored as nothing in {self!r}, so that there is nothing to set where nothing exists; leave it out"
            raise ExpressionError(message, path=repr(self), value=shown)
        return Remove(self)

    def remove(self: Holds[Any]) -> Update[E_contra]:
        """Delete the attribute, map entry or list element."""
        path = cast("Path[Any]", self)
        path._check_removable()  # noqa: SLF001 (the protocol only narrows self)
        return Remove(path)

    @overload
    def add(self: Holds[int | None], value: int) -> Update[E_contra]: ...
    @overload
    def add(self: _Fractional, value: float | Decimal) -> Update[E_contra]: ...
    @overload
    def add(self: Holds[AbstractSet[V] | None], value: AbstractSet[V]) -> Update[E_contra]: ...
    def add(self: Holds[Any], value: Any) -> Update[E_contra]:
        """Add to a number, or elements to a set. Sent twice it adds twice: after `OutcomeUnknownError`, read before you repeat it."""
        path = cast("Path[Any]", self)
        if isinstance(value, (set, frozenset)):
            elements = path._elements(cast("AbstractSet[Any]", value))  # noqa: SLF001 (the protocol only narrows self)
            return Add(path, path._kept(_Set[element(path.annotation())], elements))  # noqa: SLF001 (as above)
        check_number(path, value)
        return Add(path, path._wired(value))  # noqa: SLF001 (as above)

    def delete(self: Holds[AbstractSet[V] | None], elements: AbstractSet[V]) -> Update[E_contra]:
        """Take elements out of a set."""
        path = cast("Path[Any]", self)
        return DeleteElements(path, path._wired(path._elements(elements)))  # noqa: SLF001 (the protocol only narrows self)

    def append(self: Holds[list[V] | None], values: Several[V], *, at_start: bool = False) -> Update[E_contra]:
        """Put elements at the end of a list, or at its start; an absent list counts as empty."""
        path = cast("Path[Any]", self)
        check_list(path)
        given = [path._part_checked(value) for value in one_by_one(path, "append", values)]  # noqa: SLF001 (the protocol only narrows self)
        return Append(path, path._kept(_List[element(path.annotation())], path._saved(given)), at_start)  # noqa: SLF001 (as above)

    # Steps -----------------------------------------------------------------------------------------------------------------------

    @overload
    def __getitem__(self: Holds[list[V] | tuple[V, ...] | None], step: int) -> Path[V, E_contra]: ...
    @overload
    def __getitem__(self: Holds[Mapping[K, V] | None], step: K) -> Path[V, E_contra]: ...
    @overload
    def __getitem__(self, step: str) -> Path[Any, E_contra]: ...
    def __getitem__(self: Holds[Any], step: Any) -> Path[Any, Any]:
        path = cast("Path[Any]", self)
        whole = path.annotation()
        name = check_step(path, whole, step)
        try:
            part(whole, name)
        except NoPartError as error:
            known = f"; it has {', '.join(dict.fromkeys(error.known))}" if error.known else ""
            message = f"{path!r} has no {path.given(step)!r}{known}"
            raise AttributeUnknownError(message, path=repr(path), value=path.given(step)) from cause(error, hidden=path.attribute.hidden)
        return Path(path.attribute, (*path.steps, name))

    def at(self: Holds[V | None], step: Callable[[V], F]) -> Path[F, E_contra]:
        """The part that a function leads to: `Message.address.at(lambda address: address.city)`.

        The same as `Message.address["city"]`, and type checkers know which parts there are, and of what types. Where a part on the way may
        be `None`, go on from there: `Message.sender.at(lambda sender: sender.address).at(lambda address: address.city)`.

        Args:
            step: A function that gives the value's attribute, or element, or one of these of that, and does nothing else.

        Raises:
            AttributeUnknownError: There is no such part.
            ExpressionError: The function does something else.
        """
        from gateleg.model.paths.walk import walked

        return walked(any_path(self), step)

    # Values ----------------------------------------------------------------------------------------------------------------------

    def _is_none(self) -> Condition:
        if self.steps or self.attribute.keeps_null:
            stored_null = self.attribute_type("NULL")
            return stored_null | self.not_exists() if self.steps else stored_null
        return self.not_exists()

    def _equals(self, other: object) -> Condition:
        return self._is_none() if self._means_none(other) else self._compare("=", other)

    def _differs(self, other: object) -> Condition:
        return ~self._is_none() if self._means_none(other) else self._compare("<>", other)

    def _compare(self, operator: Comparator, other: object) -> Condition:
        if isinstance(other, Size):
            return Comparison(operator, Operand(self), other.operand)
        if not isinstance(other, Path):
            wire = self._operand(other) if operator in {"=", "<>"} else self._ordered(operator, other, ROUNDINGS[operator])
            return Comparison(operator, Operand(self), wire)
        check_same_form(self, any_path(other), whole=False)
        return Comparison(operator, Operand(self), Operand(any_path(other)))

    def _operand(self, value: Any, rounding: Rounding = "whole") -> WireValue:
        check_own_form(self)
        if not self.steps:
            return self.attribute.operand(value, rounding)
        return self._wired(self._typed(self.annotation(), value))

    def _means_none(self, value: Any) -> bool:
        """Whether the value is `None`, or the empty set of an attribute that is then stored as nothing."""
        return value is None or (isinstance(value, (set, frozenset)) and not value and not self.steps)

    def _ordered(self, operator: str, value: Any, rounding: Rounding) -> WireValue:
        wire = self._operand(value, rounding)
        check_ordered(self, operator, value, wire)
        return wire

    def _checked(self, value: Any) -> Any:
        check_own_form(self)
        return self._typed(self.annotation(constrained=True), value) if self.steps else self.attribute.check_fully(value)

    def _encoded(self, value: Any) -> WireValue | None:
        return self._kept(self.annotation(constrained=True), value) if self.steps else self.attribute.encode_alone(value)

    def _kept(self, annotation: Any, value: Any) -> WireValue:
        """The stored form of a valid value of this annotation, which comes back as it is."""
        wire = self._wired(value)
        check_kept(self, annotation, value, wire)
        return wire

    def _check_removable(self) -> None:
        if not self.steps:
            return
        whole = Path[Any](self.attribute, self.steps[:-1])
        if is_part_required(whole.annotation(), self.steps[-1]):
            message = f"{self!r} is required, and {whole!r} would not be valid without it; give it a default, or set another value"
            raise ExpressionError(message, path=repr(self))

    def _saved(self, value: Any) -> Any:
        """A value of this path after `save`, which is only known to speak of whole attributes."""
        check_own_form(self)
        return value if self.steps else self.attribute.saved(value)

    def _saved_part(self, value: Any) -> WireValue:
        """A part of a text, or an element of a list or set, as it is stored there."""
        kinds = kinds_of(self)
        if self.steps or self.attribute.storage.save is None or not kinds.isdisjoint({str, bytes}):
            return self._wired(self._saved(value) if isinstance(value, (str, bytes)) else self._part_checked(value))
        checked = self._part_checked(value)
        whole = self._saved({checked} if any(issubclass(kind, AbstractSet) for kind in kinds) else [checked])
        return self._wired(only_element(self, whole))

    def _part_checked(self, value: Any) -> Any:
        return self._typed(element(self.annotation()), value)

    def _elements(self, values: AbstractSet[Any]) -> Any:
        check_set(self, values)
        return self._saved({self._part_checked(value) for value in values})

    def _typed(self, annotation: Any, value: Any) -> Any:
        from pydantic import TypeAdapter

        try:
            adapter: TypeAdapter[Any] = TypeAdapter(strict(annotation))
            return adapter.validate_python(value)
        except ValidationError as error:
            message = f"{self!r} cannot be {self.given(value)!r}: {reason(problems(error)[0])}"
            raise ExpressionError(message, path=repr(self), value=self.given(value)) from cause(error, hidden=self.attribute.hidden)

    def _wired(self, value: Any) -> WireValue:
        """The stored form of a value, or of a part of one."""
        try:
            wire = to_wire(value)
        except ItemInvalidError:
            if not self.attribute.hidden:
                raise
            raise ItemInvalidError(f"{self!r} cannot be {HIDDEN!r}, which has no stored form", path=repr(self), value=HIDDEN) from None
        return self.attribute.masked(wire)


_Fractional: TypeAlias = Path[float] | Path[float | None] | Path[Decimal] | Path[Decimal | None]
"""Paths whose values may have a fraction; named one by one, as type checkers take an `int` for a `float`."""


def any_path(path: Any) -> Path[Any]:
    """The path, whatever its values are."""
    found: Path[Any] = path
    return found


def _raw(condition: Any, path: Path[Any]) -> Raw:
    if not isinstance(condition, Raw):
        message = f"{path!r} cannot be set to a condition; give a value, a path or raw(...)"
        raise ExpressionError(message, path=repr(path), value=path.given(condition))
    return condition.masked() if path.attribute.secret else condition
