"""The walk on Amazon's own engine, which refuses two index changes at once and fills indexes in its own time, while items are written."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.changes.template import listed
from gateleg.changes.walk import walk
from gateleg.local.walking import described
from tests.unit.changes.test_walk import silent
from tests.unit.changes.test_waves import names_of, template
from tests.unit.local.table_forms import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateleg.changes.walk import LiveTable

pytestmark = pytest.mark.integration

Json = dict[str, Any]
OLD, NEW = template(PLAIN, ["old"], code="old"), template(PLAIN, ["one", "two", "three"], code="new")
_ITEMS = 400


class KilledError(Exception):
    """The process ends."""


class Engine:
    """A stack whose one table is a real one: an update of the stack is one `UpdateTable`, as CloudFormation sends it, without waiting."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self.deployed: Json | None = None
        self.statuses: set[str] = set()
        self.kills = 0.0
        self._chance = random.Random(5)  # noqa: S311 (no secret)

    def template(self, stack: str) -> Json | None:
        del stack
        self._risk()
        return self.deployed

    def tables(self, stack: str) -> Mapping[str, Sequence[LiveTable]]:
        del stack
        if self.deployed is None:
            return {}
        found = described(self._name, self._client.describe_table(TableName=self._name)["Table"])
        self.statuses |= set(found.indexes.values())
        return {"T": [found]}

    def deploy(self, templates: Mapping[str, Json], stacks: Sequence[str]) -> None:
        del stacks
        [now] = templates.values()
        properties = now["Resources"]["T"]["Properties"]
        indexes = {one["IndexName"]: one for one in listed(properties, "GlobalSecondaryIndexes")}
        was = [] if self.deployed is None else names_of(self.deployed)
        if self.deployed is None:
            names = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
            self._client.create_table(TableName=self._name, **{name: properties[name] for name in names})
        else:
            changes = [
                *({"Create": indexes[name]} for name in indexes if name not in was),
                *({"Delete": {"IndexName": name}} for name in was if name not in indexes),
            ]
            if changes:
                definitions = properties["AttributeDefinitions"]
                self._client.update_table(TableName=self._name, AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=changes)
        self.deployed = now
        self._risk()

    def pause(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.05))
        self._risk()

    def _risk(self) -> None:
        if self._chance.random() < self.kills:
            raise KilledError


def _item(number: int) -> Json:
    return {
        "pk": {"S": str(number)},
        "sk": {"S": "x"},
        **{f"key-{name}": {"S": str(number % 9)} for name in ("old", "one", "two", "three")},
    }


def test_three_indexes_are_made_while_items_are_written_and_every_index_has_every_item(dynamodb_engines: Callable[[str], Any]) -> None:
    client = dynamodb_engines("local")
    engine = Engine(client, "waves")
    engine.deploy({"Data": OLD}, ["Data"])
    written = set(range(_ITEMS))
    for first in range(0, _ITEMS, 25):
        batch = [{"PutRequest": {"Item": _item(number)}} for number in range(first, first + 25)]
        assert client.batch_write_item(RequestItems={"waves": batch})["UnprocessedItems"] == {}
    with pytest.raises(client.exceptions.ClientError, match="Only 1 online index can be created or deleted simultaneously"):
        engine.deploy({"Data": NEW}, ["Data"])
    ends = threading.Event()

    def write() -> None:
        number = _ITEMS
        while not ends.wait(0.002):
            # This engine answers a write with 500 now and then while it makes an index; clients send it again.
            with contextlib.suppress(client.exceptions.ClientError):
                client.put_item(TableName="waves", Item=_item(number))
                written.add(number)
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    kills, engine.kills = 0, 0.2
    try:
        while True:
            try:
                walk(engine, {"Data": NEW}, silent)
            except KilledError:
                kills += 1
            else:
                break
    finally:
        ends.set()
        writer.join()
    assert kills > 2
    assert len(written) > _ITEMS + 20
    assert engine.deployed == NEW
    assert "CREATING" in engine.statuses, "the engine takes its time"
    for index in ({}, *({"IndexName": name} for name in ("one", "two", "three"))):
        pages = client.get_paginator("scan").paginate(TableName="waves", **index)
        assert sorted(int(item["pk"]["S"]) for page in pages for item in page["Items"]) == sorted(written)
    client.delete_table(TableName="waves")
