"""Stored items that their entities refuse, met where many are listed: kept beside the others, and handed to whoever asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from gateleg.errors import StoredItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.values.wire import WireValue

R = TypeVar("R")

Unreadable: TypeAlias = Callable[[StoredItemInvalidError], object]
"""Is called with the error of each item that cannot be read: which one it is, what was wrong, and the item as it is stored."""


def or_error(read: Callable[[dict[str, Any]], R]) -> Callable[[dict[str, Any]], R | StoredItemInvalidError]:
    """What reads an item, and gives the error of one that cannot be read."""

    def attempt(item: dict[str, Any]) -> R | StoredItemInvalidError:
        try:
            return read(item)
        except StoredItemInvalidError as error:
            return error

    return attempt


def taken(read: Callable[[dict[str, Any]], R], item: dict[str, Any], unreadable: Unreadable | None) -> list[R]:
    """What an item is read as, or nothing where it cannot be read and its error is taken.

    Raises:
        StoredItemInvalidError: It cannot be read, and nothing takes that.
    """
    try:
        return [read(item)]
    except StoredItemInvalidError as error:
        if unreadable is None:
            raise
        unreadable(error)
        return []


class Broken(NamedTuple):
    """The error of an item that could not be read, among those that were.

    Attributes:
        before: How many items come before it.
        error: What is wrong, and the item as it is stored.
        place: The keys to go on from after it, where the request was for those too.
    """

    before: int
    error: StoredItemInvalidError
    place: dict[str, WireValue]


def report(broken: Iterable[Broken], unreadable: Unreadable | None, within: int | None) -> None:
    """Hand on the errors that were met.

    Args:
        broken: The errors.
        unreadable: What takes them.
        within: How many items are wanted: what comes after the last of them is left to whoever reads on; `None` for all.
    """
    if unreadable is not None:
        for one in broken:
            if within is None or one.before < within:
                unreadable(one.error)
