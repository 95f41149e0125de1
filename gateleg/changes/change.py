"""One change of what is deployed, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["refused", "waves", "told"]
"""Data or safety would be lost, or AWS says no; AWS says no, and several updates after each other are the same; worth a line."""


@dataclass(frozen=True)
class Change:
    """One change and what is to be said of it.

    Attributes:
        rule: The rule that found it, such as `replaced`.
        stack: The stack's name.
        subject: What changes: a logical id, and within it a route or an entity.
        verdict: Whether it may be made.
        said: What was given, and what becomes of it.
        instead: What to do instead; empty where nothing is in the way.
    """

    rule: str
    stack: str
    subject: str
    verdict: Verdict
    said: str
    instead: str = ""

    @property
    def id(self) -> str:
        """By what it is acknowledged: `replaced:Table7ABB320E`."""
        return f"{self.rule}:{self.subject}"

    @property
    def message(self) -> str:
        """What was given, what becomes of it, and what to do instead."""
        return f"{self.said}; {self.instead}" if self.instead else self.said


@dataclass(frozen=True)
class Acknowledgement:
    """That a change is known and meant.

    Attributes:
        stack: The name of the stack that says it.
        id: The change's.
        reason: Why it is meant.
    """

    stack: str
    id: str
    reason: str
