"""How much capacity an operation on a whole table may take in a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from gateleg.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Rate:
    """The capacity that an operation may take a second, over all its requests.

    Each answer says what it took, and the next request waits until that is paid; so a second may take more, and many seconds do not.

    Args:
        reads: Read capacity units a second; `None` for as many as there are.
        writes: Write capacity units a second, those of indexes included; `None` as above.

    Raises:
        DataError: A number is not above 0.
    """

    reads: float | None = None
    writes: float | None = None

    def __post_init__(self) -> None:
        for name, units in (("reads", self.reads), ("writes", self.writes)):
            if units is not None and (isinstance(units, bool) or not isinstance(units, (int, float)) or not 0 < units < float("inf")):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
                message = f"a rate is in capacity units a second, more than 0; {name}={units!r} was given: leave it out for no limit"
                raise DataError(message, path=f"Rate.{name}", value=units, code="data.argument")


class Bucket:
    """A bucket of capacity units that fills at a rate, up to what a second brings.

    Args:
        rate: Units a second; `None` for a bucket that is never empty.
        clock: Gives the time in seconds.
        sleep: Waits for seconds.
    """

    def __init__(
        self, rate: float | None, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._level = rate or 0.0
        self._filled_at = clock()

    def spend(self, units: float) -> None:
        """Take what a request took, and wait until there is no debt."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            self._level = min(self._rate, self._level + (now - self._filled_at) * self._rate) - units
            self._filled_at = now
            debt = -self._level
        if debt > 0:
            self._sleep(debt / self._rate)
