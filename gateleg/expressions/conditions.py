"""Condition and filter expressions: follows "Condition and filter expressions, operators, and functions" of the developer guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateleg.errors import ExpressionError
from gateleg.model.paths.conditions import (
    Between,
    Comparison,
    Condition,
    FunctionCall,
    Joined,
    Membership,
    Negated,
    Operand,
    Raw,
    as_condition,
)

if TYPE_CHECKING:
    from gateleg.expressions.placeholders import Placeholders
    from gateleg.model.values.wire import WireValue

MAX_CHOICES = 100
"""How many values `IN` takes."""
_LEAVES = (Comparison, Between, Membership, FunctionCall)


def condition_text(condition: Condition, placeholders: Placeholders) -> str:
    """A condition in DynamoDB's language, its names and values put into the placeholders.

    Raises:
        ExpressionError: What was given is not a condition, or `in_` has no choices, or more than 100.
    """
    condition = as_condition(condition)
    sides = [_side(side, placeholders) for side in condition.operands()] if isinstance(condition, _LEAVES) else []
    match condition:
        case Comparison():
            return f"{sides[0]} {condition.operator} {sides[1]}"
        case Between():
            return f"{sides[0]} BETWEEN {sides[1]} AND {sides[2]}"
        case Membership():
            _check_choices(condition)
            return f"{sides[0]} IN ({', '.join(sides[1:])})"
        case FunctionCall():
            return f"{condition.function}({', '.join(sides)})"
        case _:
            return f"({_compound(condition, placeholders)})"


def _compound(condition: Condition, placeholders: Placeholders) -> str:
    match condition:
        case Joined():
            return f" {condition.word} ".join(condition_text(part, placeholders) for part in condition.parts)
        case Negated():
            return f"NOT {condition_text(condition.part, placeholders)}"
        case Raw():
            return filled(condition, placeholders)
        case _:
            raise ExpressionError(f"{condition!r} is not a condition; compare a path, as in Message.likes > 3", value=condition)


def filled(raw: Raw, placeholders: Placeholders) -> str:
    """A text in DynamoDB's own words, its gaps filled."""
    sides = [_side(gap, placeholders) for gap in raw.gaps]
    return "".join(part for pair in zip(raw.texts, [*sides, ""], strict=True) for part in pair)


def _check_choices(condition: Membership) -> None:
    if not 1 <= len(condition.choices) <= MAX_CHOICES:
        message = f"in_() takes 1 to {MAX_CHOICES} choices; {len(condition.choices)} were given"
        raise ExpressionError(message, path=repr(condition.subject.path), value=len(condition.choices))


def _side(side: object, placeholders: Placeholders) -> str:
    if isinstance(side, Operand):
        path = placeholders.path(side.path)
        return f"size({path})" if side.size else path
    return placeholders.value(cast("WireValue", side))
