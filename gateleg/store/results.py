"""A query's items, read as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateleg.store.commands.query import QueryItems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.model.entity import Entity
    from gateleg.model.query import Query
    from gateleg.store.sender import Sender

E = TypeVar("E", bound="Entity")


class Results(Generic[E]):
    """An iterator over a query's items; requests are sent one by one as it is advanced, none before.

    Args:
        query: The query.
        sender: What sends its requests.
        table_name: Gives the table's physical name.
    """

    def __init__(self, query: Query[E], sender: Sender, table_name: Callable[[], str]) -> None:
        self._query = query
        self._sender = sender
        self._table_name = table_name
        self._items = self._read()

    def __iter__(self) -> Iterator[E]:
        return self

    def __next__(self) -> E:
        return next(self._items)

    def params(self) -> dict[str, Any]:
        """The first request, exactly; nothing is sent."""
        return self._first().params(self._table_name())

    def _first(self) -> QueryItems[E]:
        # Without the caller's filter nearly every item that is read is given, so that no more need be read than are wanted.
        return QueryItems(self._query, evaluate=self._query.maximum if self._query.filter is None else None)

    def _read(self) -> Iterator[E]:
        left = self._query.maximum
        command = self._first()
        while True:
            stretch = self._sender.send(command)
            for entity, _ in stretch.found:
                yield entity
                left = None if left is None else left - 1
                if left == 0:
                    return
            if stretch.end is None:
                return
            command = QueryItems(self._query, stretch.end)
