"""What Lambda tells a handler beside the event."""

from __future__ import annotations


class Context:
    """A Lambda context, as far as it is asked."""

    def __init__(self, milliseconds: int) -> None:
        self._left = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._left
