"""How large items and expressions are, as DynamoDB counts: follows "DynamoDB item sizes and formats" and "Constraints" of its guide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError, ItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateleg.model.values.wire import WireValue

MAX_ITEM_BYTES = 409_600
"""400 KB: the largest item."""

MAX_EXPRESSION_BYTES = 4096
"""4 KB: the longest expression."""

MAX_VARIABLES_BYTES = 2 * 1024 * 1024
"""2 MB: the names and values of a request, together."""

_MAX_OPERATORS = 300
_SURELY_FEW = 3 * _MAX_OPERATORS
"""No operator takes fewer characters than these with what stands between it and the next."""

_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|BETWEEN|IN)\b|[<>]=|<>|[<>=]|\w+\s*\(", re.IGNORECASE)
_BETWEEN = re.compile(r"\bBETWEEN\b", re.IGNORECASE)

_CONTAINER_BYTES = 3
_MOST_NUMBER_BYTES = 21
_MOST_CHARACTER_BYTES = 4
_LEVELS = 31
"""How many maps and lists hold one another at most; a value within makes 32 levels."""

_TOO_MUCH = float("inf")


def item_size(item: Mapping[str, WireValue]) -> int:
    """The size of an item in bytes: its names and its values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: WireValue) -> int:
    """The size of one value in bytes. Of a number, DynamoDB only says about how large it is; this is the least."""
    kind, content = next(iter(value.items()))
    return _scalar_size(kind, content) if kind in {"S", "N", "B", "BOOL", "NULL"} else _container_size(kind, content)


def check_item_size(item: Mapping[str, WireValue], label: str) -> None:
    """Check that DynamoDB takes an item.

    Raises:
        ItemInvalidError: It is larger than 400 KB, or nested too deep; the message names the attribute.
    """
    if surely_fits(item):
        return
    for name, value in item.items():
        check_depth(value, f"{name!r} of {label}")
    size = item_size(item)
    if size > MAX_ITEM_BYTES:
        largest = max(item, key=lambda name: value_size(item[name]))
        message = f"{label} has {size} bytes, and DynamoDB stores up to {MAX_ITEM_BYTES}; the largest attribute is {largest!r}"
        raise ItemInvalidError(f"{message}: keep it in S3, or in several items", path=largest, value=size)


def check_depth(value: WireValue, label: str, steps: int = 0) -> None:
    """Check that a value is not nested deeper than DynamoDB stores.

    Args:
        value: The value.
        label: What it is, for messages.
        steps: How many maps and lists it will stand within.

    Raises:
        ItemInvalidError: It is.
    """
    if _at_most([value], _LEVELS - steps) == _TOO_MUCH:
        message = (
            f"{label} is nested deeper than the {_LEVELS + 1} levels that DynamoDB stores; keep what is within as JSON text: save=, load="
        )
        raise ItemInvalidError(message, path=label)


def at_most(item: Mapping[str, WireValue]) -> float:
    """How many bytes an item has at most, by a quick look; infinite where it is nested too deep."""
    return _names_at_most(item) + _at_most(item.values(), _LEVELS)


def check_expression(what: str, text: str) -> None:
    """Check that DynamoDB takes an expression.

    Args:
        what: What it is, for messages: `condition`.
        text: The expression, its names and values as placeholders.

    Raises:
        ExpressionError: It has more than 4 KB, or more than 300 operators.
    """
    if len(text) <= _SURELY_FEW:
        return
    size = len(text.encode())
    if size > MAX_EXPRESSION_BYTES:
        message = f"the {what} has {size} bytes, and DynamoDB takes {MAX_EXPRESSION_BYTES}, whatever its values; ask for less at once"
        raise ExpressionError(message, path=what, value=size)
    # An update of 4 KB has no room for so many: each of its operators has a path and a value.
    count = 0 if what == "update" else len(_OPERATOR.findall(text)) - len(_BETWEEN.findall(text))
    if count > _MAX_OPERATORS:
        message = f"the {what} has {count} operators, and DynamoDB takes {_MAX_OPERATORS}; in_() takes 100 values and counts as one"
        raise ExpressionError(message, path=what, value=count)


def surely_fits(item: Mapping[str, WireValue]) -> bool:
    """Whether a look at an item is enough to see that it is not too large; nearly all are far from it."""
    return at_most(item) <= MAX_ITEM_BYTES


def _names_at_most(names: Collection[str]) -> int:
    return len(names) + _MOST_CHARACTER_BYTES * sum(map(len, names))


def _at_most(values: Iterable[WireValue], levels: int) -> float:
    """How many bytes some values have at most; infinite where they hold more than so many maps and lists within one another."""
    size: float = 0
    for value in values:
        for kind, content in value.items():
            if kind == "S":
                size += _MOST_CHARACTER_BYTES * len(content)
            elif kind == "N":
                size += _MOST_NUMBER_BYTES
            elif kind in {"M", "L"} and not levels:
                return _TOO_MUCH
            elif kind == "M":
                size += _CONTAINER_BYTES + _names_at_most(content) + _at_most(content.values(), levels - 1)
            elif kind == "L":
                size += _CONTAINER_BYTES + len(content) + _at_most(content, levels - 1)
            else:
                size += 1 if kind == "BOOL" else value_size(value)
    return size


def _scalar_size(kind: str, content: Any) -> int:
    if kind == "S":
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        digits = content.partition("E")[0].lstrip("-").replace(".", "").strip("0")
        return min((len(digits) + 1) // 2 + 1, _MOST_NUMBER_BYTES)
    return len(content) if kind == "B" else 1


def _container_size(kind: str, content: Any) -> int:
    if kind == "M":
        return _CONTAINER_BYTES + sum(1 + len(name.encode()) + value_size(part) for name, part in content.items())
    if kind == "L":
        return _CONTAINER_BYTES + sum(1 + value_size(part) for part in content)
    return sum(_scalar_size(kind[0], part) for part in content)
