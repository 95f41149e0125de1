"""Ranges of a sort key: what `since`, `until`, … of an attribute mean for the key's text or value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError
from gateleg.model.queries.query import SortCondition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.keys.schema import KeyPart
    from gateleg.model.keys.template import Template
    from gateleg.model.queries.access import RangeOperator
    from gateleg.model.values.wire import WireValue

_LAST = "\U0010ffff"
"""The code point after all others: text and this one is at or after all that begins with the text."""

_FIRST_SURROGATE = 0xD800
_LAST_SURROGATE = 0xDFFF


def plain_range(label: str, part: KeyPart, fixed: Any, bounds: Mapping[RangeOperator, Any]) -> SortCondition | None:
    """What to ask of a sort key that is an attribute by itself.

    Raises:
        ItemInvalidError: A bound of the wrong type, or a range that holds nothing.
    """
    if fixed is not None:
        return SortCondition("=", (part.plain.operand(fixed),))
    if {">=", "<="} <= set(bounds):
        low, high = part.plain.check(bounds[">="]), part.plain.check(bounds["<="])
        if low > high:
            raise _empty(label, low, high)
        return SortCondition("between", (part.plain.operand(low), part.plain.operand(high)))
    for operator, value in bounds.items():
        return SortCondition(operator, (part.plain.operand(value),))
    return None


def template_range(
    label: str, part: KeyPart, template: Template, fixed: Mapping[str, Any], bounds: Mapping[RangeOperator, Any]
) -> SortCondition | None:
    """What to ask of a sort key that a template makes: a range never leaves the text that the fixed attributes give.

    Raises:
        ItemInvalidError: A bound of the wrong type, or a range that holds nothing.
    """
    count = len(fixed)
    if count == len(part.names):
        return SortCondition("=", (_text(template.render(fixed, part.attributes)),))
    base = template.prefix(fixed, part.attributes, count) + template.following(count)
    if not bounds:
        return SortCondition("begins_with", (_text(base),)) if base else None
    field = template.fields[count]
    attribute = part.attributes[field.name]
    ends: dict[RangeOperator, str] = {
        operator: base + template.value_text(field, attribute.check(value), attribute) for operator, value in bounds.items()
    }
    if "begins_with" in ends:
        return SortCondition("begins_with", (_text(ends["begins_with"]),))
    low, high = _low(ends, base, template.following(count + 1)), _high(ends, base, template.following(count + 1))
    if low > high:
        raise _empty(label, *bounds.values())
    return SortCondition("between", (_text(low), _text(high))) if low else SortCondition("<=", (_text(high),))


def _low(ends: Mapping[RangeOperator, str], base: str, rest: str) -> str:
    if ">=" in ends:
        return ends[">="]
    if ">" in ends:
        return ends[">"] + rest + _LAST if rest else ends[">"] + "\0"
    return base


def _high(ends: Mapping[RangeOperator, str], base: str, rest: str) -> str:
    if "<=" in ends:
        return ends["<="] + rest + _LAST if rest else ends["<="]
    if "<" in ends:
        return ends["<"] if rest else _just_before(ends["<"])
    return base + _LAST


def _just_before(text: str) -> str:
    """The last of all texts that sort before this one, which is not empty."""
    code = ord(text[-1]) - 1
    if code < 0:
        return text[:-1]
    if _FIRST_SURROGATE <= code <= _LAST_SURROGATE:
        code = _FIRST_SURROGATE - 1
    return text[:-1] + chr(code) + _LAST


def _text(text: str) -> WireValue:
    return {"S": text}


def _empty(label: str, *values: Any) -> ItemInvalidError:
    shown = " and ".join(repr(value) for value in values)
    return ItemInvalidError(f"{label} was given a range that holds nothing: {shown}", path=label, value=values)
