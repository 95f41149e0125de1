"""Which shard of a partition an item is in: its own key says it, so that a rewrite stays where it is.

Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-gsi-sharding.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.values.wire import WireValue


def shard_of(key: Mapping[str, WireValue], count: int) -> int:
    """The shard of an item, from 0 on.

    Args:
        key: The item's key, in wire form by stored name.
        count: How many shards there are.
    """
    contents: list[Any] = [content for name in sorted(key) for content in key[name].values()]
    return crc32(b"\0".join(content.encode() if isinstance(content, str) else bytes(content) for content in contents)) % count
