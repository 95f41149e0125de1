"""Sends operations and waits for their answers."""

from __future__ import annotations

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
    from gateleg.store.transport import Transport

R = TypeVar("R")


class Sender:
    """Sends commands to one table.

    Args:
        transport: The way to DynamoDB.
        table_name: Gives the table's physical name.
        patience: How often and how slowly requests are repeated.
    """

    def __init__(self, transport: Transport, table_name: Callable[[], str], patience: Patience) -> None:
        self._transport = transport
        self._takes = taking(transport)
        self._exchanges = Exchanges(table_name, patience)
        self.patience = patience

    def do(self, prepared: Prepared[R]) -> R:
        """The outcome of a prepared operation."""
        return self._finished(self._exchanges.of_prepared(prepared))

    def send(self, command: Command[R], reading: Reading | None = None) -> R:
        """The command's result.

        Args:
            command: The command.
            reading: Counts the answer in.

        Raises:
            OutcomeUnknownError: The answer to a write was lost, and to send it again might do it twice.
            StoreError: DynamoDB refused, or could not be reached.
            BindingError: The environment does not say which table, or lacks credentials or region.
        """
        return self._finished(self._exchanges.of_command(command, reading))

    def send_all(self, commands: Sequence[Command[R]], reading: Reading | None = None) -> list[R]:
        """The results of several commands that are sent at the same time; arguments and errors as of `send`."""
        return self._finished(self._exchanges.of_commands(commands, reading))

    def _all(self, several: Several) -> list[Any]:
        from gateleg.store.at_once import at_once

        return at_once(self._finished, several.exchanges)

    def _answer(self, request: Request) -> dict[str, Any]:
        if request.each is None or self._takes is None:
            return self._transport.call(request.operation, request.params)
        answer: dict[str, Any] = self._takes(request.operation, request.params, request.each)
        return answer

    def _finished(self, exchange: Exchange[R]) -> R:
        try:
            step = next(exchange)
            while True:
                if isinstance(step, Pause):
                    self.patience.sleep(step.seconds)
                    step = exchange.send(None)
                    continue
                try:
                    answer: Any = self._all(step) if isinstance(step, Several) else self._answer(step)
                except Exception as error:  # noqa: BLE001 (the exchange raises what it cannot judge)
                    step = exchange.throw(error)
                else:
                    step = exchange.send(answer)
        except StopIteration as end:
            outcome: R = end.value
            return outcome
