"""The indexes of a table, and what they hold: plain data that constructs and stores read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from gateleg.errors import DeclarationError
from gateleg.model.names import check_named

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_MAX_KEY_ATTRIBUTES = 4
_MAX_SHARDS = 100


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
        DeclarationError: No attribute is named, which `KEYS_ONLY` says; or a name is too long.
    """
    if not attributes:
        raise DeclarationError("include() names no attribute; write KEYS_ONLY for an index of keys alone")
    check_named("include()", attributes)
    return Projection("INCLUDE", attributes)


@dataclass(frozen=True)
class Index:
    """A global secondary index.

    A key is one attribute or up to four: `Index("by_round", partition_key=("tenant", "region"), sort_key=("round", "bracket"))`. A query names
    all attributes of the partition key, and those of the sort key from the first on. An item that lacks one of them is not in the index. Follows
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html.

    With `sharded=8` the items of one partition key are spread over eight partitions, which take eight times the writes; an access pattern asks
    all of them at once and gives their items in one order. The entities' templates and access patterns are the same with shards and without.

    Args:
        name: 3 to 255 letters, digits, `_`, `-`, `.`.
        partition_key: The stored name of its partition key's attribute, or the names of one to four.
        sort_key: The stored name of its sort key's attribute, or the names of one to four in their order.
        projection: `ALL`, `KEYS_ONLY` or `include(...)`.
        sharded: Over how many partitions the items of one partition key are spread, 1 to 100. It may be raised at any time; lowered, items of the
            shards that are left out are not found until they are put again.

    Raises:
        DeclarationError: A name that DynamoDB refuses, more than four attributes in a key, or one attribute twice; or a number of shards that
            is out of bounds, or for a partition key of several attributes.
    """

    name: str
    partition_key: str | Sequence[str]
    sort_key: str | Sequence[str] | None = None
    projection: Projection = ALL
    sharded: int = 1

    def __post_init__(self) -> None:
        _check_index(self.name, self.projection)
        for role in ("partition_key", "sort_key"):
            object.__setattr__(self, role, _as_given(self.name, role, getattr(self, role)))
        check_keys(f"index {self.name!r}", self.partition_names, self.sort_names)
        self._check_shards()

    @property
    def partition_names(self) -> tuple[str, ...]:
        """The stored names of its partition key's attributes."""
        return _names(self.partition_key)

    @property
    def sort_names(self) -> tuple[str, ...]:
        """The stored names of its sort key's attributes, in their order; empty for an index without one."""
        return _names(self.sort_key)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The stored names of its key attributes, partition key first."""
        return (*self.partition_names, *self.sort_names)

    def _check_shards(self) -> None:
        given: Any = self.sharded
        if type(given) is not int or not 1 <= given <= _MAX_SHARDS:
            message = f"index {self.name!r} is declared with sharded={given!r}; write a number of shards from 1 to {_MAX_SHARDS}"
            raise DeclarationError(message, path=self.name, value=given)
        if given > 1 and len(self.partition_names) > 1:
            message = (
                f"index {self.name!r} is sharded, and its partition key is of several attributes, none of which a shard can be written into"
            )
            raise DeclarationError(f"{message}; give it one, which a template fills", path=self.name, value=self.partition_names)


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
        check_named(f"index {self.name!r}", [self.sort_key])

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


def check_keys(owner: str, partition_key: Sequence[str], sort_key: Sequence[str]) -> None:
    """Check the names of a key's attributes.

    Raises:
        DeclarationError: One is empty or too long, or one attribute stands in the key twice.
    """
    names = (*partition_key, *sort_key)
    if not all(names):
        raise DeclarationError(f"a key attribute of {owner} has an empty name", path=owner, value=names)
    check_named(owner, names)
    if both := [name for name in partition_key if name in sort_key]:
        raise DeclarationError(f"{owner} has {both[0]!r} as partition key and as sort key", path=owner, value=both[0])
    if twice := [name for name in names if names.count(name) > 1]:
        raise DeclarationError(f"{owner} has {twice[0]!r} twice in its key", path=owner, value=twice[0])


def _as_given(index: str, role: str, key: Any) -> Any:
    """A key as it was written: a name, or a tuple of names.

    Raises:
        DeclarationError: It is neither, or one of too many or no names.
    """
    if isinstance(key, str) or (key is None and role == "sort_key"):
        return key
    names: tuple[Any, ...] = tuple(cast("Sequence[Any]", key)) if isinstance(key, (list, tuple)) else ()
    if not 1 <= len(names) <= _MAX_KEY_ATTRIBUTES or not all(isinstance(name, str) for name in names):
        message = f"index {index!r} is declared with {role}={key!r}; a key is the name of an attribute, or a tuple of 1 to {_MAX_KEY_ATTRIBUTES} names"
        raise DeclarationError(message, path=index, value=key)
    return names[0] if len(names) == 1 else names


def _names(key: str | Sequence[str] | None) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key or ())
