"""The size of a stored value, as one side of a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from gateleg.errors import ExpressionError
from gateleg.model.paths.conditions import Between, Comparison, Condition, Operand
from gateleg.model.paths.operands import check_range, check_size
from gateleg.model.paths.place import E_contra, Holds

if TYPE_CHECKING:
    from gateleg.model.paths.conditions import Comparator


class Size(Holds[int, E_contra]):
    """The size of a stored value, to compare with a number: `Message.body.size() < 100`."""

    def __init__(self, operand: Operand) -> None:
        self.operand = operand

    def __bool__(self) -> NoReturn:
        raise ExpressionError(f"the size of {self.operand.path!r} has no truth value before DynamoDB sees it; compare it with a number")

    def __hash__(self) -> int:
        return hash(self.operand)

    def __eq__(self, other: int) -> Condition[E_contra]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compare("=", other)

    def __ne__(self, other: int) -> Condition[E_contra]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compare("<>", other)

    def __lt__(self, other: int) -> Condition[E_contra]:
        return self._compare("<", other)

    def __le__(self, other: int) -> Condition[E_contra]:
        return self._compare("<=", other)

    def __gt__(self, other: int) -> Condition[E_contra]:
        return self._compare(">", other)

    def __ge__(self, other: int) -> Condition[E_contra]:
        return self._compare(">=", other)

    def between(self, low: int, high: int) -> Condition[E_contra]:
        """The size is at least `low` and at most `high`."""
        ends = (check_size(self.operand.path, low), check_size(self.operand.path, high))
        check_range(self.operand.path, *ends, (low, high))
        return Between(self.operand, *ends)

    def _compare(self, operator: Comparator, other: int) -> Condition[E_contra]:
        return Comparison(operator, self.operand, check_size(self.operand.path, other))
