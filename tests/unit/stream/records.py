"""A table with a stream, and the events that Lambda makes of its changes."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import count
from typing import Any

from pydantic import SecretStr

from gateleg.model import Attr, Entity, StreamView, Table, attr, key

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


_numbers = count(1)


def image(entity: Entity | None) -> dict[str, Any]:
    """An entity as Lambda has it: bytes as base64."""
    encoded = {} if entity is None else entity.__gateleg__.encode(entity)
    found: dict[str, Any] = json.loads(json.dumps(encoded, default=lambda value: b64encode(value).decode()))
    return found


def record(old: Entity | None = None, new: Entity | None = None, **more: Any) -> dict[str, Any]:
    """The record of a change, with a number and an id of its own."""
    number = str(next(_numbers))
    event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    images = {name: found for name, found in (("OldImage", image(old)), ("NewImage", image(new))) if found}
    keys = {name: wire for name, wire in next(iter(images.values())).items() if name in {"pk", "sk"}}
    content = {"Keys": keys, "SequenceNumber": number, "ApproximateCreationDateTime": 1795348800, **images}
    return {"eventID": f"id-{number}", "eventName": event, "eventSource": "aws:dynamodb", "dynamodb": content, **more}


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    """The event of a batch."""
    return {"Records": list(records)}
