"""What became of a message to many connections."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateleg.errors import ConnectionGoneError, NotSentError, OutcomeUnknownError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_REAPERS = 16


@dataclass(frozen=True)
class BroadcastResult:
    """What became of a broadcast.

    Attributes:
        sent: How many connections took the message.
        gone: How many were closed; they have left the registry.
        failed: How many did not take it, or did not say so.
        failures: Why, by connection id.
        queued: To how many shards of the topic workers send it, in the place of this function; they tell what became of it in their logs.
        published: Whether AppSync took it, which sends it to all who subscribe to the topic's channel and does not say to how many.
    """

    sent: int = 0
    gone: int = 0
    failed: int = 0
    failures: Mapping[str, Exception] = field(default_factory=dict[str, Exception], compare=False)
    queued: int = 0
    published: bool = False

    @property
    def unreached(self) -> tuple[str, ...]:
        """The connections that the message was not sent to, for want of time or under API Gateway's throttling: give them to `deliver`, in this invocation or the next."""
        return self._failed_with(NotSentError, ThrottledError)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The connections that may or may not have got it: a client that gets it again may see it twice."""
        return self._failed_with(OutcomeUnknownError)

    def after(self, again: BroadcastResult) -> BroadcastResult:
        """The same, after it was sent again to whom it had not reached."""
        left = {connection_id: error for connection_id, error in self.failures.items() if connection_id not in self.unreached}
        failures = {**left, **again.failures}
        return BroadcastResult(self.sent + again.sent, self.gone + again.gone, len(failures), failures)

    def _failed_with(self, *kinds: type[Exception]) -> tuple[str, ...]:
        return tuple(connection_id for connection_id, error in self.failures.items() if isinstance(error, kinds))


@dataclass(frozen=True)
class SweepResult:
    """What a sweep found.

    Attributes:
        open: How many connections are open.
        gone: How many were gone; they have left the registry.
        failed: How many API Gateway said nothing about, or could not be forgotten: the next sweep looks again.
        complete: Whether all were looked at before the time was up.
    """

    open: int = 0
    gone: int = 0
    failed: int = 0
    complete: bool = True

    def with_more(self, found: BroadcastResult) -> SweepResult:
        """The same, with what was found of more connections."""
        return replace(self, open=self.open + found.sent, gone=self.gone + found.gone, failed=self.failed + found.failed)


def settle(
    outcomes: Mapping[str, Exception | None], reap: Callable[[str], object], *, in_time: Callable[[], bool] = lambda: True
) -> BroadcastResult:
    """Forget the closed connections, and count the others.

    Args:
        outcomes: What became of the message, by connection id; `None` where it was taken.
        reap: Forgets a closed connection.
        in_time: Whether there is time to forget one more; what stays is found by the next broadcast.
    """
    gone = [connection_id for connection_id, error in outcomes.items() if isinstance(error, ConnectionGoneError)]
    failures = {connection_id: error for connection_id, error in outcomes.items() if error and not isinstance(error, ConnectionGoneError)}

    def reaped(connection_id: str) -> tuple[str, Exception] | None:
        try:
            if in_time():
                reap(connection_id)
        except Exception as error:  # noqa: BLE001 (one connection never stops the others; the failure is returned)
            return connection_id, error
        return None

    unreaped = dict(failure for failure in _each(gone, reaped) if failure is not None)
    failures |= unreaped
    gone_count = len(gone) - len(unreaped)
    return BroadcastResult(len(outcomes) - gone_count - len(failures), gone_count, len(failures), failures)


def _each(ids: Iterable[str], work: Callable[[str], tuple[str, Exception] | None]) -> list[tuple[str, Exception] | None]:
    ids = list(ids)
    if len(ids) <= 1:
        return [work(connection_id) for connection_id in ids]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(_REAPERS, len(ids)), "reap") as threads:
        return list(threads.map(work, ids))
