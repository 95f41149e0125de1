"""gateleg's broadcasts."""

from benchmarks.posts_run import CONCURRENCY, URL, run
from gateleg.websocket import Sending
from gateleg.websocket.transport import Transport

sender = Transport(URL, Sending(concurrency=CONCURRENCY, rate=100_000, burst=100_000))


def post_to_all(ids: list, data: bytes) -> int:
    """How many took the message."""
    return sum(error is None for error in sender.post_each(ids, data).values())


run(post_to_all)
