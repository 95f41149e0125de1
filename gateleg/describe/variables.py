"""Notes which environment variables an import could not do without."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_ASKING = frozenset({"_collections_abc", "os"})
"""Modules whose methods of a mapping, such as `get`, ask for a variable that may be missing."""


@contextmanager
def noted_reads() -> Generator[set[str]]:
    """The variables that are read by `os.environ[name]` for as long as the context lasts, as a set that grows."""
    kind: Any = type(os.environ)
    get_item = kind.__getitem__
    names = set[str]()

    def noted_item(environment: Any, name: str) -> str:
        value: str = get_item(environment, name)
        if sys._getframe(1).f_globals.get("__name__") not in _ASKING:  # noqa: SLF001 (the caller's module is told nowhere else)  # pyright: ignore[reportPrivateUsage]
            names.add(name)
        return value

    kind.__getitem__ = noted_item
    try:
        yield names
    finally:
        kind.__getitem__ = get_item
