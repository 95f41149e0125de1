"""A message that nobody of a topic may miss: sent again to whom it did not reach, and an error where that did not help."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gateleg.errors import NotSentError, OutcomeUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.websocket.broadcast import BroadcastResult

_PAUSE = 0.2
_CAUSES = 3


def to_everybody(first: BroadcastResult, again: Callable[[tuple[str, ...]], BroadcastResult], until: float) -> BroadcastResult:
    """Send to those that were not reached until there are none, or the time is up.

    Args:
        first: What became of the message.
        again: Sends it to certain connections.
        until: The deadline, by `time.monotonic()`.
    """
    result = first
    while result.unreached and time.monotonic() + _PAUSE < until:
        time.sleep(_PAUSE)
        result = result.after(again(result.unreached))
    return result


def refuse_a_part(result: BroadcastResult, topic: str) -> None:
    """Check that a message reached everybody who is still there.

    Raises:
        NotSentError: It reached nobody, and was sent to nobody.
        OutcomeUnknownError: It reached some, or it is not known whom.
        Exception: What the first connection failed with, where sending again does not help.
    """
    if not result.failures:
        return
    hopeless = [error for key, error in result.failures.items() if key not in {*result.unreached, *result.unknown}]
    if hopeless:
        raise hopeless[0]
    causes = "; ".join(f"{key}: {error}" for key, error in list(result.failures.items())[:_CAUSES])
    message = f"the message on {topic} did not reach {result.failed} of {result.sent + result.failed} connections ({causes})"
    if result.sent or result.unknown:
        said = f"{message}; send it again to all, where clients know a message that comes twice"
        raise OutcomeUnknownError(said, path=topic)
    raise NotSentError(f"{message}; send it again", path=topic)
