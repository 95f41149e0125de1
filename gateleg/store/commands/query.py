"""Asking for one stretch of a query's items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from gateleg.expressions import query_params
from gateleg.model.queries.projection import view
from gateleg.store.commands.read import ReadItems, ordered

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

    @property
    def shards(self) -> tuple[Self, ...]:
        """The requests for each shard of the index."""
        return (self,) if self.query.schema.shards == 1 else tuple(replace(self, query=query) for query in self.query.shards)

    @property
    def partition(self) -> Mapping[str, WireValue]:
        """The partition that is read."""
        return self.query.asked

    def rank(self, place: Mapping[str, WireValue]) -> tuple[Any, ...]:
        """The sort key."""
        return tuple(ordered(place[part.stored]) for part in self.query.schema.sort)

    @property
    def forward(self) -> bool:
        """Whether the smallest sort key comes first."""
        return self.query.forward

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
