"""A table and the entities that live in it: what is to be made on AWS, and what its stream tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.description.table import IndexShape, TableShape
from gateleg.errors import DeclarationError
from gateleg.model.kinds import TableBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description.table import KeyType
    from gateleg.model.entity import Entity
    from gateleg.model.index import Index, LocalIndex
    from gateleg.model.items.streams import Change, Record


class Table(TableBase):
    """A table: its key, its indexes, and the entities that live in it.

    Args:
        name: The logical name; constructs derive environment variables from it, AWS chooses the physical name.
        partition_key: The stored name of the partition key's attribute.
        sort_key: The stored name of the sort key's attribute; `None` for a table without one.
        indexes: The secondary indexes: an `Index` for each global one, a `LocalIndex` for each local one.
        ttl: The attribute that holds the time of expiry, in epoch seconds.
        stream: What the table's stream holds; `None` for no stream.
        type_attribute: The attribute that names the entity of each item.
        default_type: The name of the entity that an item without that attribute is of, so that a table which other programs wrote, or write,
            is read, guarded, queried and scanned as it is; such an item gets its type with the next put or update. `None` for no entity.
        schema_attribute: The attribute that says an item's schema version, for entities that have upgrades.

    Raises:
        DeclarationError: A name that DynamoDB refuses, two indexes of one name, more than 20 global or 5 local indexes, or a local index
            of a table without sort key.

    Attributes:
        indexes: The global secondary indexes.
        local_indexes: The local secondary indexes.
    """

    if TYPE_CHECKING:

        @property
        def entities(self) -> Mapping[str, type[Entity]]:
            """The declared entities, by the name that their items carry."""
            ...

    def key_types(self) -> dict[str, KeyType]:
        """The types of all key attributes, by stored name; `S` where no entity says otherwise.

        Raises:
            DeclarationError: Two entities store different types under one key attribute.
        """
        types: dict[str, KeyType] = {}
        for entity in self.entities.values():
            for name, kind in _key_types(entity).items():
                if types.setdefault(name, kind) != kind:
                    message = (
                        f"key attribute {name!r} of table {self.name!r} is {types[name]} in one entity and {kind} in {entity.__name__}"
                    )
                    raise DeclarationError(message, path=name, value=kind).at(entity)
        return {name: types.get(name, "S") for name in self.all_key_names}

    def shape(self) -> TableShape:
        """The table as plain data.

        Raises:
            DeclarationError: Two entities store different types under one key attribute, or no entity has the name `default_type`.
        """
        from gateleg.model.entity_shapes import entity_shapes

        self.check_default_type()
        return TableShape(
            name=self.name,
            partition_key=self.partition_key,
            sort_key=self.sort_key,
            key_types=self.key_types(),
            indexes=tuple(
                IndexShape(index.name, index.partition_names, index.sort_names, *_projection(index), index.sharded)
                for index in self.indexes
            ),
            local_indexes=tuple(IndexShape(index.name, (), index.key_names, *_projection(index)) for index in self.local_indexes),
            ttl=self.ttl,
            stream=None if self.stream is None else self.stream.value,
            type_attribute=self.type_attribute,
            default_type=self.default_type,
            schema_attribute=self.schema_attribute,
            entities=entity_shapes(self.entities),
        )

    def decode(self, record: Record) -> Change[Entity]:
        """The change that a record of the table's stream tells: `for record in event["Records"]: change = CHAT.decode(record)`.

        Args:
            record: One of the Lambda event's `Records`, as a dict or as Powertools' `DynamoDBRecord`.

        Raises:
            ItemInvalidError: It is not a record of a stream.
            StoredItemInvalidError: An image's values are not valid.
        """
        from gateleg.model.items.streams import read_change

        return read_change(self, record)


def _key_types(entity: type[Entity]) -> Mapping[str, KeyType]:
    try:
        return entity.__gateleg__.key_types()
    except DeclarationError as error:
        raise error.at(entity) from None


def _projection(index: Index | LocalIndex) -> tuple[str, tuple[str, ...]]:
    return index.projection.type, tuple(index.projection.attributes)
