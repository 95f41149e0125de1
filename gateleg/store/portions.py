"""How many items a read with a limit asks for at a time."""

from __future__ import annotations

from math import ceil

_GROWTH = 4
"""How many times what was read so far the next request reads at most: a filter that kept nothing yet says nothing of what is to come."""
_MARGIN = 1.25
"""How much more than the filter's share so far makes likely is read, so that few pages need one more request for their last item."""


class Portions:
    """The sizes of the requests of one read: what is wanted at first, then what the filter's share so far makes likely.

    Args:
        wanted: How many items are wanted; `None` for all, which are read a megabyte at a time.
    """

    def __init__(self, wanted: int | None) -> None:
        self.left = wanted
        self._kept = 0
        self._read = 0

    @property
    def next(self) -> int | None:
        """How many items the next request reads at most, before the filter; `None` for a megabyte."""
        if self.left is None or not self._read:
            return self.left
        most = _GROWTH * self._read
        if not self._kept:
            return most
        return min(most, ceil(self.left * (1 + _MARGIN * (self._read - self._kept) / self._kept)))

    def take(self, kept: int, read: int) -> None:
        """Learn from an answer.

        Args:
            kept: How many items it gave.
            read: How many DynamoDB read for them.
        """
        self._kept += kept
        self._read += max(kept, read)
        if self.left is not None:
            self.left = max(0, self.left - kept)
