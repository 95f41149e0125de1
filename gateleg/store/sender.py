"""Sends commands: repeats what may be repeated, and says of every write whether it is done, failed, or unknown."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import GatelegError, StoreError
from gateleg.store.outcomes import Doubt, classify, unknown
from gateleg.store.programs import Pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.reading import Reading
    from gateleg.store.commands.base import Command
    from gateleg.store.programs import Program
    from gateleg.store.transport import Transport

R = TypeVar("R")


@dataclass(frozen=True)
class Patience:
    """How often and how slowly requests are repeated.

    Attributes:
        attempts: How often a request is sent at most.
        base: The longest first pause, in seconds; each later one may be twice as long.
        cap: The longest pause, in seconds.
        sleep: What waits.
        chance: Gives numbers from 0 to 1: pauses are drawn at random, so that callers that met once do not meet again.
    """

    attempts: int = 4
    base: float = 0.05
    cap: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default=random.random)

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number, from 0 on."""
        return min(self.cap, self.base * 2.0**attempt) * self.chance()


class Sender:
    """Sends commands to one table.

    Args:
        transport: The way to DynamoDB.
        table_name: Gives the table's physical name.
        patience: How often and how slowly requests are repeated.
    """

    def __init__(self, transport: Transport, table_name: Callable[[], str], patience: Patience) -> None:
        self._transport = transport
        self._table_name = table_name
        self.patience = patience

    def run(self, program: Program[R], reading: Reading | None = None) -> R:
        """What a program returns, its commands sent one after the other.

        Args:
            program: The program.
            reading: Counts the answers in.
        """
        result: Any = None
        while True:
            try:
                step = program.send(result)
            except StopIteration as end:
                outcome: R = end.value
                return outcome
            if isinstance(step, Pause):
                self.patience.sleep(step.seconds)
                result = None
            else:
                result = self.send(step, reading)

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
        params = command.params(self._table_name())
        attempt, doubtful = 0, False
        while True:
            try:
                response = self._transport.call(command.operation, params)
            except Exception as error:
                outcome = classify(error)
                if outcome is None:
                    raise
                doubt, failure = outcome
                doubtful = doubtful or doubt is Doubt.UNKNOWN
                if not self._again(command, doubt, attempt):
                    raise _verdict(command, failure, doubtful=doubtful) from error
                self.patience.sleep(self.patience.pause(attempt))
                attempt += 1
            else:
                if reading is not None:
                    reading.add(response)
                return command.result(response)

    def _again(self, command: Command[Any], doubt: Doubt, attempt: int) -> bool:
        """Whether to send the command once more."""
        if attempt + 1 >= self.patience.attempts or doubt is Doubt.REFUSED:
            return False
        return doubt is Doubt.POSTPONED or command.repeatable


def _verdict(command: Command[Any], failure: GatelegError, *, doubtful: bool) -> GatelegError:
    """The error to raise. A refusal after an unanswered attempt tells nothing of that attempt, unless a token ties the two together."""
    told = command.operation == _TRANSACTION and isinstance(failure, StoreError) and failure.aws_code == _CANCELED
    if doubtful and command.operation not in _READS and not told:
        return unknown(command.label, failure)
    return command.failure(failure) if isinstance(failure, StoreError) else failure


_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_TRANSACTION = "TransactWriteItems"
_CANCELED = "TransactionCanceledException"
