"""A scan in several segments at once, read by threads."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.model.queries.consumed import Reading
from gateleg.store.at_once import AT_ONCE
from gateleg.store.results import Results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.model.entity import Entity
    from gateleg.store.commands.read import Stretch
    from gateleg.store.results import Walk
    from gateleg.store.segments import Segments
    from gateleg.store.sender import Sender

E = TypeVar("E", bound="Entity")


class ParallelResults(Results[E]):
    """An iterator over a scan whose segments are read at the same time, each by one thread and one request ahead.

    The items come in no order. Nothing is read before it is advanced; when it is given up, each segment has at most one request under way.

    Args:
        segments: The segments; up to 10 are read at once.
        sender: What sends its requests.
        table_name: Gives the table's physical name.
    """

    def __init__(self, segments: Segments[E], sender: Sender, table_name: Callable[[], str]) -> None:
        super().__init__(segments.first, None, sender, table_name)
        self._segments = segments

    def _read(self) -> Iterator[E]:
        pool = ThreadPoolExecutor(AT_ONCE, "gateleg-scan")
        running: dict[Future[tuple[Stretch[E], Reading]], Walk[E]] = {}
        try:
            while not self._segments.over and self._fill(pool, running):
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    stretch, reading = future.result()
                    self.reading.merge(reading)
                    yield from self._segments.give(running.pop(future), stretch)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _fill(self, pool: ThreadPoolExecutor, running: dict[Future[tuple[Stretch[E], Reading]], Walk[E]]) -> bool:
        while len(running) < AT_ONCE and (walk := self._segments.take()) is not None:
            running[pool.submit(self._send, walk.command)] = walk
        return bool(running)

    def _send(self, command: Any) -> tuple[Stretch[E], Reading]:
        reading = Reading()
        return self._sender.send(command, reading), reading
