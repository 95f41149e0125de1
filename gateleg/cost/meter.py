"""What is counted, and where a load must say how much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HOURS = Decimal(730)
"""A month's, as AWS counts: 365 days of 24 hours, by twelve."""


def number(value: object) -> Decimal | None:
    """The number that a template says, as such or as text; `None` where a parameter or a condition decides."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


@dataclass(frozen=True)
class Meter:
    """Something of a resource that is counted and billed.

    Attributes:
        resource: What the resource is called.
        price: The name of the price.
        quantity: How much of it; `None` where the load says nothing.
        why: What the quantity is made of; where the load says nothing, the key that it lacks.
    """

    resource: str
    price: str
    quantity: Decimal | None
    why: str


class Said:
    """What a load says of one resource, and which keys it lacks."""

    def __init__(self, path: str, given: Mapping[str, Any]) -> None:
        self.path = path
        self._given = given

    def get(self, key: str) -> Any:
        """What is said under a key; `None` where nothing is."""
        return self._given.get(key)

    def lacking(self, *keys: str) -> str:
        """The paths of the keys that are not there; empty where all are."""
        return ", ".join(f"{self.path}.{key}" for key in keys if key not in self._given)

    def meter(self, resource: str, price: str, quantity: Decimal | None, why: str, *keys: str) -> Meter:
        """A meter whose quantity needs these keys."""
        lacking = self.lacking(*keys)
        return Meter(resource, price, None, lacking) if lacking else Meter(resource, price, quantity, why)
