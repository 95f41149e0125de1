"""JSON as clients send it."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json


def read_json(text: str) -> Any:
    """The value of a JSON text of RFC 8259: no `NaN` or `Infinity`, no number of over 4,300 digits, no lone surrogate, at most 200 levels deep.

    Raises:
        ValueError: The text is something else; the message says at which line and column.
    """
    return from_json(text.encode(), allow_inf_nan=False)
