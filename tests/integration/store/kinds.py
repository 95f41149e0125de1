"""A table in which items of several kinds may be under one key, and stores of both sorts that do the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from gateleg.model import Attr, Entity, Table, access, attr, key, version
from gateleg.store import AsyncStore
from gateleg.testing.stores import CURSOR_KEYS, SHORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Store

KINDS = Table("kinds", partition_key="pk", sort_key="sk")


class Animal(Entity, table=KINDS):
    """What others are derived from."""

    id: Attr[str]
    name: Attr[str] = attr(default="")

    key = key("A#{id}", "IT")


class Cat(Animal):
    """What an update of an `Animal` keeps whole."""

    lives: Attr[int] = attr(default=9)


class Dog(Animal):
    """A sibling, with a version that an `Animal` does not know of."""

    revision: Attr[int] = version()


class Stone(Entity, table=KINDS):
    """No relation, under the same keys."""

    id: Attr[str]
    name: Attr[str] = attr(default="")

    key = key("A#{id}", "IT")


class Tree(Entity, table=KINDS):
    """Alone under its keys."""

    id: Attr[str]

    key = key("T#{id}", "TREE")

    @access
    def of(*, id: str) -> None: ...  # noqa: A002 (the attribute's name)


class Both:
    """Calls of a store that waits, or of one that awaits, whose answers are then waited for."""

    def __init__(self, store: Store, client: DynamoDBClient, *, awaits: bool) -> None:
        self.awaits = awaits
        self.waiting = store
        self.awaiting = AsyncStore(store.table, table_name=store.table_name, client=client, cursor_keys=CURSOR_KEYS, patience=SHORT)

    def __getattr__(self, name: str) -> Any:
        if not self.awaits:
            return getattr(self.waiting, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            async def act() -> Any:
                result: Any = getattr(self.awaiting, name)(*args, **kwargs)
                return [item async for item in result] if hasattr(result, "__aiter__") else await result

            return asyncio.run(act())

        return call

    def transacted(self, gather: Callable[[Any], object]) -> None:
        """Do one transaction."""
        if not self.awaits:
            with self.waiting.transact() as tx:
                gather(tx)
            return

        async def act() -> None:
            async with self.awaiting.transact() as tx:
                gather(tx)

        asyncio.run(act())
