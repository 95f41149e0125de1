"""Writes of items as they are stored, as programs: done, or told, also where somebody else is at work and answers are lost."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gateleg.errors import (
    ConditionFailedError,
    ItemExistsError,
    ItemNotFoundError,
    OutcomeUnknownError,
    ThrottledError,
    TransactionCanceledError,
    UniqueConflictError,
)
from gateleg.model.items.claims import OWNER
from gateleg.model.values.stored import same_stored
from gateleg.store.commands.get import GetStored
from gateleg.store.commands.stored import RewriteStored
from gateleg.store.commands.unique_values import WriteClaimed, as_stored, claim_parts, layout_of
from gateleg.store.patience import Pause
from gateleg.store.unique_programs import written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.items.claims import Claim
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.stored import PutStored
    from gateleg.store.commands.transact import Part
    from gateleg.store.patience import Patience
    from gateleg.store.programs import Program


class Became(Enum):
    """What became of an item."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    GONE = "gone"


def rewriting(
    key: Key[Any], item: Mapping[str, WireValue], form: Callable[[Mapping[str, WireValue]], dict[str, WireValue] | None], patience: Patience
) -> Program[Became]:
    """Bring an item into another form, whoever else writes it meanwhile: then it is read again, and what it has become is brought into that form.

    Args:
        key: The item's key.
        item: The item as it was read.
        form: Gives the item as it is to be; `None` for an item that is not meant.
        patience: How often it is read again, and how slowly.

    Raises:
        GatelegError: What `form` raises; that DynamoDB refuses; or that others write the item all the time.
    """
    attempt, doubtful = 0, False
    while True:
        wanted = form(item)
        if wanted is None:
            return Became.GONE
        change = RewriteStored(key, item, wanted)
        parts = yield from _parts_of_claims(change)
        if not change.changes and not parts:
            return Became.WRITTEN if doubtful else Became.UNCHANGED
        try:
            yield WriteClaimed((change, *parts), uuid4().hex) if parts else change
        except UniqueConflictError:
            raise
        except _AGAIN as error:
            doubtful = doubtful or isinstance(error, OutcomeUnknownError)
            if attempt + 1 >= patience.attempts:
                raise
        else:
            return Became.WRITTEN
        yield Pause(patience.pause(attempt))
        attempt += 1
        found = yield GetStored(key)
        if found is None:
            return Became.GONE
        item = found


def claiming(key: Key[Any], item: Mapping[str, WireValue], patience: Patience) -> Program[Became]:
    """Take the unique values of a stored item that are not claimed for it: it may be older than their declaration.

    Args:
        key: The item's key.
        item: The item as it was read.
        patience: How often it is read again, and how slowly.

    Raises:
        UniqueConflictError: Another item has one.
        GatelegError: DynamoDB refuses; or others write the item all the time.
    """
    return (yield from rewriting(key, item, dict, patience))


def restoring(command: PutStored, patience: Patience) -> Program[Became]:
    """Write an item with the claims of its unique values; it is done where the very same is there already.

    Args:
        command: The write.
        patience: How often it is sent again, and how slowly.

    Raises:
        StoreError: There is another item under the key, of the same or of another kind; or another one has a unique value; or DynamoDB refuses.
    """
    key, layout = command.key, command.key.entity.__gateleg__
    claims = layout.claims.of(command.item)
    expiry = None if layout.table.ttl is None else command.item.get(layout.table.ttl)

    def parts(stored: Mapping[str, WireValue]) -> list[Part]:
        return [replace(command, known=as_stored(key, stored)), *claim_parts(key, _claims(key, stored), claims, expiry)]

    if layout.claims and not command.new:
        before = yield from written(key, parts, patience)
        return Became.UNCHANGED if same_stored(before, command.item) else Became.WRITTEN
    write = WriteClaimed((command, *claim_parts(key, {}, claims, expiry)), uuid4().hex) if claims else command
    for attempt in range(patience.attempts):
        try:
            before = yield write
        except ItemExistsError as error:
            if not same_stored(error.response.get("Item") or {}, command.item):
                raise
            became = (yield from claiming(key, command.item, patience)) if claims else Became.UNCHANGED
            return Became.WRITTEN if attempt else became
        except OutcomeUnknownError:
            if attempt + 1 >= patience.attempts:
                raise
            yield Pause(patience.pause(attempt))
        else:
            same = not command.new and not attempt and same_stored(before or {}, command.item)
            return Became.UNCHANGED if same else Became.WRITTEN
    return Became.WRITTEN


def _parts_of_claims(change: RewriteStored) -> Program[list[Part]]:
    """What takes unique values that the item has and that are not claimed for it, and gives back those that it has in another form."""
    key = change.key
    old, new = _claims(key, change.before), _claims(key, change.after)
    lacking = False
    for claim in new.values():
        found: dict[str, WireValue] | None = yield GetStored(claim.key)
        lacking = lacking or found is None or found.get(OWNER) != {"M": dict(key.wire)}
    if not lacking and {claim.key.identity for claim in old.values()} == {claim.key.identity for claim in new.values()}:
        return []
    layout = key.entity.__gateleg__
    expiry = None if layout.table.ttl is None else change.after.get(layout.table.ttl)
    return claim_parts(key, old, new, expiry)


def _claims(key: Key[Any], item: Mapping[str, WireValue]) -> dict[str, Claim]:
    layout = layout_of(key, item)
    return {} if layout is None else layout.claims.of(item)


_AGAIN = (ConditionFailedError, ItemNotFoundError, OutcomeUnknownError, ThrottledError, TransactionCanceledError)
