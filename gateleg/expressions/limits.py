"""What DynamoDB takes of an expression: follows "Expression parameters" of the page on constraints of the developer guide."""

from __future__ import annotations

import re

from gateleg.errors import ExpressionError

MAX_EXPRESSION_BYTES = 4096
"""4 KB: the longest expression."""

MAX_VARIABLES_BYTES = 2 * 1024 * 1024
"""2 MB: the names and values of a request, together."""

_MAX_OPERATORS = 300
_SURELY_FEW = 3 * _MAX_OPERATORS
"""No operator takes fewer characters than these with what stands between it and the next."""

_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|BETWEEN|IN)\b|[<>]=|<>|[<>=]|\w+\s*\(", re.IGNORECASE)
_BETWEEN = re.compile(r"\bBETWEEN\b", re.IGNORECASE)


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
