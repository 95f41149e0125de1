"""Asking for one stretch of many items: what queries, scans and collections share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from gateleg.errors import StoredItemInvalidError
from gateleg.expressions.sizes import check_expression
from gateleg.store.commands.base import COUNTED, Command, without
from gateleg.store.transport_items import Taken
from gateleg.store.unreadable import Broken, or_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.kinds import TableBase
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class Stretch(Generic[E]):
    """What one request gave.

    Attributes:
        found: The entities.
        end: The keys to go on from; `None` where there is no more.
        count: How many items there are, also where only they were counted.
        scanned: How many items DynamoDB read for them.
        places: The keys to go on from after each entity, where the request was for those too.
        broken: The errors of items that could not be read, where the request tolerates them.
    """

    found: list[E]
    end: dict[str, WireValue] | None
    count: int = 0
    scanned: int = 0
    places: list[dict[str, WireValue]] = field(default_factory=list[dict[str, Any]])
    broken: list[Broken] = field(default_factory=list[Broken])

    @property
    def entries(self) -> list[tuple[E | StoredItemInvalidError, dict[str, WireValue]]]:
        """The entities and the errors in the order in which they are stored, each with its place, of a request that was for places."""
        entries: list[tuple[E | StoredItemInvalidError, dict[str, WireValue]]] = [*zip(self.found, self.places, strict=True)]
        for told, one in enumerate(self.broken):
            entries.insert(one.before + told, (one.error, one.place))
        return entries


@dataclass(frozen=True, kw_only=True)
class ReadItems(Command[Stretch[E]], Generic[E]):
    """One request for many items.

    Attributes:
        start: The keys to go on from; `None` for the beginning.
        evaluate: How many items DynamoDB reads at most, before the filter; `None` for a megabyte.
        only_count: Whether the items are counted and stay where they are.
        alive_at: The time, in epoch seconds, at which items that have expired are left out; `None` to give them too.
        placed: Whether the place of each item is wanted, so that one may go on from after any of them.
        tolerant: Whether an item that cannot be read is told beside the others, and does not fail the request.
    """

    start: Mapping[str, WireValue] | None = None
    evaluate: int | None = None
    only_count: bool = False
    alive_at: int | None = None
    placed: bool = False
    tolerant: bool = False

    @property
    @abstractmethod
    def table(self) -> TableBase:
        """The table that is read."""

    @property
    @abstractmethod
    def key_names(self) -> frozenset[str]:
        """The stored names of the keys of what is read, which say where to go on."""

    @property
    def shards(self) -> tuple[Self, ...]:
        """The requests for each shard of what is read; itself alone where there is one."""
        return (self,)

    @property
    def partition(self) -> Mapping[str, WireValue]:
        """The partition key of what is read, by stored name; empty where all partitions are."""
        return {}

    def rank(self, place: Mapping[str, WireValue]) -> tuple[Any, ...]:  # noqa: ARG002 (of a place among several shards, which most reads have not)
        """What places of several shards are ordered by."""
        return ()

    @property
    def forward(self) -> bool:
        """Whether the smallest place comes first."""
        return True

    @abstractmethod
    def question(self) -> dict[str, Any]:
        """What is asked, without the table's physical name and where to go on."""

    @abstractmethod
    def entity(self, item: Mapping[str, WireValue]) -> E | None:
        """The entity of an item; `None` for an item that was not asked for."""

    @property
    def reader(self) -> Callable[[dict[str, Any]], E | None]:
        """What does as `entity` does, for many items."""
        return self.entity

    @property
    def each(self) -> Callable[[dict[str, Any]], Any]:
        """Makes an item its entity; where places are wanted, a pair of the entity and its place."""
        read = or_error(self.reader) if self.tolerant else self.reader
        if not self.placed:
            return read
        names = sorted(self.key_names)
        return lambda item: (read(item), {name: item[name] for name in names})

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        question = self.question()
        if self.only_count:
            question = {**without(question, "ProjectionExpression"), "Select": "COUNT"}
        params: dict[str, Any] = {"TableName": table_name, **self._alive(question), **COUNTED}
        check_expression("filter", params.get("FilterExpression", ""))
        check_expression("projection", params.get("ProjectionExpression", ""))
        if self.start is not None:
            params["ExclusiveStartKey"] = dict(self.start)
        if self.evaluate is not None:
            params["Limit"] = self.evaluate
        return params

    def result(self, response: dict[str, Any]) -> Stretch[E]:
        """The entities, in the order in which they are stored."""
        items: list[Any] = response.get("Items", [])
        taken = items if isinstance(items, Taken) else [*map(self.each, items)]
        count = response.get("Count", len(taken))
        told = (response.get("LastEvaluatedKey"), count, response.get("ScannedCount", count))
        if not self.placed and not self.tolerant:
            return Stretch([entity for entity in taken if entity is not None], *told)
        stretch: Stretch[E] = Stretch([], *told)
        pairs: Iterable[tuple[Any, dict[str, WireValue]]] = taken if self.placed else ((entity, {}) for entity in taken)
        for entity, place in pairs:
            if isinstance(entity, StoredItemInvalidError):
                stretch.broken.append(Broken(len(stretch.found), entity, place))
            elif entity is not None:
                stretch.found.append(entity)
                stretch.places.append(place)
        return stretch

    def _alive(self, question: dict[str, Any]) -> dict[str, Any]:
        if self.alive_at is None or self.table.ttl is None:
            return question
        texts = [f"({question['FilterExpression']})"] if "FilterExpression" in question else []
        return {
            **question,
            "FilterExpression": " AND ".join([*texts, "NOT #ttl <= :now"]),
            "ExpressionAttributeNames": {**question["ExpressionAttributeNames"], "#ttl": self.table.ttl},
            "ExpressionAttributeValues": {**question.get("ExpressionAttributeValues", {}), ":now": {"N": str(self.alive_at)}},
        }

    def onward(self, start: Mapping[str, WireValue] | None, evaluate: int | None = None) -> Self:
        """The request that goes on from a place."""
        return replace(self, start=start, evaluate=evaluate)


def ordered(wire: WireValue) -> Any:
    """A key as DynamoDB orders it: text by its bytes."""
    kind, content = next(iter(wire.items()))
    if kind == "N":
        return Decimal(content)
    return content.encode() if kind == "S" else bytes(content)
