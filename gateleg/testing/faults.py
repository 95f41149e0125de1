"""Faults on the way to DynamoDB, by chance and yet the same each time: what a handler does when it is throttled, or never learns the outcome.

::

    with faults(make_store.client, lost=0.3, seed=7) as met:
        store.update(key, Message.likes.add(1))     # done, refused, or OutcomeUnknownError
    assert met.lost > 0
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock, local
from typing import TYPE_CHECKING, Any

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from gateleg.testing.recording import Client

_BEFORE = "before-send.dynamodb"
_AFTER = "before-parse.dynamodb"
_THROTTLED = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"a fault of the test"}'
_BAD_REQUEST = 400


@dataclass
class Met:
    """How many requests met with which fault.

    Attributes:
        throttled: Refused, and not done.
        timed_out: Not answered, and not done.
        lost: Done, and not answered.
        sound: Left alone.
    """

    throttled: int = 0
    timed_out: int = 0
    lost: int = 0
    sound: int = 0


@contextmanager
def faults(client: Client, *, throttled: float = 0.0, timed_out: float = 0.0, lost: float = 0.0, seed: int = 0) -> Generator[Met]:
    """Spoil requests of a client by chance, with whatever stores use it, also from threads and tasks.

    Args:
        client: The boto3 client: a store's `client=`, `make_store.client`, or `gateleg.store.clients.dynamodb()`.
        throttled: The part of requests, from 0 to 1, that DynamoDB refuses for their number; they are not sent.
        timed_out: The part that is not answered because it never arrives.
        lost: The part whose answer is lost: what they write is written. To the caller it looks like `timed_out`.
        seed: The same requests in the same order meet the same faults.

    Raises:
        DeclarationError: A part is negative, or they are more than 1 together.
    """
    if min(throttled, timed_out, lost) < 0 or throttled + timed_out + lost > 1:
        message = f"the parts of faults are 0 or more and 1 at most together; {throttled}, {timed_out} and {lost} were given"
        raise DeclarationError(message, path="faults", value=(throttled, timed_out, lost))
    met, chance, lock, current = Met(), random.Random(seed), Lock(), local()  # noqa: S311 (chance that can be repeated)

    def before(request: Any, **_: object) -> Any:
        with lock:
            throw = chance.random()
        current.lost = False
        if throw < throttled:
            met.throttled += 1
            return _refusal(request.url)
        if throw < throttled + timed_out:
            met.timed_out += 1
            raise _timeout(request.url)
        current.lost = throw < throttled + timed_out + lost
        met.lost += current.lost
        met.sound += not current.lost
        return None

    def after(**_: object) -> None:
        if getattr(current, "lost", False):
            raise _timeout(client.meta.endpoint_url)

    events = client.meta.events
    events.register_first(_BEFORE, before)
    events.register_first(_AFTER, after)
    try:
        yield met
    finally:
        events.unregister(_BEFORE, before)
        events.unregister(_AFTER, after)


class _Raw(BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def _refusal(url: str) -> Any:
    from botocore.awsrequest import AWSResponse, HeadersDict

    headers: Any = HeadersDict({"content-type": "application/x-amz-json-1.0"})
    return AWSResponse(url, _BAD_REQUEST, headers, _Raw(_THROTTLED))


def _timeout(url: str) -> Exception:
    from botocore.exceptions import ReadTimeoutError

    return ReadTimeoutError(endpoint_url=url)
