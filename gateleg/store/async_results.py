"""The items of a query or scan, read as they are asked for and awaited."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.model.reading import Reading
from gateleg.store.explanation import explain
from gateleg.store.results import Walk
from gateleg.store.segments import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateleg.model.entity import Entity
    from gateleg.store.async_sender import AsyncSender
    from gateleg.store.commands.read import ReadItems, Stretch
    from gateleg.store.explanation import Explanation
    from gateleg.store.segments import Segments

E = TypeVar("E", bound="Entity")


class AsyncResults(Generic[E]):
    """An asynchronous iterator over items: `async for message in store.query(...)`; `Results` for asyncio.

    Args:
        first: The first request.
        maximum: How many items are wanted; `None` for all.
        sender: What sends its requests.
        table_name: Gives the table's physical name.

    Attributes:
        reading: What its requests took so far.
    """

    def __init__(self, first: ReadItems[E], maximum: int | None, sender: AsyncSender, table_name: Callable[[], str]) -> None:
        self.reading = Reading()
        self._walk = Walk(first, maximum)
        self._first = self._walk.command or first
        self._sender = sender
        self._table_name = table_name
        self._items = self._read()

    def __aiter__(self) -> AsyncIterator[E]:
        return self

    async def __anext__(self) -> E:
        return await anext(self._items)

    def params(self) -> dict[str, Any]:
        """The first request, exactly; nothing is sent."""
        return self._first.params(self._table_name())

    def explain(self) -> Explanation:
        """What the request asks and costs in words; nothing is sent. Once items were read, also what that took so far."""
        return explain(self._first.operation, self.params(), self.reading)

    async def _read(self) -> AsyncIterator[E]:
        while self._walk.command is not None:
            for entity in self._walk.take(await self._sender.send(self._walk.command, self.reading)):
                yield entity


class AsyncParallelResults(AsyncResults[E]):
    """An asynchronous iterator over a scan whose segments are read at the same time; `ParallelResults` for asyncio.

    Args:
        segments: The segments; up to 10 are read at once.
        sender: What sends its requests.
        table_name: Gives the table's physical name.
    """

    def __init__(self, segments: Segments[E], sender: AsyncSender, table_name: Callable[[], str]) -> None:
        super().__init__(segments.first, None, sender, table_name)
        self._segments = segments

    async def _read(self) -> AsyncIterator[E]:
        running: dict[asyncio.Task[Stretch[E]], Walk[E]] = {}
        try:
            while not self._segments.over and self._fill(running):
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    for entity in self._segments.give(running.pop(task), task.result()):
                        yield entity
        finally:
            for task in running:
                task.cancel()

    def _fill(self, running: dict[asyncio.Task[Stretch[E]], Walk[E]]) -> bool:
        while len(running) < AT_ONCE and (walk := self._segments.take()) is not None:
            running[asyncio.create_task(self._send(walk.command))] = walk
        return bool(running)

    async def _send(self, command: Any) -> Stretch[E]:
        return await self._sender.send(command, self.reading)
