"""Messages of topics that are channels of AppSync Events: published once, and sent by AppSync to all who subscribe.

Follows https://docs.aws.amazon.com/appsync/latest/eventapi/publish-http.html.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from gateleg.aws.bucket import TokenBucket
from gateleg.aws.environment import ca_bundle
from gateleg.aws.fanout import Fanout
from gateleg.aws.pool import ConnectionPool, Limits
from gateleg.description.names import EVENTS_NAMESPACE, EVENTS_VARIABLE
from gateleg.errors import BindingError, GatelegError, StoreError
from gateleg.websocket.envelope import Addressee, Envelope, Service
from gateleg.websocket.post import Post, Words
from gateleg.websocket.transport import raising_ours

if TYPE_CHECKING:
    from gateleg.aws.answers import Answer
    from gateleg.websocket.sending import Sending

EVENTS = Service(
    "appsync",
    EVENTS_VARIABLE,
    "the URL of an Event API is https:// and a host, like 'https://a1b2c3.appsync-api.eu-north-1.amazonaws.com'",
    "application/json",
)
"""An Event API of AppSync."""

_LONGEST = 50  # characters of a segment
_PLAIN = re.compile("[^A-Za-z0-9]")


def channel_of(topic: str) -> str:
    """The channel of a topic: `/topics/troom-3alobby` of `room:lobby`.

    What is neither a letter nor a digit of ASCII is written as the bytes of its UTF-8; what is longer then than AppSync takes, as a digest.

    Args:
        topic: The topic.
    """
    written = "t" + _PLAIN.sub(lambda found: "".join(f"-{byte:02x}" for byte in found[0].encode()), topic)
    segment = written if len(written) <= _LONGEST else f"h{sha256(topic.encode()).hexdigest()}"[:_LONGEST]
    return f"/{EVENTS_NAMESPACE}/{segment}"


class Publication(Post):
    """One message on its way to one channel."""

    words: Words = Words("AppSync", "the channel", "send it again in the next invocation")
    denied = 401

    def answered(self, answer: Answer) -> float | None:
        """Take AppSync's answer, which is 200 also where it refused the message."""
        pause = super().answered(answer)
        if self.error is None and (failed := json.loads(answer.body or b"{}").get("failed")):
            message = f"AppSync did not take the message: {failed[0].get('code')}: {failed[0].get('errorMessage')}; look at the API's logs"
            self.error: GatelegError | None = StoreError(message, path=self.connection_id)
        return pause


class _Published(Envelope):
    """A message, ready to be published."""

    def _path(self, connection_id: str) -> str:
        del connection_id  # the channel stands in the body
        return "/event"


def publish(topic: str, data: bytes, sending: Sending, until: float) -> None:
    """Publish a message to the channel of a topic.

    Args:
        topic: The topic.
        data: The message, as JSON.
        sending: How often it is tried, and how long an answer is waited for.
        until: The deadline, by `time.monotonic()`.

    Raises:
        BindingError: There is no Event API, no region, or there are no credentials; nothing was sent.
        AccessDeniedError: The role lacks `appsync:EventPublish`.
        ThrottledError: AppSync still throttles after the last attempt.
        NotSentError: It could not be reached, or the time was up.
        OutcomeUnknownError: The message may or may not have been sent.
        StoreError: Anything else.
    """
    channel = channel_of(topic)
    body = json.dumps({"channel": channel, "events": [data.decode()]}, ensure_ascii=False).encode()
    with raising_ours():
        addressee, fanout = _publisher(_endpoint(), sending)
        publication = Publication(channel, _Published(addressee, body), sending.attempts)
        fanout.run_one(publication, until=until)
    if publication.error is not None:
        raise publication.error


def reset() -> None:
    """Forget the connections, so that the next use reads the environment anew; for tests."""
    _publisher.cache_clear()


def _endpoint() -> str:
    if not (endpoint := os.environ.get(EVENTS_VARIABLE)):
        message = f"{EVENTS_VARIABLE} is not set, so there is no Event API to publish to; write WebSocketGateway(events=Events(...)), and add_publisher for functions beside it"
        raise BindingError(message, path=EVENTS_VARIABLE)
    return endpoint


@cache
def _publisher(url: str, sending: Sending) -> tuple[Addressee, Fanout]:
    addressee = Addressee(url, EVENTS)
    pool = ConnectionPool(
        addressee.endpoint,
        Limits(connections=1, read_seconds=sending.wait.total_seconds()),
        ca_bundle() if addressee.endpoint.tls else None,
    )
    return addressee, Fanout(pool, TokenBucket(sending.rate, sending.burst))
