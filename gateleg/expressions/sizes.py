"""How large an item is, as DynamoDB counts: follows "DynamoDB item sizes and formats" of the developer guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateleg.model.values.wire import WireValue

MAX_ITEM_BYTES = 409_600
"""400 KB: the largest item."""

_CONTAINER_BYTES = 3
_MOST_NUMBER_BYTES = 21
_MOST_CHARACTER_BYTES = 4


def item_size(item: Mapping[str, WireValue]) -> int:
    """The size of an item in bytes: its names and its values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: WireValue) -> int:
    """The size of one value in bytes. Of a number, DynamoDB only says about how large it is; this is the least."""
    kind, content = next(iter(value.items()))
    return _scalar_size(kind, content) if kind in {"S", "N", "B", "BOOL", "NULL"} else _container_size(kind, content)


def check_item_size(item: Mapping[str, WireValue], label: str) -> None:
    """Check that DynamoDB takes an item.

    Raises:
        ItemInvalidError: It is larger than 400 KB; the message names its largest attribute.
    """
    if surely_fits(item):
        return
    size = item_size(item)
    if size > MAX_ITEM_BYTES:
        largest = max(item, key=lambda name: value_size(item[name]))
        message = f"{label} has {size} bytes, and DynamoDB stores up to {MAX_ITEM_BYTES}; the largest attribute is {largest!r}"
        raise ItemInvalidError(f"{message}: keep it in S3, or in several items", path=largest, value=size)


def surely_fits(item: Mapping[str, WireValue]) -> bool:
    """Whether a look at an item is enough to see that it is not too large; nearly all are far from it."""
    return _names_at_most(item) + _at_most(item.values()) <= MAX_ITEM_BYTES


def _names_at_most(names: Collection[str]) -> int:
    return len(names) + _MOST_CHARACTER_BYTES * sum(map(len, names))


def _at_most(values: Iterable[WireValue]) -> int:
    size = 0
    for value in values:
        for kind, content in value.items():
            if kind == "S":
                size += _MOST_CHARACTER_BYTES * len(content)
            elif kind == "N":
                size += _MOST_NUMBER_BYTES
            elif kind == "M":
                size += _CONTAINER_BYTES + _names_at_most(content) + _at_most(content.values())
            elif kind == "L":
                size += _CONTAINER_BYTES + len(content) + _at_most(content)
            else:
                size += 1 if kind == "BOOL" else value_size(value)
    return size


def _scalar_size(kind: str, content: Any) -> int:
    if kind == "S":
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        digits = content.partition("E")[0].lstrip("-").replace(".", "").strip("0")
        return min((len(digits) + 1) // 2 + 1, _MOST_NUMBER_BYTES)
    return len(content) if kind == "B" else 1


def _container_size(kind: str, content: Any) -> int:
    if kind == "M":
        return _CONTAINER_BYTES + sum(1 + len(name.encode()) + value_size(part) for name, part in content.items())
    if kind == "L":
        return _CONTAINER_BYTES + sum(1 + value_size(part) for part in content)
    return sum(_scalar_size(kind[0], part) for part in content)
