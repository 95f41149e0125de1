"""A table as its declaration says it, as plain data: keys, indexes, expiry and stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description.entity import EntityShape

KeyType = Literal["S", "N", "B"]
"""The type of a key attribute: text, number or bytes."""


@dataclass(frozen=True)
class IndexShape:
    """A secondary index.

    Attributes:
        name: Its name.
        partition_key: The stored names of its partition key's attributes; empty for a local index, which has the table's.
        sort_key: The stored names of its sort key's attributes, in their order; empty where it has none.
        projection: `ALL`, `KEYS_ONLY` or `INCLUDE`.
        attributes: What `INCLUDE` takes along, by stored names.
        sharded: Over how many partitions the items of one partition key are spread.
    """

    name: str
    partition_key: tuple[str, ...]
    sort_key: tuple[str, ...]
    projection: str
    attributes: tuple[str, ...] = ()
    sharded: int = 1

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> IndexShape:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        given = dict(data)
        for name in ("partition_key", "sort_key", "attributes"):
            given[name] = tuple(given[name])
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
        type_attribute: The attribute that names the entity of each item.
        default_type: The entity that an item without that attribute is of; `None` for none.
        schema_attribute: The attribute that says how many upgrades were done to an item.
        entities: How the items of each entity are stored, by the name that they carry.
    """

    name: str
    partition_key: str
    sort_key: str | None
    key_types: dict[str, KeyType]
    indexes: tuple[IndexShape, ...] = ()
    local_indexes: tuple[IndexShape, ...] = ()
    ttl: str | None = None
    stream: str | None = None
    type_attribute: str = "_type"
    default_type: str | None = None
    schema_attribute: str = "_schema"
    entities: dict[str, EntityShape] = field(default_factory=dict[str, "EntityShape"])

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TableShape:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        from gateleg.description.entity import EntityShape

        given = dict(data)
        for name in ("indexes", "local_indexes"):
            given[name] = tuple(map(IndexShape.from_dict, given[name]))
        given["entities"] = {name: EntityShape.from_dict(entity) for name, entity in given["entities"].items()}
        return cls(**given)
