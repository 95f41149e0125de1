"""The item that every side reads and writes: 20 attributes, about a kilobyte of DynamoDB's JSON. No library is imported here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTRIBUTES: dict[str, Any] = {
    "tenant": "tenant-1",
    "order_id": "01JD0000000000000000000001",
    "customer": "Ann-Sofie Lindström",
    "email": "ann.sofie@example.com",
    "status": "paid",
    "currency": "SEK",
    "note": "Leave it with the neighbour if nobody opens; the bell does not work.",
    "channel": "web",
    "reference": "a1b2c3d4-0000-4000-8000-000000000001",
    "placed": "2026-11-22T07:30:00.000000Z",
    "total": 12990,
    "quantity": 7,
    "weight": 1250,
    "discount": 15,
    "revision": 3,
    "gift": False,
    "express": True,
    "address": {"street": "Stora Södergatan 1", "city": "Lund", "zip": "22223", "country": "SE", "floor": 3},
    "lines": [
        {"sku": "TEA-100", "count": 2, "price": 4990},
        {"sku": "CUP-7", "count": 4, "price": 1990},
        {"sku": "POT-1", "count": 1, "price": 6010},
    ],
    "tags": {"autumn", "gift-shop", "returning"},
}
"""The values as Python has them; `tags` is a set of text."""


def wire(value: Any) -> dict[str, Any]:
    """A value in DynamoDB's JSON."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, set):
        return {"SS": sorted(cast("set[str]", value))}
    if isinstance(value, dict):
        return {"M": {name: wire(part) for name, part in cast("dict[str, Any]", value).items()}}
    return {"L": [wire(part) for part in value]}


def item(number: int = 1, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One of many items in DynamoDB's JSON, which differ in their sort key.

    Args:
        number: Which one.
        more: Attributes, in DynamoDB's JSON, that a library wants beside the twenty.
    """
    order_id = f"{number:026d}"
    return {**{name: wire(value) for name, value in ATTRIBUTES.items()}, "order_id": {"S": order_id}, **(more or {})}


def answer_to_get(more: Mapping[str, Any] | None = None) -> bytes:
    """The body of GetItem's answer."""
    return json.dumps({"Item": item(more=more)}, separators=(",", ":")).encode()


def answer_to_query(count: int, more: Mapping[str, Any] | None = None) -> bytes:
    """The body of the answer to a query that finds so many items."""
    found = [item(number, more) for number in range(count)]
    return json.dumps({"Count": count, "Items": found, "ScannedCount": count}, separators=(",", ":")).encode()
