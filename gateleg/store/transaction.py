"""A transaction as it is gathered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import uuid4

from gateleg.model.reading import Reading
from gateleg.store.commands.check import ConditionCheck
from gateleg.store.commands.delete import delete_item
from gateleg.store.commands.put import put_item
from gateleg.store.commands.transact import TransactWriteItems
from gateleg.store.commands.update import update_item
from gateleg.store.explanation import explain

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gateleg.model.conditions import Condition
    from gateleg.model.entity import Entity
    from gateleg.model.keys import Key
    from gateleg.model.table import Table
    from gateleg.model.updates import Update
    from gateleg.store.commands.put import PutItem
    from gateleg.store.commands.transact import Part
    from gateleg.store.explanation import Explanation
    from gateleg.store.sender import Sender

E = TypeVar("E", bound="Entity")


class TransactionParts:
    """Writes that are to be done all or not at all, as they are gathered; sends nothing itself.

    Args:
        table: The table that all parts are about.
        table_name: Gives its physical name.
        token: The idempotency token; `None` for a new one.

    Attributes:
        reading: What it took, once it was sent.
    """

    def __init__(self, table: Table, table_name: Callable[[], str], token: str | None = None) -> None:
        self._table = table
        self._table_name = table_name
        self._token = token or uuid4().hex
        self._parts: list[Part] = []
        self.reading = Reading()
        self._now = datetime.now(UTC)

    def create(self, entity: E) -> E:
        """Write an entity where there is none; gives it as it will be stored."""
        return self._put(put_item(entity, self._now, new=True))

    def put(self, entity: E, *, when: Condition | None = None) -> E:
        """Write an entity whole; gives it as it will be stored."""
        return self._put(put_item(entity, self._now, new=False, when=when))

    def update(self, target: Key[E] | E, *updates: Update, when: Condition | None = None) -> None:
        """Change attributes of an item that exists."""
        self._add(update_item(target, updates, self._now, when))

    def delete(self, target: Key[E] | E, *, when: Condition | None = None) -> None:
        """Delete an item."""
        self._add(delete_item(target, when))

    def check(self, key: Key[E], when: Condition | None = None) -> None:
        """Demand that an item exists, and fulfils a condition."""
        self._add(ConditionCheck(key, when))

    def command(self) -> TransactWriteItems:
        """The transaction so far.

        Raises:
            ExpressionError: No part, more than 100, or two about one item.
        """
        return TransactWriteItems(tuple(self._parts), self._token)

    def params(self) -> dict[str, Any]:
        """The request of the transaction so far; nothing is sent.

        Raises:
            ExpressionError: No part, more than 100, or two about one item.
        """
        return self.command().params(self._table_name())

    def explain(self) -> Explanation:
        """What the transaction so far asks and costs, part by part, in words; once it was sent, also what it took.

        Raises:
            ExpressionError: No part, more than 100, or two about one item.
        """
        return explain(TransactWriteItems.operation, self.params(), self.reading)

    def _put(self, command: PutItem[E]) -> E:
        self._add(command)
        return command.result({})

    def _add(self, part: Part) -> None:
        part.key.entity.__gateleg__.check_table(self._table)
        self._parts.append(part)


class Transaction(TransactionParts):
    """Writes that are done all or not at all, sent as the `with` block ends; nothing is sent when the block raises.

    Args:
        table: The table that all parts are about.
        sender: What sends it.
        table_name: Gives the table's physical name.
        token: The idempotency token; `None` for a new one.
    """

    def __init__(self, table: Table, sender: Sender, table_name: Callable[[], str], token: str | None = None) -> None:
        super().__init__(table, table_name, token)
        self._sender = sender

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if kind is None:
            self._sender.send(self.command(), self.reading)
