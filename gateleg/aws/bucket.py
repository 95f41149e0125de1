"""A token bucket, as API Gateway itself counts requests."""

from __future__ import annotations

from threading import Lock


class TokenBucket:
    """Lets through so many requests a second in the long run, and so many at once. Threads share it.

    Args:
        rate: Requests a second.
        burst: Requests at once, after a time without any.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = self._burst
        self._since = float("-inf")
        self._lock = Lock()

    def take(self, now: float) -> float:
        """Take a token; the seconds until there is one, 0 where it was taken.

        Args:
            now: The time, in seconds of a clock that never goes back.
        """
        with self._lock:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._since) * self._rate)
            self._since = max(now, self._since)
            if self._tokens < 1:
                return (1 - self._tokens) / self._rate
            self._tokens -= 1
            return 0.0
