"""What is exchanged with DynamoDB to carry out operations: which requests, how often, and what the answers mean. Sends nothing itself.

Stores that wait and stores that await differ in nothing but who answers a `Request` and how a `Pause` is spent.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from gateleg.errors import GatelegError, StoreError
from gateleg.model.queries.consumed import Reading
from gateleg.model.queries.page import Page
from gateleg.store.commands.base import Together
from gateleg.store.outcomes import Doubt, classify, done, unknown
from gateleg.store.patience import Pause

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateleg.store.commands.base import Command
    from gateleg.store.patience import Patience
    from gateleg.store.prepared import Prepared
    from gateleg.store.programs import Program

R = TypeVar("R")


@dataclass(frozen=True)
class Request:
    """One request, to be sent once.

    Attributes:
        operation: DynamoDB's name of it: `GetItem`.
        params: Its parameters.
        each: What may be made of each item as soon as it is read; `Command.each` says more.
    """

    operation: str
    params: dict[str, Any]
    each: Callable[[dict[str, Any]], Any] | None = None


@dataclass(frozen=True)
class Several:
    """Exchanges that are carried out at the same time.

    Attributes:
        exchanges: Two or more; the list of their outcomes is sent back, or the first error thrown in.
    """

    exchanges: tuple[Exchange[Any], ...]


Exchange: TypeAlias = Generator[Request | Several | Pause, Any, R]
"""Yields requests, is sent the answers, or has errors thrown in; yields pauses; returns the outcome."""


class Exchanges:
    """The exchanges of one table.

    Args:
        table_name: Gives the table's physical name.
        patience: How often and how slowly requests are repeated.
    """

    def __init__(self, table_name: Callable[[], str], patience: Patience) -> None:
        self._table_name = table_name
        self._patience = patience

    def of_prepared(self, prepared: Prepared[R]) -> Exchange[R]:
        """All requests of a prepared operation, which learns what they took; so does a page."""
        outcome = yield from self.of_program(prepared.program(), prepared.reading)
        page: Any = outcome
        if isinstance(page, Page):
            page.reading.merge(prepared.reading)
        return outcome

    def of_program(self, program: Program[R], reading: Reading | None = None) -> Exchange[R]:
        """All requests of a program.

        Args:
            program: The program.
            reading: Counts the answers in.
        """
        result: Any = None
        failure: StoreError | None = None
        while True:
            try:
                step = program.send(result) if failure is None else program.throw(failure)
            except StopIteration as end:
                outcome: R = end.value
                return outcome
            result, failure = None, None
            if isinstance(step, Pause):
                yield step
                continue
            try:
                if isinstance(step, Together):
                    result = yield from self.of_commands(step.commands, reading)
                else:
                    result = yield from self.of_command(step, reading)
            except StoreError as error:
                failure = error

    def of_commands(self, commands: Sequence[Command[R]], reading: Reading | None = None) -> Exchange[list[R]]:
        """The requests of several commands at the same time; arguments and errors as of `of_command`."""
        if len(commands) == 1:
            return [(yield from self.of_command(commands[0], reading))]
        parts = [Reading() for _ in commands]
        try:
            results: list[R] = yield Several(tuple(map(self.of_command, commands, parts)))
        finally:
            if reading is not None:
                for part in parts:
                    reading.merge(part)
        return results

    def of_command(self, command: Command[R], reading: Reading | None = None) -> Exchange[R]:
        """A command's request, repeated as often as it may and must be.

        Args:
            command: The command.
            reading: Counts the answer in.

        Raises:
            OutcomeUnknownError: The answer to a write was lost, and to send it again might do it twice.
            StoreError: DynamoDB refused, or could not be reached.
            WriteDoneError: The write is done, and its answer cannot be read.
            BindingError: The environment does not say which table, or lacks credentials or region.
        """
        request = Request(command.operation, command.params(self._table_name()), command.each)
        attempt, doubtful = 0, False
        while True:
            try:
                response = yield request
            except Exception as error:
                outcome = classify(error)
                if outcome is None:
                    raise
                doubt, failure = outcome
                doubtful = doubtful or doubt is Doubt.UNKNOWN
                if not self._again(command, doubt, attempt):
                    raise _verdict(command, failure, doubtful=doubtful) from error
                yield Pause(self._patience.pause(attempt))
                attempt += 1
            else:
                if reading is not None:
                    reading.add(response)
                return _result(command, response)

    def _again(self, command: Command[Any], doubt: Doubt, attempt: int) -> bool:
        """Whether to send the command once more."""
        if attempt + 1 >= self._patience.attempts or doubt is Doubt.REFUSED:
            return False
        return doubt is Doubt.POSTPONED or command.repeatable


def _result(command: Command[R], response: dict[str, Any]) -> R:
    if command.reads:
        return command.result(response)
    try:
        return command.result(response)
    except Exception as error:
        raise done(command.label, response.get("Attributes"), error, deleted=command.operation == _DELETION) from error


def _verdict(command: Command[Any], failure: GatelegError, *, doubtful: bool) -> GatelegError:
    """The error to raise. A refusal after an unanswered attempt tells nothing of that attempt, unless a token ties the two together."""
    told = command.operation == _TRANSACTION and isinstance(failure, StoreError) and failure.aws_code == _CANCELED
    if doubtful and not command.reads and not told:
        return unknown(command.label, failure)
    return command.failure(failure) if isinstance(failure, StoreError) else failure


_DELETION = "DeleteItem"
_TRANSACTION = "TransactWriteItems"
_CANCELED = "TransactionCanceledException"
