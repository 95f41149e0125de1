"""What a write takes of a table and its indexes, in write capacity units.

Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.expressions.sizes import item_size
from gateleg.model.values.stored import same_stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.index import Index, LocalIndex
    from gateleg.model.kinds import TableBase
    from gateleg.model.values.wire import WireValue

_UNIT = 1024


def write_units(table: TableBase, before: Mapping[str, WireValue], after: Mapping[str, WireValue], claims: int = 0) -> int:
    """The write units of making one item of another; of a new one where there was none.

    Args:
        table: The table.
        before: The item that is there; empty where there is none.
        after: The item that is written.
        claims: How many claims of unique values are written, or deleted, with it: in one transaction, which takes twice as much of the table,
            and of its indexes as much as before.
    """
    own = max(_units(before), _units(after), 1)
    own = 2 * (own + claims) if claims else own
    return own + sum(_of_index(table, index, before, after) for index in table.all_indexes)


def _of_index(table: TableBase, index: Index | LocalIndex, before: Mapping[str, WireValue], after: Mapping[str, WireValue]) -> int:
    old, new = (_entry(table, index, item) for item in (before, after))
    if same_stored(old, new):
        return 0
    keys = [{name: entry[name] for name in index.key_names if name in entry} for entry in (old, new)]
    return max(_units(old), _units(new)) if same_stored(*keys) else _units(old) + _units(new)


def _entry(table: TableBase, index: Index | LocalIndex, item: Mapping[str, WireValue]) -> Mapping[str, WireValue]:
    """What an index holds of an item; empty where the item is not in it."""
    keys = {*table.key_names, *index.key_names}
    if not keys <= item.keys():
        return {}
    if index.projection.type == "ALL":
        return item
    held = {*keys, *index.projection.attributes}
    return {name: wire for name, wire in item.items() if name in held}


def _units(item: Mapping[str, WireValue]) -> int:
    return -(-item_size(item) // _UNIT)
