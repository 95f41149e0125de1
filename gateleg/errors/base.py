"""The base of all errors."""

from __future__ import annotations

from typing import Any, ClassVar


class GatelegError(Exception):
    """The base of all errors of this library.

    Args:
        message: What was wrong, what was given, what to write instead.
        path: The attribute, route, app or construct that the error speaks of.
        value: What was given.
        code: A narrower code than the class's own.
    """

    default_code: ClassVar[str] = "gateleg"

    def __init__(self, message: str, *, path: str | None = None, value: Any = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.value = value
        self.code: str = code or self.default_code

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"
