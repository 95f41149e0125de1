"""The arguments of operations on data, checked before anything is asked of DynamoDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateleg.data.rate import Rate
from gateleg.errors import DataError
from gateleg.store import Store

MOST_SEGMENTS = 1_000_000
"""In how many parts DynamoDB reads a table at most."""


def check_store(store: Any) -> None:
    """Check that a store was given, and one that waits.

    Raises:
        DataError: Something else was given.
    """
    if not isinstance(store, Store):
        message = f"operations on data take a Store; {store!r} was given: write Store(CHAT, table_name=...)"
        raise DataError(message, path="store", value=store, code="data.argument")


def check_segments(segments: Any) -> None:
    """Check a number of segments.

    Raises:
        DataError: DynamoDB refuses it.
    """
    if type(segments) is not int or not 1 <= segments <= MOST_SEGMENTS:
        raise _refused("segments", segments, f"a whole number from 1 to {MOST_SEGMENTS:,}")


def check_rate(rate: Any) -> None:
    """Check what an operation may take.

    Raises:
        DataError: It is not a `Rate`.
    """
    if rate is not None and not isinstance(rate, Rate):
        raise _refused("rate", rate, "Rate(reads=..., writes=...)")


def check_flags(**flags: Any) -> None:
    """Check what is on or off.

    Raises:
        DataError: One is not a `bool`.
    """
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise _refused(name, flag, "True or False")


def check_calls(**functions: Any) -> None:
    """Check what is called, where it is given.

    Raises:
        DataError: One cannot be called.
    """
    for name, function in functions.items():
        if function is not None and not callable(function):
            raise _refused(name, function, "a function")


def check_paths(*, needed: bool = False, **paths: Any) -> None:
    """Check files, where they are given.

    Args:
        needed: Whether each must be given.
        paths: The files, by the names of the arguments.

    Raises:
        DataError: One is not a `Path`.
    """
    for name, path in paths.items():
        if (needed or path is not None) and not isinstance(path, Path):
            raise _refused(name, path, f"a Path: Path({path if isinstance(path, str) else 'items.jsonl'!r})")


def _refused(name: str, given: Any, wanted: str) -> DataError:
    return DataError(f"{name}={given!r} was given; write {wanted}", path=name, value=given, code="data.argument")
