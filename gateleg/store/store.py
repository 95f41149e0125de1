"""`Store`: reads and writes the entities of one table."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import BindingError, ExpressionError, ThrottledError
from gateleg.model.naming import table_variable
from gateleg.model.page import Page
from gateleg.store import clients, cursors
from gateleg.store.commands.base import without
from gateleg.store.commands.batch import READS_AT_ONCE, WRITES_AT_ONCE, BatchGetItem, BatchWriteItem
from gateleg.store.commands.delete import delete_item
from gateleg.store.commands.get import GetItem
from gateleg.store.commands.put import put_item
from gateleg.store.commands.query import QueryItems
from gateleg.store.commands.update import update_item
from gateleg.store.cursors import GivenKeys
from gateleg.store.results import Results
from gateleg.store.secrets import SecretKeys
from gateleg.store.sender import Patience, Sender
from gateleg.store.stamps import stamped
from gateleg.store.transaction import Transaction
from gateleg.store.transport import BotocoreTransport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.model.conditions import Condition
    from gateleg.model.entity import Entity
    from gateleg.model.keys import Key
    from gateleg.model.query import Query
    from gateleg.model.table import Table
    from gateleg.model.updates import Update
    from gateleg.store.commands.put import PutItem
    from gateleg.store.cursors import CursorKeys
    from gateleg.store.transport import Transport

E = TypeVar("E", bound="Entity")


class Store:
    """Reads and writes the entities of one table. Binds at first use: making one reads no environment and imports no boto3.

    A write has three outcomes: it is done, it failed (any `StoreError`), or its answer was lost (`OutcomeUnknownError`). No write is sent
    twice where the second time might do something else than the first.

    Args:
        table: The declared table.
        table_name: Its physical name; by default the environment variable that the construct set.
        client: A boto3 DynamoDB client in place of `gateleg.store.clients.dynamodb()`. Its own retries apply: give it
            `Config(retries={"total_max_attempts": 1})`, or a lost answer makes it send a write twice.
        cursor_keys: The keys that sign cursors, the newest first; by default the secret that the construct made.
        transport: Another way to DynamoDB than a boto3 client.
        patience: How often and how slowly requests are repeated.
    """

    def __init__(
        self,
        table: Table,
        *,
        table_name: str | None = None,
        client: DynamoDBClient | None = None,
        cursor_keys: Iterable[str | bytes] | None = None,
        transport: Transport | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.table = table
        self._given_name = table_name
        self._keys: CursorKeys = SecretKeys(table.name) if cursor_keys is None else GivenKeys(cursor_keys)
        self._sender = Sender(transport or BotocoreTransport(client or clients.dynamodb), lambda: self.table_name, patience or Patience())

    def __repr__(self) -> str:
        return f"Store({self.table!r})"

    @cached_property
    def table_name(self) -> str:
        """The table's physical name.

        Raises:
            BindingError: It was not given, and the environment does not say it.
        """
        variable = table_variable(self.table.name)
        name = self._given_name or os.environ.get(variable)
        if not name:
            message = f"{variable} is not set, so the store does not know where table {self.table.name!r} is"
            raise BindingError(
                f"{message}; give the function's construct the table (tables=[...]), or the store table_name=", path=variable
            )
        return name

    # One item --------------------------------------------------------------------------------------------------------------------

    def get(self, key: Key[E], *, consistent: bool = False) -> E | None:
        """The entity under a key; `None` where there is none.

        Args:
            key: The key: `Message.key(room="a", message_id="b")`.
            consistent: See all writes that ended before this read, at twice the price.
        """
        key.entity.__gateleg__.check_table(self.table)
        return self._sender.send(GetItem(key, consistent))

    def create(self, entity: E) -> E:
        """Write an entity where there is none. Gives it as a read would; the one given learns its new version.

        Raises:
            ItemExistsError: There is an item under its key.
            ItemInvalidError: The entity refuses its own values; nothing was sent.
        """
        return self._put(entity, put_item(entity, self._now(), new=True))

    def put(self, entity: E, *, when: Condition | None = None) -> E:
        """Write an entity whole, in place of what is there. Gives it as a read would; the one given learns its new version.

        Raises:
            VersionConflictError: The entity keeps a version, and the stored item has another.
            ConditionFailedError: The stored item does not fulfil `when`.
            ItemInvalidError: The entity refuses its own values; nothing was sent.
        """
        return self._put(entity, put_item(entity, self._now(), new=False, when=when))

    def update(self, target: Key[E] | E, *updates: Update, when: Condition | None = None) -> E:
        """Change attributes of an item that exists, and give the entity as it is then.

        Args:
            target: The item's key; or an entity as it was read, whose version, where it keeps one, the stored item must still have.
            updates: `Message.likes.add(1)`, `Message.body.set("...")`, …
            when: What the stored item must fulfil.

        Raises:
            ItemNotFoundError: There is no item.
            VersionConflictError: The item was written by somebody else since the entity was read.
            ConditionFailedError: The stored item does not fulfil `when`.
            ExpressionError: The updates cannot be; nothing was sent.
        """
        command = update_item(target, updates, self._now(), when)
        command.key.entity.__gateleg__.check_table(self.table)
        return self._sender.send(command)

    def delete(self, target: Key[E] | E, *, when: Condition | None = None) -> E | None:
        """Delete an item, and give what it was; `None` where there was none.

        Args:
            target: The item's key; or an entity as it was read, whose version, where it keeps one, the stored item must still have.
            when: What the stored item must fulfil.

        Raises:
            ItemNotFoundError: A version or condition was demanded, and there is no item.
            VersionConflictError: The item was written by somebody else since the entity was read.
            ConditionFailedError: The stored item does not fulfil `when`.
        """
        command = delete_item(target, when)
        command.key.entity.__gateleg__.check_table(self.table)
        return self._sender.send(command)

    # Queries ---------------------------------------------------------------------------------------------------------------------

    def query(self, query: Query[E]) -> Results[E]:
        """The items of a query, read as they are asked for; `.params()` of the result is the request."""
        query.entity.__gateleg__.check_table(self.table)
        return Results(query, self._sender, lambda: self.table_name)

    def page(self, query: Query[E], *, limit: int = 50, cursor: str | None = None) -> Page[E]:
        """One page of a query.

        Args:
            query: The query, the same for each page.
            limit: How many items the page holds at most.
            cursor: The cursor of the page before; `None` for the first.

        Raises:
            CursorError: The cursor was altered, is of another query, or was signed with no known key.
            BindingError: The environment names no secret to sign with.
            ExpressionError: The limit is less than 1, or the query has a limit of its own.
        """
        query.entity.__gateleg__.check_table(self.table)
        if limit < 1:
            raise ExpressionError(f"a page holds 1 item or more; limit={limit!r} was given", path="limit", value=limit)
        if query.maximum is not None:
            message = f"the query has .limit({query.maximum}), which no cursor could keep; leave it out and give page() its limit="
            raise ExpressionError(message, path="limit", value=query.maximum)
        question = without(QueryItems(query).params(self.table_name), "ConsistentRead")
        start = None if cursor is None else cursors.read(cursor, question, self._keys)
        found: list[Any] = []
        # One more than wanted tells whether there is a next page, so that no cursor leads to nothing. A request that came
        # short met items that are filtered out; the next one reads as much as it can.
        evaluate = limit + 1 if query.filter is None else None
        while len(found) <= limit:
            stretch = self._sender.send(QueryItems(query, start, evaluate))
            found.extend(stretch.found)
            start, evaluate = stretch.end, None
            if start is None:
                break
        more = len(found) > limit
        items: list[E] = [entity for entity, _ in found[:limit]]
        return Page[Any](items=items, cursor=cursors.sign(found[limit - 1][1], question, self._keys) if more else None)

    # Several items ---------------------------------------------------------------------------------------------------------------

    def transact(self, *, token: str | None = None) -> Transaction:
        """Gather writes that are done all or not at all: `with store.transact() as tx: tx.create(...); tx.update(...)`.

        Args:
            token: An idempotency token of up to 36 characters: within ten minutes the same token does the same writes once.

        Raises:
            TransactionCanceledError: As the block ends: a part was refused; `reasons` says which, and nothing was written.
            OutcomeUnknownError: As the block ends: the answer was lost. With the same token it may be sent again.
        """
        return Transaction(self.table, self._sender, token)

    def batch_put(self, entities: Iterable[Entity]) -> None:
        """Write many entities, in place of what is there, without conditions; each by itself, 25 in a request.

        Raises:
            ThrottledError: DynamoDB did not get to all of them; `value` holds the requests that are left.
            ItemInvalidError: An entity refuses its own values; nothing was sent.
            ExpressionError: Two entities have one key; nothing was sent.
        """
        now = self._now()
        items: list[dict[str, Any]] = []
        for entity in entities:
            entity.__gateleg__.check_table(self.table)
            items.append(entity.__gateleg__.encode(stamped(entity, now)))
        self._distinct([{name: item[name] for name in self.table.key_names} for item in items])
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def batch_delete(self, keys: Iterable[Key[Entity]]) -> None:
        """Delete many items, without conditions; each by itself, 25 in a request.

        Raises:
            ThrottledError: DynamoDB did not get to all of them; `value` holds the requests that are left.
            ExpressionError: Two keys are the same; nothing was sent.
        """
        wires: list[dict[str, Any]] = []
        for key in keys:
            key.entity.__gateleg__.check_table(self.table)
            wires.append(dict(key.wire))
        self._distinct(wires)
        self._write([{"DeleteRequest": {"Key": wire}} for wire in wires])

    def batch_get(self, keys: Iterable[Key[E]], *, consistent: bool = False) -> list[E]:
        """The entities under many keys, in the keys' order, without those that are not there; 100 in a request.

        Raises:
            ThrottledError: DynamoDB did not get to all of them; `value` holds the keys that are left.
        """
        wanted = list(dict.fromkeys(keys))
        for key in wanted:
            key.entity.__gateleg__.check_table(self.table)
        found: dict[Key[E], E] = {}
        for begin in range(0, len(wanted), READS_AT_ONCE):
            left = tuple(wanted[begin : begin + READS_AT_ONCE])
            for attempt in range(self._sender.patience.attempts):
                more, left = self._sender.send(BatchGetItem(left, consistent))
                found.update(more)
                if not left:
                    break
                self._sender.patience.sleep(self._sender.patience.pause(attempt))
            if left:
                raise ThrottledError(f"{len(left)} of {len(wanted)} items were not read, after all attempts", value=left)
        return [found[key] for key in wanted if key in found]

    # Parts -----------------------------------------------------------------------------------------------------------------------

    def _put(self, entity: E, command: PutItem[E]) -> E:
        entity.__gateleg__.check_table(self.table)
        stored = self._sender.send(command)
        for attribute in entity.__gateleg__.attributes.values():
            if attribute.storage.role in {"version", "updated_at"}:
                # Past validation, so that frozen entities learn it too.
                vars(entity)[attribute.name] = getattr(stored, attribute.name)
        return stored

    def _write(self, requests: list[dict[str, Any]]) -> None:
        for begin in range(0, len(requests), WRITES_AT_ONCE):
            left = tuple(requests[begin : begin + WRITES_AT_ONCE])
            for attempt in range(self._sender.patience.attempts):
                left = self._sender.send(BatchWriteItem(left))
                if not left:
                    break
                self._sender.patience.sleep(self._sender.patience.pause(attempt))
            if left:
                remaining = [*left, *requests[begin + WRITES_AT_ONCE :]]
                raise ThrottledError(f"{len(remaining)} of {len(requests)} items were not written, after all attempts", value=remaining)

    @staticmethod
    def _distinct(keys: list[dict[str, Any]]) -> None:
        seen: set[str] = set()
        for wire in keys:
            if (identity := repr(sorted(wire.items()))) in seen:
                raise ExpressionError(f"a batch names the key {wire!r} twice; DynamoDB takes each key once", value=wire)
            seen.add(identity)

    @staticmethod
    def _now() -> datetime:
        return datetime.now(UTC)
