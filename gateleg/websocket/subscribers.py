"""Who is connected and to which topics, in a table of the application's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.websocket.arguments import check_kept
from gateleg.websocket.entities import RegistryEntities, entities_for
from gateleg.websocket.invocation import CurrentConnection, current

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.description.uses import Use
    from gateleg.model import Table
    from gateleg.store import Store
    from gateleg.websocket.registry import Present, Registry

LIFETIME = timedelta(hours=2)
"""How long API Gateway keeps a connection open at most."""

_MOST_SHARDS = 256
_TOPIC_BYTES = 330  # a sort key has 1,024 bytes, and escaping may treble a topic


@dataclass(frozen=True)
class RegistryUses:
    """What a handler declares that uses the registry; give it to `@uses`.

    Attributes:
        uses: The operations on the registry's items.
        publishes: Whether messages are posted to connections meanwhile.
    """

    uses: tuple[Use, ...]
    publishes: bool = False

    def declared_uses(self) -> tuple[Use, ...]:
        """The operations on the registry's items."""
        return self.uses


class Subscribers:
    """The connections of a table and their topics; what `Connections` is without its messages.

    Args:
        table: The table; it needs a sort key and a TTL attribute.
        ttl: After how long a connection is forgotten whose `$disconnect` was lost.
        principal: The name in the authorizer's context that says who connects.
        shards: Over how many partitions of the table a topic's connections are spread.
        store: The store to keep them in; by default one that binds from the environment.

    Raises:
        DeclarationError: The table has no sort key or no TTL attribute, or an argument is not what it must be.
    """

    def __init__(self, table: Table, *, ttl: timedelta, principal: str, shards: int | Callable[[str], int], store: Store | None) -> None:
        check_kept("Connections", table=table, store=store)
        given: tuple[Any, Any] = (ttl, principal)
        if not isinstance(given[0], timedelta) or ttl < LIFETIME:
            raise DeclarationError(
                f"a connection lives up to two hours, ttl={ttl} was given; write ttl=timedelta(hours=2) or more", value=ttl
            )
        if not isinstance(given[1], str) or not principal:
            message = (
                f"principal is a name in the authorizer's context, {principal!r} was given; write principal='principalId' or leave it out"
            )
            raise DeclarationError(message, path="principal", value=principal)
        self.table = table
        self.principal = principal
        self._ttl = ttl
        self._shards = _shards(shards)
        self._sharded = callable(shards) or shards > 1
        self._entities: RegistryEntities = entities_for(table)
        self._given_store = store

    @property
    def sharded(self) -> bool:
        """Whether a topic may have several shards."""
        return self._sharded

    def shards_of(self, topic: str) -> int:
        """Over how many partitions a topic's connections are spread.

        Raises:
            DeclarationError: The function that was given says a number that is not one.
        """
        return self._shards(topic)

    @cached_property
    def reading(self) -> RegistryUses:
        """What `of` does: find a topic's connections."""
        return self._uses(self._entities.subscription.of_topic, self._entities.share.of_shard)

    @cached_property
    def joining(self) -> RegistryUses:
        """What `join` and `leave` do."""
        entities = self._entities
        pair = (entities.membership, entities.subscription, entities.share)
        writes = (*(entity.put for entity in pair), *(entity.delete for entity in pair))
        return self._uses(entities.connection.check, entities.membership.to_topic, *writes)

    def register(self, connection: CurrentConnection) -> None:
        """Remember a connection; called on `$connect`.

        Raises:
            ConnectionGoneError: It has ended already.
            StoreError: It could not be written.
        """
        self._registry.register(connection, [f"principal:{connection.principal}"] if connection.principal else [])

    def forget(self, connection_id: str) -> tuple[str, ...]:
        """Delete a connection and its subscriptions; one that is not there is fine. Whatever comes late of it changes nothing.

        Returns:
            The topics that it was subscribed to.

        Raises:
            StoreError: Something could not be read or deleted.
        """
        return self._registry.forget(connection_id)

    def withdraw(self, connection_id: str) -> None:
        """Delete a connection that was refused, and leave nothing of it.

        Raises:
            StoreError: Something could not be read or deleted.
        """
        self._registry.forget(connection_id, remembered=False)

    def topics_of(self, connection_id: str) -> tuple[str, ...]:
        """The topics that a connection is subscribed to."""
        return self._registry.topics_of(connection_id)

    def join(self, topic: str, *, connection: CurrentConnection | None = None) -> None:
        """Subscribe a connection to a topic; a second time changes nothing.

        Args:
            topic: Any text, such as `room:lobby`.
            connection: The connection; by default the one whose event is being answered.

        Raises:
            BindingError: No connection is named and no event is being answered.
            ConnectionGoneError: The connection has ended, or was never registered.
            ItemInvalidError: The topic is not text, or empty, or longer than 330 bytes.
        """
        _check_topic(topic)
        self._registry.join(connection or current().connection, topic)

    def leave(self, topic: str, *, connection: CurrentConnection | str | None = None) -> None:
        """End a subscription; one that is not there is fine.

        Args:
            topic: The topic.
            connection: The connection or its id; by default the one whose event is being answered.

        Raises:
            BindingError: No connection is named and no event is being answered.
        """
        leaving = current().connection if connection is None else connection
        self._registry.leave(leaving if isinstance(leaving, str) else leaving.id, topic)

    def of(self, topic: str) -> tuple[Present, ...]:
        """Who is subscribed to a topic now; whoever has just joined is among them.

        `principal:ada` is the topic of all connections of `ada`.
        """
        return self._registry.of(topic)

    @cached_property
    def store(self) -> Store:
        """The store that they are kept in."""
        from gateleg.store import Store

        return self._given_store or Store(self.table)

    @cached_property
    def _registry(self) -> Registry:
        from gateleg.websocket.registry import Registry

        return Registry(self._entities, self.store, self._ttl, self._shards)

    @staticmethod
    def _uses(*usables: Any, publishes: bool = False) -> RegistryUses:
        uses = (replace(use, pages=False) for usable in usables for use in usable.declared_uses())
        return RegistryUses(tuple(dict.fromkeys(uses)), publishes)


def _check_topic(topic: Any) -> None:
    # Half a character is refused by the store, which says so.
    size = len(topic.encode(errors="surrogatepass")) if isinstance(topic, str) else 0
    if not 1 <= size <= _TOPIC_BYTES:
        given = f"{size} were given" if isinstance(topic, str) else f"got {topic!r}"
        raise ItemInvalidError(f"a topic has 1 to {_TOPIC_BYTES} bytes, {given}; write one such as 'room:lobby'", path="topic", value=topic)


def _shards(given: int | Callable[[str], int]) -> Callable[[str], int]:
    def checked(topic: str) -> int:
        of_topic = given(topic) if callable(given) else 1 if topic.startswith("principal:") else given
        if type(of_topic) is not int or not 1 <= of_topic <= _MOST_SHARDS:
            message = f"a topic has 1 to {_MOST_SHARDS} shards, {of_topic!r} were given for {topic!r}; write shards=8"
            raise DeclarationError(message, path="Connections.shards", value=of_topic)
        return of_topic

    if not callable(given):
        checked("")
    return checked
