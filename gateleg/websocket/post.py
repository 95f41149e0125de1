"""What becomes of one message to one connection: done, not sent, or unknown."""

from __future__ import annotations

import json
import random
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any, NamedTuple

from gateleg.errors import (
    AccessDeniedError,
    AnswerInvalidError,
    ConnectionGoneError,
    GatelegError,
    NotSentError,
    OutcomeUnknownError,
    StoreError,
    ThrottledError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.aws.answers import Answer
    from gateleg.aws.link import BrokenError
    from gateleg.websocket.envelope import Envelope

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_DONE, _GONE, _THROTTLED, _SERVER_ERRORS = 300, 410, 429, 500
_AGAIN = "send it again, where clients know a message that comes twice"


class Words(NamedTuple):
    """What errors call things.

    Attributes:
        service: What takes the message.
        place: Where it goes.
        late: What to do where there was no time for it.
    """

    service: str
    place: str
    late: str


_TO_CONNECTION = Words("API Gateway", "the connection", "give the connections in `unreached` to `deliver` in the next invocation")


class Post:
    """One message on its way to one connection. A `gateleg.aws.fanout.Request`.

    Args:
        connection_id: Whose it is.
        envelope: The message.
        attempts: How often it is sent at most.
        chance: Gives numbers from 0 to 1: pauses are drawn at random, so that posts that were throttled together do not meet again.

    Attributes:
        error: Why it was not taken; `None` where it was.
    """

    words: Words = _TO_CONNECTION
    denied: int = 403

    def __init__(self, connection_id: str, envelope: Envelope, attempts: int, chance: Callable[[], float] = random.random) -> None:
        self.connection_id = connection_id
        self.error: GatelegError | None = None
        self._envelope = envelope
        self._attempts = attempts
        self._failures = 0
        self._chance = chance
        self._doubt: str | None = None

    def octets(self) -> bytes:
        """The request as it is sent now."""
        return self._envelope.octets(self.connection_id)

    def answered(self, answer: Answer) -> float | None:
        """Take API Gateway's answer; the seconds until the next attempt, or `None`."""
        status = answer.status
        if status < _DONE:
            self.error = None
            return None
        if status == _GONE:
            self.error = ConnectionGoneError("the connection is closed", path=self.connection_id)
            return None
        error = self._refusal(answer)
        if status >= _SERVER_ERRORS:
            self._doubt = error.message
        return self._failed(error, again=status == _THROTTLED or status >= _SERVER_ERRORS)

    def broken(self, error: BrokenError) -> float | None:
        """Take that there was no answer; the same."""
        reason = f"{type(error.cause).__name__}: {error}"
        if error.sent:
            self._doubt = f"{self.words.service} did not answer ({reason})"
        untrusted = isinstance(error.cause, SSLCertVerificationError)
        return self._failed(
            NotSentError(f"{self.words.service} could not be reached ({reason})", path=self.connection_id), again=not untrusted
        )

    def late(self) -> None:
        """Take that the deadline came first."""
        said = f"the time was up before the message was sent; {self.words.late}"
        self._settle(NotSentError(said, path=self.connection_id, code="websocket.deadline"))

    def _failed(self, error: GatelegError, *, again: bool) -> float | None:
        self._settle(error)
        self._failures += 1
        if not again or self._failures >= self._attempts:
            return None
        return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (self._failures - 1)) * self._chance()

    def _settle(self, error: GatelegError) -> None:
        """Once an attempt may have been taken, no later one tells that the message did not arrive."""
        if self._doubt is not None:
            said = f"the message may or may not have reached {self.words.place}: {self._doubt}; {_AGAIN}"
            error = OutcomeUnknownError(said, path=self.connection_id)
        self.error = error

    def _refusal(self, answer: Answer) -> GatelegError:
        if answer.status == 413:  # noqa: PLR2004 (HTTP's own)
            message = f"{self.words.service} refused the message as too large; send less"
            return AnswerInvalidError(message, code="answer.too_large", path=self.connection_id)
        code = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
        message = f"posting to {self.words.place} failed: {code or answer.status}: {told_in(answer.body)}"
        kind = {self.denied: AccessDeniedError, _THROTTLED: ThrottledError}.get(answer.status, StoreError)
        return kind(message, path=self.connection_id, aws_code=code, response={"status": answer.status})


def told_in(body: bytes) -> str:
    """The message of an answer; the first of its errors, where it has several."""
    try:
        told: Any = json.loads(body)
        told = (told.get("errors") or [told])[0]
        return str(told.get("message") or told.get("Message") or "")
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")
