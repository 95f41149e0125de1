"""Events of a table's stream, made from entities, to call a handler with."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import count
from typing import TYPE_CHECKING, Any

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from gateleg.model import Entity

_numbers = count(1)
_TIME = 1_795_348_800
"""When all of it happened: a test is the same on any day."""


def stream_event(*changes: tuple[Entity | None, Entity | None], expired: bool = False) -> dict[str, Any]:
    """The Lambda event of changes, in their order, as a stream of new and old images tells them.

        app(stream_event((None, order), (order, paid), (paid, None)), None)

    Each record has a number and an id of its own; an event that is given twice is one that came again.

    Args:
        changes: What each item was, and what it is; `None` for nothing.
        expired: Whether DynamoDB removed what is gone because its time was over.

    Raises:
        DeclarationError: A change is from nothing to nothing.
    """
    return {"Records": [_record(old, new, expired=expired) for old, new in changes]}


def _record(old: Entity | None, new: Entity | None, *, expired: bool) -> dict[str, Any]:
    images = {name: _image(entity) for name, entity in (("OldImage", old), ("NewImage", new)) if entity is not None}
    entity = new if new is not None else old
    if entity is None:
        raise DeclarationError("a change has an old or a new entity, or both; write stream_event((None, order))", path="stream_event")
    event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    keys = {name: images[next(iter(images))][name] for name in type(entity).__gateleg__.table.key_names}
    number = next(_numbers)
    content = {
        "Keys": keys,
        "SequenceNumber": f"{number:021}",
        "ApproximateCreationDateTime": _TIME,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    by = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}} if expired and event == "REMOVE" else {}
    named = {"eventID": f"{number:032x}", "eventName": event, "eventVersion": "1.1", "eventSource": "aws:dynamodb"}
    return {**named, "dynamodb": {**content, **images}, **by}


def _image(entity: Entity) -> dict[str, Any]:
    """An entity's item as Lambda hands it on: bytes as base64."""
    encoded = json.dumps(entity.__gateleg__.encode(entity), default=lambda value: b64encode(value).decode())
    found: dict[str, Any] = json.loads(encoded)
    return found
