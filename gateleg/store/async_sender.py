"""Sends operations and awaits their answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.store.exchange import Exchanges, Several
from gateleg.store.patience import Pause
from gateleg.store.transport import taking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateleg.model.queries.consumed import Reading
    from gateleg.store.commands.base import Command
    from gateleg.store.exchange import Exchange, Request
    from gateleg.store.patience import Patience
    from gateleg.store.prepared import Prepared
    from gateleg.store.transport_threads import AsyncTransport

R = TypeVar("R")


class AsyncSender:
    """Sends commands to one table; `Sender` for asyncio.

    Args:
        transport: The way to DynamoDB.
        table_name: Gives the table's physical name.
        patience: How often and how slowly requests are repeated; pauses are spent in `asyncio.sleep`.
    """

    def __init__(self, transport: AsyncTransport, table_name: Callable[[], str], patience: Patience) -> None:
        self._transport = transport
        self._takes = taking(transport)
        self._exchanges = Exchanges(table_name, patience)
        self.patience = patience

    async def do(self, prepared: Prepared[R]) -> R:
        """The outcome of a prepared operation."""
        return await self._finished(self._exchanges.of_prepared(prepared))

    async def send(self, command: Command[R], reading: Reading | None = None) -> R:
        """The command's result; arguments and errors as of `Sender.send`."""
        return await self._finished(self._exchanges.of_command(command, reading))

    async def send_all(self, commands: Sequence[Command[R]], reading: Reading | None = None) -> list[R]:
        """The results of several commands that are sent at the same time; arguments and errors as of `Sender.send`."""
        return await self._finished(self._exchanges.of_commands(commands, reading))

    async def _all(self, several: Several) -> list[Any]:
        running = [asyncio.ensure_future(self._finished(exchange)) for exchange in several.exchanges]
        try:
            return await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()

    async def _answer(self, request: Request) -> dict[str, Any]:
        if request.each is None or self._takes is None:
            return await self._transport.call(request.operation, request.params)
        answer: dict[str, Any] = await self._takes(request.operation, request.params, request.each)
        return answer

    async def _finished(self, exchange: Exchange[R]) -> R:
        try:
            step = next(exchange)
            while True:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    step = exchange.send(None)
                    continue
                try:
                    answer: Any = await (self._all(step) if isinstance(step, Several) else self._answer(step))
                except Exception as error:  # noqa: BLE001 (the exchange raises what it cannot judge)
                    step = exchange.throw(error)
                else:
                    step = exchange.send(answer)
        except StopIteration as end:
            outcome: R = end.value
            return outcome
