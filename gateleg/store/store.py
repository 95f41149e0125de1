"""`Store`: reads and writes the entities of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from gateleg.store import clients
from gateleg.store.arguments import limit_given, unreadable_given
from gateleg.store.bound_table import BoundTable
from gateleg.store.operations import PAGE_REQUESTS
from gateleg.store.patience import Patience
from gateleg.store.results import Results
from gateleg.store.sender import Sender
from gateleg.store.transport import BotocoreTransport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.keys.reference import Ref
    from gateleg.model.paths.conditions import ConditionOf
    from gateleg.model.paths.path import PathOf
    from gateleg.model.paths.updates import AtLeastOne
    from gateleg.model.queries.page import Page
    from gateleg.model.queries.query import Query
    from gateleg.model.table import Table
    from gateleg.store.dynamodb_client import DynamoDBClient
    from gateleg.store.other_tables import Bound
    from gateleg.store.prepared import Prepared
    from gateleg.store.scan import Scan
    from gateleg.store.transaction import Transaction
    from gateleg.store.transport import Transport
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")
F = TypeVar("F", bound="Entity")
G = TypeVar("G", bound="Entity")
R = TypeVar("R")


class Store(BoundTable):
    """Reads and writes the entities of one table. Binds at first use: making one reads no environment and imports no boto3.

    A write has three outcomes: it is done (also where a `WriteDoneError` says that its answer cannot be read), it failed (any `StoreError`),
    or its answer was lost (`OutcomeUnknownError`). No write is sent
    twice where the second time might do something else than the first.

    Args:
        table: The declared table.
        table_name: Its physical name; by default the environment variable that the construct set.
        client: A boto3 DynamoDB client in place of `gateleg.store.clients.dynamodb()`. Its own retries apply: give it
            `Config(retries={"total_max_attempts": 1})`, or a lost answer makes it send a write twice.
        cursor_keys: The keys that sign cursors, the newest first; by default the secret that the construct made.
        transport: Another way to DynamoDB than a boto3 client.
        patience: How often and how slowly requests are repeated.
        hide_expired: Whether items whose time of expiry (the table's `ttl`) has come count as absent: to reads, counts included, and to
            writes, their conditions and unique values, in transactions and batches too. DynamoDB itself deletes them within days, and
            not where the time is no number. Statements in PartiQL are not touched.

    Attributes:
        prepare: The same operations as descriptions: `store.prepare.get(key).params()` is the request that `store.get(key)` sends.
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
        hide_expired: bool = False,
    ) -> None:
        patience = patience or Patience()
        super().__init__(table, table_name, cursor_keys, patience, hide_expired=hide_expired)
        self._sender = Sender(transport or BotocoreTransport(client or clients.dynamodb), self._where, patience)

    # One item --------------------------------------------------------------------------------------------------------------------

    def get(self, key: Key[E], *, consistent: bool = False, only: Iterable[PathOf[E]] = ()) -> E | None:
        """The entity under a key; `None` where there is none.

        Args:
            key: The key: `Message.key(room="a", message_id="b")`.
            consistent: See all writes that ended before this read, at twice the price.
            only: Read these attributes alone, as `Query.only` does: `only=[Message.body]`.

        Raises:
            StoredItemInvalidError: The stored item is one that the entity refuses.
            ExpressionError: The entity lives in another table, or `only` names what cannot be read alone.
        """
        return self.send(self.prepare.get(key, consistent=consistent, only=only))

    def create(self, entity: E) -> E:
        """Write an entity where there is none. Gives it as a read would; the one given learns its new version.

        Raises:
            ItemExistsError: There is an item under its key.
            UniqueConflictError: Another item has the value of a unique attribute.
            ItemInvalidError: The entity refuses its own values; nothing was sent.
        """
        return self.send(self.prepare.create(entity))

    def put(self, entity: E, *, when: ConditionOf[E] | None = None) -> E:
        """Write an entity whole, in place of what is there. Gives it as a read would; the one given learns its new version.

        Raises:
            KindMismatchError: What is stored under the key is of another kind.
            VersionConflictError: The entity keeps a version, and the stored item has another.
            UniqueConflictError: Another item has the value of a unique attribute.
            ConditionFailedError: The stored item does not fulfil `when`.
            ItemInvalidError: The entity refuses its own values; nothing was sent.
        """
        return self.send(self.prepare.put(entity, when=when))

    def update(self, target: Key[E] | E, *updates: *AtLeastOne[E], when: ConditionOf[E] | None = None) -> E:
        """Change attributes of an item that exists, and give the entity as it is then.

        Args:
            target: The item's key; or an entity as it was read, whose version, where it keeps one, the stored item must still have.
            updates: `Message.likes.add(1)`, `Message.body.set("...")`, …
            when: What the stored item must fulfil.

        Raises:
            ItemNotFoundError: There is no item.
            UniqueConflictError: Another item has the value of a unique attribute.
            KindMismatchError: What is stored under the key is of another kind.
            VersionConflictError: The item was written by somebody else since the entity was read.
            ConditionFailedError: The stored item does not fulfil `when`.
            ConstraintFailedError: The updates would break a constraint of the entity.
            PathAbsentError: An update is of a part of what is not there.
            WriteDoneError: The update is done, and what the item has become cannot be read; the error holds it.
            ItemInvalidError: A value is not valid; nothing was sent.
            ExpressionError: The updates cannot be, or nobody could check what they make; nothing was sent.
        """
        return self.send(self.prepare.update(target, *updates, when=when))

    def delete(self, target: Key[E] | E, *, when: ConditionOf[E] | None = None) -> E | None:
        """Delete an item, and give what it was; `None` where there was none.

        Args:
            target: The item's key; or an entity as it was read, whose version, where it keeps one, the stored item must still have.
            when: What the stored item must fulfil.

        Raises:
            ItemNotFoundError: A version or condition was demanded, and there is no item.
            KindMismatchError: What is stored under the key is of another kind.
            VersionConflictError: The item was written by somebody else since the entity was read.
            WriteDoneError: The item is deleted, and what it was cannot be read; the error holds it.
            ConditionFailedError: The stored item does not fulfil `when`.
        """
        return self.send(self.prepare.delete(target, when=when))

    # Queries ---------------------------------------------------------------------------------------------------------------------

    def query(self, query: Query[E], *, unreadable: Unreadable | None = None) -> Results[E]:
        """The items of a query, read as they are asked for; `.params()` of the result is the request.

        Args:
            query: `Message.in_room(room="lobby")`.
            unreadable: Takes the error of each item that cannot be read, which has its key and the raw item, and the others are given;
                `None` to raise it. `unreadable=found.append` gathers them.

        Raises:
            StoredItemInvalidError: As it is read: an item that its entity refuses, where `unreadable` is not given.
        """
        return Results(self.prepare.querying(query), query.maximum, self._sender, self._where, unreadable_given(unreadable))

    @overload
    def collect(
        self, first: Query[E], second: Query[F], /, *, limit: int | None = None, unreadable: Unreadable | None = None
    ) -> Results[E | F]: ...
    @overload
    def collect(
        self, first: Query[E], second: Query[F], third: Query[G], /, *, limit: int | None = None, unreadable: Unreadable | None = None
    ) -> Results[E | F | G]: ...
    @overload
    def collect(self, *queries: Query[Entity], limit: int | None = None, unreadable: Unreadable | None = None) -> Results[Entity]: ...
    def collect(self, *queries: Query[Any], limit: int | None = None, unreadable: Unreadable | None = None) -> Results[Any]:
        """The items of several entities of one partition, read together in the order of its sort key; tell them apart with `isinstance`.

        Where the queries ask for different parts of the sort key, the partition is read, and paid for, from its beginning. In pages:
        `store.page(store.collect(...), limit=20)`.

        Args:
            queries: The queries, one for each entity.
            limit: How many items are given at most, of all entities together; `None` for all.
            unreadable: Takes the errors of items that cannot be read, as with `query`.

        Raises:
            ExpressionError: The queries read different partitions, indexes or orders, or one has a limit or a projection of its own; or the
                limit is less than 1.
        """
        return Results(self.prepare.collecting(*queries), limit_given(limit), self._sender, self._where, unreadable_given(unreadable))

    @overload
    def scan(self, what: Table, *, segments: int = 1, unreadable: Unreadable | None = None) -> Results[Entity]: ...
    @overload
    def scan(self, what: type[E] | Scan[E], *, segments: int = 1, unreadable: Unreadable | None = None) -> Results[E]: ...
    def scan(self, what: type[Any] | Table | Scan[Any], *, segments: int = 1, unreadable: Unreadable | None = None) -> Results[Any]:
        """The items of an entity, of a whole table, or of a `Scan`, read as they are asked for, in no order.

        DynamoDB reads and charges for every item of the table. Declare it: `@uses(Message.scan)`.

        Args:
            what: `Message`; the store's table for the items of all its entities; or `Scan.of(Message, Presence).where(...)`.
            segments: In how many parts the table is read at the same time; up to 10 threads read them.
            unreadable: Takes the errors of items that cannot be read, as with `query`.

        Raises:
            ExpressionError: An entity lives in another table, or DynamoDB refuses the number of segments.
        """
        from gateleg.store.scan import scan_of
        from gateleg.store.segments import Segments, check_segments

        scan = scan_of(what)
        first = self.prepare.scanning(scan)
        check_segments(segments)
        given = unreadable_given(unreadable)
        if segments > 1:
            from gateleg.store.parallel import ParallelResults

            return ParallelResults(Segments(first, scan.maximum, segments, given), self._sender, self._where)
        return Results(first, scan.maximum, self._sender, self._where, given)

    def count(self, what: Query[Any] | Scan[Any] | type[Entity] | Table) -> int:
        """How many items a query or scan finds. DynamoDB reads, and charges for, as much as to give them.

        Args:
            what: A query; or what `scan` takes.

        Raises:
            ExpressionError: An entity lives in another table.
        """
        return self.send(self.prepare.count(what))

    def page(
        self,
        query: Query[E] | Scan[E] | Results[E],
        *,
        limit: int = 50,
        cursor: str | None = None,
        requests: int = PAGE_REQUESTS,
        unreadable: Unreadable | None = None,
    ) -> Page[E]:
        """One page of a query or scan.

        What it costs follows `limit`: the first request reads as many items and one more, later ones grow by what the filter keeps.

        Args:
            query: The query, the same for each page; or a `Scan`, or what `collect` gives, likewise.
            limit: How many items the page holds at most.
            cursor: The cursor of the page before; `None` for the first.
            requests: How many requests are sent at most, of a megabyte each at most. A page that a filter has left short by then is
                given as it is, with the cursor that goes on.
            unreadable: Takes the errors of items that cannot be read, as with `query`: of those on this page.

        Raises:
            StoredItemInvalidError: An item that its entity refuses, where `unreadable` is not given.
            CursorError: The cursor was altered, is of another query, or was signed with a key that is not known.
            BindingError: The environment names no secret to sign with.
            ExpressionError: The limit or the number of requests is less than 1, or the query has a limit of its own.
        """
        return self.send(self.prepare.page(query, limit=limit, cursor=cursor, requests=requests, unreadable=unreadable))

    # Several items ---------------------------------------------------------------------------------------------------------------

    def transact(self, *, token: str | None = None, stores: Iterable[Bound] = ()) -> Transaction:
        """Gather writes that are done all or not at all: `with store.transact() as tx: tx.create(...); tx.update(...)`.

        Args:
            token: An idempotency token of up to 36 characters: within ten minutes the same token does the same writes once.
            stores: The stores of other tables whose entities it writes or checks too; this store sends all of it.

        Raises:
            TransactionCanceledError: As the block ends: a part was refused; `reasons` says which, and nothing was written.
            OutcomeUnknownError: As the block ends: the answer was lost. With the same token it may be sent again.
        """
        from gateleg.store.transaction import Transaction

        return Transaction(self.table, self._sender, self._where, token, stores, hide_expired=self.hide_expired)

    def batch_put(self, entities: Iterable[Entity]) -> None:
        """Write many entities, in place of what is there, whatever its version; each by itself, 25 in a request.

        An entity under whose key an item of another entity of the table may be is written in a request of its own, which leaves such an item as it is.
        An item of another program that says no type is replaced, as batches take no conditions, unless the table has a `default_type`.

        Raises:
            KindMismatchError: Items of another kind are stored under some of the keys, which `value` lists; the others are done.
            ThrottledError: DynamoDB did not get to all of them; `value` holds the requests that are left.
            ItemInvalidError: An entity refuses its own values; nothing was sent.
            ExpressionError: Two entities have one key; nothing was sent.
        """
        self.send(self.prepare.batch_put(entities))

    def batch_delete(self, keys: Iterable[Key[Entity]]) -> None:
        """Delete many items, whatever their version; each by itself, 25 in a request.

        An item under whose key one of another entity of the table may be is deleted by a request of its own, which leaves such an item as it is.

        Raises:
            KindMismatchError: Items of another kind are stored under some of the keys, which `value` lists; the others are done.
            ThrottledError: DynamoDB did not get to all of them; `value` holds the requests that are left.
            ExpressionError: Two keys are of one item; nothing was sent.
        """
        self.send(self.prepare.batch_delete(keys))

    def batch_get(self, keys: Iterable[Key[E]], *, consistent: bool = False, unreadable: Unreadable | None = None) -> list[E]:
        """The entities under many keys, in the keys' order, without those that are not there; 100 in a request, each item once.

        Args:
            keys: The keys.
            consistent: See all writes that ended before this read, at twice the price.
            unreadable: Takes the errors of items that cannot be read, as with `query`.

        Raises:
            StoredItemInvalidError: An item that its entity refuses, where `unreadable` is not given.
            ThrottledError: DynamoDB did not get to all of them; `value` holds the keys that are left.
        """
        return self.send(self.prepare.batch_get(keys, consistent=consistent, unreadable=unreadable))

    def resolve(self, refs: Iterable[Ref[E]], *, consistent: bool = False, unreadable: Unreadable | None = None) -> dict[Ref[E], E]:
        """The entities that references lead to, by reference, without those that are not there; 100 in a request.

        `users = store.resolve(message.author for message in page.items)`, then `users[message.author]`. Declare it with `@uses(User.batch_get)`.

        Args:
            refs: The references, to entities of this store's table; each is read once.
            consistent: See all writes that ended before this read, at twice the price.
            unreadable: Takes the errors of items that cannot be read, as with `query`.

        Raises:
            StoredItemInvalidError: An item that its entity refuses, where `unreadable` is not given.
            ThrottledError: DynamoDB did not get to all of them; `value` holds the keys that are left.
            ExpressionError: An entity lives in another table; resolve the reference by that table's store.
        """
        return self.send(self.prepare.resolve(refs, consistent=consistent, unreadable=unreadable))

    @overload
    def transact_get(self, key: Key[E], /, *, stores: Iterable[Bound] = ()) -> tuple[E | None]: ...
    @overload
    def transact_get(self, first: Key[E], second: Key[F], /, *, stores: Iterable[Bound] = ()) -> tuple[E | None, F | None]: ...
    @overload
    def transact_get(
        self, first: Key[E], second: Key[F], third: Key[G], /, *, stores: Iterable[Bound] = ()
    ) -> tuple[E | None, F | None, G | None]: ...
    @overload
    def transact_get(self, *keys: Key[E], stores: Iterable[Bound] = ()) -> tuple[E | None, ...]: ...
    def transact_get(self, *keys: Key[Any], stores: Iterable[Bound] = ()) -> tuple[Any, ...]:
        """The entities under up to 100 keys as they are at one moment, `None` where there is none; at twice the price of `get`.

        Each key's entity needs the use `get`.

        Args:
            keys: The keys; an item that several are of is read once.
            stores: The stores of other tables that keys are of.

        Raises:
            ExpressionError: No key, or more than 100 items; or one of a table whose store was not given.
            TransactionCanceledError: An item was being written; `reasons` says which.
        """
        entities: tuple[Any, ...] = self.send(self.prepare.transact_get(*keys, stores=stores))
        return entities

    def partiql(
        self, statement: str, parameters: Iterable[Any] = (), *, consistent: bool = False, unreadable: Unreadable | None = None
    ) -> list[Any]:
        """What a PartiQL statement gives: whole items as their entities, others as dicts of Python values.

        What it writes goes past versions, index keys, checks and times: keep it for what nothing else says. Declare it with
        `@uses(Message.partiql_select)`, or `partiql_insert`, `partiql_update`, `partiql_delete`.

        Args:
            statement: `{table}` stands for the table: `SELECT * FROM {table} WHERE pk = ?`; `{table}."by_author"` is an index.
            parameters: What stands for its question marks; as they are stored, without transforms.
            consistent: See all writes that ended before this read, at twice the price.
            unreadable: Takes the errors of items that cannot be read, as with `query`.

        Raises:
            StoredItemInvalidError: An item that its entity refuses, where `unreadable` is not given.
            ExpressionError: The statement names another table, or is too long.
            OutcomeUnknownError: The answer to a statement that writes was lost.
        """
        return self.send(self.prepare.partiql(statement, parameters, consistent=consistent, unreadable=unreadable))

    # What was prepared -----------------------------------------------------------------------------------------------------------

    def send(self, prepared: Prepared[R]) -> R:
        """Do what `prepare` described, and give its outcome; raises what the operation's own method raises.

        Args:
            prepared: `store.prepare.update(key, Message.likes.add(1))`, of this store.
        """
        return self._sender.do(prepared)
