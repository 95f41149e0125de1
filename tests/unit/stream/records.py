"""A table with a stream, and the events that Lambda makes of its changes."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from gateleg.model import Attr, Entity, StreamView, Table, attr, key
from gateleg.testing import stream_event

SHOP = Table("shop", partition_key="pk", sort_key="sk", ttl="gone", stream=StreamView.NEW_AND_OLD_IMAGES)


class Order(Entity, table=SHOP):
    order_id: Attr[str]
    status: Attr[str] = attr(default="open")
    tins: Attr[int] = attr(default=0)
    note: Attr[str | None] = attr(default=None)
    gift: Attr[bool] = attr(default=False)
    tags: Attr[set[str]] = attr(default_factory=set)
    address: Attr[dict[str, str]] = attr(default_factory=dict)
    code: Attr[SecretStr] = attr(default=SecretStr(""))
    key = key("ORDER#{order_id}", "ORDER")


class Parcel(Order):
    weight: Attr[int] = attr(default=1)


class Stock(Entity, table=SHOP):
    paint: Attr[str]
    tins: Attr[int] = attr(default=0)
    key = key("PAINT#{paint}", "STOCK")


def record(old: Entity | None = None, new: Entity | None = None, **more: Any) -> dict[str, Any]:
    """The record of a change, with a number and an id of its own."""
    [found] = stream_event((old, new))["Records"]
    return {**found, **more}


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    """The event of a batch."""
    return {"Records": list(records)}
