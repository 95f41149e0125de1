"""Several requests at the same time, by threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 10
"""How many requests are under way at the same time: as many as a boto3 client keeps connections."""


def at_once(send: Callable[[T], R], wanted: Sequence[T]) -> list[R]:
    """What became of each, in order; up to 10 at a time. The first error is raised once those under way have ended, and what waits is not begun."""
    with ThreadPoolExecutor(min(AT_ONCE, len(wanted)), "gateleg-read") as threads:
        return list(threads.map(send, wanted))
