"""Records of a stream, in the form in which Lambda hands them over."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from gateleg.errors import ItemInvalidError, StoredItemInvalidError
from gateleg.model import Attr, Change, Entity, StreamView, Table, attr, key

CHAT = Table("chat", partition_key="pk", sort_key="sk", stream=StreamView.NEW_AND_OLD_IMAGES)


class Message(Entity, table=CHAT):
    room: Attr[str]
    number: Attr[int]
    body: Attr[str] = attr(default="")
    data: Attr[bytes] = attr(default=b"")
    parts: Attr[set[bytes]] = attr(default_factory=set)
    nested: Attr[dict[str, list[bytes]]] = attr(default_factory=dict)
    key = key("ROOM#{room}", "MSG#{number:06d}")


class Pinned(Message):
    place: Attr[int] = attr(default=1)


class Room(Entity, table=CHAT):
    room: Attr[str]
    key = key("ROOM#{room}", "ROOM")


def as_lambda_has_it(entity: Entity | None) -> dict[str, Any]:
    """The image of an entity after a round through JSON, bytes as base64."""
    encoded = {} if entity is None else entity.__gateleg__.encode(entity)
    text: dict[str, Any] = json.loads(json.dumps(encoded, default=lambda value: b64encode(value).decode()))
    return text


def record(event: str, old: Entity | None = None, new: Entity | None = None, **more: Any) -> dict[str, Any]:
    images = {name: image for name, image in (("OldImage", as_lambda_has_it(old)), ("NewImage", as_lambda_has_it(new))) if image}
    keys = {name: wire for name, wire in next(iter(images.values()), {"pk": {"S": "a"}, "sk": {"S": "b"}}).items() if name in {"pk", "sk"}}
    content = {"Keys": keys, "SequenceNumber": "111", "ApproximateCreationDateTime": 1795348800.0, **images}
    return {"eventID": "1", "eventName": event, "eventSource": "aws:dynamodb", "dynamodb": content, **more}


BEFORE = Message(room="a", number=1, body="hi", data=b"\xff\x00", parts={b"x"}, nested={"n": [b"y"]})
AFTER = Message(room="a", number=1, body="hello", data=b"\xff\x00")


def test_a_change_has_the_entity_before_and_after() -> None:
    change = CHAT.decode(record("MODIFY", BEFORE, AFTER))
    assert (change.event, change.old, change.new) == ("MODIFY", BEFORE, AFTER)
    assert change.keys == dict(BEFORE.key.wire)
    assert (change.at, change.sequence, change.expired) == (datetime(2026, 11, 22, 12, tzinfo=UTC), "111", False)


def test_an_insert_has_nothing_before_and_a_removal_nothing_after() -> None:
    assert CHAT.decode(record("INSERT", new=AFTER)).old is None
    assert CHAT.decode(record("REMOVE", BEFORE)).new is None


def test_a_removal_by_time_to_live_is_told_from_one_by_a_handler() -> None:
    identity = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert CHAT.decode(record("REMOVE", BEFORE, userIdentity=identity)).expired
    assert not CHAT.decode(record("REMOVE", BEFORE)).expired


def test_a_change_is_narrowed_to_an_entity_and_its_subclasses() -> None:
    change = CHAT.decode(record("INSERT", new=Pinned(room="a", number=2)))
    assert change.of(Room) is None
    narrowed: Change[Message] | None = change.of(Message)
    assert narrowed is not None
    assert narrowed.new == Pinned(room="a", number=2)


def test_keys_alone_and_items_of_nobody_have_no_entities() -> None:
    keys_only = CHAT.decode(record("MODIFY"))
    assert (keys_only.old, keys_only.new, keys_only.of(Message)) == (None, None, None)
    strange = record("INSERT", new=AFTER)
    strange["dynamodb"]["NewImage"]["_type"] = {"S": "Other"}
    assert CHAT.decode(strange).new is None


def test_powertools_records_are_taken_too() -> None:
    [given] = DynamoDBStreamEvent({"Records": [record("MODIFY", BEFORE, AFTER)]}).records
    assert CHAT.decode(given).new == AFTER


@pytest.mark.parametrize(
    "wrong", [{}, {"eventName": "INSERT"}, {"eventName": "ObjectCreated", "dynamodb": {"Keys": {}}}, {"body": "x", "messageId": "1"}]
)
def test_what_is_no_record_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ItemInvalidError, match=r"event\['Records'\]"):
        CHAT.decode(wrong)


@pytest.mark.parametrize("given", [None, "record", [], 3])
def test_what_is_not_even_a_dict_is_refused(given: Any) -> None:
    with pytest.raises(ItemInvalidError, match="not a record of a DynamoDB stream"):
        Table("streamed", partition_key="pk").decode(given)


def test_a_record_of_no_time_is_refused() -> None:
    record: dict[str, Any] = {"eventName": "INSERT", "dynamodb": {"Keys": {}, "ApproximateCreationDateTime": 1_700_000_000_000}}
    with pytest.raises(ItemInvalidError, match="not a number of seconds since 1970"):
        Table("streamed", partition_key="pk").decode(record)


def test_an_image_with_invalid_values_is_refused_with_its_path() -> None:
    broken = record("INSERT", new=AFTER)
    broken["dynamodb"]["NewImage"]["number"] = {"S": "one"}
    with pytest.raises(StoredItemInvalidError) as caught:
        CHAT.decode(broken)
    assert caught.value.path == "Message.number"
