"""The items of a query or scan, read as they are asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.model.queries.consumed import Reading
from gateleg.store.portions import Portions
from gateleg.store.sender import Sender
from gateleg.store.unreadable import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.model.entity import Entity
    from gateleg.store.commands.read import ReadItems, Stretch
    from gateleg.store.explanation import Explanation
    from gateleg.store.shards import Merge
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")
S = TypeVar("S")


class Walk(Generic[E]):
    """How requests follow each other until all items are read, or as many as are wanted; sends nothing itself.

    Args:
        first: The first request.
        maximum: How many items are wanted; `None` for all.
        unreadable: What takes items that cannot be read; `None` to raise.

    Attributes:
        command: The next request; `None` at the end.
    """

    def __init__(self, first: ReadItems[E], maximum: int | None, unreadable: Unreadable | None) -> None:
        self._portions = Portions(maximum)
        self._unreadable = unreadable
        self.command: ReadItems[E] | None = replace(first.onward(None, self._portions.next), tolerant=unreadable is not None)

    def take(self, stretch: Stretch[E]) -> list[E]:
        """The wanted items of the answer to `command`, which moves on."""
        report(stretch.broken, self._unreadable, self._portions.left)
        entities = stretch.found[: self._portions.left]
        self._portions.take(len(entities), stretch.scanned)
        if self.command is not None:
            over = stretch.end is None or self._portions.left == 0
            self.command = None if over else self.command.onward(stretch.end, self._portions.next)
        return entities


class Pending(Generic[E, S]):
    """Items that are read as they are asked for: what iterators that wait and that await share.

    Args:
        first: The first request.
        maximum: How many items are wanted; `None` for all.
        sender: What sends its requests.
        table_name: Gives the table's physical name.
        unreadable: What takes items that cannot be read; `None` to raise.

    Attributes:
        first: The first request.
        maximum: How many items are wanted; `None` for all.
        unreadable: What takes items that cannot be read.
        reading: What its requests took so far.
    """

    def __init__(
        self, first: ReadItems[E], maximum: int | None, sender: S, table_name: Callable[[], str], unreadable: Unreadable | None = None
    ) -> None:
        self.maximum = maximum
        self.unreadable = unreadable
        self.reading: Reading = Reading()
        self._walk = Walk(first, maximum, unreadable)
        self._merge: Merge[E] | None = None
        self._shards = len(first.shards)
        self.first: ReadItems[E] = self._walk.command or first
        if self._shards > 1:
            from gateleg.store.shards import Merge

            self._merge = Merge(first, maximum, unreadable)
            self.first = self._merge.commands()[0]
        self._sender = sender
        self._table_name = table_name

    def params(self) -> dict[str, Any]:
        """The first request, exactly; nothing is sent."""
        return self.first.params(self._table_name())

    def explain(self) -> Explanation:
        """What the request asks and costs in words; nothing is sent. Once items were read, also what that took so far."""
        from gateleg.store.explanation import explain

        return explain(self.first.operation, self.params(), self.reading, shards=self._shards)


class Results(Pending[E, Sender]):
    """An iterator over items; requests are sent one by one as it is advanced, none before."""

    def __iter__(self) -> Iterator[E]:
        return self

    def __next__(self) -> E:
        return next(self._items)

    @cached_property
    def _items(self) -> Iterator[E]:
        return self._read()

    def _read(self) -> Iterator[E]:
        if self._merge is not None:
            while self._merge.left != 0 and (commands := self._merge.commands()):
                yield from self._merge.take(self._sender.send_all(commands, self.reading))
            return
        while self._walk.command is not None:
            yield from self._walk.take(self._sender.send(self._walk.command, self.reading))
