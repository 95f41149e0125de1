"""Posts to open connections through API Gateway's `@connections`.

See https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from gateleg.aws.bucket import TokenBucket
from gateleg.aws.environment import ca_bundle
from gateleg.aws.fanout import Fanout
from gateleg.aws.pool import ConnectionPool, Limits
from gateleg.errors import BindingError, ConnectionGoneError, ItemInvalidError
from gateleg.websocket.envelope import Addressee, Envelope
from gateleg.websocket.invocation import seconds_left
from gateleg.websocket.post import Post
from gateleg.websocket.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from gateleg.errors import GatelegError

_USUAL = Sending()
_NO_IDS = frozenset({"", ".", ".."})
"""What would be another path than one of a connection."""


class Transport:
    """Posts messages to the connections of one stage.

    Args:
        callback_url: The stage's callback URL.
        sending: How fast, and how often.
    """

    def __init__(self, callback_url: str, sending: Sending = _USUAL) -> None:
        self._url = callback_url
        self._sending = sending

    def post(self, connection_id: str, data: bytes) -> None:
        """Send one message, several times where it must be: a message whose answer was lost is sent again, so a client may see it twice.

        Raises:
            ConnectionGoneError: The connection is closed.
            AnswerInvalidError: The message is too large.
            ThrottledError: API Gateway still throttles after the last attempt; the message was not sent.
            NotSentError: It could not be reached, or the time was up; the message was not sent.
            OutcomeUnknownError: The message may or may not have been sent.
            AccessDeniedError: The role lacks `execute-api:ManageConnections`.
            StoreError: Anything else; `aws_code` keeps the original.
            BindingError: There is no usable endpoint, no region, or there are no credentials.
        """
        if (error := self._one(connection_id, data, "POST")) is not None:
            raise error

    def post_each(self, connection_ids: Iterable[str], data: bytes, *, until: float | None = None) -> Mapping[str, GatelegError | None]:
        """Send a message to several connections, and what became of it for each: `None` where it was taken.

        Args:
            connection_ids: Whom to.
            data: The message.
            until: The deadline, by `time.monotonic()`; by default what Lambda leaves, less the reserve.

        Raises:
            BindingError: There is no usable endpoint, no region, or there are no credentials; nothing was sent.
            ItemInvalidError: An id is empty, `.` or `..`; nothing was sent.
        """
        return self._each(connection_ids, data, "POST", until)

    def look_at(self, connection_ids: Iterable[str], *, until: float | None = None) -> Mapping[str, GatelegError | None]:
        """Whether connections are open: `None` for one that is, `ConnectionGoneError` for one that is closed.

        Args:
            connection_ids: Which.
            until: As with `post_each`.

        Raises:
            BindingError: As with `post_each`.
        """
        return self._each(connection_ids, b"", "GET", until)

    def close(self, connection_id: str) -> None:
        """Close a connection from this side; one that is closed already is fine.

        Raises:
            GatelegError: As with `post`.
        """
        error = self._one(connection_id, b"", "DELETE")
        if error is not None and not isinstance(error, ConnectionGoneError):
            raise error

    def _one(self, connection_id: str, data: bytes, method: str) -> GatelegError | None:
        if connection_id in _NO_IDS:
            raise _no_id(connection_id)
        with raising_ours():
            addressee, fanout = _sender(self._url, self._sending)
            post = Post(connection_id, Envelope(addressee, data, method), self._sending.attempts)
            fanout.run_one(post, until=time.monotonic() + seconds_left(self._sending.reserve))
        return post.error

    def _each(self, connection_ids: Iterable[str], data: bytes, method: str, until: float | None) -> dict[str, GatelegError | None]:
        ids = list(dict.fromkeys(connection_ids))
        if wrong := _NO_IDS & set(ids):
            raise _no_id(min(wrong))
        with raising_ours():
            addressee, fanout = _sender(self._url, self._sending)
            envelope = Envelope(addressee, data, method)
            posts = [Post(connection_id, envelope, self._sending.attempts) for connection_id in ids]
            deadline = time.monotonic() + seconds_left(self._sending.reserve) if until is None else until
            fanout.run(posts, concurrency=self._sending.concurrency, until=deadline)
        return {post.connection_id: post.error for post in posts}


def _no_id(given: str) -> ItemInvalidError:
    return ItemInvalidError(f"{given!r} is no connection id; give one of API Gateway's own", path="connection_id", value=given)


@contextmanager
def raising_ours() -> Generator[None]:
    """Tell botocore's own errors for want of credentials as ours.

    Raises:
        BindingError: There are no credentials.
    """
    try:
        yield
    except Exception as error:
        if type(error).__name__ not in {"NoCredentialsError", "PartialCredentialsError"}:
            raise
        raise BindingError(f"AWS cannot be called: {error}; set credentials and region", path="AWS") from error


def reset() -> None:
    """Forget the connections, so that the next use reads the environment anew; for tests."""
    _sender.cache_clear()


@cache
def _sender(callback_url: str, sending: Sending) -> tuple[Addressee, Fanout]:
    addressee = Addressee(callback_url)
    limits = Limits(connections=sending.concurrency, read_seconds=sending.wait.total_seconds())
    pool = ConnectionPool(addressee.endpoint, limits, ca_bundle() if addressee.endpoint.tls else None)
    return addressee, Fanout(pool, TokenBucket(sending.rate, sending.burst))
