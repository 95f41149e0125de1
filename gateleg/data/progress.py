"""How far an operation on many items has come, and who is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class Progress:
    """How far an operation has come.

    Attributes:
        items: The items that were looked at.
        written: Those that were written; with a dry run, those that would be.
        unchanged: Those that are what they are to be.
        failed: Those that could not be read, or not be written.
        skipped: Those of no entity that is asked for, claims of unique values among them.
        read_units: The read capacity units that were taken.
        write_units: The write capacity units that were taken; with a dry run, those that would be.
    """

    items: int = 0
    written: int = 0
    unchanged: int = 0
    failed: int = 0
    skipped: int = 0
    read_units: float = 0.0
    write_units: float = 0.0

    def __add__(self, other: Progress) -> Progress:
        return Progress(*(mine + its for mine, its in zip(vars(self).values(), vars(other).values(), strict=True)))

    def __str__(self) -> str:
        counts = f"{self.items:,} items: {self.written:,} written, {self.unchanged:,} unchanged, {self.failed:,} failed, {self.skipped:,} skipped"
        return f"{counts}; {self.read_units:,.1f} read and {self.write_units:,.1f} write units"


Told: TypeAlias = Callable[[Progress], object]
"""Is told how far an operation has come, each two seconds."""


class Tally:
    """Sums what several threads have done, and tells it from time to time.

    Args:
        told: Who is told; `None` for nobody.
    """

    def __init__(self, told: Told | None) -> None:
        self._told = told
        self._lock = Lock()
        self._sum = Progress()
        self._at = time.monotonic()

    @property
    def sum(self) -> Progress:
        """What was done so far."""
        return self._sum

    def add(self, more: Progress) -> None:
        """Count more in."""
        with self._lock:
            self._sum += more
            due = self._told is not None and time.monotonic() - self._at >= _EVERY_SECONDS
            self._at = time.monotonic() if due else self._at
            found = self._sum
        if due and self._told is not None:
            self._told(found)
