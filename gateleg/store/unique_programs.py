"""Writes of entities with unique attributes, as programs: what is stored is read, then the item and its claims are written as one.

In between somebody else may write the item; then the conditions on what was read are false, and it is read again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from gateleg.errors import ConditionFailedError, ExpressionError, ItemNotFoundError
from gateleg.model.paths.updates import Remove, SetValue
from gateleg.store.commands.get import GetStored
from gateleg.store.commands.unique_values import ForeignClaimError, GiveValueBack, WriteClaimed, as_stored, claim_parts, layout_of
from gateleg.store.outcomes import done
from gateleg.store.patience import Pause
from gateleg.store.programs import learned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.items.claims import Claim
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.updates import Update
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.delete import DeleteItem
    from gateleg.store.commands.put import PutItem
    from gateleg.store.commands.transact import Part
    from gateleg.store.commands.update import UpdateItem
    from gateleg.store.patience import Patience
    from gateleg.store.programs import Program

E = TypeVar("E", bound="Entity")


def creating(entity: E, command: PutItem[E]) -> Program[E]:
    """Write an entity where there is none, and take its values."""
    yield WriteClaimed((command, *put_parts(command)), uuid4().hex)
    return learned(entity, command.result({}))


def putting(entity: E, command: PutItem[E], patience: Patience) -> Program[E]:
    """Write an entity whole, take its values, and give back those that only the stored one has."""

    def parts(stored: Mapping[str, WireValue]) -> list[Part]:
        return [replace(command, known=as_stored(command.key, stored)), *put_parts(command, stored)]

    yield from written(command.key, parts, patience)
    return learned(entity, command.result({}))


def updating(command: UpdateItem[E], patience: Patience) -> Program[E]:
    """Change attributes that claims hang on, and give the entity as it is after that."""

    def parts(stored: Mapping[str, WireValue]) -> list[Part]:
        known = (*command.known, *as_stored(command.key, stored))
        return [replace(command, known=known), *update_parts(command, stored)]

    yield from written(command.key, parts, patience)
    after: dict[str, WireValue] | None = None
    try:
        after = yield GetStored(command.key)
        return command.result({"Attributes": _there(after)})
    except Exception as error:
        raise done(command.label, after, error) from error


def deleting(command: DeleteItem[E], patience: Patience) -> Program[E | None]:
    """Delete an item, and give its values back."""

    def parts(stored: Mapping[str, WireValue]) -> list[Part]:
        known = as_stored(command.key, stored)
        return [replace(command, known=known), *claim_parts(command.key, _claims(command.key, stored), {}, None)]

    stored = yield from written(command.key, parts, patience)
    try:
        return command.result({"Attributes": stored})
    except Exception as error:
        raise done(command.label, dict(stored), error, deleted=True) from error


def _there(item: dict[str, WireValue] | None) -> dict[str, WireValue]:
    if item is None:
        raise ItemNotFoundError("it was deleted by somebody else directly after that")
    return item


def put_parts(command: PutItem[Any], stored: Mapping[str, WireValue] | None = None) -> list[Part]:
    """What takes the values of an entity that is written whole, and gives back those of the item that it replaces."""
    layout, item = command.entity.__gateleg__, command.item
    return claim_parts(command.key, _claims(command.key, stored or {}), layout.claims.of(item), _expiry(layout, item), command.alive_at)


def update_parts(command: UpdateItem[Any], stored: Mapping[str, WireValue]) -> list[Part]:
    """What takes the values that an item gets by updates, and gives back those that it loses.

    Raises:
        ExpressionError: The updates do not say what a value will be.
    """
    layout = command.key.entity.__gateleg__
    item = _updated(layout, command.updates, stored)
    return claim_parts(command.key, _claims(command.key, stored), layout.claims.of(item), _expiry(layout, item), command.alive_at)


def written(key: Key[Any], parts: Callable[[Mapping[str, WireValue]], list[Part]], patience: Patience) -> Program[Mapping[str, WireValue]]:
    """Write an item with its claims; gives the item as it was before.

    Args:
        key: The item's key.
        parts: Makes the transaction from the item as it is stored.
        patience: How often it is read anew.
    """
    foreign: set[object] = set()
    stored: Mapping[str, WireValue] = (yield GetStored(key)) or {}
    attempt = 0
    while True:
        wanted = [part for part in parts(stored) if not (isinstance(part, GiveValueBack) and part.key.identity in foreign)]
        try:
            yield WriteClaimed(tuple(wanted), uuid4().hex)
        except ForeignClaimError as error:
            foreign.add(error.claim.key.identity)
        except (ConditionFailedError, ItemNotFoundError):
            before = stored
            stored = (yield GetStored(key)) or {}
            if attempt + 1 >= patience.attempts or _standing(key, stored) == _standing(key, before):
                raise
            yield Pause(patience.pause(attempt))
            attempt += 1
        else:
            return stored


def _claims(key: Key[Any], stored: Mapping[str, WireValue]) -> dict[str, Claim]:
    layout = layout_of(key, stored)
    return {} if layout is None else layout.claims.of(stored)


def _standing(key: Key[Any], stored: Mapping[str, WireValue]) -> object:
    """What `as_stored` demands, to compare."""
    return bool(stored), stored.get(key.entity.__gateleg__.table.type_attribute), _claims(key, stored)


def _expiry(layout: Layout, item: Mapping[str, WireValue]) -> WireValue | None:
    return None if layout.table.ttl is None else item.get(layout.table.ttl)


def _updated(layout: Layout, updates: Iterable[Update], stored: Mapping[str, WireValue]) -> dict[str, WireValue]:
    """What claims see of an item after the updates."""
    item = dict(stored)
    for update in updates:
        name = update.path.attribute.stored
        if not layout.claims.concern([update.path.attribute.name]):
            continue
        if isinstance(update, Remove) and not update.path.steps:
            item.pop(name, None)
        elif isinstance(update, SetValue) and not update.path.steps and not update.only_if_absent:
            item[name] = update.wire
        else:
            message = f"{update.path!r} is unique, or the time of expiry of unique values, so its new value must be known; use set(value)"
            raise ExpressionError(message, path=repr(update.path))
    return item
