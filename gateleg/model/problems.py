"""What pydantic found wrong, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError


def problems(error: ValidationError) -> tuple[dict[str, Any], ...]:
    """Everything that was wrong: `loc`, `msg`, `type` and `input` of each."""
    return tuple({**problem} for problem in error.errors(include_url=False, include_context=False))


def place(problem: dict[str, Any]) -> str:
    """Where it was: `address.city`."""
    return ".".join(str(step) for step in problem["loc"])


def reason(problem: dict[str, Any]) -> str:
    """What was wrong, as the end of a sentence."""
    message = str(problem["msg"])
    return message[:1].lower() + message[1:]
