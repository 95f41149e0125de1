"""A scan in several segments at once: which requests may be sent, and what is given of their answers; sends nothing itself."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.errors import ExpressionError
from gateleg.store.results import Walk

if TYPE_CHECKING:
    from gateleg.model.entity import Entity
    from gateleg.store.commands.read import Stretch
    from gateleg.store.commands.scan import ScanItems
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")

_MOST = 1_000_000


class Segments(Generic[E]):
    """The walks through the segments of one scan.

    Args:
        first: The scan's first request.
        maximum: How many items are wanted; `None` for all.
        count: In how many parts the table is read.
        unreadable: What takes items that cannot be read; `None` to raise.

    Raises:
        ExpressionError: A number of segments that DynamoDB refuses.
    """

    def __init__(self, first: ScanItems[E], maximum: int | None, count: int, unreadable: Unreadable | None) -> None:
        check_segments(count)
        self.first: ScanItems[E] = replace(first, segments=count)
        walks = (Walk[E](replace(first, segment=segment, segments=count), maximum, unreadable) for segment in range(count))
        self._waiting = deque(walks)
        self._left = maximum

    @property
    def over(self) -> bool:
        """Whether as many items were given as are wanted."""
        return self._left == 0

    def take(self) -> Walk[E] | None:
        """A walk whose next request may be sent; `None` where there is none, or enough was read."""
        return self._waiting.popleft() if self._waiting and not self.over else None

    def give(self, walk: Walk[E], stretch: Stretch[E]) -> list[E]:
        """The wanted items of the answer to a walk's request; the walk waits for its next turn, if it has not ended."""
        entities = walk.take(stretch)
        if walk.command is not None:
            self._waiting.appendleft(walk)
        if self._left is not None:
            entities = entities[: self._left]
            self._left -= len(entities)
        return entities


def check_segments(segments: Any) -> None:
    """Check the number of a scan's segments.

    Raises:
        ExpressionError: DynamoDB refuses it.
    """
    if not 1 <= segments <= _MOST:
        raise ExpressionError(f"a scan has 1 to {_MOST} segments; {segments!r} were given", path="segments", value=segments)
