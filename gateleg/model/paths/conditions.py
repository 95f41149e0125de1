"""Conditions as plain data: what a write demands or a read keeps. `gateleg.expressions` gives them their wire form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeAlias, TypeVar, cast

from gateleg.errors import ExpressionError
from gateleg.model.paths.place import E_contra, Holds
from gateleg.model.values.annotations import class_of
from gateleg.model.values.hidden import SecretWire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.model.paths.place import Nobody, Place
    from gateleg.model.values.wire import WireValue

    F = TypeVar("F")
    ConditionOf: TypeAlias = "Condition[F] | Condition[Nobody]"
    """What is taken for a condition on items of `F`."""

Comparator = Literal["=", "<>", "<", "<=", ">", ">="]
"""DynamoDB's comparison operators."""


class Condition(Generic[E_contra]):
    """A condition on one item. Join with `&` and `|`, negate with `~`; Python's `and`, `or`, `not` are refused.

    To type checkers `Condition[Message]` is one on items of `Message` and its subclasses, `Condition` alone one on any.
    """

    def __and__(self, other: Condition[E_contra]) -> Condition[E_contra]:
        return Joined("AND", (self, as_condition(other)))

    def __or__(self, other: Condition[E_contra]) -> Condition[E_contra]:
        return Joined("OR", (self, as_condition(other)))

    if TYPE_CHECKING:
        # Where the other side is of a subclass of what this one is of.
        def __rand__(self, other: Condition[E_contra]) -> Condition[E_contra]: ...

        def __ror__(self, other: Condition[E_contra]) -> Condition[E_contra]: ...

    def __invert__(self) -> Condition[E_contra]:
        return Negated(self)

    def __bool__(self) -> NoReturn:
        raise ExpressionError(
            "a condition has no truth value before DynamoDB sees it; join with `&`, `|` and `~`, each side in parentheses"
        )

    def paths(self) -> Iterator[Place]:
        """Every path that the condition names."""
        for operand in self.operands():
            if isinstance(operand, Operand):
                yield operand.path

    def operands(self) -> tuple[object, ...]:
        """What is compared: `Operand`s and wire values."""
        raise ExpressionError(f"{type(self).__name__} is not a condition by itself")


def as_condition(given: Any) -> Condition:
    """What was given for a condition, which is one.

    Raises:
        ExpressionError: It is something else: a path alone, say, or a bool that Python made of a comparison.
    """
    if not issubclass(class_of(given), Condition):
        raise ExpressionError(f"{given!r} is not a condition; compare a path, as in Message.likes > 3", value=given)
    condition: Condition = given
    return condition


@dataclass(frozen=True, eq=False)
class Operand:
    """A path as one side of a comparison.

    Attributes:
        path: The path.
        size: Whether its size is meant instead of its value.
    """

    path: Place
    size: bool = False


@dataclass(frozen=True, eq=False)
class Comparison(Condition):
    """`left operator right`; the right side is an `Operand` or a wire value."""

    operator: Comparator
    left: Operand
    right: object

    def operands(self) -> tuple[object, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, eq=False)
class Between(Condition):
    """`subject BETWEEN low AND high`, both ends included."""

    subject: Operand
    low: object
    high: object

    def operands(self) -> tuple[object, ...]:
        """The subject and both ends."""
        return (self.subject, self.low, self.high)


@dataclass(frozen=True, eq=False)
class Membership(Condition):
    """`subject IN (choices)`."""

    subject: Operand
    choices: tuple[object, ...]

    def operands(self) -> tuple[object, ...]:
        """The subject and the choices."""
        return (self.subject, *self.choices)


@dataclass(frozen=True, eq=False)
class FunctionCall(Condition):
    """`function(subject)` or `function(subject, argument)`: begins_with, contains, attribute_exists, attribute_type."""

    function: str
    subject: Operand
    arguments: tuple[object, ...] = ()

    def operands(self) -> tuple[object, ...]:
        """The subject and the arguments."""
        return (self.subject, *self.arguments)


@dataclass(frozen=True, eq=False)
class Raw(Condition, Holds[Any, Any]):
    """A text with paths and values in its gaps; made by `raw`. A condition, or what `Path.set` takes for the value.

    Attributes:
        texts: The texts before, between and after the gaps.
        gaps: What stands in the gaps: `Operand`s and wire values.
    """

    texts: tuple[str, ...]
    gaps: tuple[object, ...]

    def operands(self) -> tuple[object, ...]:
        """What stands in the gaps."""
        return self.gaps

    def masked(self) -> Raw:
        """The same, whose values do not show themselves."""
        return Raw(self.texts, tuple(gap if isinstance(gap, Operand) else SecretWire(cast("WireValue", gap)) for gap in self.gaps))


@dataclass(frozen=True, eq=False)
class Joined(Condition):
    """Conditions joined by AND or OR."""

    word: Literal["AND", "OR"]
    parts: tuple[Condition, ...]

    def paths(self) -> Iterator[Place]:
        """Every path that the parts name."""
        for part in self.parts:
            yield from part.paths()


@dataclass(frozen=True, eq=False)
class Negated(Condition):
    """The opposite of a condition."""

    part: Condition

    def paths(self) -> Iterator[Place]:
        """Every path that the part names."""
        yield from self.part.paths()
