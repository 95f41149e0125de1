"""What reading or writing took: requests, items, capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Reading:
    """The sum over the requests that were answered so far; it grows as more are sent.

    Attributes:
        requests: How many requests were answered.
        count: How many items they gave, after filters.
        scanned: How many items DynamoDB read for them, before filters; these are what is paid for.
        capacity: The read or write capacity units that they consumed.
    """

    requests: int = 0
    count: int = 0
    scanned: int = 0
    capacity: float = 0.0

    def add(self, response: Mapping[str, Any]) -> None:
        """Count one answer of DynamoDB in."""
        consumed: Any = response.get("ConsumedCapacity") or ()
        parts: list[Mapping[str, Any]] = [consumed] if isinstance(consumed, dict) else list(consumed)
        self.requests += 1
        self.count += int(response.get("Count", 0))
        self.scanned += int(response.get("ScannedCount", 0))
        self.capacity += sum(float(part.get("CapacityUnits", 0)) for part in parts)

    def merge(self, other: Reading) -> None:
        """Count in what another counted."""
        self.requests += other.requests
        self.count += other.count
        self.scanned += other.scanned
        self.capacity += other.capacity
