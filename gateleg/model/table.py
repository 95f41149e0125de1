"""The declaration of a table and its indexes: plain data that constructs and stores read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from gateleg.description.table import IndexShape, TableShape
from gateleg.errors import DeclarationError
from gateleg.model.types import class_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description.table import KeyType
    from gateleg.model.entity import Entity
    from gateleg.model.streams import Change, Record

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_MAX_INDEXES = 20
_MAX_LOCAL_INDEXES = 5


class StreamView(StrEnum):
    """What a change record on the table's stream holds."""

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


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
        _check_keys(f"index {self.name!r}", self.partition_key, self.sort_key)

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


class Table:
    """A table: its key, its indexes, and the entities that live in it.

    Args:
        name: The logical name; constructs derive environment variables from it, AWS chooses the physical name.
        partition_key: The stored name of the partition key's attribute.
        sort_key: The stored name of the sort key's attribute; `None` for a table without one.
        indexes: The secondary indexes: an `Index` for each global one, a `LocalIndex` for each local one.
        ttl: The attribute that holds the time of expiry, in epoch seconds.
        stream: What the table's stream holds; `None` for no stream.
        type_attribute: The attribute that names the entity of each item.
        schema_attribute: The attribute that says an item's schema version, for entities that have upgrades.

    Raises:
        DeclarationError: A name that DynamoDB refuses, two indexes of one name, more than 20 global or 5 local indexes, or a local index
            of a table without sort key.

    Attributes:
        indexes: The global secondary indexes.
        local_indexes: The local secondary indexes.
    """

    def __init__(
        self,
        name: str,
        *,
        partition_key: str,
        sort_key: str | None = None,
        indexes: Iterable[Index | LocalIndex] = (),
        ttl: str | None = None,
        stream: StreamView | None = None,
        type_attribute: str = "_type",
        schema_attribute: str = "_schema",
    ) -> None:
        self.name = name
        self.partition_key = partition_key
        self.sort_key = sort_key
        given = _checked_indexes(name, indexes)
        self.indexes: tuple[Index, ...] = tuple(index for index in given if isinstance(index, Index))
        self.local_indexes: tuple[LocalIndex, ...] = tuple(index for index in given if isinstance(index, LocalIndex))
        self.ttl = ttl
        if stream is not None and stream not in list(StreamView):
            message = f"table {name!r} is declared with stream={stream!r}; write one of {', '.join(map(str, StreamView))}"
            raise DeclarationError(message, path=str(name), value=stream)
        self.stream: StreamView | None = StreamView(stream) if stream is not None else None
        self.type_attribute = type_attribute
        self.schema_attribute = schema_attribute
        self._entities: dict[str, type[Entity]] = {}
        self._check()

    def __repr__(self) -> str:
        return f"Table({self.name!r})"

    @property
    def entities(self) -> Mapping[str, type[Entity]]:
        """The declared entities, by the name that their items carry."""
        return MappingProxyType(self._entities)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The stored names of the table's key attributes, partition key first."""
        return (self.partition_key,) if self.sort_key is None else (self.partition_key, self.sort_key)

    @property
    def all_indexes(self) -> tuple[Index | LocalIndex, ...]:
        """The global indexes, then the local ones."""
        return (*self.indexes, *self.local_indexes)

    @property
    def all_key_names(self) -> tuple[str, ...]:
        """The stored names of the key attributes of the table and of all indexes, each once, in the order of declaration."""
        names = [*self.key_names, *(name for index in self.all_indexes for name in index.key_names)]
        return tuple(dict.fromkeys(names))

    def index(self, name: str) -> Index | LocalIndex:
        """The index of this name.

        Raises:
            DeclarationError: There is none.
        """
        for index in self.all_indexes:
            if index.name == name:
                return index
        known = ", ".join(repr(index.name) for index in self.all_indexes) or "none"
        raise DeclarationError(f"table {self.name!r} has no index {name!r}; declared: {known}", path=self.name, value=name)

    def key_types(self) -> dict[str, KeyType]:
        """The types of all key attributes, by stored name; `S` where no entity says otherwise.

        Raises:
            DeclarationError: Two entities store different types under one key attribute.
        """
        types: dict[str, KeyType] = {}
        for entity in self._entities.values():
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
            DeclarationError: Two entities store different types under one key attribute.
        """
        return TableShape(
            name=self.name,
            partition_key=self.partition_key,
            sort_key=self.sort_key,
            key_types=self.key_types(),
            indexes=tuple(_shape(index, index.partition_key) for index in self.indexes),
            local_indexes=tuple(_shape(index, None) for index in self.local_indexes),
            ttl=self.ttl,
            stream=None if self.stream is None else self.stream.value,
        )

    def decode(self, record: Record) -> Change[Entity]:
        """The change that a record of the table's stream tells: `for record in event["Records"]: change = CHAT.decode(record)`.

        Args:
            record: One of the Lambda event's `Records`, as a dict or as Powertools' `DynamoDBRecord`.

        Raises:
            ItemInvalidError: It is no record of a stream, or an image's values are not valid.
        """
        from gateleg.model.streams import read_change

        return read_change(self, record)

    def register(self, name: str, entity: type[Entity]) -> None:
        """Add an entity; called as its class is made.

        Raises:
            DeclarationError: Another class carries the name, so that their items could not be told apart.
        """
        other = self._entities.get(name)
        if other is not None and (other.__module__, other.__qualname__) != (entity.__module__, entity.__qualname__):
            message = (
                f"table {self.name!r} has an entity named {name!r} already ({other.__module__}.{other.__qualname__}); "
                f"give this one another: class {entity.__name__}(Entity, table=..., name=...)"
            )
            raise DeclarationError(message, path=entity.__name__, value=name)
        self._entities[name] = entity

    def _check(self) -> None:
        if not isinstance(self.name, str) or not _TABLE_NAME.fullmatch(self.name):  # pyright: ignore[reportUnnecessaryIsInstance] (no checker reads all)
            message = f"a table name has 1 to 255 letters, digits, `_`, `-` or `.`; {self.name!r} was given"
            raise DeclarationError(message, path=self.name, value=self.name)
        _check_keys(f"table {self.name!r}", self.partition_key, self.sort_key)
        twice = [name for name, count in Counter(index.name for index in self.all_indexes).items() if count > 1]
        if twice:
            raise DeclarationError(f"table {self.name!r} has two indexes named {twice[0]!r}", path=self.name, value=twice[0])
        self._check_counts()
        if not {self.ttl, self.type_attribute, self.schema_attribute}.isdisjoint(self.all_key_names):
            raise DeclarationError(f"the TTL, type and schema attributes of table {self.name!r} cannot be key attributes", path=self.name)
        if self.type_attribute == self.schema_attribute:
            raise DeclarationError(f"the type and schema attributes of table {self.name!r} are one; name them apart", path=self.name)

    def _check_counts(self) -> None:
        for kind, found, most in (("", self.indexes, _MAX_INDEXES), ("local ", self.local_indexes, _MAX_LOCAL_INDEXES)):
            if len(found) > most:
                message = f"table {self.name!r} has {len(found)} {kind}indexes; DynamoDB allows {most}"
                raise DeclarationError(message, path=self.name, value=len(found))
        for index in self.local_indexes:
            if self.sort_key is None or index.sort_key in self.key_names:
                message = (
                    f"local index {index.name!r} orders the partitions of table {self.name!r} by another sort key than the table's own; "
                    f"{'the table has none' if self.sort_key is None else f'{index.sort_key!r} is a key of the table'}"
                )
                raise DeclarationError(message, path=index.name, value=index.sort_key)


def _key_types(entity: type[Entity]) -> Mapping[str, KeyType]:
    try:
        return entity.__gateleg__.key_types()
    except DeclarationError as error:
        raise error.at(entity) from None


def _shape(index: Index | LocalIndex, partition_key: str | None) -> IndexShape:
    return IndexShape(index.name, partition_key, index.sort_key, index.projection.type, tuple(index.projection.attributes))


def _checked_indexes(table: str, indexes: Any) -> tuple[Index | LocalIndex, ...]:
    several = issubclass(class_of(indexes), Iterable)
    given: tuple[Any, ...] = tuple(indexes) if several else (indexes,)
    if not several or not all(isinstance(index, (Index, LocalIndex)) for index in given):
        message = f"table {table!r} is declared with indexes={indexes!r}; give a list: indexes=[Index(...), LocalIndex(...)]"
        raise DeclarationError(message, path=str(table), value=indexes)
    return given


def _check_index(name: Any, projection: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = f"an index name has 3 to 255 letters, digits, `_`, `-` or `.`; {name!r} was given"
        raise DeclarationError(message, path=str(name), value=name)
    if not isinstance(projection, Projection):
        message = f"index {name!r} is declared with projection={projection!r}; write ALL, KEYS_ONLY or include('an attribute', ...)"
        raise DeclarationError(message, path=name, value=projection)


def _check_keys(owner: str, partition_key: str, sort_key: str | None) -> None:
    if not partition_key or sort_key == "":
        raise DeclarationError(f"a key attribute of {owner} has an empty name", path=owner, value=partition_key)
    if partition_key == sort_key:
        raise DeclarationError(f"{owner} has {partition_key!r} as partition key and as sort key", path=owner, value=partition_key)
