"""A transaction as it is gathered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import uuid4

from gateleg.errors import ExpressionError
from gateleg.model.items.memory import remembered
from gateleg.model.keys.key import Key
from gateleg.model.queries.consumed import Reading
from gateleg.store.commands.check import ConditionCheck
from gateleg.store.commands.delete import delete_item
from gateleg.store.commands.put import put_item
from gateleg.store.commands.schema_versions import has_versions
from gateleg.store.commands.transact import TransactWriteItems
from gateleg.store.commands.unique_values import as_stored, claim_parts, merged
from gateleg.store.commands.update import update_item
from gateleg.store.explanation import explain
from gateleg.store.other_tables import by_table, check_reach
from gateleg.store.prepared import Prepared
from gateleg.store.programs import once
from gateleg.store.sender import Sender
from gateleg.store.unique_programs import put_parts, update_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from gateleg.model.entity import Entity
    from gateleg.model.paths.conditions import ConditionOf
    from gateleg.model.paths.updates import AtLeastOne
    from gateleg.model.table import Table
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.delete import DeleteItem
    from gateleg.store.commands.put import PutItem
    from gateleg.store.commands.transact import Part
    from gateleg.store.commands.update import UpdateItem
    from gateleg.store.explanation import Explanation
    from gateleg.store.other_tables import Bound
    from gateleg.store.patience import Patience

E = TypeVar("E", bound="Entity")
S = TypeVar("S")
W = TypeVar("W", bound="PutItem[Any] | UpdateItem[Any] | DeleteItem[Any] | ConditionCheck[Any]")


class TransactionParts(Generic[S]):
    """Writes that are to be done all or not at all, as they are gathered; sends nothing itself.

    Args:
        table: The sending store's table.
        sender: What sends it.
        table_name: Gives the table's physical name.
        token: The idempotency token; `None` for a new one.
        stores: The stores of other tables that parts are about.
        hide_expired: Whether items of the sending store's table whose time of expiry has come count as absent.

    Attributes:
        reading: What it took, once it was sent.
    """

    def __init__(
        self,
        table: Table,
        sender: S,
        table_name: Callable[[], str],
        token: str | None = None,
        stores: Iterable[Bound] = (),
        *,
        hide_expired: bool = False,
    ) -> None:
        self._table = table
        self._sender = sender
        self._table_name = table_name
        self._token = token or uuid4().hex
        self._others = by_table(stores)
        self._parts: list[Part] = []
        self._claims: list[Part] = []
        self.reading: Reading = Reading()
        self._now = datetime.now(UTC)
        self._hides = hide_expired

    def create(self, entity: E) -> E:
        """Write an entity where there is none; gives it as it will be stored."""
        command = self._alive(put_item(entity, self._now, new=True))
        return self._put(command, put_parts(command))

    def put(self, entity: E, *, when: ConditionOf[E] | None = None) -> E:
        """Write an entity whole; gives it as it will be stored.

        Raises:
            ExpressionError: The entity has unique attributes; the transaction reads nothing, so it cannot know which values it gives back.
        """
        if entity.__gateleg__.claimed:
            message = (
                f"{type(entity).__name__} or a subclass of it has unique attributes, and a transaction does not read what a put replaces"
            )
            raise ExpressionError(f"{message}; create it, update it as it was read, or put it by store.put", path=type(entity).__name__)
        return self._put(self._alive(put_item(entity, self._now, new=False, when=when)), ())

    def update(self, target: Key[E] | E, *updates: *AtLeastOne[E], when: ConditionOf[E] | None = None) -> None:
        """Change attributes of an item that exists.

        Raises:
            ExpressionError: The updates cannot be; or they change unique attributes, and the target is a key and not the entity as it was read.
        """
        command = self._alive(update_item(target, updates, self._now, when))
        layout = command.key.entity.__gateleg__
        if layout.claims.concern(update.path.attribute.name for update in command.updates):
            item = self._as_read(target, "updates of unique attributes")
            known = (*command.known, *as_stored(command.key, item))
            self._add(replace(command, known=known), update_parts(command, item))
        else:
            self._add(command)

    def delete(self, target: Key[E] | E, *, when: ConditionOf[E] | None = None) -> None:
        """Delete an item.

        Raises:
            ExpressionError: The entity has unique attributes, and the target is a key and not the entity as it was read.
        """
        command = self._alive(delete_item(target, when))
        layout = command.key.entity.__gateleg__
        if layout.claimed:
            item = self._as_read(target, "deletions of entities with unique attributes")
            self._add(replace(command, known=as_stored(command.key, item)), claim_parts(command.key, layout.claims.of(item), {}, None))
        else:
            self._add(command)

    def check(self, key: Key[E], when: ConditionOf[E] | None = None) -> None:
        """Demand that an item exists, and fulfils a condition."""
        self._add(self._alive(ConditionCheck(key, when)))

    def command(self) -> TransactWriteItems:
        """The transaction so far.

        Raises:
            ExpressionError: No part, more than 100, or two about one item.
        """
        return TransactWriteItems((*self._parts, *merged(self._claims)), self._token, self._others)

    def _prepared(self, patience: Patience) -> Prepared[None]:
        """The transaction so far, of items that are up to date where it changes them."""
        command = self.command()
        if any(has_versions(part.key.entity.__gateleg__) for part in self._parts):
            from gateleg.store.upgrade_programs import transacting

            prepared = Prepared(lambda: transacting(command, patience), self._table_name)
        else:
            prepared = Prepared(lambda: once(command), self._table_name)
        prepared.reading = self.reading
        return prepared

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

    def _alive(self, part: W) -> W:
        """A part to which items whose time is up count as absent, where the store of its table is asked for that."""
        table = part.key.entity.__gateleg__.table
        hides = self._others[table].hide_expired if table in self._others else self._hides
        return replace(part, alive_at=int(self._now.timestamp())) if hides else part

    def _put(self, command: PutItem[E], claims: Iterable[Part]) -> E:
        self._add(command, claims)
        return command.result({})

    def _add(self, part: Part, claims: Iterable[Part] = ()) -> None:
        check_reach(part.key.entity, self._table, self._others)
        self._parts.append(part)
        self._claims.extend(claims)

    @staticmethod
    def _as_read(target: Key[Any] | Entity, what: str) -> dict[str, WireValue]:
        if isinstance(target, Key):
            message = f"{what} give values back, and a transaction does not read which: {target!r} is a key"
            raise ExpressionError(f"{message}; give the entity as it was read, or write it by the store alone", path=repr(target))
        return remembered(target) or target.__gateleg__.encode(target)


class Transaction(TransactionParts[Sender]):
    """Writes that are done all or not at all, sent as the `with` block ends; nothing is sent when the block raises."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if kind is None:
            self._sender.do(self._prepared(self._sender.patience))
