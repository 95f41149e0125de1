"""Many items in one request, each by itself: some may be done and others not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from gateleg.store.commands.base import COUNTED, Command
from gateleg.store.commands.get import expired
from gateleg.store.unreadable import taken

if TYPE_CHECKING:
    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")

WRITES_AT_ONCE = 25
READS_AT_ONCE = 100


@dataclass(frozen=True)
class BatchWriteItem(Command[tuple[dict[str, Any], ...]]):
    """Up to 25 puts and deletions.

    Attributes:
        requests: In wire form: `PutRequest` or `DeleteRequest` each.
    """

    requests: tuple[dict[str, Any], ...]
    operation: ClassVar[str] = "BatchWriteItem"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        return {"RequestItems": {table_name: list(self.requests)}, **COUNTED}

    def result(self, response: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """The requests that DynamoDB did not get to."""
        return tuple(request for requests in response.get("UnprocessedItems", {}).values() for request in requests)


@dataclass(frozen=True)
class BatchGetItem(Command[tuple[dict["Key[E]", E], tuple["Key[E]", ...]]], Generic[E]):
    """Read up to 100 items by their keys.

    Attributes:
        keys: The keys, each once; an item that several are of, as keys of an entity and of its subclass are, is read once for all.
        consistent: Whether writes that ended before the read are surely seen.
        alive_at: The time, in epoch seconds, at which items that have expired are left out; `None` to give them too.
        unreadable: What takes items that cannot be read; `None` to raise.
    """

    keys: tuple[Key[E], ...]
    consistent: bool = False
    alive_at: int | None = None
    unreadable: Unreadable | None = None
    operation: ClassVar[str] = "BatchGetItem"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        wanted: dict[str, Any] = {"Keys": [dict(keys[0].wire) for keys in self._by_wire().values()]}
        return {"RequestItems": {table_name: {**wanted, "ConsistentRead": True} if self.consistent else wanted}, **COUNTED}

    def result(self, response: dict[str, Any]) -> tuple[dict[Key[E], E], tuple[Key[E], ...]]:
        """The entities found by their keys, and the keys that DynamoDB did not get to."""
        by_wire = self._by_wire()
        found: dict[Key[E], E] = {}
        for item in (item for items in response.get("Responses", {}).values() for item in items):
            table = self.keys[0].entity.__gateleg__.table
            keys = [key for key in by_wire[_identity({name: item[name] for name in table.key_names})] if key.entity.__gateleg__.owns(item)]
            if keys and not expired(table, item, self.alive_at):
                for entity in taken(keys[0].entity.__gateleg__.decode, item, self.unreadable):
                    found.update((key, entity) for key in keys)
        left = [wire for request in response.get("UnprocessedKeys", {}).values() for wire in request["Keys"]]
        return found, tuple(key for wire in left for key in by_wire[_identity(wire)])

    def _by_wire(self) -> dict[str, list[Key[E]]]:
        found: dict[str, list[Key[E]]] = {}
        for key in self.keys:
            found.setdefault(_identity(key.wire), []).append(key)
        return found


def _identity(wire: Any) -> str:
    attributes: dict[str, WireValue] = dict(wire)
    return repr(sorted((name, sorted(value.items())) for name, value in attributes.items()))
