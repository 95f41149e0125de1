"""Patience: how often and how slowly requests are repeated, and the pauses in between."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Pause:
    """A wish to wait.

    Attributes:
        seconds: How long.
    """

    seconds: float


@dataclass(frozen=True)
class Patience:
    """How often and how slowly requests are repeated.

    Attributes:
        attempts: How often a request is sent at most.
        base: The longest first pause, in seconds; each later one may be twice as long.
        cap: The longest pause, in seconds.
        sleep: What waits, in a store that does not await.
        chance: Gives numbers from 0 to 1: pauses are drawn at random, so that callers that met once do not meet again.
    """

    attempts: int = 4
    base: float = 0.05
    cap: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default=random.random)

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number, from 0 on."""
        return min(self.cap, self.base * 2.0**attempt) * self.chance()
