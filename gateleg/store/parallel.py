"""A scan in several segments at once."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import ExpressionError
from gateleg.model.reading import Reading
from gateleg.store.results import Results, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.model.entity import Entity
    from gateleg.store.commands.read import Stretch
    from gateleg.store.commands.scan import ScanItems
    from gateleg.store.sender import Sender

E = TypeVar("E", bound="Entity")

MOST_SEGMENTS = 1_000_000
_THREADS = 10
"""As many as a boto3 client keeps connections."""


class ParallelResults(Results[E]):
    """An iterator over a scan whose segments are read at the same time, each by one thread and one request ahead.

    The items come in no order. Nothing is read before it is advanced; when it is given up, each segment has at most one request under way.

    Args:
        first: The scan's first request.
        maximum: How many items are wanted; `None` for all.
        segments: In how many parts the table is read, 1 to 1 000 000; up to 10 at once.
        sender: What sends its requests.
        table_name: Gives the table's physical name.

    Raises:
        ExpressionError: A number of segments that DynamoDB refuses.
    """

    def __init__(self, first: ScanItems[E], maximum: int | None, segments: int, sender: Sender, table_name: Callable[[], str]) -> None:
        check_segments(segments)
        self._maximum = maximum
        self._commands = [replace(first, segment=segment, segments=segments) for segment in range(segments)]
        super().__init__(self._commands[0], maximum, sender, table_name)

    def _read(self) -> Iterator[E]:
        left = self._maximum
        pool = ThreadPoolExecutor(min(len(self._commands), _THREADS), "gateleg-scan")
        try:
            for entities in self._stretches(pool):
                yield from entities[:left]
                left = None if left is None else left - len(entities)
                if left is not None and left <= 0:
                    return
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _stretches(self, pool: ThreadPoolExecutor) -> Iterator[list[E]]:
        running = dict(self._sent(pool, Walk(command, self._maximum)) for command in self._commands)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                walk = running.pop(future)
                stretch, reading = future.result()
                self.reading.merge(reading)
                entities = walk.take(stretch)
                if walk.command is not None:
                    running.update([self._sent(pool, walk)])
                yield entities

    def _sent(self, pool: ThreadPoolExecutor, walk: Walk[E]) -> tuple[Future[tuple[Stretch[E], Reading]], Walk[E]]:
        return pool.submit(self._send, walk.command), walk

    def _send(self, command: Any) -> tuple[Stretch[E], Reading]:
        reading = Reading()
        return self._sender.send(command, reading), reading


def check_segments(segments: int) -> None:
    """Check the number of a scan's segments.

    Raises:
        ExpressionError: DynamoDB refuses it.
    """
    if not 1 <= segments <= MOST_SEGMENTS:
        raise ExpressionError(f"a scan has 1 to {MOST_SEGMENTS} segments; {segments!r} were given", path="segments", value=segments)
