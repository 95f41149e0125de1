"""What a request asks and costs, in words a person reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from gateleg.expressions.sizes import item_size
from gateleg.model.values.hidden import HIDDEN, SecretWire
from gateleg.model.values.wire import from_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.queries.consumed import Reading

_PLACEHOLDER = re.compile(r"[#:]\w+")
_WRITE_UNIT = 1024
_MEGABYTE_UNITS = 256
_READ_OPERATIONS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems", "Get", "ExecuteStatement"})


@dataclass(frozen=True)
class Explanation:
    """One operation, explained; `str()` of it is a text of a few lines.

    Attributes:
        operation: DynamoDB's name of it; empty where there is nothing to ask.
        table: The table's physical name.
        index: The index that is read; `None` for the table itself.
        key: What is asked of the key, with names and values filled in; `None` where all of the table is read.
        condition: What the stored item must fulfil for a write to happen.
        filtered: What an item that was read, and paid for, must fulfil to be given.
        update: What is changed.
        projection: What is read of each item; `None` for all of it.
        parts: The parts of a transaction.
        estimate: The capacity units that it takes at least: for reads of items up to 4 KB, for writes by what is known of the item;
            indexes that follow a write come on top.
        evaluated: How many items the first request reads at most, before the filter; later ones grow by what the filter keeps. `None` for
            a megabyte.
        most: The capacity units that a page takes at most, whatever its filter leaves out; `None` where nothing bounds them.
        reading: What it took so far, as far as it has been sent.
        shards: How many such requests are sent at once, one to each shard of an index; the estimate and the most are those of all.
    """

    operation: str
    table: str
    index: str | None
    key: str | None
    condition: str | None
    filtered: str | None
    update: str | None
    projection: str | None
    parts: tuple[Explanation, ...]
    estimate: float
    evaluated: int | None
    most: float | None
    reading: Reading
    shards: int = 1

    def __str__(self) -> str:
        place = f"{self.table}, index {self.index}" if self.index else self.table
        units = "read" if self.operation in _READ_OPERATIONS else "write"
        lines = [f"{self.operation or 'nothing'} on {place}"]
        told = {"key": self.key, "condition": self.condition, "filter": self.filtered, "update": self.update, "reads only": self.projection}
        lines += [f"  {name}: {text}" for name, text in told.items() if text is not None]
        lines += ["  " + str(part).replace("\n", "\n  ") for part in self.parts]
        if self.shards > 1:
            lines.append(f"  asks: {self.shards} shards at once, of which this is the first")
        if self.evaluated is not None:
            lines.append(f"  reads first: {self.evaluated} items, before the filter")
        most = "" if self.most is None else f", {self.most:g} at most"
        lines.append(f"  estimated: {self.estimate:g} {units} units or more{most}")
        if self.reading.requests:
            seen = f"{self.reading.requests} requests, {self.reading.scanned} items read, {self.reading.count} given"
            lines.append(f"  consumed: {self.reading.capacity:g} {units} units ({seen})")
        return "\n".join(lines)


def explain(operation: str, params: Mapping[str, Any], reading: Reading, requests: int | None = None, *, shards: int = 1) -> Explanation:
    """The explanation of a request.

    Args:
        operation: DynamoDB's name of it.
        params: Its parameters.
        reading: What it took so far.
        requests: How many requests it sends at most, where that is known of a read.
        shards: How many such requests are sent at once.
    """
    parts = tuple(explain(kind, part, type(reading)()) for entry in params.get("TransactItems", ()) for kind, part in entry.items())
    batched: dict[str, Any] = params.get("RequestItems", {})
    table = params.get("TableName") or next(iter(batched), "") or next((part.table for part in parts), "")
    return Explanation(
        operation,
        table,
        params.get("IndexName"),
        _key(params),
        _filled(params, "ConditionExpression"),
        _filled(params, "FilterExpression"),
        _filled(params, "UpdateExpression"),
        _filled(params, "ProjectionExpression"),
        parts,
        2 * sum(part.estimate for part in parts) or _estimate(operation, params) * (shards or 1),
        params.get("Limit"),
        None if requests is None else requests * shards * _MEGABYTE_UNITS * (1.0 if params.get("ConsistentRead") else 0.5),
        reading,
        shards,
    )


def _key(params: Mapping[str, Any]) -> str | None:
    if "KeyConditionExpression" in params:
        return _filled(params, "KeyConditionExpression")
    if "Key" in params:
        return _joined(params["Key"])
    if "RequestItems" in params:
        return f"{_batch_count(params)} items"
    return str(params["Statement"]) if "Statement" in params else None


def _joined(key: Mapping[str, Any]) -> str:
    return " AND ".join(f"{name} = {_shown(value)!r}" for name, value in key.items())


def _shown(wire: dict[str, Any]) -> Any:
    """The value of a wire form, without its secrets."""
    if isinstance(wire, SecretWire):
        return HIDDEN
    if "M" in wire:
        return {name: _shown(part) for name, part in wire["M"].items()}
    return [_shown(part) for part in wire["L"]] if "L" in wire else from_wire(wire)


def _filled(params: Mapping[str, Any], name: str) -> str | None:
    """An expression with its names and values in place of the placeholders."""
    if name not in params:
        return None
    known: dict[str, str] = dict(params.get("ExpressionAttributeNames", {}))
    known |= {placeholder: repr(_shown(value)) for placeholder, value in params.get("ExpressionAttributeValues", {}).items()}
    return _PLACEHOLDER.sub(lambda found: known.get(found.group(), found.group()), str(params[name]))


def _estimate(operation: str, params: Mapping[str, Any]) -> float:
    if operation == "BatchWriteItem":
        return float(sum(_write_units(request) for requests in params["RequestItems"].values() for request in requests))
    if operation == "BatchGetItem":
        return _batch_count(params) * (1.0 if any(wanted.get("ConsistentRead") for wanted in params["RequestItems"].values()) else 0.5)
    if operation in _READ_OPERATIONS:
        return 1.0 if params.get("ConsistentRead") or operation == "Get" else 0.5
    return float(_write_units({"PutRequest": params})) if operation else 0.0


def _write_units(request: Mapping[str, Any]) -> int:
    item: Mapping[str, Any] = request.get("PutRequest", {}).get("Item", {})
    return max(1, ceil(item_size(item) / _WRITE_UNIT))


def _batch_count(params: Mapping[str, Any]) -> int:
    batched: dict[str, Any] = params["RequestItems"]
    return sum(len(wanted) if "Keys" not in wanted else len(wanted["Keys"]) for wanted in batched.values())
