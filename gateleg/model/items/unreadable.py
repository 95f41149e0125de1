"""Stored items that no entity can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.errors import GatelegError, ItemInvalidError, StoredItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.kinds import TableBase
    from gateleg.model.values.wire import WireValue


UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What is raised where an item is not what its entity's types and transforms take; `ItemInvalidError` is one of them."""


def unreadable(table: TableBase, item: Mapping[str, WireValue], error: Exception) -> Exception:
    """The error of an item that was stored, which says which one it is; errors of another sort stay as they are.

    Args:
        table: The item's table.
        item: The item.
        error: What reading it raised.
    """
    if isinstance(error, GatelegError) and not isinstance(error, ItemInvalidError):
        return error
    key = {name: item[name] for name in table.key_names if name in item}
    shown = ", ".join(f"{name}={next(iter(wire.values()))!r}" for name, wire in key.items())
    where = f"it is stored under {shown or 'a key that was not read'}"
    if not isinstance(error, ItemInvalidError):
        return StoredItemInvalidError(f"{type(error).__name__}: {error}; {where}", value=error, key=key, item=dict(item))
    message = f"{error.message}; {where}"
    return StoredItemInvalidError(message, path=error.path, value=error.value, problems=error.problems, key=key, item=dict(item))
