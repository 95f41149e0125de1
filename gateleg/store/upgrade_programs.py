"""Writes that count on what is stored, as programs: an item that an earlier declaration stored is brought up to date before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from gateleg.errors import (
    ConditionFailedError,
    OutcomeUnknownError,
    TransactionCanceledError,
    TransactionConflictError,
    UniqueConflictError,
)
from gateleg.model.items.evolution import UNREADABLE, unreadable
from gateleg.model.items.rewritten import rewritten
from gateleg.store.commands.schema_versions import OutdatedItemError
from gateleg.store.commands.stored import RewriteStored
from gateleg.store.commands.transact import TransactWriteItems
from gateleg.store.patience import Pause
from gateleg.store.stored_programs import rewriting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.values.wire import WireValue
    from gateleg.store.patience import Patience
    from gateleg.store.programs import Program

R = TypeVar("R")


def up_to_date(write: Callable[[], Program[R]], patience: Patience) -> Program[R]:
    """Write an item that is up to date; one that is not is brought there first, by an update that nobody else's write is lost to.

    Args:
        write: The write, from its beginning.
        patience: How often it is begun, and how slowly.

    Raises:
        StoredItemInvalidError: The item cannot be brought up to date, or a later declaration stored it; nothing was written.
        UniqueConflictError: Another item has a unique value that it has once it is up to date; nothing was written.
    """
    attempt = 0
    while True:
        try:
            return (yield from write())
        except OutdatedItemError as error:
            if attempt + 1 >= patience.attempts:
                raise
            behind = error
        try:
            yield from _brought_up(behind, patience)
        except UniqueConflictError:
            raise
        except _AGAIN:
            yield Pause(patience.pause(attempt))
        attempt += 1


def transacting(command: TransactWriteItems, patience: Patience) -> Program[None]:
    """Do a transaction whose items are up to date; those that are not are brought there first.

    Args:
        command: The transaction.
        patience: How often it is sent, and how slowly.

    Raises:
        StoredItemInvalidError: An item cannot be brought up to date, or a later declaration stored it; nothing was written.
    """
    attempt = 0
    while True:
        try:
            yield command
        except TransactionCanceledError as error:
            behind = _behind(error)
            if not behind or attempt + 1 >= patience.attempts:
                raise
        else:
            return
        parts = tuple(RewriteStored(one.key, one.stored, _current(one, one.stored)) for one in behind)
        try:
            yield TransactWriteItems(parts, uuid4().hex, command.others)
        except _AGAIN:
            yield Pause(patience.pause(attempt))
        attempt += 1


def _behind(error: TransactionCanceledError) -> list[OutdatedItemError]:
    """The items that stand in a transaction's way by their versions alone; none where something else does, or where claims would change too."""
    reasons = [reason for reason in error.reasons if reason is not None]
    behind = [reason for reason in reasons if isinstance(reason, OutdatedItemError) and not reason.layout.claims]
    return behind if len(behind) == len(reasons) else []


def _brought_up(behind: OutdatedItemError, patience: Patience) -> Program[Any]:
    if behind.layout.claims:
        yield from rewriting(behind.key, behind.stored, lambda item: _current(behind, item), patience)
    else:
        yield RewriteStored(behind.key, behind.stored, _current(behind, behind.stored))


def _current(behind: OutdatedItemError, item: Mapping[str, WireValue]) -> dict[str, WireValue]:
    layout = behind.layout
    try:
        return rewritten(layout, item)
    except UNREADABLE as error:
        raise unreadable(layout.table, item, error, hidden=layout.hidden) from error


_AGAIN = (ConditionFailedError, OutcomeUnknownError, TransactionCanceledError, TransactionConflictError)
"""Somebody else was at work, or an answer was lost: the next try shows what is stored."""
