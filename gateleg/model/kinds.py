"""What every room knows of an entity, and of the table in which it lives: a kind of item, and the names that its items are stored under."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel

from gateleg.errors import DeclarationError
from gateleg.model.index import Index, LocalIndex, check_keys
from gateleg.model.names import check_named, check_stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic._internal._model_construction import ModelMetaclass

    class Kind(BaseModel, metaclass=ModelMetaclass):
        """A kind of item: what `Entity` is to those on whom it stands. At run time there is only the `Entity`."""

        __gateleg__: ClassVar[Any]
        """Its layout; rooms below that of items ask it without knowing its class."""

        __gateleg_plans__: ClassVar[Mapping[str, Any]]
        """Its access patterns, matched to their keys."""

else:
    Kind = BaseModel

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_MAX_INDEXES = 20
_MAX_LOCAL_INDEXES = 5
_MAX_PROJECTED = 100


def lineage(kind: type[Any]) -> list[Any]:
    """The layouts of an entity and of those that it is derived from, its own first."""
    return [vars(base)["__gateleg__"] for base in kind.__mro__ if "__gateleg__" in vars(base)]


class StreamView(StrEnum):
    """What a change record on the table's stream holds."""

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


class TableBase:
    """What `Table` is to the entities that live in it: its keys, its indexes, and the attributes that it needs itself, by name.

    The arguments are those of `Table`.
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
        default_type: str | None = None,
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
        self.default_type = default_type
        self.schema_attribute = schema_attribute
        self._entities: dict[str, type[Kind]] = {}
        self._check()

    def __repr__(self) -> str:
        return f"Table({self.name!r})"

    @property
    def entities(self) -> Mapping[str, type[Kind]]:
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
            DeclarationError: The table has no index of this name.
        """
        for index in self.all_indexes:
            if index.name == name:
                return index
        known = ", ".join(repr(index.name) for index in self.all_indexes) or "none"
        raise DeclarationError(f"table {self.name!r} has no index {name!r}; declared: {known}", path=self.name, value=name)

    def type_of(self, item: Mapping[str, Mapping[str, Any]]) -> str | None:
        """The name of the entity that an item is of, whether or not it is declared; `None` where nothing says it."""
        wire = item.get(self.type_attribute)
        return self.default_type if wire is None else wire.get("S")

    def check_default_type(self) -> None:
        """Check that the entity that items without a type are of is declared; its class comes after the table.

        Raises:
            DeclarationError: No entity of the table has this name.
        """
        if self.default_type is not None and self.default_type not in self._entities:
            known = ", ".join(map(repr, self._entities)) or "none"
            message = f"table {self.name!r} is declared with default_type={self.default_type!r}, which is the name of no entity of it"
            raise DeclarationError(f"{message}; write one of those that are: {known}", path=self.name, value=self.default_type)

    def register(self, name: str, entity: type[Kind]) -> None:
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
        for role, key in (("partition_key", self.partition_key), ("sort_key", self.sort_key)):
            if not isinstance(key, str) and (key is not None or role == "partition_key"):  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
                message = f"table {self.name!r} is declared with {role}={key!r}; write the name of one attribute, as only an Index has keys of several"
                raise DeclarationError(message, path=self.name, value=key)
        check_keys(f"table {self.name!r}", (self.partition_key,), () if self.sort_key is None else (self.sort_key,))
        check_named(f"the time of expiry of table {self.name!r}", filter(None, [self.ttl]))
        for role in ("type_attribute", "schema_attribute"):
            check_stored(f"{role} of table {self.name!r}", getattr(self, role))
        twice = [name for name, count in Counter(index.name for index in self.all_indexes).items() if count > 1]
        if twice:
            raise DeclarationError(f"table {self.name!r} has two indexes named {twice[0]!r}", path=self.name, value=twice[0])
        self._check_counts()
        self._check_shards()
        if not {self.ttl, self.type_attribute, self.schema_attribute}.isdisjoint(self.all_key_names):
            raise DeclarationError(f"the TTL, type and schema attributes of table {self.name!r} cannot be key attributes", path=self.name)
        if self.type_attribute == self.schema_attribute:
            raise DeclarationError(f"the type and schema attributes of table {self.name!r} are one; name them apart", path=self.name)

    def _check_shards(self) -> None:
        for index in (index for index in self.indexes if index.sharded > 1):
            [name] = index.partition_names
            holders = [one for one in self.all_indexes if name in one.key_names]
            unlike = [
                one for one in holders if not isinstance(one, Index) or (one.partition_names, one.sharded) != ((name,), index.sharded)
            ]
            if name in self.key_names or unlike:
                what = f"index {unlike[0].name!r}" if unlike else "the table itself"
                message = f"index {index.name!r} is sharded by {name!r}, which is a key of {what} too, where it has no such shards"
                raise DeclarationError(f"{message}; give the index an attribute of its own", path=index.name, value=name)

    def _check_counts(self) -> None:
        for kind, found, most in (("", self.indexes, _MAX_INDEXES), ("local ", self.local_indexes, _MAX_LOCAL_INDEXES)):
            if len(found) > most:
                message = f"table {self.name!r} has {len(found)} {kind}indexes; DynamoDB allows {most}"
                raise DeclarationError(message, path=self.name, value=len(found))
        if (projected := sum(len(index.projection.attributes) for index in self.all_indexes)) > _MAX_PROJECTED:
            message = f"the indexes of table {self.name!r} include {projected} attributes together; DynamoDB allows {_MAX_PROJECTED}: project ALL, or fewer"
            raise DeclarationError(message, path=self.name, value=projected)
        for index in self.local_indexes:
            if self.sort_key is None or index.sort_key in self.key_names:
                message = (
                    f"local index {index.name!r} orders the partitions of table {self.name!r} by another sort key than the table's own; "
                    f"{'the table has none' if self.sort_key is None else f'{index.sort_key!r} is a key of the table'}"
                )
                raise DeclarationError(message, path=index.name, value=index.sort_key)


def _checked_indexes(table: str, indexes: Any) -> tuple[Index | LocalIndex, ...]:
    several = isinstance(indexes, Iterable)
    given: tuple[Any, ...] = tuple(cast("Iterable[Any]", indexes)) if several else (indexes,)
    if not several or not all(isinstance(index, (Index, LocalIndex)) for index in given):
        message = f"table {table!r} is declared with indexes={indexes!r}; give a list: indexes=[Index(...), LocalIndex(...)]"
        raise DeclarationError(message, path=str(table), value=indexes)
    return given
