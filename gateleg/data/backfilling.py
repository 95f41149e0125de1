"""Bringing stored items up to the present declaration: keys of new indexes, new shards, new attributes, stored forms, unique values."""

from __future__ import annotations

from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.data.arguments import check_calls, check_flags, check_paths, check_rate, check_segments, check_store
from gateleg.data.capacity import write_units
from gateleg.data.identity import declared, identity
from gateleg.data.progress import Progress, Tally
from gateleg.data.promised import Promised
from gateleg.data.rate import Bucket, Rate
from gateleg.data.rejection import Rejection, told
from gateleg.data.scanning import Walk, at_once, sent
from gateleg.data.scope import Scope, is_of_the_item, shown_key, stored_error, stored_key
from gateleg.data.state import Position, StateFile
from gateleg.errors import GatelegError
from gateleg.model.items.evolution import UNREADABLE
from gateleg.model.items.rewritten import rewritten
from gateleg.model.values.stored import same_stored
from gateleg.store.commands.describe import DescribeTable
from gateleg.store.patience import Patience
from gateleg.store.programs import once
from gateleg.store.stored_programs import Became, rewriting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from threading import Event

    from gateleg.data.progress import Told
    from gateleg.data.rejection import Rejected
    from gateleg.model import Entity
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store
    from gateleg.store.commands.stored import StoredPage

E = TypeVar("E", bound="Entity")

_PATIENCE = Patience(attempts=10)
"""For items that others write all the time."""


def backfill(
    store: Store,
    *entities: type[E],
    change: Callable[[E], E] | None = None,
    segments: int = 4,
    rate: Rate | None = None,
    state: Path | None = None,
    fresh: bool = False,
    dry_run: bool = False,
    rejected: Rejected | None = None,
    progress: Told | None = None,
) -> Progress:
    """Write each stored item as the present declaration stores it, where it is stored otherwise.

    Handlers go on meanwhile: an item is written on condition that it is still what was read, and otherwise read again, so that nobody's write is
    lost. Versions and times stay, so that to handlers nothing has happened. An item that is as it is to be costs its reading alone. It may be
    ended at any time and begun again.

    Args:
        store: The store of the table. Deploy the new declaration first: what handlers of the old one write after their item was met stays old.
        entities: Whose items, and those of their subclasses; none for those of all entities.
        change: Makes the entity to store of the one that is read, where that is more than reading and writing it: `change(change(x))` is `change(x)`.
        segments: In how many parts the table is read, ten of them at once.
        rate: The capacity that it may take a second; without it as much as there is.
        state: A file that keeps how far it has come, and is removed at the end; begun again, it goes on there. `None` to begin at the beginning.
        fresh: Whether to begin at the beginning, whatever the file says.
        dry_run: Whether nothing is written: the answer says what would be, and the write units that it would take.
        rejected: Takes each item that cannot be read or written, which stays as it is; `None` to raise its error.
        progress: Is told each two seconds how far it has come.

    Returns:
        What was done, also before it was ended, each item once: what was written after the last page that the state kept is met again, and
        counts as unchanged.

    Raises:
        DataError: An argument is not what it must be; or the file is of another table, declaration or arguments, or cannot be written; or nothing
            tells whether `change`, or a part of the declaration, is the same in a later run, so that no state can be kept.
        ExpressionError: An entity lives in another table.
        GatelegError: The first item that cannot be read or written, where `rejected` is not given.
    """
    check_store(store)
    check_segments(segments)
    check_rate(rate)
    check_flags(fresh=fresh, dry_run=dry_run)
    check_calls(change=change, rejected=rejected, progress=progress)
    check_paths(state=state)
    scope = Scope.of(store, entities)
    tally = Tally(progress)
    work = _Work(store, scope, change=change, rate=rate or Rate(), rejected=rejected, tally=tally, dry_run=dry_run)
    kept = StateFile(None if dry_run else state, None if state is None else _identity(store, scope, change))
    if fresh:
        kept.remove()
    positions = kept.read(segments, tally)
    # Of a page that is not kept as done, all items are met again.
    lock, whole = Lock(), tally.sum

    def walk(segment: int, stopping: Event) -> None:
        nonlocal whole
        pages = work.walk(segment, segments, positions[segment].start)
        while (page := pages.page()) is not None and (done := work.done(*page, stopping)) is not None:
            with lock:
                whole += done
                positions[segment] = Position(page[0].end, done=page[0].end is None)
                kept.write(positions, whole)

    at_once(walk, [segment for segment, position in enumerate(positions) if not position.done])
    kept.remove()
    return tally.sum


