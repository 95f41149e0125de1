"""Ranges of a sort key: what `since`, `until`, … of an attribute mean for the key's text or value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError
from gateleg.model.keys.escapes import LAST
from gateleg.model.paths.operands import ROUNDINGS
from gateleg.model.queries.query import SortCondition
from gateleg.model.values.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.keys.schema import KeyPart
    from gateleg.model.keys.template import BoundTemplate
    from gateleg.model.queries.access import RangeOperator

_FIRST_SURROGATE = 0xD800
_LAST_SURROGATE = 0xDFFF


def plain_range(label: str, part: KeyPart, fixed: Any, bounds: Mapping[RangeOperator, Any]) -> SortCondition | None:
    """What to ask of a sort key that is an attribute by itself.

    Raises:
        ItemInvalidError: A bound of the wrong type, or a range that holds nothing.
    """
    if fixed is not None:
        return SortCondition("=", (part.plain.operand(fixed),))
    checked = {operator: part.plain.check(value) for operator, value in bounds.items()}
    if {">=", "<="} <= set(checked) and checked[">="] > checked["<="]:
        raise _empty(label, part.plain.given(checked[">="]), part.plain.given(checked["<="]))
    asked = {operator: part.plain.operand(value, ROUNDINGS.get(operator, "whole")) for operator, value in checked.items()}
    if part.plain.count is not None and len(asked) > 1 and int(asked[">="]["N"]) > int(asked["<="]["N"]):
        raise _empty(label, part.plain.given(checked[">="]), part.plain.given(checked["<="]))
    if empty := [operator for operator, wire in asked.items() if next(iter(wire.values())) in {"", b""}]:
        # No key is empty, and DynamoDB refuses to be asked for one: all are greater, and begin so; none is less.
        if not {"<", "<="}.isdisjoint(empty):
            raise _empty(label, *map(part.plain.given, checked.values()))
        asked = {operator: wire for operator, wire in asked.items() if operator not in empty}
    if len(asked) > 1:
        return SortCondition("between", (asked[">="], asked["<="]))
    return next((SortCondition(operator, (wire,)) for operator, wire in asked.items()), None)


def template_range(
    label: str, template: BoundTemplate, known: Mapping[str, Any], bounds: Mapping[RangeOperator, Any]
) -> SortCondition | None:
    """What to ask of a sort key that a template makes: a range never leaves the text that the known attributes give.

    Raises:
        ItemInvalidError: A bound of the wrong type, or a range that holds nothing.
    """
    count = template.leading(known)
    if count == len(template.placeholders):
        return SortCondition("=", (to_wire(template.render(known)),))
    base = template.prefix(known, count) + template.following(count)
    ranged = template.placeholders[count]
    ends: dict[RangeOperator, str] = {
        operator: base + ranged.text(ranged.attribute.check(value), ROUNDINGS.get(operator, "whole")) for operator, value in bounds.items()
    }
    if not ends or "begins_with" in ends:
        beginning = ends.get("begins_with", base)
        return SortCondition("begins_with", (to_wire(beginning),)) if beginning else None
    low, high = _low(ends, base, template.following(count + 1)), _high(ends, base, template.following(count + 1))
    if low > high or not high:
        raise _empty(label, *map(ranged.attribute.given, bounds.values()))
    return SortCondition("between", (to_wire(low), to_wire(high))) if low else SortCondition("<=", (to_wire(high),))


def _low(ends: Mapping[RangeOperator, str], base: str, rest: str) -> str:
    if ">=" in ends:
        return ends[">="]
    if ">" in ends:
        return ends[">"] + rest + LAST if rest else ends[">"] + "\0"
    return base


def _high(ends: Mapping[RangeOperator, str], base: str, rest: str) -> str:
    if "<=" in ends:
        return ends["<="] + rest + LAST if rest else ends["<="]
    if "<" in ends:
        return ends["<"] if rest else _just_before(ends["<"])
    return base + LAST


def _just_before(text: str) -> str:
    """At or after all keys that sort before this text, and before it; empty where there are none."""
    code = ord(text[-1]) - 1 if text else -1
    if code < 0:
        return text[:-1]
    if _FIRST_SURROGATE <= code <= _LAST_SURROGATE:
        code = _FIRST_SURROGATE - 1
    return text[:-1] + chr(code) + LAST


def _empty(label: str, *values: Any) -> ItemInvalidError:
    shown = " and ".join(repr(value) for value in values)
    return ItemInvalidError(f"{label} was given a range that holds nothing: {shown}", path=label, value=values)
