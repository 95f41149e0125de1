"""Going through a whole table in segments at once, page by page, at a rate."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from gateleg.store.commands.stored import ScanStored
from gateleg.store.prepared import Prepared
from gateleg.store.programs import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.data.rate import Bucket
    from gateleg.data.scope import Scope
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store
    from gateleg.store.commands.stored import StoredPage
    from gateleg.store.programs import Program

R = TypeVar("R")
A = TypeVar("A")

_AT_ONCE = 10
_PAGE = 250
"""How many items are read at once at most: after so many, one can go on where it was ended."""


def sent(store: Store, program: Program[R]) -> tuple[R, float]:
    """The outcome of a program on a store's table, and the capacity units that it took."""
    prepared = Prepared(lambda: program, lambda: store.table_name)
    return store.send(prepared), prepared.reading.capacity


def at_once(work: Callable[[A, Event], None], parts: Iterable[A]) -> None:
    """Work on parts at the same time, and raise the first error once the others have stopped.

    Args:
        work: Works on a part, until it is done or the event is set.
        parts: The parts.
    """
    stopping = Event()
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        futures = [pool.submit(work, part, stopping) for part in parts]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
    finally:
        stopping.set()
        pool.shutdown(cancel_futures=True)


class Walk:
    """A walk through one segment of a table.

    Args:
        store: The store of the table.
        scope: Whose items are wanted.
        segment: The segment.
        segments: In how many segments the table is read.
        bucket: What reads are paid from.
        rate: Read units a second; `None` for no limit.
        consistent: Whether writes that ended before the reads are surely seen.
        start: The keys to go on from.
    """

    def __init__(
        self,
        store: Store,
        scope: Scope,
        segment: int,
        segments: int,
        *,
        bucket: Bucket,
        rate: float | None = None,
        consistent: bool = False,
        start: Mapping[str, WireValue] | None = None,
    ) -> None:
        self._store = store
        # Of an item nobody knows yet what it takes; most take a unit at most.
        first = _PAGE if rate is None else max(1, min(_PAGE, int(rate)))
        self._next: ScanStored | None = ScanStored(scope.asked, segment, segments, start, first, consistent)
        self._bucket = bucket
        self._rate = rate

    def page(self) -> tuple[StoredPage, float] | None:
        """The next page, and the read units that it took; `None` after the last."""
        if (command := self._next) is None:
            return None
        page, units = sent(self._store, once(command))
        self._bucket.spend(units)
        evaluate = _PAGE
        if self._rate is not None and units and page.scanned:
            evaluate = max(1, min(_PAGE, int(self._rate * page.scanned / units)))
        self._next = None if page.end is None else command.onward(page.end, evaluate)
        return page, units
