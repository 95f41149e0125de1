"""Reading and writing items as they are stored, for what works on whole tables: scans of everything, writes that demand what was read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from gateleg.errors import ConditionFailedError, ExpressionError, ItemExistsError
from gateleg.expressions import Placeholders
from gateleg.expressions.queries import kept_params
from gateleg.expressions.sizes import check_expression, check_item_size
from gateleg.model.values.stored import same_stored
from gateleg.store.commands.base import COUNTED, Command, without
from gateleg.store.commands.conditions import (
    REFUSED,
    absent_text,
    guarded,
    joined,
    known_text,
    mismatched,
    type_text,
    unrivalled_text,
    version_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.errors import StoreError
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.values.wire import WireValue

_MOST_DEMANDS = 100
"""So many fit into the 4 KB and 300 operators of a condition, whatever they are."""


class StoredPage(NamedTuple):
    """What one request of a scan gave.

    Attributes:
        items: The items as they are stored.
        scanned: How many items DynamoDB read for them.
        end: The keys to go on from; `None` where there is no more.
    """

    items: list[dict[str, WireValue]]
    scanned: int
    end: dict[str, WireValue] | None


@dataclass(frozen=True)
class ScanStored(Command[StoredPage]):
    """One request of a scan for items as they are stored.

    Attributes:
        layouts: The entities whose items are wanted, with those of their subclasses; empty for every item of the table.
        segment: Which part of the table is read.
        segments: In how many parts it is read.
        start: The keys to go on from; `None` for the beginning.
        evaluate: How many items DynamoDB reads at most.
        consistent: Whether writes that ended before the read are surely seen.
    """

    layouts: tuple[Layout, ...]
    segment: int = 0
    segments: int = 1
    start: Mapping[str, WireValue] | None = None
    evaluate: int | None = None
    consistent: bool = False
    operation: ClassVar[str] = "Scan"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        placeholders = Placeholders()
        kept = kept_params(self.layouts, None, None, placeholders) if self.layouts else {}
        params: dict[str, Any] = {"TableName": table_name, **kept, **placeholders.params(), **COUNTED}
        params |= {"Segment": self.segment, "TotalSegments": self.segments, "ConsistentRead": self.consistent}
        if self.start is not None:
            params["ExclusiveStartKey"] = dict(self.start)
        return params if self.evaluate is None else {**params, "Limit": self.evaluate}

    def result(self, response: dict[str, Any]) -> StoredPage:
        """The items, and where to go on."""
        items: list[dict[str, WireValue]] = list(response.get("Items", []))
        return StoredPage(items, response.get("ScannedCount", len(items)), response.get("LastEvaluatedKey"))

    def onward(self, start: Mapping[str, WireValue], evaluate: int | None) -> Self:
        """The request that goes on from a place."""
        return replace(self, start=start, evaluate=evaluate)


@dataclass(frozen=True)
class PutStored(Command["dict[str, WireValue] | None"]):
    """Write an item as it is, on condition that there is none under its key, or one of its entity.

    Attributes:
        key: The item's key.
        item: The item.
        new: Whether there must be none.
        known: What the stored item must still hold, as it was read.
    """

    key: Key[Any]
    item: Mapping[str, WireValue]
    new: bool
    known: tuple[Condition, ...] = ()
    operation: ClassVar[str] = "PutItem"

    @property
    def label(self) -> str:
        """What is written, for messages."""
        return f"write {self.key!r}"

    @property
    def repeatable(self) -> bool:
        """Where it replaces, twice does what once does."""
        return not self.new

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        layout, placeholders = self.key.entity.__gateleg__, Placeholders()
        check_item_size(self.item, self.label)
        place = absent_text(layout, placeholders) if self.new else unrivalled_text([layout], placeholders)
        condition = joined(place, known_text(self.known, placeholders))
        before: dict[str, Any] = {} if self.new else {"ReturnValues": "ALL_OLD"}
        return {"TableName": table_name, "Item": dict(self.item), **guarded(placeholders, condition), **before, **COUNTED}

    def part(self, table_name: str) -> dict[str, Any]:
        """The write as a part of a transaction."""
        return {"Put": without(self.params(table_name), "ReturnValues", *COUNTED)}

    def result(self, response: dict[str, Any]) -> dict[str, WireValue] | None:
        """The item that it took the place of; `None` where there was none."""
        return response.get("Attributes")

    def failure(self, error: StoreError) -> StoreError:
        """That there is another item, or one of another kind; `response["Item"]` is that item."""
        if error.aws_code != REFUSED:
            return error
        if (mismatch := mismatched(error, self.key, [self.key.entity.__gateleg__], None)) is not None:
            return mismatch
        kind = ItemExistsError if self.new else ConditionFailedError
        message = f"there is another item under {self.key!r} already; nothing was written"
        return kind(message, path=repr(self.key), aws_code=error.aws_code, response=error.response)


@dataclass(frozen=True)
class RewriteStored(Command[None]):
    """Change of an item what is to be otherwise, on condition that all else is still as it was read.

    What nobody declares and was not there may have come since, and stays.

    Attributes:
        key: The item's key.
        before: The item as it was read.
        after: The item as it is to be.
    """

    key: Key[Any]
    before: Mapping[str, WireValue]
    after: Mapping[str, WireValue]
    operation: ClassVar[str] = "UpdateItem"

    @property
    def label(self) -> str:
        """What is changed, for messages."""
        return f"rewrite {self.key!r}"

    @property
    def repeatable(self) -> bool:
        """The second sending would meet the work of the first."""
        return False

    @property
    def changes(self) -> bool:
        """Whether there is anything to change."""
        return not same_stored(self.before, self.after)

    def params(self, table_name: str) -> dict[str, Any]:
        """The request.

        Raises:
            ExpressionError: The item has too many attributes for one condition, and no version.
        """
        return {**self._request(table_name), **COUNTED}

    def part(self, table_name: str) -> dict[str, Any]:
        """The change as a part of a transaction; the condition alone where nothing is to change."""
        return {"Update" if self.changes else "ConditionCheck": self._request(table_name)}

    def result(self, response: dict[str, Any]) -> None:
        """Nothing: it is changed."""

    def _request(self, table_name: str) -> dict[str, Any]:
        placeholders = Placeholders()
        text = _changes_text(self.before, self.after, placeholders)
        check_expression("update", text)
        condition = _unchanged_text(self.key, self.before, placeholders)
        params = {"TableName": table_name, "Key": dict(self.key.wire), **guarded(placeholders, condition)}
        return {**params, "UpdateExpression": text} if text else params


def _changes_text(before: Mapping[str, WireValue], after: Mapping[str, WireValue], placeholders: Placeholders) -> str:
    changed = [name for name, wire in after.items() if name not in before or not same_stored({"": before[name]}, {"": wire})]
    sets = [f"{placeholders.name(name)} = {placeholders.value(after[name])}" for name in changed]
    gone = [placeholders.name(name) for name in before if name not in after]
    return " ".join(f"{word} {', '.join(texts)}" for word, texts in (("SET", sets), ("REMOVE", gone)) if texts)


def _unchanged_text(key: Key[Any], item: Mapping[str, WireValue], placeholders: Placeholders) -> str | None:
    """The stored item holds what was read, and of what its entity declares nothing more; of a large one, its version says so."""
    layout: Layout = key.entity.__gateleg__
    table, version = layout.table, layout.role("version")
    declared = [*layout.read_names, *table.all_key_names, table.schema_attribute, *filter(None, [table.ttl])]
    absent = [name for name in dict.fromkeys(declared) if name not in item]
    if len(item) + len(absent) <= _MOST_DEMANDS:
        texts = [_still_text(placeholders.name(name), wire, placeholders) for name, wire in item.items()]
        return joined(*texts, *(f"attribute_not_exists({placeholders.name(name)})" for name in absent))
    if version is None:
        message = f"{key!r} has {len(item)} attributes, of which one condition cannot say that they are still the same; give {layout.entity.__name__} a version()"
        raise ExpressionError(message, path=repr(key), value=len(item))
    number = int(item.get(version.stored, {"N": "0"})["N"])
    return joined(type_text([layout], placeholders), version_text(layout, number, placeholders))


def _still_text(name: str, wire: WireValue, placeholders: Placeholders) -> str:
    return f"attribute_type({name}, {placeholders.value({'S': 'NULL'})})" if "NULL" in wire else f"{name} = {placeholders.value(wire)}"
