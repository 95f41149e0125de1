"""The other tables of a transaction that is about several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from gateleg.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.kinds import TableBase
    from gateleg.model.table import Table


class Bound(Protocol):
    """What knows where a table is: a `Store`, or an `AsyncStore`."""

    @property
    def table_name(self) -> str:
        """The table's physical name."""
        ...

    @property
    def table(self) -> Table:
        """The declared table."""
        ...

    @property
    def hide_expired(self) -> bool:
        """Whether items whose time of expiry has come count as absent."""
        ...


OtherTables: TypeAlias = "Mapping[TableBase, Bound]"
"""The stores of other tables than the sending store's own."""


def by_table(stores: Iterable[Bound]) -> OtherTables:
    """The stores by their tables."""
    return {store.table: store for store in stores}


def check_reach(entity: type[Entity] | Entity, home: Table, others: OtherTables) -> None:
    """Check that an entity lives in one of the tables that a transaction is about.

    Raises:
        ExpressionError: It lives in another.
    """
    layout = entity.__gateleg__
    if layout.table is not home and layout.table not in others:
        known = ", ".join(repr(table.name) for table in (home, *others))
        message = f"{layout.entity.__name__} lives in table {layout.table.name!r}, and this transaction is about {known}"
        raise ExpressionError(f"{message}; give it that table's store: stores=[...]", path=layout.entity.__name__)


def name_in(others: OtherTables, table: TableBase, home_name: str) -> str:
    """The physical name of a table: the other store's, or the sending store's own."""
    return others[table].table_name if table in others else home_name
