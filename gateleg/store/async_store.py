"""`AsyncStore`: reads and writes the entities of one table, awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from gateleg.store import clients
from gateleg.store.arguments import limit_given, unreadable_given
from gateleg.store.async_results import AsyncParallelResults, AsyncResults
from gateleg.store.async_sender import AsyncSender
from gateleg.store.bound_table import BoundTable
from gateleg.store.operations import PAGE_REQUESTS
from gateleg.store.patience import Patience
from gateleg.store.scan import scan_of
from gateleg.store.segments import Segments, check_segments
from gateleg.store.transaction import TransactionParts
from gateleg.store.transport import BotocoreTransport
from gateleg.store.transport_threads import ThreadTransport

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

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
    from gateleg.store.transport_threads import AsyncTransport
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")
F = TypeVar("F", bound="Entity")
G = TypeVar("G", bound="Entity")
R = TypeVar("R")


class AsyncStore(BoundTable):
    """`Store` for asyncio: the same operations, arguments, outcomes and errors, awaited. What it sends is what a `Store` prepares.

    A task that is cancelled while it awaits a write learns no outcome: the write may be done.

    Args:
        table: The declared table.
        table_name: Its physical name; by default the environment variable that the construct set.
        client: A boto3 DynamoDB client in place of `gateleg.store.clients.dynamodb()`; its own retries apply, as with `Store`.
        cursor_keys: The keys that sign cursors, the newest first; by default the secret that the construct made.
        transport: Another way to DynamoDB than a boto3 client in threads.
        patience: How often and how slowly requests are repeated.
        hide_expired: Whether items whose time of expiry has come count as absent, as with `Store`.

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
        transport: AsyncTransport | None = None,
        patience: Patience | None = None,
        hide_expired: bool = False,
    ) -> None:
        patience = patience or Patience()
        super().__init__(table, table_name, cursor_keys, patience, hide_expired=hide_expired)
        own = transport or ThreadTransport(BotocoreTransport(client or clients.dynamodb))
        self._sender = AsyncSender(own, self._where, patience)

    # One item --------------------------------------------------------------------------------------------------------------------

    async def get(self, key: Key[E], *, consistent: bool = False, only: Iterable[PathOf[E]] = ()) -> E | None:
        """The entity under a key; see `Store.get`."""
        return await self.send(self.prepare.get(key, consistent=consistent, only=only))

    async def create(self, entity: E) -> E:
        """Write an entity where there is none; see `Store.create`."""
        return await self.send(self.prepare.create(entity))

    async def put(self, entity: E, *, when: ConditionOf[E] | None = None) -> E:
        """Write an entity whole; see `Store.put`."""
        return await self.send(self.prepare.put(entity, when=when))

    async def update(self, target: Key[E] | E, *updates: *AtLeastOne[E], when: ConditionOf[E] | None = None) -> E:
        """Change attributes of an item that exists; see `Store.update`."""
        return await self.send(self.prepare.update(target, *updates, when=when))

    async def delete(self, target: Key[E] | E, *, when: ConditionOf[E] | None = None) -> E | None:
        """Delete an item; see `Store.delete`."""
        return await self.send(self.prepare.delete(target, when=when))

    # Queries ---------------------------------------------------------------------------------------------------------------------

    def query(self, query: Query[E], *, unreadable: Unreadable | None = None) -> AsyncResults[E]:
        """The items of a query, read as they are asked for: `async for message in store.query(...)`."""
        return AsyncResults(self.prepare.querying(query), query.maximum, self._sender, self._where, unreadable_given(unreadable))

    @overload
    def collect(
        self, first: Query[E], second: Query[F], /, *, limit: int | None = None, unreadable: Unreadable | None = None
    ) -> AsyncResults[E | F]: ...
    @overload
    def collect(
        self, first: Query[E], second: Query[F], third: Query[G], /, *, limit: int | None = None, unreadable: Unreadable | None = None
    ) -> AsyncResults[E | F | G]: ...
    @overload
    def collect(self, *queries: Query[Entity], limit: int | None = None, unreadable: Unreadable | None = None) -> AsyncResults[Entity]: ...
    def collect(self, *queries: Query[Any], limit: int | None = None, unreadable: Unreadable | None = None) -> AsyncResults[Any]:
        """The items of several entities of one partition, read together; see `Store.collect`."""
        return AsyncResults(self.prepare.collecting(*queries), limit_given(limit), self._sender, self._where, unreadable_given(unreadable))

    @overload
    def scan(self, what: Table, *, segments: int = 1, unreadable: Unreadable | None = None) -> AsyncResults[Entity]: ...
    @overload
    def scan(self, what: type[E] | Scan[E], *, segments: int = 1, unreadable: Unreadable | None = None) -> AsyncResults[E]: ...
    def scan(self, what: type[Any] | Table | Scan[Any], *, segments: int = 1, unreadable: Unreadable | None = None) -> AsyncResults[Any]:
        """The items of an entity, of a whole table, or of a `Scan`, in one walk or in several at once; see `Store.scan`."""
        scan = scan_of(what)
        first = self.prepare.scanning(scan)
        check_segments(segments)
        given = unreadable_given(unreadable)
        if segments > 1:
            return AsyncParallelResults(Segments(first, scan.maximum, segments, given), self._sender, self._where)
        return AsyncResults(first, scan.maximum, self._sender, self._where, given)

    async def count(self, what: Query[Any] | Scan[Any] | type[Entity] | Table) -> int:
        """How many items a query or scan finds; see `Store.count`."""
        return await self.send(self.prepare.count(what))

    async def page(
        self,
        query: Query[E] | Scan[E] | AsyncResults[E],
        *,
        limit: int = 50,
        cursor: str | None = None,
        requests: int = PAGE_REQUESTS,
        unreadable: Unreadable | None = None,
    ) -> Page[E]:
        """One page of a query or scan; see `Store.page`. The keys that sign cursors are read once in five minutes, and held up for."""
        return await self.send(self.prepare.page(query, limit=limit, cursor=cursor, requests=requests, unreadable=unreadable))

    # Several items ---------------------------------------------------------------------------------------------------------------

    def transact(self, *, token: str | None = None, stores: Iterable[Bound] = ()) -> AsyncTransaction:
        """Gather writes that are done all or not at all: `async with store.transact() as tx: tx.create(...)`; see `Store.transact`."""
        return AsyncTransaction(self.table, self._sender, self._where, token, stores, hide_expired=self.hide_expired)

    async def batch_put(self, entities: Iterable[Entity]) -> None:
        """Write many entities; see `Store.batch_put`."""
        await self.send(self.prepare.batch_put(entities))

    async def batch_delete(self, keys: Iterable[Key[Entity]]) -> None:
        """Delete many items; see `Store.batch_delete`."""
        await self.send(self.prepare.batch_delete(keys))

    async def batch_get(self, keys: Iterable[Key[E]], *, consistent: bool = False, unreadable: Unreadable | None = None) -> list[E]:
        """The entities under many keys; see `Store.batch_get`."""
        return await self.send(self.prepare.batch_get(keys, consistent=consistent, unreadable=unreadable))

    async def resolve(self, refs: Iterable[Ref[E]], *, consistent: bool = False, unreadable: Unreadable | None = None) -> dict[Ref[E], E]:
        """The entities that references lead to, by reference; see `Store.resolve`."""
        return await self.send(self.prepare.resolve(refs, consistent=consistent, unreadable=unreadable))

    @overload
    async def transact_get(self, key: Key[E], /, *, stores: Iterable[Bound] = ()) -> tuple[E | None]: ...
    @overload
    async def transact_get(self, first: Key[E], second: Key[F], /, *, stores: Iterable[Bound] = ()) -> tuple[E | None, F | None]: ...
    @overload
    async def transact_get(
        self, first: Key[E], second: Key[F], third: Key[G], /, *, stores: Iterable[Bound] = ()
    ) -> tuple[E | None, F | None, G | None]: ...
    @overload
    async def transact_get(self, *keys: Key[E], stores: Iterable[Bound] = ()) -> tuple[E | None, ...]: ...
    async def transact_get(self, *keys: Key[Any], stores: Iterable[Bound] = ()) -> tuple[Any, ...]:
        """The entities under up to 100 keys as they are at one moment; see `Store.transact_get`."""
        entities: tuple[Any, ...] = await self.send(self.prepare.transact_get(*keys, stores=stores))
        return entities

    async def partiql(
        self, statement: str, parameters: Iterable[Any] = (), *, consistent: bool = False, unreadable: Unreadable | None = None
    ) -> list[Any]:
        """What a PartiQL statement gives; see `Store.partiql`."""
        return await self.send(self.prepare.partiql(statement, parameters, consistent=consistent, unreadable=unreadable))

    async def send(self, prepared: Prepared[R]) -> R:
        """Do what `prepare` described, and give its outcome; see `Store.send`."""
        return await self._sender.do(prepared)


class AsyncTransaction(TransactionParts[AsyncSender]):
    """Writes that are done all or not at all, sent and awaited as the `async with` block ends; nothing is sent when the block raises."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if kind is None:
            await self._sender.do(self._prepared(self._sender.patience))
