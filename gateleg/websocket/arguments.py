"""What several constructors ask of their arguments before anything is made of them."""

from __future__ import annotations

from typing import Any

from gateleg.errors import DeclarationError
from gateleg.model import Table


def check_kept(whose: str, *, table: Any, store: Any) -> None:
    """See that items can be kept: in a table, and by a store where one is given.

    Args:
        whose: The name of what is made, for messages.
        table: What was given as the table.
        store: What was given as the store; `None` for the one of the environment.

    Raises:
        DeclarationError: One of them is something else.
    """
    if not isinstance(table, Table):
        instead = "write Table('chat', partition_key='pk', sort_key='sk', ttl='expires_at')"
        raise DeclarationError(f"{whose} keeps its items in a Table, got {table!r}; {instead}", path=f"{whose}.table", value=table)
    if store is None:
        return
    from gateleg.store import Store  # which has been imported where one is given

    if not isinstance(store, Store):
        instead = "write store=Store(TABLE), or leave it out for the one of the environment"
        raise DeclarationError(f"{whose} keeps its items by a Store, got {store!r}; {instead}", path=f"{whose}.store", value=store)
