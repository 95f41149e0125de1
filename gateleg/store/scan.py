"""A scan as plain data: which entities, of the table or of an index, and what is kept. Stores run it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, overload

from typing_extensions import TypeVar

from gateleg.errors import ExpressionError
from gateleg.model.entity import Entity
from gateleg.model.index import Index
from gateleg.model.items.layout import Layout
from gateleg.model.paths.conditions import as_condition
from gateleg.model.queries.projection import check_projection, distinct, of_entity
from gateleg.model.table import Table

if TYPE_CHECKING:
    from gateleg.description.uses import Use
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.paths.path import Path, PathOf

E = TypeVar("E", bound="Entity")
F = TypeVar("F", bound="Entity")
G = TypeVar("G", bound="Entity")
E_co = TypeVar("E_co", bound="Entity", covariant=True)
O_co = TypeVar("O_co", covariant=True, default=Any)
"""The entity whose paths it takes; of several entities, those of each."""


@dataclass(frozen=True)
class Scan(Generic[E_co, O_co]):
    """A walk through a whole table, or a whole index; immutable, each method gives a new one. Made by `Scan.of`.

    DynamoDB reads, and charges for, every item there is, also those that are filtered out.

    Attributes:
        table: The table.
        entities: The entities whose items are kept.
        index: The index that is walked through; `None` for the table itself.
        filter: What is kept of them.
        maximum: How many items are given at most.
        consistent_read: Whether writes that ended before the read are surely seen.
        projection: What is read of each item; empty for all of it.
    """

    table: Table
    entities: tuple[type[E_co], ...]
    index: str | None = None
    filter: Condition | None = None
    maximum: int | None = None
    consistent_read: bool = False
    projection: tuple[Path[Any], ...] = ()

    @overload
    @staticmethod
    def of(entity: type[E], /) -> Scan[E, E]: ...
    @overload
    @staticmethod
    def of(first: type[E], second: type[F], /) -> Scan[E | F]: ...
    @overload
    @staticmethod
    def of(first: type[E], second: type[F], third: type[G], /) -> Scan[E | F | G]: ...
    @overload
    @staticmethod
    def of(*entities: type[Entity]) -> Scan[Entity]: ...
    @staticmethod
    def of(*entities: type[Any]) -> Scan[Any]:
        """A scan for the items of one or several entities of one table.

        Raises:
            ExpressionError: None was given, or they live in several tables.
        """
        if not entities:
            raise ExpressionError("a scan is of one entity or more; write Scan.of(Message), or give the store its table: store.scan(CHAT)")
        for given in entities:
            if not isinstance(getattr(given, "__gateleg__", None), Layout) or isinstance(given, Entity):
                raise ExpressionError(f"{given!r} is not an entity of a table; give its class: Message", path="scan", value=given)
        table: Table = entities[0].__gateleg__.table
        for entity in entities:
            entity.__gateleg__.check_table(table)
        return Scan(table, tuple(dict.fromkeys(entities)))

    def where(self, condition: Condition[O_co]) -> Scan[E_co, O_co]:
        """Keep only items that fulfil the condition, beside those asked for before.

        Raises:
            ExpressionError: The condition names an attribute of an entity that is not scanned for.
        """
        for path in as_condition(condition).paths():
            _check_path(self.entities, path)
        return replace(self, filter=condition if self.filter is None else self.filter & condition)

    def only(self, *paths: PathOf[O_co]) -> Scan[E_co, O_co]:
        """Read these attributes of each item, and those that its key is made of; as `Query.only`.

        Raises:
            ExpressionError: No path is named, one belongs to an entity that is not scanned for, or an entity is only understood whole.
        """
        for path in paths:
            _check_path(self.entities, path)
        for entity in self.entities:
            own = [path for path in paths if of_entity(entity, path)]
            if own or not paths:
                check_projection(entity, own)
        return replace(self, projection=distinct((*self.projection, *paths)))

    def limit(self, count: int) -> Scan[E_co, O_co]:
        """Give at most this many items.

        Raises:
            ExpressionError: The count is less than 1.
        """
        if count < 1:
            raise ExpressionError(f"a limit is 1 or more; {count!r} was given", path="limit", value=count)
        return replace(self, maximum=count)

    def on(self, index: str) -> Scan[E_co, O_co]:
        """Walk through an index, where the items are that have its keys.

        Raises:
            DeclarationError: The table has no such index.
            ExpressionError: An entity is not in it, or its projection lacks attributes; or consistency was asked for, which it has not.
        """
        self.table.index(index)
        for entity in self.entities:
            if index not in entity.__gateleg__.indexes:
                message = f"{entity.__name__} is not in index {index!r}; scan the table, or declare index_key({index!r}, ...)"
                raise ExpressionError(message, path=index, value=index)
        return _eventual(replace(self, index=index))

    def consistent(self) -> Scan[E_co, O_co]:
        """Read with strong consistency, at twice the price.

        Raises:
            ExpressionError: An index is read, which DynamoDB keeps only eventually consistent.
        """
        return _eventual(replace(self, consistent_read=True))

    def declared_uses(self) -> tuple[Use, ...]:
        """The scan of the table or the index."""
        return tuple(entity.__gateleg__.use("scan", self.index) for entity in self.entities)


def scan_of(what: type[Any] | Table | Scan[Any]) -> Scan[Any]:
    """The scan of an entity, of all entities of a table, or as it was given.

    Raises:
        ExpressionError: The table has no entities.
    """
    if isinstance(what, Scan):
        return what
    if not isinstance(what, Table):
        return Scan.of(what)
    if not what.entities:
        raise ExpressionError(f"table {what.name!r} has no entities to scan for; import the module that declares them", path=what.name)
    entities: tuple[Any, ...] = tuple(what.entities.values())
    return Scan(what, entities)


def _check_path(entities: tuple[type[Entity], ...], path: Any) -> None:
    if not any(of_entity(entity, path) for entity in entities):
        entities[0].__gateleg__.check_path(path)


def _eventual(scan: Scan[E, O_co]) -> Scan[E, O_co]:
    if scan.consistent_read and scan.index is not None and isinstance(scan.table.index(scan.index), Index):
        raise ExpressionError(f"index {scan.index!r} has no consistent reads; scan the table itself", path=scan.index)
    return scan
