"""The indexes of a table, and what they hold: plain data that constructs and stores read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from gateleg.errors import DeclarationError

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


@dataclass(frozen=True)
class Projection:
    """Which attributes an index holds, beside the keys of the table and its own.

    Attributes:
        type: DynamoDB's projection type.
        attributes: The stored names of the attributes, for `INCLUDE`.
    """

    type: Literal["ALL", "KEYS_ONLY", "INCLUDE"]
    attributes: tuple[str, ...] = ()


ALL = Projection("ALL")
"""The index holds every attribute."""

KEYS_ONLY = Projection("KEYS_ONLY")
"""The index holds the keys alone."""


def include(*attributes: str) -> Projection:
    """The index holds these attributes, by their stored names, and the keys.

    Raises:
        DeclarationError: No attribute is named; `KEYS_ONLY` says that.
    """
    if not attributes:
        raise DeclarationError("include() names no attribute; write KEYS_ONLY for an index of keys alone")
    return Projection("INCLUDE", attributes)


@dataclass(frozen=True)
class Index:
    """A global secondary index.

    Args:
        name: 3 to 255 letters, digits, `_`, `-`, `.`.
        partition_key: The stored name of its partition key's attribute.
        sort_key: The stored name of its sort key's attribute.
        projection: `ALL`, `KEYS_ONLY` or `include(...)`.

    Raises:
        DeclarationError: A name that DynamoDB refuses, or one attribute as both keys.
    """

    name: str
    partition_key: str
    sort_key: str | None = None
    projection: Projection = ALL

    def __post_init__(self) -> None:
        _check_index(self.name, self.projection)
        check_keys(f"index {self.name!r}", self.partition_key, self.sort_key)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The stored names of its key attributes, partition key first."""
        return (self.partition_key,) if self.sort_key is None else (self.partition_key, self.sort_key)


@dataclass(frozen=True)
class LocalIndex:
    """A local secondary index: the table's own partitions in the order of another sort key.

    It can be read with strong consistency, is made with the table and never after, and holds each partition and its local indexes
    to 10 GB together; where none of that is wanted, declare an `Index`.

    Args:
        name: 3 to 255 letters, digits, `_`, `-`, `.`.
        sort_key: The stored name of its sort key's attribute.
        projection: `ALL`, `KEYS_ONLY` or `include(...)`.

    Raises:
        DeclarationError: A name that DynamoDB refuses.
    """

    name: str
    sort_key: str
    projection: Projection = ALL

    def __post_init__(self) -> None:
        _check_index(self.name, self.projection)
        if not self.sort_key:
            raise DeclarationError(f"index {self.name!r} has a sort key with an empty name", path=self.name, value=self.sort_key)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The stored name of its own key attribute; the other is the table's partition key."""
        return (self.sort_key,)


def _check_index(name: Any, projection: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = f"an index name has 3 to 255 letters, digits, `_`, `-` or `.`; {name!r} was given"
        raise DeclarationError(message, path=str(name), value=name)
    if not isinstance(projection, Projection):
        message = f"index {name!r} is declared with projection={projection!r}; write ALL, KEYS_ONLY or include('an attribute', ...)"
        raise DeclarationError(message, path=name, value=projection)


def check_keys(owner: str, partition_key: str, sort_key: str | None) -> None:
    """Check the names of a key's attributes.

    Raises:
        DeclarationError: One is empty, or one attribute is both keys.
    """
    if not partition_key or sort_key == "":
        raise DeclarationError(f"a key attribute of {owner} has an empty name", path=owner, value=partition_key)
    if partition_key == sort_key:
        raise DeclarationError(f"{owner} has {partition_key!r} as partition key and as sort key", path=owner, value=partition_key)
