"""Stores on fresh tables of one shared engine, cheap enough for a unit test."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from gateleg.store import Patience, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model import Index, LocalIndex, Table
    from gateleg.store.dynamodb_client import DynamoDBClient

CURSOR_KEYS = ("a key that only tests use",)
SHORT = Patience(base=0.001)
"""Repeats as often as ever, with hardly a pause."""


class MakeStore:
    """Makes stores, each on a table of its own that nobody else sees and that goes with the test: `make_store(CHAT)`.

    Args:
        client: A client of the engine.

    Attributes:
        client: The same; for `faults(...)`, `recorded(...)`, and stores of your own.
        made: How many tables were made.
        seconds: What making and deleting them took.
    """

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        self.made: int = 0
        self.seconds: float = 0.0
        self._names: list[str] = []

    def __call__(
        self,
        table: Table,
        *,
        table_name: str | None = None,
        patience: Patience = SHORT,
        cursor_keys: Iterable[str | bytes] = CURSOR_KEYS,
        hide_expired: bool = False,
    ) -> Store:
        """A store on a fresh table, with a key for cursors and short pauses.

        Args:
            table: The declaration; import the modules that declare its entities first, since they say what its keys are.
            table_name: A table that is there, for another store on it: `make_store(CHAT, table_name=store.table_name)`.
            patience: As the store takes it.
            cursor_keys: As the store takes it.
            hide_expired: As the store takes it.
        """
        return Store(
            table,
            table_name=table_name or self.fresh(table),
            client=self.client,
            cursor_keys=cursor_keys,
            patience=patience,
            hide_expired=hide_expired,
        )

    def fresh(self, table: Table) -> str:
        """Make a table as it is declared, and give its physical name: for an `AsyncStore`, or a store with settings of its own."""
        begin = time.perf_counter()
        name = f"{table.name[:200]}-{uuid.uuid4().hex[:12]}"
        created: Any = self.client.create_table(**_request(table, name))
        self._names.append(name)
        if created["TableDescription"]["TableStatus"] != "ACTIVE":
            self.client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.made += 1
        self.seconds += time.perf_counter() - begin
        return name

    def clear(self) -> None:
        """Delete the tables that were made."""
        begin = time.perf_counter()
        while self._names:
            self.client.delete_table(TableName=self._names.pop())
        self.seconds += time.perf_counter() - begin


def _request(table: Table, name: str) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": _schema((table.partition_key,), () if table.sort_key is None else (table.sort_key,)),
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": kind} for attribute, kind in table.key_types().items()],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [_index(index, _schema(index.partition_names, index.sort_names)) for index in table.indexes]
    if table.local_indexes:
        request["LocalSecondaryIndexes"] = [
            _index(index, _schema((table.partition_key,), index.key_names)) for index in table.local_indexes
        ]
    return request


def _index(index: Index | LocalIndex, keys: list[dict[str, str]]) -> dict[str, Any]:
    held = list(index.projection.attributes)
    projection = {"ProjectionType": index.projection.type, **({"NonKeyAttributes": held} if held else {})}
    return {"IndexName": index.name, "KeySchema": keys, "Projection": projection}


def _schema(partition_key: tuple[str, ...], sort_key: tuple[str, ...]) -> list[dict[str, str]]:
    keys = (*((name, "HASH") for name in partition_key), *((name, "RANGE") for name in sort_key))
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]
