"""An operation that is described and not sent yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.model.queries.consumed import Reading
from gateleg.store.commands.base import Together
from gateleg.store.patience import Pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store.commands.base import Command
    from gateleg.store.explanation import Explanation
    from gateleg.store.programs import Program

R = TypeVar("R")


class Prepared(Generic[R]):
    """One operation, checked and complete; made by `store.prepare`, sent by `store.send`.

    Args:
        begin: Begins the operation.
        table_name: Gives the table's physical name.
        requests: How many requests it sends at most, where that is known of a read.

    Attributes:
        reading: What its requests took so far.
    """

    def __init__(self, begin: Callable[[], Program[R]], table_name: Callable[[], str], requests: int | None = None) -> None:
        self._begin = begin
        self._table_name = table_name
        self._requests = requests
        self.reading: Reading = Reading()

    def program(self) -> Program[R]:
        """The operation from its beginning, for whatever sends it."""
        return self._begin()

    def params(self) -> dict[str, Any]:
        """The first request, exactly; nothing is sent. Empty where there is nothing to ask."""
        first = self._first()
        return first[0].params(self._table_name()) if first else {}

    def explain(self) -> Explanation:
        """What it asks and costs in words; nothing is sent. Once it was sent, also what it took."""
        from gateleg.store.explanation import explain

        first = self._first()
        operation = first[0].operation if first else ""
        return explain(operation, self.params(), self.reading, self._requests, shards=len(first))

    def _first(self) -> tuple[Command[Any], ...]:
        """The commands that it begins with: one, those to all shards, or none."""
        program = self._begin()
        try:
            step = next(program)
        except StopIteration:
            return ()
        finally:
            program.close()
        if isinstance(step, Together):
            return step.commands
        return () if isinstance(step, Pause) else (step,)
