"""The items that remember open connections, declared for the table that is to hold them.

partition key            sort key            answers
CONNECTION#{id}          CONNECTION          who is behind this connection, and whether it has ended
CONNECTION#{id}          TOPIC#{topic}       what it is subscribed to, so that all of it can be deleted
TOPIC#{topic}            CONNECTION#{id}     whom a message on this topic goes to: its shard 0
TOPIC#{topic}#{shard}    CONNECTION#{id}     the same, its other shards
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from gateleg.errors import DeclarationError
from gateleg.model import Attr, Entity, access, attr, key, ttl

if TYPE_CHECKING:
    from gateleg.model import Table


class RegistryEntities(NamedTuple):
    """The entities of one table.

    Attributes:
        connection: A connection, open or ended.
        membership: One topic of a connection, stored under the connection.
        subscription: One connection of a topic, stored under the topic.
        share: The same, in the shards of a topic after the first.
    """

    connection: Any
    membership: Any
    subscription: Any
    share: Any


_declared: WeakKeyDictionary[Table, RegistryEntities] = WeakKeyDictionary()


def entities_for(table: Table) -> RegistryEntities:
    """The registry's entities in a table, declared there the first time.

    Raises:
        DeclarationError: The table has no sort key or no TTL attribute.
    """
    if table.sort_key is None:
        raise DeclarationError(
            f"table {table.name!r} has no sort key, which the connection registry needs; write Table(..., sort_key='sk')"
        )
    if table.ttl is None:
        raise DeclarationError(
            f"table {table.name!r} has no TTL, so a connection whose $disconnect was lost would stay; write Table(..., ttl='expires_at')"
        )
    if table not in _declared:
        _declared[table] = _declare(table)
    return _declared[table]


def _declare(table: Table) -> RegistryEntities:
    class SocketConnection(Entity, table=table):
        """A connection; one that has ended is kept for a while, so that what comes late of it changes nothing."""

        connection_id: Attr[str] = attr()
        principal: Attr[str] = attr(default="")
        source_ip: Attr[str] = attr(default="")
        connected_at: Attr[datetime] = attr()
        ended: Attr[bool] = attr(default=False)
        expires_at: Attr[datetime | None] = ttl()

        key = key("CONNECTION#{connection_id}", "CONNECTION")

    class SocketMembership(Entity, table=table):
        """One topic of a connection."""

        connection_id: Attr[str] = attr()
        topic: Attr[str] = attr(min_length=1)
        shard: Attr[int] = attr(default=0)
        expires_at: Attr[datetime | None] = ttl()

        key = key("CONNECTION#{connection_id}", "TOPIC#{topic}")

        @access
        def of_connection(*, connection_id: str) -> None: ...

        @access
        def to_topic(*, connection_id: str, topic: str) -> None: ...

    class SocketSubscription(Entity, table=table):
        """One connection of a topic."""

        topic: Attr[str] = attr(min_length=1)
        connection_id: Attr[str] = attr()
        principal: Attr[str] = attr(default="")
        connected_at: Attr[datetime] = attr()
        expires_at: Attr[datetime | None] = ttl()

        key = key("TOPIC#{topic}", "CONNECTION#{connection_id}")

        @access
        def of_topic(*, topic: str) -> None: ...

    class SocketShare(Entity, table=table):
        """One connection of a topic, in a shard after the first."""

        topic: Attr[str] = attr(min_length=1)
        shard: Attr[int] = attr()
        connection_id: Attr[str] = attr()
        principal: Attr[str] = attr(default="")
        connected_at: Attr[datetime] = attr()
        expires_at: Attr[datetime | None] = ttl()

        key = key("TOPIC#{topic}#{shard}", "CONNECTION#{connection_id}")

        @access
        def of_shard(*, topic: str, shard: int) -> None: ...

    return RegistryEntities(SocketConnection, SocketMembership, SocketSubscription, SocketShare)
