"""The unique values that a dry run would have claimed: those of the table, and those that it has met before."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from gateleg.data.scanning import sent
from gateleg.errors import StoreError
from gateleg.model.items.claims import OWNER
from gateleg.model.keys.key import Key
from gateleg.store.commands.conditions import REFUSED
from gateleg.store.commands.get import GetStored
from gateleg.store.commands.unique_values import TakeValue
from gateleg.store.programs import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.model.items.claims import Claim
    from gateleg.model.items.layout import Layout
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store


class Promised:
    """Looks up claims as a write would take them, and remembers who has got them since, and who gave them back.

    Args:
        store: The store of the table.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._owners: dict[object, object] = {}

    def take(self, layout: Layout, key: Key[Any], item: Mapping[str, WireValue], before: Iterable[Claim] = ()) -> tuple[bool, float]:
        """Take the unique values of an item.

        Args:
            layout: The item's entity.
            key: Its key.
            item: The item.
            before: The claims of what it takes the place of, of which those that it has no longer are given back.

        Returns:
            Whether one of them was still to be claimed, and the read units that it took to know it.

        Raises:
            UniqueConflictError: Another item has one, or was met before with one; then none was taken.
        """
        claims = list(layout.claims.of(item).values())
        stored = {claim.key.identity: sent(self._store, once(GetStored(claim.key))) for claim in claims}
        with self._lock:
            owners = {identity: self._owners.get(identity, _owner(layout, found)) for identity, (found, _) in stored.items()}
            for claim in claims:
                if owners[claim.key.identity] not in (None, key.identity):
                    raise TakeValue(claim, key).failure(StoreError("another item has it", aws_code=REFUSED))
            given_back = {claim.key.identity for claim in before} - owners.keys()
            self._owners |= {**dict.fromkeys(given_back), **dict.fromkeys(owners, key.identity)}
        return None in owners.values(), sum(units for _, units in stored.values())


def _owner(layout: Layout, claim: Mapping[str, WireValue] | None) -> object:
    return None if claim is None else Key(layout.entity, claim[OWNER]["M"], {}).identity
