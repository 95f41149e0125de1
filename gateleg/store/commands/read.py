"""Asking for one stretch of many items: what queries, scans and collections share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from gateleg.store.commands.base import COUNTED, Command, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.table import Table
    from gateleg.model.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class Stretch(Generic[E]):
    """What one request gave.

    Attributes:
        found: Each item's entity and the keys to go on from after it.
        end: The keys to go on from; `None` where there is no more.
        count: How many items there are, also where only they were counted.
    """

    found: tuple[tuple[E, dict[str, WireValue]], ...]
    end: dict[str, WireValue] | None
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class ReadItems(Command[Stretch[E]], Generic[E]):
    """One request for many items.

    Attributes:
        start: The keys to go on from; `None` for the beginning.
        evaluate: How many items DynamoDB reads at most, before the filter; `None` for a megabyte.
        only_count: Whether the items are counted and stay where they are.
        alive_at: The time, in epoch seconds, at which items that have expired are left out; `None` to give them too.
    """

    start: Mapping[str, WireValue] | None = None
    evaluate: int | None = None
    only_count: bool = False
    alive_at: int | None = None

    @property
    @abstractmethod
    def table(self) -> Table:
        """The table that is read."""

    @property
    @abstractmethod
    def key_names(self) -> frozenset[str]:
        """The stored names of the keys of what is read, which say where to go on."""

    @property
    @abstractmethod
    def thins(self) -> bool:
        """Whether the caller's filter leaves items out, so that more must be read than are wanted."""

    @abstractmethod
    def question(self) -> dict[str, Any]:
        """What is asked, without the table's physical name and where to go on."""

    @abstractmethod
    def entity(self, item: Mapping[str, WireValue]) -> E | None:
        """The entity of an item; `None` for an item that was not asked for."""

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        question = self.question()
        if self.only_count:
            question = {**without(question, "ProjectionExpression"), "Select": "COUNT"}
        params: dict[str, Any] = {"TableName": table_name, **self._alive(question), **COUNTED}
        if self.start is not None:
            params["ExclusiveStartKey"] = dict(self.start)
        if self.evaluate is not None:
            params["Limit"] = self.evaluate
        return params

    def result(self, response: dict[str, Any]) -> Stretch[E]:
        """The entities, in the order in which they are stored."""
        names = sorted(self.key_names)
        found = [(self.entity(item), {name: item[name] for name in names}) for item in response.get("Items", [])]
        kept = tuple((entity, place) for entity, place in found if entity is not None)
        return Stretch(kept, response.get("LastEvaluatedKey"), response.get("Count", len(kept)))

    def _alive(self, question: dict[str, Any]) -> dict[str, Any]:
        if self.alive_at is None or self.table.ttl is None:
            return question
        texts = [f"({question['FilterExpression']})"] if "FilterExpression" in question else []
        return {
            **question,
            "FilterExpression": " AND ".join([*texts, "(attribute_not_exists(#ttl) OR #ttl > :now)"]),
            "ExpressionAttributeNames": {**question["ExpressionAttributeNames"], "#ttl": self.table.ttl},
            "ExpressionAttributeValues": {**question.get("ExpressionAttributeValues", {}), ":now": {"N": str(self.alive_at)}},
        }

    def onward(self, start: Mapping[str, WireValue] | None, evaluate: int | None = None) -> Self:
        """The request that goes on from a place."""
        return replace(self, start=start, evaluate=evaluate)
