"""Identifiers that sort by the time they were made."""

from __future__ import annotations


def ulid() -> str:
    """A new ULID: 26 characters, sorted by the millisecond it was made in. For `attr(default_factory=ulid)`."""
    from ulid import ULID

    return str(ULID())