class _Work:
    """What is done to each page of a table's items."""

    def __init__(
        self,
        store: Store,
        scope: Scope,
        *,
        change: Callable[[Any], Any] | None,
        rate: Rate,
        rejected: Rejected | None,
        tally: Tally,
        dry_run: bool,
    ) -> None:
        self._store = store
        self._scope = scope
        self._change = change
        self._rate = rate
        self._reads, self._writes = Bucket(rate.reads), Bucket(rate.writes)
        self._rejected = rejected
        self._tally = tally
        self._dry_run = dry_run
        self._promised = Promised(store)

    def walk(self, segment: int, segments: int, start: Mapping[str, WireValue] | None) -> Walk:
        """The pages of a segment."""
        return Walk(self._store, self._scope, segment, segments, bucket=self._reads, rate=self._rate.reads, consistent=True, start=start)

    def done(self, page: StoredPage, units: float, stopping: Event) -> Progress | None:
        """Bring the items of a page up to date, and say what that was; `None` where others have failed, so that this one need not end."""
        whole = Progress(skipped=page.scanned - len(page.items), read_units=units)
        self._tally.add(whole)
        for item in page.items:
            if stopping.is_set():
                return None
            self._tally.add(done := self._item(item))
            whole += done
        return whole

    def _item(self, item: dict[str, WireValue]) -> Progress:
        if (layout := self._scope.layout(item)) is None:
            return Progress(items=1, skipped=1)
        try:
            return self._dry(layout, item) if self._dry_run else self._written(layout, item)
        except (GatelegError, *UNREADABLE) as error:
            if not is_of_the_item(error):
                raise
            told_error = stored_error(layout, item, error)
            told(self._rejected, Rejection(shown_key(layout, item), told_error, item))
            return Progress(items=1, failed=1)

    def _written(self, layout: Layout, item: dict[str, WireValue]) -> Progress:
        key: Key[Any] = stored_key(layout, item)
        became, units = sent(self._store, rewriting(key, item, self._form, _PATIENCE))
        self._writes.spend(units)
        return Progress(items=1, written=became is Became.WRITTEN, unchanged=became is not Became.WRITTEN, write_units=units)

    def _dry(self, layout: Layout, item: dict[str, WireValue]) -> Progress:
        wanted = self._form(item) or item
        before = layout.claims.of(item).values()
        lacking, reads = self._promised.take(layout, stored_key(layout, item), wanted, before)
        if same_stored(item, wanted) and not lacking:
            return Progress(items=1, unchanged=1, read_units=reads)
        units = write_units(self._store.table, item, wanted, claims=len(layout.claims.of(wanted)) if lacking else 0)
        return Progress(items=1, written=1, read_units=reads, write_units=units)

    def _form(self, item: Mapping[str, WireValue]) -> dict[str, WireValue] | None:
        layout = self._scope.layout(item)
        return None if layout is None else rewritten(layout, item, self._change)


def _identity(store: Store, scope: Scope, change: Callable[[Any], Any] | None) -> object:
    """What a state is of: the very table, what is declared of it, and what is asked."""
    described, _ = sent(store, once(DescribeTable()))
    table = [described.get(name) for name in ("TableArn", "TableId")]
    layouts: list[Any] = [store.table.entities[name].__gateleg__ for name in scope.names]
    return table, asdict(store.table.shape()), declared(layouts), identity(change)
