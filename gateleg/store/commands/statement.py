"""Statements in PartiQL, for what the typed operations do not say: follows "PartiQL - A SQL-compatible query language"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gateleg.errors import ExpressionError
from gateleg.model.values.wire import from_wire, to_wire
from gateleg.store.commands.base import COUNTED, Command
from gateleg.store.unreadable import taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.table import Table
    from gateleg.model.values.wire import WireValue
    from gateleg.store.unreadable import Unreadable

_TABLE = "{table}"
_LONGEST = 8192


@dataclass(frozen=True)
class ExecuteStatement(Command[tuple[tuple[Any, ...], str | None]]):
    """One request of a statement.

    Attributes:
        table: The table, whose entities the items are read as.
        statement: The statement; `{table}` stands for the table's physical name.
        parameters: What stands for its question marks.
        consistent: Whether writes that ended before the read are surely seen.
        token: Where to go on; `None` for the beginning.
        unreadable: What takes items that cannot be read; `None` to raise.
    """

    table: Table
    statement: str
    parameters: tuple[Any, ...] = ()
    consistent: bool = False
    token: str | None = None
    unreadable: Unreadable | None = None
    operation: ClassVar[str] = "ExecuteStatement"

    def __post_init__(self) -> None:
        if _TABLE not in self.statement:
            message = f"the statement names no table; write {_TABLE} where the store's own stands"
            raise ExpressionError(message, path="statement", value=self.statement)
        if not 1 <= len(self.statement) <= _LONGEST:
            message = f"a statement has up to {_LONGEST} characters; this one has {len(self.statement)}"
            raise ExpressionError(message, path="statement", value=len(self.statement))

    @property
    def reads(self) -> bool:
        """Whether the statement is a SELECT."""
        return self.statement.lstrip()[:6].upper() == "SELECT"

    @property
    def repeatable(self) -> bool:
        """Only what reads; of other statements nobody knows what a second time does."""
        return self.reads

    @property
    def label(self) -> str:
        """The statement, for messages."""
        return f"the statement {self.statement!r}"

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        params: dict[str, Any] = {"Statement": self.statement.replace(_TABLE, f'"{table_name}"'), **COUNTED}
        if self.parameters:
            params["Parameters"] = [to_wire(parameter) for parameter in self.parameters]
        if self.consistent:
            params["ConsistentRead"] = True
        return params if self.token is None else {**params, "NextToken": self.token}

    def result(self, response: dict[str, Any]) -> tuple[tuple[Any, ...], str | None]:
        """The items, and where to go on."""
        read = [found for item in response.get("Items", ()) for found in taken(self._read, item, self.unreadable)]
        return tuple(read), response.get("NextToken")

    def _read(self, item: Mapping[str, WireValue]) -> Any:
        entity = self.table.entities.get(str(self.table.type_of(item)))
        if entity is None or not set(self.table.key_names) <= item.keys():
            return {name: from_wire(value) for name, value in item.items()}
        return entity.__gateleg__.decode(item)
