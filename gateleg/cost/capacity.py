"""The request units of DynamoDB that access patterns take: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRITES = frozenset({"put", "update", "delete"})
_READ_KB, _WRITE_KB = Decimal(4), Decimal(1)
_HALF = Decimal("0.5")


def writes(pattern: Mapping[str, Any]) -> bool:
    """Whether a pattern writes."""
    return pattern["operation"] in _WRITES


def units(pattern: Mapping[str, Any]) -> Decimal:
    """How many request units one call takes.

    A read takes one for each 4 KB, half of that where it is eventually consistent; queries and scans round the sum of their items up, and
    gets each item. A write takes one for each KB, and as many again for each index that it changes. Transactions take twice as many.
    """
    size: Decimal = pattern["item_kb"]
    items: Decimal = pattern.get("items", Decimal(1))
    indexes: Decimal = pattern.get("indexes", Decimal(0))
    factor = 2 if pattern.get("transactional") else 1
    if writes(pattern):
        return items * (factor + indexes) * _rounded(size, _WRITE_KB)
    read = _rounded(size * items, _READ_KB) if pattern["operation"] in {"query", "scan"} else items * _rounded(size, _READ_KB)
    return read * (factor if pattern.get("consistent") or factor > 1 else _HALF)


def told(pattern: Mapping[str, Any]) -> str:
    """The same in words."""
    per = units(pattern)
    return f"{pattern['count']:,f} {pattern['operation']} at {per.normalize():f}"


def _rounded(size: Decimal, step: Decimal) -> Decimal:
    """Whole steps, and never none."""
    return max(Decimal(1), (size / step).to_integral_value(ROUND_CEILING))
