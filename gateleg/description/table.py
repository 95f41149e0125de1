"""A table as its declaration says it, as plain data: keys, indexes, expiry and stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

KeyType = Literal["S", "N", "B"]
"""The type of a key attribute: text, number or bytes."""


@dataclass(frozen=True)
class IndexShape:
    """A secondary index.

    Attributes:
        name: Its name.
        partition_key: The stored name of its partition key's attribute; `None` for a local index, which has the table's.
        sort_key: The stored name of its sort key's attribute, if it has one.
        projection: `ALL`, `KEYS_ONLY` or `INCLUDE`.
        attributes: What `INCLUDE` takes along, by stored names.
    """

    name: str
    partition_key: str | None
    sort_key: str | None
    projection: str
    attributes: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> IndexShape:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        given = dict(data)
        given["attributes"] = tuple(given["attributes"])
        return cls(**given)


@dataclass(frozen=True)
class TableShape:
    """A table.

    Attributes:
        name: The declared name.
        partition_key: The stored name of the partition key's attribute.
        sort_key: The stored name of the sort key's attribute, if it has one.
        key_types: By stored name, the types of all key attributes, those of indexes among them.
        indexes: The global secondary indexes.
        local_indexes: The local secondary indexes.
        ttl: The attribute that holds the time of expiry, if there is one.
        stream: What the stream holds, as DynamoDB names it; `None` for no stream.
    """

    name: str
    partition_key: str
    sort_key: str | None
    key_types: dict[str, KeyType]
    indexes: tuple[IndexShape, ...] = ()
    local_indexes: tuple[IndexShape, ...] = ()
    ttl: str | None = None
    stream: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TableShape:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        given = dict(data)
        for name in ("indexes", "local_indexes"):
            given[name] = tuple(map(IndexShape.from_dict, given[name]))
        return cls(**given)
