"""Every operation on a table as a description: checked, complete, not sent. Sync and async stores send the same ones.

What few functions do is imported where it is done: claims, collections, statements, scans, transactions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import ExpressionError
from gateleg.model.items.rivals import foreign_rivals, rivals
from gateleg.model.queries.projection import check_projection
from gateleg.model.queries.query import Query
from gateleg.store import cursors
from gateleg.store.arguments import entities_given, entity_given, key_given, keys_given, query_given, unreadable_given
from gateleg.store.commands.base import without
from gateleg.store.commands.delete import DeleteItem, delete_item
from gateleg.store.commands.get import GetItem
from gateleg.store.commands.put import PutItem, put_item
from gateleg.store.commands.query import QueryItems
from gateleg.store.commands.schema_versions import has_versions
from gateleg.store.commands.update import update_item
from gateleg.store.prepared import Prepared
from gateleg.store.programs import batch_reading, batch_writing, counting, executing, once, paging, resolving, writing
from gateleg.store.upkeep import as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateleg.model.entity import Entity
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.keys.reference import Ref
    from gateleg.model.paths.conditions import ConditionOf
    from gateleg.model.paths.path import PathOf
    from gateleg.model.paths.updates import AtLeastOne
    from gateleg.model.queries.page import Page
    from gateleg.model.table import Table
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.base import Command
    from gateleg.store.commands.batch import BatchGetItem
    from gateleg.store.commands.read import ReadItems
    from gateleg.store.commands.scan import ScanItems
    from gateleg.store.commands.update import UpdateItem
    from gateleg.store.cursors import CursorKeys
    from gateleg.store.other_tables import Bound
    from gateleg.store.patience import Patience
    from gateleg.store.programs import Program
    from gateleg.store.results import Pending
    from gateleg.store.scan import Scan
    from gateleg.store.shards import Merge, Places
    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")
R = TypeVar("R")
W = TypeVar("W", bound="PutItem[Any] | UpdateItem[Any] | DeleteItem[Any]")

PAGE_REQUESTS = 10
"""How many requests a page takes at most, unless it is told otherwise: ten megabytes, 1280 read units."""


class Operations:
    """What a store can do, each as a `Prepared`: `store.prepare.get(key)` is what `store.get(key)` sends.

    The methods take what the store's methods of the same names take, and raise what those raise before they send.

    Args:
        table: The declared table.
        table_name: Gives its physical name.
        cursor_keys: The keys that sign cursors.
        patience: How slowly batches are repeated.
        hide_expired: Whether items whose time is up count as absent.
    """

    def __init__(
        self, table: Table, table_name: Callable[[], str], cursor_keys: CursorKeys, patience: Patience, *, hide_expired: bool = False
    ) -> None:
        self._table = table
        self._table_name = table_name
        self._keys = cursor_keys
        self._patience = patience
        self._hides = hide_expired

    # One item --------------------------------------------------------------------------------------------------------------------

    def get(self, key: Key[E], *, consistent: bool = False, only: Iterable[PathOf[E]] = ()) -> Prepared[E | None]:
        """Read an item."""
        self._check(key_given(key).entity)
        if paths := tuple(only):
            check_projection(key.entity, paths)
        return self._once(GetItem(key, consistent, paths, self._alive_at()))

    def create(self, entity: E) -> Prepared[E]:
        """Write an entity where there is none."""
        self._check(entity_given(entity))
        command = self._alive(put_item(entity, _now(), new=True))
        if entity.__gateleg__.claims:
            from gateleg.store.unique_programs import creating

            return Prepared(lambda: creating(entity, command), self._table_name)
        return Prepared(lambda: writing(entity, command), self._table_name)

    def put(self, entity: E, *, when: ConditionOf[E] | None = None) -> Prepared[E]:
        """Write an entity whole."""
        self._check(entity_given(entity))
        command = self._alive(put_item(entity, _now(), new=False, when=when))
        if entity.__gateleg__.claimed:
            from gateleg.store.unique_programs import putting

            return Prepared(lambda: putting(entity, command, self._patience), self._table_name)
        return Prepared(lambda: writing(entity, command), self._table_name)

    def update(self, target: Key[E] | E, *updates: *AtLeastOne[E], when: ConditionOf[E] | None = None) -> Prepared[E]:
        """Change attributes of an item."""
        command = self._alive(update_item(target, updates, _now(), when))
        self._check(command.key.entity)
        if command.key.entity.__gateleg__.claims.concern(update.path.attribute.name for update in command.updates):
            from gateleg.store.unique_programs import update_parts, updating

            update_parts(command, {})  # Refuses what cannot be known, before anything is read.
            return self._current(command.key.entity, lambda: updating(command, self._patience))
        return self._current(command.key.entity, lambda: once(command))

    def delete(self, target: Key[E] | E, *, when: ConditionOf[E] | None = None) -> Prepared[E | None]:
        """Delete an item."""
        command = self._alive(delete_item(target, when))
        self._check(command.key.entity)
        if command.key.entity.__gateleg__.claimed:
            from gateleg.store.unique_programs import deleting

            return Prepared(lambda: deleting(command, self._patience), self._table_name)
        return self._once(command)

    # Many items ------------------------------------------------------------------------------------------------------------------

    def page(
        self,
        query: Query[E] | Scan[E] | Pending[E, Any],
        *,
        limit: int = 50,
        cursor: str | None = None,
        requests: int = PAGE_REQUESTS,
        unreadable: Unreadable | None = None,
    ) -> Prepared[Page[E]]:
        """Read one page of a query, a scan or a collection."""
        first = self._first(query)
        given = unreadable_given(unreadable) or getattr(query, "unreadable", None)
        if limit < 1:
            raise ExpressionError(f"a page holds 1 item or more; limit={limit!r} was given", path="limit", value=limit)
        if requests < 1:
            message = f"a page takes 1 request or more; requests={requests!r} was given"
            raise ExpressionError(message, path="requests", value=requests)
        if query.maximum is not None:
            message = f"it has a limit of {query.maximum}, which no cursor could keep; leave it out and give page() its limit="
            raise ExpressionError(message, path="limit", value=query.maximum)
        question = {"TableName": self._table_name(), **without(first.question(), "ConsistentRead")}
        if len(first.shards) > 1:
            from gateleg.store.shards import Merge

            return self._page_of_shards(partial(Merge, first, limit, given), question, cursor=cursor, requests=requests)
        start = None if cursor is None else cursors.read(cursor, question, self._keys)

        def sign(place: Mapping[str, WireValue]) -> str:
            return cursors.sign(place, question, self._keys)

        def begin() -> Program[Page[E]]:
            return paging(first, limit=limit, requests=requests, start=start, sign=sign, unreadable=given)

        return Prepared(begin, self._table_name, requests)

    def count(self, what: Query[Any] | Scan[Any] | type[Entity] | Table) -> Prepared[int]:
        """Count items."""
        if isinstance(what, Query):
            return self._counted(self.querying(what), what.maximum)
        from gateleg.store.scan import scan_of

        scan = scan_of(what)
        return self._counted(self.scanning(scan), scan.maximum)

    def batch_get(self, keys: Iterable[Key[E]], *, consistent: bool = False, unreadable: Unreadable | None = None) -> Prepared[list[E]]:
        """Read many items by their keys."""
        wanted = list(dict.fromkeys(keys_given(keys)))
        for key in wanted:
            self._check(key.entity)
        command = self._batch_command(consistent=consistent, unreadable=unreadable)
        return Prepared(lambda: batch_reading(wanted, self._patience, command), self._table_name)

    def resolve(
        self, refs: Iterable[Ref[E]], *, consistent: bool = False, unreadable: Unreadable | None = None
    ) -> Prepared[dict[Ref[E], E]]:
        """Read what references lead to."""
        wanted = list(refs)
        keys = list(dict.fromkeys(ref.key for ref in wanted))
        for key in keys:
            self._check(key.entity)
        command = self._batch_command(consistent=consistent, unreadable=unreadable)
        return Prepared(lambda: resolving(wanted, batch_reading(keys, self._patience, command)), self._table_name)

    def batch_put(self, entities: Iterable[Entity]) -> Prepared[None]:
        """Write many entities."""
        now = _now()
        commands: list[PutItem[Any]] = []
        for entity in entities_given(entities):
            self._check(entity)
            _check_unclaimed(type(entity), "put")
            commands.append(self._alive(PutItem(as_written(entity, now), None, new=False)))
            commands[-1].check()
        return self._batch_writing(commands, rivals)

    def batch_delete(self, keys: Iterable[Key[Entity]]) -> Prepared[None]:
        """Delete many items."""
        commands: list[DeleteItem[Any]] = []
        for key in keys_given(keys):
            self._check(key.entity)
            _check_unclaimed(key.entity, "delete")
            commands.append(self._alive(DeleteItem(key, tells=False)))
        return self._batch_writing(commands, foreign_rivals)

    def transact_get(self, *keys: Key[Any], stores: Iterable[Bound] = ()) -> Prepared[Any]:
        """Read items as they are at one moment."""
        from gateleg.store.commands.transact_get import TransactGetItems
        from gateleg.store.other_tables import by_table, check_reach

        others = by_table(stores)
        for key in keys_given(keys):
            check_reach(key.entity, self._table, others)
        return self._once(TransactGetItems(keys, self._alive_at(), others))

    def partiql(
        self, statement: str, parameters: Iterable[Any] = (), *, consistent: bool = False, unreadable: Unreadable | None = None
    ) -> Prepared[list[Any]]:
        """Execute a statement."""
        from gateleg.store.commands.statement import ExecuteStatement

        first = ExecuteStatement(self._table, statement, tuple(parameters), consistent, unreadable=unreadable_given(unreadable))
        return Prepared(lambda: executing(first), self._table_name)

    # First requests of what is read as it is asked for ---------------------------------------------------------------------------

    def querying(self, query: Query[E]) -> ReadItems[E]:
        """The first request of a query."""
        self._check(query_given(query).entity)
        return QueryItems(query=query, alive_at=self._alive_at())

    def collecting(self, *queries: Query[Any]) -> ReadItems[Any]:
        """The first request for what several queries of one partition find."""
        for query in queries:
            self._check(query.entity)
        from gateleg.store.commands.collect import CollectItems

        return CollectItems(queries=queries, alive_at=self._alive_at())

    def scanning(self, scan: Scan[E]) -> ScanItems[E]:
        """The first request of a scan."""
        for entity in scan.entities:
            self._check(entity)
        from gateleg.store.commands.scan import ScanItems

        return ScanItems(scan=scan, alive_at=self._alive_at())

    # Parts -----------------------------------------------------------------------------------------------------------------------

    def _page_of_shards(
        self, merge: Callable[[Places | None], Merge[E]], question: dict[str, Any], *, cursor: str | None, requests: int
    ) -> Prepared[Page[E]]:
        from gateleg.store.shards import paging_shards

        begun = merge(None)
        question["Shards"] = len(begun.places)
        places = None if cursor is None else begun.places_of(cursors.read(cursor, question, self._keys))

        def sign(places: Places) -> str:
            return cursors.sign(begun.kept(places), question, self._keys)

        return Prepared(lambda: paging_shards(merge(places), requests=requests, sign=sign), self._table_name, requests)

    def _first(self, what: Query[E] | Scan[E] | Pending[E, Any]) -> ReadItems[E]:
        if isinstance(what, Query):
            return self.querying(what)
        from gateleg.store.results import Pending
        from gateleg.store.scan import Scan

        if isinstance(what, Scan):
            return self.scanning(what)
        if isinstance(what, Pending):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
            return self._collected(what)
        return self.querying(what)  # which says what it is

    def _collected(self, what: Pending[E, Any]) -> ReadItems[E]:
        from gateleg.store.commands.collect import CollectItems

        if not isinstance(what.first, CollectItems):
            message = "page() takes a query, a Scan, or what collect() gives; give it what query() or scan() was given"
            raise ExpressionError(message, path="query", value=what)
        return self.collecting(*what.first.queries)

    def _batch_command(self, *, consistent: bool, unreadable: Unreadable | None) -> Callable[[tuple[Key[Any], ...]], BatchGetItem[Any]]:
        from gateleg.store.commands.batch import BatchGetItem

        given = unreadable_given(unreadable)
        return lambda left: BatchGetItem(left, consistent, self._alive_at(), given)

    def _batch_writing(
        self, commands: Sequence[PutItem[Any] | DeleteItem[Any]], rivals_of: Callable[[Layout], list[Layout]]
    ) -> Prepared[None]:
        _check_distinct([command.key for command in commands])
        layouts = {layout.name: layout for layout in (command.key.entity.__gateleg__ for command in commands)}
        guarded = {name for name, layout in layouts.items() if rivals_of(layout)}
        together = [command.request() for command in commands if command.key.entity.__gateleg__.name not in guarded]
        alone = [command for command in commands if command.key.entity.__gateleg__.name in guarded]
        return Prepared(lambda: batch_writing(together, alone, self._patience), self._table_name)

    def _alive_at(self) -> int | None:
        return int(_now().timestamp()) if self._hides else None

    def _alive(self, command: W) -> W:
        """A write to which items whose time is up count as absent, where the store is asked for that."""
        return replace(command, alive_at=self._alive_at()) if self._hides else command

    def _check(self, entity: type[Entity] | Entity) -> None:
        entity.__gateleg__.check_table(self._table)

    def _counted(self, first: ReadItems[Any], maximum: int | None) -> Prepared[int]:
        command = replace(first, only_count=True)
        if len(first.shards) > 1:
            from gateleg.store.shards import counting_shards

            return Prepared(lambda: counting_shards(command, maximum), self._table_name)
        return Prepared(lambda: counting(command, maximum), self._table_name)

    def _current(self, entity: type[Entity], write: Callable[[], Program[R]]) -> Prepared[R]:
        """A write that counts on what is stored: of an item that is up to date."""
        if not has_versions(entity.__gateleg__):
            return Prepared(write, self._table_name)
        from gateleg.store.upgrade_programs import up_to_date

        return Prepared(lambda: up_to_date(write, self._patience), self._table_name)

    def _once(self, command: Command[R]) -> Prepared[R]:
        return Prepared(lambda: once(command), self._table_name)


def _check_unclaimed(entity: type[Entity], verb: str) -> None:
    if entity.__gateleg__.claimed:
        message = f"{entity.__name__} or a subclass of it has unique attributes, which batches cannot keep unique"
        raise ExpressionError(f"{message}; {verb} its items one by one, or in a transaction", path=entity.__name__)


def _check_distinct(keys: list[Key[Any]]) -> None:
    seen: dict[object, Key[Any]] = {}
    for key in keys:
        other = seen.setdefault(key.identity, key)
        if other is not key:
            message = f"a batch writes one item twice, by {other!r} and by {key!r}, in an order that nobody knows; keep one of them"
            raise ExpressionError(message, path=repr(key), value=key)


def _now() -> datetime:
    return datetime.now(UTC)
