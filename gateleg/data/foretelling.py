"""What an import would do to each item, in the table as it is and as the lines before would have made it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gateleg.data.capacity import write_units
from gateleg.data.item_json import to_json
from gateleg.data.progress import Progress
from gateleg.data.promised import Promised
from gateleg.data.scanning import sent
from gateleg.errors import ItemExistsError, StoreError
from gateleg.model.values.stored import same_stored
from gateleg.store.commands.conditions import REFUSED
from gateleg.store.commands.get import GetStored
from gateleg.store.commands.stored import PutStored
from gateleg.store.commands.unique_values import layout_of
from gateleg.store.programs import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.items.claims import Claim
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store


@dataclass(frozen=True)
class _Left:
    """What a line would leave under its key; of the item itself a digest, since a file may hold more than there is memory."""

    digest: bytes
    claims: tuple[Claim, ...]


class Foretelling:
    """Asks DynamoDB what is there, and writes nothing. Lines of one key are foretold one after the other.

    Args:
        store: The store of the table.
        replace: Whether an item of the same entity that is there already would be replaced.
    """

    def __init__(self, store: Store, *, replace: bool) -> None:
        self._store = store
        self._replace = replace
        self._promised = Promised(store)
        self._left: dict[object, _Left] = {}

    def of(self, key: Key[Any], item: dict[str, WireValue]) -> Progress:
        """What would be done to an item.

        Raises:
            StoreError: The import would be refused it.
        """
        layout, digest = key.entity.__gateleg__, _digest(item)
        claims = tuple(layout.claims.of(item).values())
        left = self._left.get(key.identity)
        stored, reads = (None, 0.0) if left else sent(self._store, once(GetStored(key)))
        same = left.digest == digest if left else stored is not None and same_stored(stored, item)
        if not same:
            self._check_place(key, item, stored, met=left is not None)
        before = left.claims if left else _claims(key, stored or {})
        lacking, more = self._promised.take(layout, key, item, before)
        self._left[key.identity] = _Left(digest, claims)
        unchanged = same and (self._replace or not lacking)
        changed = len({claim.key.identity for claim in (*before, *claims)})
        units = 0 if unchanged and not self._replace else write_units(self._store.table, stored or {}, item, claims=changed)
        return Progress(items=1, written=not unchanged, unchanged=unchanged, read_units=reads + more, write_units=units)

    def _check_place(self, key: Key[Any], item: dict[str, WireValue], stored: Mapping[str, WireValue] | None, *, met: bool) -> None:
        if met and not self._replace:
            raise ItemExistsError(f"{key!r} stands in an earlier line, and differs; leave one out, or import with replace=True (--replace)")
        if stored is None or (self._replace and self._store.table.type_of(stored) == key.entity.__gateleg__.name):
            return
        refused = StoreError("there is an item", aws_code=REFUSED, response={"Item": dict(stored)})
        raise PutStored(key, item, new=not self._replace).failure(refused)


def _claims(key: Key[Any], stored: Mapping[str, WireValue]) -> tuple[Claim, ...]:
    layout = layout_of(key, stored)
    return () if layout is None else tuple(layout.claims.of(stored).values())


def _digest(item: Mapping[str, WireValue]) -> bytes:
    return sha256(json.dumps(to_json(item), sort_keys=True).encode()).digest()
