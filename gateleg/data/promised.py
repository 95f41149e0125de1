"""The unique values that a dry run would have claimed: those of the table, and those that it has met before."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from gateleg.data.scanning import sent
from gateleg.errors import StoreError
from gateleg.model.items.claims import OWNER
from gateleg.store.commands.conditions import REFUSED
from gateleg.store.commands.get import GetStored
from gateleg.store.commands.unique_values import TakeValue
from gateleg.store.programs import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.items.claims import Claim
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store


class Promised:
    """Looks up claims as a write would take them, and remembers those that nobody has.

    Args:
        store: The store of the table.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._owners: dict[object, object] = {}

    def lacks(self, layout: Layout, key: Key[Any], item: Mapping[str, WireValue]) -> bool:
        """Whether a unique value of an item is still to be claimed for it.

        Raises:
            UniqueConflictError: Another item has one, or was met before with one.
        """
        lacking = False
        for claim in layout.claims.of(item).values():
            found, _ = sent(self._store, once(GetStored(claim.key)))
            lacking = lacking or found is None
            if not (self._is_free(claim, key) if found is None else found.get(OWNER) == {"M": dict(key.wire)}):
                raise TakeValue(claim, key).failure(StoreError("another item has it", aws_code=REFUSED))
        return lacking

    def _is_free(self, claim: Claim, key: Key[Any]) -> bool:
        with self._lock:
            return self._owners.setdefault(claim.key.identity, key.identity) == key.identity
