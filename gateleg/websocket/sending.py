"""How fast messages go to connections, and how long a broadcast may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any

from gateleg.errors import DeclarationError

_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(minutes=15)


@dataclass(frozen=True)
class Sending:
    """How messages are posted to connections: `Connections(CHAT, sending=Sending(rate=5_000, burst=2_000))`.

    API Gateway counts the posts of a whole account and region with the requests of all of its APIs: 10,000 a second and 5,000 at once, in
    newer regions a quarter of that, unless the quota was raised. `rate` and `burst` hold for one running function, so that several which
    broadcast at once share what there is.

    See https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html.

    Args:
        concurrency: How many posts are under way at once, each over a connection of its own.
        rate: How many posts a second, in the long run.
        burst: How many posts at once, after a pause.
        attempts: How often a message is posted to a connection at most. API Gateway's throttling, errors of servers and lost connections are
            followed by another attempt, after a random pause that doubles.
        wait: How long an answer of API Gateway is waited for; after that the message may or may not have been taken.
        reserve: How much of the time that Lambda leaves is kept for what the handler does after a broadcast.

    Raises:
        DeclarationError: A number is below one or not finite, the wait no time at all, or the reserve below zero or all the time that a function may run.
    """

    concurrency: int = 64
    rate: float = 2_000
    burst: int = 1_000
    attempts: int = 4
    wait: timedelta = 3 * _SECOND
    reserve: timedelta = _SECOND

    def __post_init__(self) -> None:
        for name in ("concurrency", "rate", "burst", "attempts"):
            given: Any = getattr(self, name)
            whole = type(given) is int or (name == "rate" and isinstance(given, float))
            if not whole or not 1 <= given < inf:
                raise DeclarationError(f"a broadcast needs {name} of one or more, {given!r} was given", path=f"Sending.{name}", value=given)
        times: tuple[Any, Any] = (self.wait, self.reserve)
        if not all(isinstance(one, timedelta) for one in times) or self.wait <= timedelta(0) or not timedelta(0) <= self.reserve < _LONGEST:
            message = f"a broadcast waits for more than no time and keeps less than the 15 minutes that a function may run; wait={self.wait} and reserve={self.reserve} were given"
            raise DeclarationError(message, path="Sending", value=(self.wait, self.reserve))
