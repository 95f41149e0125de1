"""Asking for one stretch of a partition's items of several entities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

from gateleg.errors import ExpressionError
from gateleg.expressions import Placeholders, condition_text, key_condition_text, types_condition_text
from gateleg.store.commands.read import ReadItems, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.kinds import TableBase
    from gateleg.model.queries.query import Query, SortCondition
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class CollectItems(ReadItems[E], Generic[E]):
    """One request for what several queries of one partition find.

    Attributes:
        queries: The queries, one for each entity.

    Raises:
        ExpressionError: The queries do not fit into one request.
    """

    queries: tuple[Query[E], ...]
    operation: ClassVar[str] = "Query"

    def __post_init__(self) -> None:
        _check(self.queries)

    @property
    def table(self) -> TableBase:
        """The table of the entities."""
        return self.queries[0].entity.__gateleg__.table

    @property
    def key_names(self) -> frozenset[str]:
        """The keys of the table and of what is read."""
        return frozenset({*self.table.key_names, *(part.stored for part in self.queries[0].schema.parts)})

    @property
    def shards(self) -> tuple[Self, ...]:
        """The requests for each shard of the index."""
        each = zip(*(query.shards for query in self.queries), strict=True)
        return (self,) if self.queries[0].schema.shards == 1 else tuple(replace(self, queries=queries) for queries in each)

    @property
    def partition(self) -> Mapping[str, WireValue]:
        """The partition that is read."""
        return self.queries[0].asked

    def rank(self, place: Mapping[str, WireValue]) -> tuple[Any, ...]:
        """The sort key."""
        return tuple(ordered(place[part.stored]) for part in self.queries[0].schema.sort)

    @property
    def forward(self) -> bool:
        """Whether the smallest sort key comes first."""
        return self.queries[0].forward

    @property
    def _asked(self) -> Query[E]:
        """The query whose key condition covers all: what all ask of the sort key alike, from its first attribute on, or all of the partition."""
        shared = takewhile(lambda asked: asked.count(asked[0]) == len(asked), zip(*(query.sort for query in self.queries), strict=False))
        return replace(self.queries[0], sort=tuple(asked[0] for asked in shared))

    def question(self) -> dict[str, Any]:
        """What is asked."""
        placeholders = Placeholders()
        key = key_condition_text(self._asked, placeholders)
        kept = " OR ".join(self._kept(query, placeholders) for query in self.queries)
        params: dict[str, Any] = {"KeyConditionExpression": key, "FilterExpression": kept, "ScanIndexForward": self.queries[0].forward}
        if self.queries[0].index is not None:
            params["IndexName"] = self.queries[0].index
        if any(query.consistent_read for query in self.queries):
            params["ConsistentRead"] = True
        return {**params, **placeholders.params()}

    def entity(self, item: Mapping[str, WireValue]) -> E | None:
        """The entity of an item that one of the queries finds."""
        for query in self.queries:
            if query.entity.__gateleg__.owns(item):
                return cast("E", query.entity.__gateleg__.decode(item)) if _in_range(query, item) else None
        return None

    @staticmethod
    def _kept(query: Query[Any], placeholders: Placeholders) -> str:
        text = types_condition_text(query.entity.__gateleg__.family, placeholders)
        return text if query.filter is None else f"({text} AND {condition_text(query.filter, placeholders)})"


def _check(queries: tuple[Query[Any], ...]) -> None:
    if not queries:
        raise ExpressionError("collect() was given no query; write collect(Message.in_room(room=...), Presence.in_room(room=...))")
    first = queries[0]
    for query in queries:
        name = query.entity.__name__
        if (query.index, query.partition, query.forward) != (first.index, first.partition, first.forward):
            message = f"the query of {name} reads another partition, index or order than that of {first.entity.__name__}"
            raise ExpressionError(f"{message}; collect() reads one partition at once", path=name)
        if query.projection or query.maximum is not None:
            message = f"the query of {name} has .only(...) or .limit(...), which one request cannot keep for several entities"
            raise ExpressionError(f"{message}; leave it out, and give collect() itself a limit=", path=name)
    names = [query.entity.__name__ for query in queries]
    if len(set(names)) < len(names):
        raise ExpressionError("collect() takes one query for each entity; join conditions with | in one", path=", ".join(names))


def _in_range(query: Query[Any], item: Mapping[str, WireValue]) -> bool:
    """Whether an item lies in the part of the sort key that its own query asks for."""
    return all(_fulfils(item[part.stored], asked) for part, asked in zip(query.schema.sort, query.sort, strict=False))


def _fulfils(wire: WireValue, asked: SortCondition) -> bool:
    value = ordered(wire)
    bounds = [ordered(bound) for bound in asked.values]
    match asked.operator:
        case "between":
            return bool(bounds[0] <= value <= bounds[1])
        case "begins_with":
            return bool(value.startswith(bounds[0]))
        case "=":
            return bool(value == bounds[0])
        case "<" | "<=":
            return bool(value < bounds[0] or (asked.operator == "<=" and value == bounds[0]))
        case operator:
            return bool(value > bounds[0] or (operator == ">=" and value == bounds[0]))
