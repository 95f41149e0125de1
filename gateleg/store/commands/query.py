"""Asking for one stretch of a query's items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from gateleg.expressions import query_params
from gateleg.model.queries.projection import view
from gateleg.store.commands.read import ReadItems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.kinds import TableBase
    from gateleg.model.queries.query import Query
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class QueryItems(ReadItems[E], Generic[E]):
    """One request of a query.

    Attributes:
        query: The query.
    """

    query: Query[E]
    operation: ClassVar[str] = "Query"

    @property
    def table(self) -> TableBase:
        """The table of the query's entity."""
        return self.query.entity.__gateleg__.table

    @property
    def key_names(self) -> frozenset[str]:
        """The keys of the table and of what is read."""
        return frozenset({*self.table.key_names, *(part.stored for part in self.query.schema.parts)})

    def question(self) -> dict[str, Any]:
        """What is asked."""
        return query_params(self.query)

    def entity(self, item: Mapping[str, WireValue]) -> E | None:
        """The entity of an item, or a view of it."""
        return self.reader(item)

    @property
    def reader(self) -> Callable[[Mapping[str, WireValue]], E | None]:
        """What gives the entity of each item."""
        if self.query.projection:
            return partial(view, self.query.entity, self.query.projection)
        decode: Callable[[Mapping[str, WireValue]], E] = self.query.entity.__gateleg__.decode
        return decode
