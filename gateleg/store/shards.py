"""The shards of one read, merged in the order of the sort key: which requests are to be sent, and what is given of their answers; sends nothing itself."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from gateleg.errors import StoredItemInvalidError
from gateleg.model.queries.page import Page
from gateleg.store.commands.base import Together
from gateleg.store.portions import Portions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateleg.model.entity import Entity
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.read import ReadItems, Stretch
    from gateleg.store.programs import Program
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")

Places: TypeAlias = "list[Mapping[str, WireValue] | None]"
"""The place after which each shard goes on, in order: the keys of an item; `None` for the shard's beginning."""

_DEVIATIONS = 3
"""How far beyond its expected share each shard is read at first: of a thousand shards about one has more of what is wanted."""


class Shard(Generic[E]):
    """One shard of a read: what was read of it and not given yet, and where it goes on.

    Args:
        first: Its first request.
        place: After which place it begins; `None` for its beginning.

    Attributes:
        ahead: What was read and not given yet, each with its place and its rank.
        more: Whether there may be more to read.
    """

    def __init__(self, first: ReadItems[E], place: Mapping[str, WireValue] | None) -> None:
        self._first = first
        self._place, self._start = place, place
        self._portions = Portions(None)
        self.ahead: deque[tuple[tuple[Any, ...], E | StoredItemInvalidError, Mapping[str, WireValue]]] = deque()
        self.more: bool = True

    @property
    def place(self) -> Mapping[str, WireValue] | None:
        """After which place a later read finds what was not given."""
        return self._start if self.more and not self.ahead else self._place

    def command(self, wanted: int | None) -> ReadItems[E]:
        """The next request, for as many items."""
        self._portions.left = wanted
        return self._first.onward(self._start, self._portions.next)

    def take(self, stretch: Stretch[E]) -> None:
        """Keep the answer to the last request."""
        self._portions.take(stretch.count if self._first.only_count else len(stretch.found), stretch.scanned)
        # It is asked once all that was ahead is given, so that whoever reads on later need not begin before the place that was asked from.
        self._place = self._start
        self.ahead.extend((self._first.rank(place), entry, place) for entry, place in stretch.entries)
        self.more = stretch.end is not None
        self._start = stretch.end if self.more else self._start

    def give(self) -> E | StoredItemInvalidError:
        """The next entity, or the error of an item that could not be read."""
        _, entry, self._place = self.ahead.popleft()
        return entry


class Merge(Generic[E]):
    """A read of several shards.

    Args:
        first: Its first request.
        wanted: How many items are wanted; `None` for all.
        unreadable: What takes items that cannot be read; `None` to raise.
        places: After which places the shards begin, in order; by default at their beginnings.

    Attributes:
        left: How many items are still wanted.
    """

    def __init__(
        self,
        first: ReadItems[E],
        wanted: int | None,
        unreadable: Unreadable | None,
        places: Places | None = None,
    ) -> None:
        commands = first.shards
        # An item that cannot be read may lie beyond what is wanted: it is an error where its turn comes.
        self._shards: list[Shard[E]] = [
            Shard(replace(command, placed=True, tolerant=True), place)
            for command, place in zip(commands, places or [None] * len(commands), strict=True)
        ]
        self._partitions = [command.partition for command in commands]
        self._names = sorted(first.key_names - first.partition.keys())
        self._choose: Callable[[list[tuple[tuple[Any, ...], int]]], tuple[tuple[Any, ...], int]] = min if first.forward else max
        self._unreadable = unreadable
        self._asked: list[Shard[E]] = []
        self.left: int | None = wanted

    @property
    def places(self) -> Places:
        """After which places a later read goes on."""
        return [shard.place for shard in self._shards]

    @property
    def over(self) -> bool:
        """Whether all was given that there is."""
        return not any(shard.ahead or shard.more for shard in self._shards)

    @property
    def settled(self) -> bool:
        """Whether all that is wanted was given, and it is known whether there is more."""
        return self.over or (self.left == 0 and any(shard.ahead for shard in self._shards))

    def kept(self, places: Places) -> list[list[WireValue] | None]:
        """Places as a cursor keeps them: without names, and without the partition, which the shard says."""
        return [None if place is None else [place[name] for name in self._names] for place in places]

    def places_of(self, kept: Sequence[Sequence[WireValue] | None]) -> Places:
        """Places as requests go on from them."""
        return [
            None if wires is None else {**dict(zip(self._names, wires, strict=True)), **partition}
            for wires, partition in zip(kept, self._partitions, strict=True)
        ]

    def commands(self) -> tuple[ReadItems[E], ...]:
        """The requests without whose answers the next item is not known."""
        self._asked = [shard for shard in self._shards if shard.more and not shard.ahead]
        share = None if self.left is None else share_of(self.left, len(self._shards))
        return tuple(shard.command(share) for shard in self._asked)

    def take(self, stretches: Sequence[Stretch[E]]) -> Iterator[E]:
        """The wanted items that are known by the answers to `commands()`, in order.

        Raises:
            StoredItemInvalidError: One of them cannot be read, and nothing takes that.
        """
        for shard, stretch in zip(self._asked, stretches, strict=True):
            shard.take(stretch)
        while self.left != 0 and not any(shard.more and not shard.ahead for shard in self._shards):
            heads = [(shard.ahead[0][0], number) for number, shard in enumerate(self._shards) if shard.ahead]
            if not heads:
                return
            _, number = self._choose(heads)
            entry = self._shards[number].give()
            if not isinstance(entry, StoredItemInvalidError):
                self.left = None if self.left is None else self.left - 1
                yield entry
            elif self._unreadable is None:
                raise entry
            else:
                self._unreadable(entry)


def share_of(wanted: int, shards: int) -> int:
    """How many items to read of each shard so that they hold the first ones that are wanted, as good as always."""
    mean = wanted / shards
    return max(1, min(wanted, ceil(mean + _DEVIATIONS * sqrt(mean))))


def paging_shards(merge: Merge[E], *, requests: int, sign: Callable[[Places], str]) -> Program[Page[E]]:
    """Fill one page, or as much of it as the requests find.

    Args:
        merge: What is read, and how many items of it.
        requests: How many requests are sent at most to each shard.
        sign: Makes the cursor of the places where the shards go on.
    """
    found: list[Any] = []
    for _ in range(requests):
        stretches = yield Together(merge.commands())
        found.extend(merge.take(stretches))
        if merge.settled:
            break
    return Page[Any](items=found, cursor=None if merge.over else sign(merge.places))


def counting_shards(first: ReadItems[Any], maximum: int | None) -> Program[int]:
    """Count the items of all shards, up to a maximum, without reading them out."""
    running = [Shard(command, None) for command in first.shards]
    count = 0
    while running and (maximum is None or count < maximum):
        share = None if maximum is None else share_of(maximum - count, len(running))
        stretches: list[Stretch[Any]] = yield Together(tuple(shard.command(share) for shard in running))
        for shard, stretch in zip(running, stretches, strict=True):
            shard.take(stretch)
            count += stretch.count
        running = [shard for shard in running if shard.more]
    return count if maximum is None else min(count, maximum)
