"""What each access pattern of a table reads, what a call costs, and where one partition takes it all.

Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.description import IndexShape, TableShape
    from gateleg.description.entity import EntityShape

_WRITES: Final = 1_000
_EVENTUAL: Final = "half a read unit for each 4 KB that is read, filtered or not, 128 units a page of 1 MB at most"
_CONSISTENT: Final = f"{_EVENTUAL}; twice that with consistent reads"
_SPREAD: Final = (
    "{shards} shards, {writes:,} write units a second for one key; a query asks all of them at once, each for half a read unit or more"
)
_HOT: Final = (
    "HOT: {key} is the same for every item, so that one partition takes them all: 3,000 read and 1,000 write units a second; "
    "put something of the item into it"
)


def explanation(table: TableShape) -> Iterator[str]:
    """Yield what each access pattern of a table's entities reads, and what puts cost, as a person reads it."""
    indexes = {index.name: index for index in (*table.indexes, *table.local_indexes)}
    local = {index.name for index in table.local_indexes}
    for name, entity in table.entities.items():
        yield f"{name}: {_keys(entity.key)}"
        yield from _hot(entity.key, table.partition_key)
        yield f"  a put costs a write unit for each KB{_again(entity)}"
        for pattern, index in entity.patterns.items():
            if index is None:
                yield f"  {pattern}: Query of the table"
                yield f"    reads {_whole(entity)}"
                yield f"    costs {_CONSISTENT}"
            else:
                key = entity.indexes[index]
                yield f"  {pattern}: Query of index {index} by {_keys(key)}"
                yield f"    {_read(indexes[index], entity, partial=pattern in entity.partial)}"
                yield f"    costs {_CONSISTENT if index in local else _EVENTUAL}"
                shards = indexes[index].sharded
                if shards > 1:
                    yield f"    spread over {_SPREAD.format(shards=shards, writes=shards * _WRITES)}"
                else:
                    remedy = f", or declare Index({index!r}, ..., sharded=10)"
                    yield from (f"  {line}{remedy}" for line in _hot(key, *indexes[index].partition_key))


def _keys(key: dict[str, str]) -> str:
    return ", ".join(f"{name} {template!r}" for name, template in key.items())


def _hot(key: dict[str, str], *partition: str) -> Iterator[str]:
    templates = {name: key[name] for name in partition if name in key}
    if templates and not any("{" in template for template in templates.values()):
        yield f"  {_HOT.format(key=_keys(templates))}"


def _again(entity: EntityShape) -> str:
    return f", and again in each index that holds it: {', '.join(entity.indexes)}" if entity.indexes else ""


def _whole(entity: EntityShape) -> str:
    return f"whole items: {', '.join(entity.attributes)}"


def _read(index: IndexShape, entity: EntityShape, *, partial: bool) -> str:
    if index.projection == "ALL" or not partial:
        return f"projects {index.projection}, reads {_whole(entity)}"
    held = {*index.attributes, *entity.key, *entity.indexes[index.name]}
    reads, fetched = ([name for name in entity.attributes if (name in held) is inside] for inside in (True, False))
    lacks = f"; the index lacks {', '.join(fetched)}, for which the item is read" if fetched else ""
    return f"projects {index.projection}, reads {', '.join(reads) or 'the keys'}{lacks}"
