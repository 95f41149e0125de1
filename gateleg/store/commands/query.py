"""Asking for one stretch of a query's items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from gateleg.expressions import query_params
from gateleg.store.commands.base import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.query import Query
    from gateleg.model.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class Stretch(Generic[E]):
    """What one request of a query gave.

    Attributes:
        found: Each item's entity and the keys to go on from after it.
        end: The keys to go on from; `None` where there is no more.
    """

    found: tuple[tuple[E, dict[str, WireValue]], ...]
    end: dict[str, WireValue] | None


@dataclass(frozen=True)
class QueryItems(Command[Stretch[E]], Generic[E]):
    """One request of a query.

    Attributes:
        query: The query.
        start: The keys to go on from; `None` for the beginning.
        evaluate: How many items DynamoDB reads at most, before the filter; `None` for a megabyte.
    """

    query: Query[E]
    start: Mapping[str, WireValue] | None = None
    evaluate: int | None = None
    operation: ClassVar[str] = "Query"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        params: dict[str, Any] = {"TableName": table_name, **query_params(self.query)}
        if self.start is not None:
            params["ExclusiveStartKey"] = dict(self.start)
        if self.evaluate is not None:
            params["Limit"] = self.evaluate
        return params

    def result(self, response: dict[str, Any]) -> Stretch[E]:
        """The entities, in the query's order."""
        layout = self.query.entity.__gateleg__
        found = tuple((layout.decode(item), self._keys(item)) for item in response.get("Items", []))
        return Stretch(found, response.get("LastEvaluatedKey"))

    def _keys(self, item: Mapping[str, WireValue]) -> dict[str, WireValue]:
        table = self.query.entity.__gateleg__.table
        names = {*table.key_names, *(part.stored for part in self.query.schema.parts)}
        return {name: item[name] for name in sorted(names)}
