"""What is stored of open connections, and what each of their events changes. docs/adr/0019-registry-that-takes-any-order.md says why.

Each event is one transaction or ends in one, so that a connection's topics and a topic's connections say the same; and none writes anything for a
connection that has ended.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from gateleg.errors import ConditionFailedError, ConnectionGoneError, ItemNotFoundError, TransactionCanceledError
from gateleg.model.keys.shards import shard_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateleg.errors import StoredItemInvalidError
    from gateleg.store import Store
    from gateleg.websocket.entities import RegistryEntities
    from gateleg.websocket.invocation import CurrentConnection

logger: logging.Logger = logging.getLogger(__name__)

REMEMBERED = timedelta(minutes=30)
"""How long an ended connection is remembered: longer than a function may run that still answers one of its messages."""

_TOPICS_AT_ONCE = 50  # a transaction has 100 parts
_READERS = 10


@dataclass(frozen=True)
class Present:
    """Somebody who is subscribed to a topic now.

    Attributes:
        connection_id: API Gateway's connection id.
        principal: Who connected, as the authorizer says; empty where there is no authorizer.
        connected_at: When the connection was opened.
    """

    connection_id: str
    principal: str
    connected_at: datetime


class Registry:
    """The items of open connections.

    Args:
        entities: How they are declared.
        store: Where they are kept.
        ttl: After how long a connection is forgotten whose end was not told.
        shards: Over how many partitions a topic's connections are spread.
    """

    def __init__(self, entities: RegistryEntities, store: Store, ttl: timedelta, shards: Callable[[str], int]) -> None:
        self._entities = entities
        self._store = store
        self._ttl = ttl
        self._shards = shards
        self._ended = entities.connection.ended == True  # noqa: E712 (a condition, not a comparison)

    def register(self, connection: CurrentConnection, topics: Iterable[str]) -> None:
        """Remember a connection and its first topics; a second time changes nothing.

        Raises:
            ConnectionGoneError: It has ended already.
        """
        known = self._entities.connection(
            connection_id=connection.id,
            principal=connection.principal,
            source_ip=connection.source_ip,
            connected_at=connection.connected_at,
            expires_at=connection.connected_at + self._ttl,
        )
        with _told(connection.id), self._store.transact() as transaction:
            transaction.put(known, when=~self._ended)
            self._subscribe(transaction, connection, topics)

    def join(self, connection: CurrentConnection, topic: str) -> None:
        """Subscribe a connection to a topic.

        Raises:
            ConnectionGoneError: It has ended, or was never registered.
        """
        with _told(connection.id), self._store.transact() as transaction:
            transaction.check(self._entities.connection.key(connection_id=connection.id), ~self._ended)
            self._subscribe(transaction, connection, [topic])

    def leave(self, connection_id: str, topic: str) -> None:
        """End a subscription; one that is not there is fine."""
        asked = self._entities.membership.to_topic(connection_id=connection_id, topic=topic).consistent()
        found: list[Any] = list(self._store.query(asked, unreadable=_left_out))
        self._unsubscribe(connection_id, [(topic, found[0].shard if found else self._shard(topic, connection_id))])

    def forget(self, connection_id: str, *, remembered: bool = True) -> tuple[str, ...]:
        """Delete a connection and all that it is subscribed to; one that is not there is fine.

        Args:
            connection_id: Whose.
            remembered: Whether the end is remembered, so that what comes late of the connection changes nothing.

        Returns:
            The topics.
        """
        now, key = datetime.now(UTC), self._entities.connection.key(connection_id=connection_id)
        # First, so that whatever joins from here on is refused, and what joined before is found.
        self._store.put(self._entities.connection(connection_id=connection_id, ended=True, connected_at=now, expires_at=now + REMEMBERED))
        topics = self._topics(connection_id)
        self._unsubscribe(connection_id, topics)
        if not remembered:
            self._store.delete(key)
        return tuple(topic for topic, _ in topics)

    def reap(self, connection_id: str, topic: str | None = None) -> None:
        """Forget a connection that is gone.

        Args:
            connection_id: Whose.
            topic: Where it was found: its subscription goes even where the way back to it was lost.
        """
        topics = self.forget(connection_id)
        if topic is not None and topic not in topics:
            for shard in {self._shard(topic, connection_id), 0}:
                self._unsubscribe(connection_id, [(topic, shard)])

    def topics_of(self, connection_id: str) -> tuple[str, ...]:
        """The topics that a connection is subscribed to."""
        return tuple(topic for topic, _ in self._topics(connection_id))

    def of(self, topic: str) -> tuple[Present, ...]:
        """Who is subscribed to a topic now."""
        now, shards = datetime.now(UTC), self._shards(topic)
        if shards == 1:
            return self._of_shard(topic, now, 0)
        from concurrent.futures import ThreadPoolExecutor

        read = partial(self._of_shard, topic, now)
        with ThreadPoolExecutor(min(_READERS, shards), "shards") as threads:
            return tuple(present for part in threads.map(read, range(shards)) for present in part)

    def of_shard(self, topic: str, shard: int) -> tuple[Present, ...]:
        """Who of one shard of a topic is subscribed to it now."""
        return self._of_shard(topic, datetime.now(UTC), shard)

    def open(self) -> Iterator[str]:
        """The ids of all connections that have not ended, as far as the table knows: reads the whole table."""
        found: Any = self._store.scan(self._entities.connection, unreadable=_left_out)
        return (str(connection.connection_id) for connection in found if not connection.ended)

    def _of_shard(self, topic: str, now: datetime, shard: int) -> tuple[Present, ...]:
        entities = self._entities
        asked = entities.share.of_shard(topic=topic, shard=shard) if shard else entities.subscription.of_topic(topic=topic)
        found: Iterator[Any] = self._store.query(asked.consistent(), unreadable=_left_out)
        # DynamoDB deletes expired items when it comes to it, up to days later.
        return tuple(Present(item.connection_id, item.principal, item.connected_at) for item in found if not _expired(item.expires_at, now))

    def _topics(self, connection_id: str) -> list[tuple[str, int]]:
        asked = self._entities.membership.of_connection(connection_id=connection_id).consistent()
        found: Iterator[Any] = self._store.query(asked, unreadable=_left_out)
        return [(membership.topic, membership.shard) for membership in found]

    def _subscribe(self, transaction: Any, connection: CurrentConnection, topics: Iterable[str]) -> None:
        expires = connection.connected_at + self._ttl
        for topic in topics:
            shard = self._shard(topic, connection.id)
            kept = self._entities.membership
            here = (kept.connection_id if shard else kept.shard).not_exists() | (kept.shard == shard)
            transaction.put(kept(connection_id=connection.id, topic=topic, shard=shard, expires_at=expires), when=here)
            kind, more = (self._entities.share, {"shard": shard}) if shard else (self._entities.subscription, {})
            transaction.put(
                kind(
                    topic=topic,
                    connection_id=connection.id,
                    principal=connection.principal,
                    connected_at=connection.connected_at,
                    expires_at=expires,
                    **more,
                )
            )

    def _unsubscribe(self, connection_id: str, topics: list[tuple[str, int]]) -> None:
        entities = self._entities
        for start in range(0, len(topics), _TOPICS_AT_ONCE):
            with self._store.transact() as transaction:
                for topic, shard in topics[start : start + _TOPICS_AT_ONCE]:
                    transaction.delete(entities.membership.key(connection_id=connection_id, topic=topic))
                    where = {"topic": topic, "connection_id": connection_id}
                    transaction.delete(entities.share.key(shard=shard, **where) if shard else entities.subscription.key(**where))

    def _shard(self, topic: str, connection_id: str) -> int:
        return shard_of({"connection_id": {"S": connection_id}}, self._shards(topic))


class _told:  # noqa: N801 (used as a function is)
    """Says of a transaction that was canceled since the connection has ended, that it has; one about what is there already in another shard is done."""

    def __init__(self, connection_id: str) -> None:
        self._id = connection_id

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, TransactionCanceledError):
            return False
        first, *others = error.reasons  # the connection is each transaction's first part
        if isinstance(first, (ConditionFailedError, ItemNotFoundError)):
            raise ConnectionGoneError("the connection has ended, or was never registered; it joins nothing", path=self._id) from error
        return first is None and all(reason is None or type(reason) is ConditionFailedError for reason in others)


def _left_out(error: StoredItemInvalidError) -> None:
    logger.error("an item of the registry is left out: %s", error)


def _expired(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
