"""An operation that is described and not sent yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.model.queries.consumed import Reading
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
        command = self._first()
        return {} if command is None else command.params(self._table_name())

    def explain(self) -> Explanation:
        """What it asks and costs in words; nothing is sent. Once it was sent, also what it took."""
        from gateleg.store.explanation import explain

        command = self._first()
        return explain("" if command is None else command.operation, self.params(), self.reading, self._requests)

    def _first(self) -> Command[Any] | None:
        program = self._begin()
        try:
            step = next(program)
        except StopIteration:
            return None
        finally:
            program.close()
        return None if isinstance(step, Pause) else step
