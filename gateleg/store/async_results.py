"""The items of a query or scan, read as they are asked for and awaited."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.store.async_sender import AsyncSender
from gateleg.store.at_once import AT_ONCE
from gateleg.store.results import Pending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateleg.model.entity import Entity
    from gateleg.store.commands.read import Stretch
    from gateleg.store.results import Walk
    from gateleg.store.segments import Segments

E = TypeVar("E", bound="Entity")


class AsyncResults(Pending[E, AsyncSender]):
    """An asynchronous iterator over items: `async for message in store.query(...)`; `Results` for asyncio."""

    def __aiter__(self) -> AsyncIterator[E]:
        return self

    async def __anext__(self) -> E:
        return await anext(self._items)

    @cached_property
    def _items(self) -> AsyncIterator[E]:
        return self._read()

    async def _read(self) -> AsyncIterator[E]:
        if self._merge is not None:
            while self._merge.left != 0 and (commands := self._merge.commands()):
                for entity in self._merge.take(await self._sender.send_all(commands, self.reading)):
                    yield entity
            return
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
