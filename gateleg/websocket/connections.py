"""The registry of open connections, kept in the application's own table."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from gateleg.errors import ConnectionGoneError, DeclarationError, ItemInvalidError
from gateleg.websocket.broadcast import BroadcastResult, SweepResult, settle
from gateleg.websocket.endpoint import endpoint_from_environment
from gateleg.websocket.entities import RegistryEntities, entities_for
from gateleg.websocket.invocation import CURRENT, CurrentConnection, current, seconds_left
from gateleg.websocket.messages import encode
from gateleg.websocket.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from gateleg.description.uses import Use
    from gateleg.model import Table
    from gateleg.store import Store
    from gateleg.websocket.registry import Present, Registry
    from gateleg.websocket.transport import Transport

logger: logging.Logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=2)
"""How long API Gateway keeps a connection open at most."""

_USUAL = Sending()
_MARGIN = timedelta(minutes=15)
_SWEPT_AT_ONCE = 1_000
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


class Connections:
    """Who is connected, and to which topics, in the application's own table.

    A `WebSocketResolver` that is given this object registers and removes connections by itself, and its function is granted what
    that takes. A REST handler that sends to connections declares `@uses(connections.broadcasting)`, one that only asks who is
    there `@uses(connections.reading)`.

    Args:
        table: The table; it needs a sort key and a TTL attribute.
        ttl: After how long a connection is forgotten whose `$disconnect` was lost; a little more than the two hours that API
            Gateway keeps one open.
        principal: The name in the authorizer's context that says who connects. Whoever has a principal is subscribed to the topic
            `principal:{principal}`.
        sending: How fast messages go to connections.
        shards: Over how many partitions of the table a topic's connections are spread: a number for all topics but those of principals, or a
            function of the topic. One takes 500 joins a second. It may be raised at any time; lowered, connections of the shards that are
            left out hear nothing until they connect anew.
        store: The store to keep them in; by default one that binds from the environment.

    Raises:
        DeclarationError: The table has no sort key or no TTL attribute, or a number is not what it must be.
    """

    def __init__(
        self,
        table: Table,
        *,
        ttl: timedelta = LIFETIME + _MARGIN,
        principal: str = "principalId",
        sending: Sending = _USUAL,
        shards: int | Callable[[str], int] = 1,
        store: Store | None = None,
    ) -> None:
        if ttl < LIFETIME:
            raise DeclarationError(
                f"a connection lives up to two hours, ttl={ttl} was given; write ttl=timedelta(hours=2) or more", value=ttl
            )
        self.table = table
        self.principal = principal
        self._ttl = ttl
        self._sending = sending
        self._shards = _shards(shards)
        self._entities: RegistryEntities = entities_for(table)
        self._given_store = store

    @cached_property
    def broadcasting(self) -> RegistryUses:
        """What `broadcast`, `deliver` and `send` do: find a topic's connections, and forget those that are gone."""
        entities = self._entities
        deleted = (entities.connection, entities.membership, entities.subscription, entities.share)
        finding = (self.reading, entities.membership.of_connection)
        return self._uses(*finding, entities.connection.put, *(entity.delete for entity in deleted), publishes=True)

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

    @cached_property
    def registering(self) -> RegistryUses:
        """What a `WebSocketResolver` does to the registry."""
        return self._uses(self._entities.connection.put, self.joining, self.broadcasting, publishes=True)

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
            ItemInvalidError: The topic is empty or longer than 330 bytes.
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

    def sweep(self, *, within: timedelta | None = None, endpoint: str | None = None) -> SweepResult:
        """Ask API Gateway about every connection that has not ended, and forget those that are gone: what lost `$disconnect` events left.

        Reads the whole table once. `WebSocketGateway(sweep=...)` has it done on a schedule.

        Args:
            within: How long it may take; as with `broadcast`.
            endpoint: The callback URL; by default that of the event, or the environment's.

        Raises:
            BindingError: There is no endpoint to ask, no region, or there are no credentials.
            StoreError: The table could not be read.
        """
        until, transport, result = self._until(within), self._transport(endpoint), SweepResult()
        ids = self._registry.open()
        while batch := list(islice(ids, _SWEPT_AT_ONCE)):
            found = settle(transport.look_at(batch, until=until), self._registry.reap, in_time=lambda: time.monotonic() < until)
            result = result.with_more(found)
            if time.monotonic() >= until:
                return replace(result, complete=False)
        return result

    def broadcast(self, topic: str, payload: Any, *, exclude: Collection[str] = (), within: timedelta | None = None) -> BroadcastResult:
        """Send a message to every connection of a topic, as the JSON of `payload`.

        A closed connection is removed from the registry. One that fails never stops the others, and each is tried as often as `Sending` says,
        until the time is up: what was not reached then stands in the result, for `deliver`. During `$connect` the connection that is being
        opened is left out, since nothing can be posted to it yet.

        Args:
            topic: The topic.
            payload: An entity, a model, a dict, a list or a plain value.
            exclude: Ids of connections that do not get it, such as the sender's.
            within: How long it may take; by default what Lambda leaves of a WebSocket event's time, less `Sending.reserve`. A REST handler
                gives `timedelta(milliseconds=app.lambda_context.get_remaining_time_in_millis() - 1_000)`; otherwise it is 25 seconds.

        Raises:
            AnswerInvalidError: The payload is not JSON, or larger than 128 KB; nothing was sent.
            BindingError: There is no endpoint to post to, no region, or there are no credentials; nothing was sent.
        """
        until = self._until(within)
        invocation = CURRENT.get()
        skipped = {*exclude, *([invocation.connection.id] if invocation is not None and invocation.connecting else [])}
        data = encode(payload)
        ids = [present.connection_id for present in self.of(topic) if present.connection_id not in skipped]
        result = self._deliver(ids, data, until, topic)
        for connection_id, error in result.failures.items():
            logger.warning("a message on %s did not reach connection %s: %s", topic, connection_id, error)
        return result

    def deliver(self, connection_ids: Iterable[str], payload: Any, *, within: timedelta | None = None) -> BroadcastResult:
        """Send a message to certain connections: those that a broadcast did not reach.

        Args:
            connection_ids: Whom to, each once: `BroadcastResult.unreached`.
            payload: As with `broadcast`.
            within: How long it may take; as with `broadcast`.

        Raises:
            AnswerInvalidError: The payload is not JSON, or larger than 128 KB; nothing was sent.
            BindingError: There is no endpoint to post to, no region, or there are no credentials; nothing was sent.
        """
        return self._deliver(connection_ids, encode(payload), self._until(within))

    def send(self, connection_id: str, payload: Any) -> None:
        """Send a message to one connection.

        Raises:
            ConnectionGoneError: It is closed; it has left the registry.
            AnswerInvalidError: The payload is not JSON, or larger than 128 KB.
            BindingError: There is no endpoint to post to.
        """
        try:
            self._transport().post(connection_id, encode(payload))
        except ConnectionGoneError:
            self.forget(connection_id)
            raise

    def close(self, connection_id: str) -> None:
        """Close a connection from this side; its `$disconnect` follows and removes it."""
        self._transport().close(connection_id)

    def _until(self, within: timedelta | None) -> float:
        return time.monotonic() + (seconds_left(self._sending.reserve) if within is None else within.total_seconds())

    def _deliver(self, connection_ids: Iterable[str], data: bytes, until: float, topic: str | None = None) -> BroadcastResult:
        def reap(connection_id: str) -> None:
            self._registry.reap(connection_id, topic)

        outcomes = self._transport().post_each(connection_ids, data, until=until)
        return settle(outcomes, reap, in_time=lambda: time.monotonic() < until)

    @cached_property
    def store(self) -> Store:
        """The store that they are kept in."""
        from gateleg.store import Store

        return self._given_store or Store(self.table)

    @cached_property
    def _registry(self) -> Registry:
        from gateleg.websocket.registry import Registry

        return Registry(self._entities, self.store, self._ttl, self._shards)

    def _transport(self, endpoint: str | None = None) -> Transport:
        from gateleg.websocket.transport import Transport

        invocation = CURRENT.get()
        found = invocation.connection.endpoint if invocation is not None else None
        return Transport(endpoint or found or endpoint_from_environment(), self._sending)

    @staticmethod
    def _uses(*usables: Any, publishes: bool = False) -> RegistryUses:
        return RegistryUses(tuple(dict.fromkeys(use for usable in usables for use in usable.declared_uses())), publishes)


def _check_topic(topic: str) -> None:
    if not topic or len(topic.encode()) > _TOPIC_BYTES:
        size = len(topic.encode())
        raise ItemInvalidError(
            f"a topic has 1 to {_TOPIC_BYTES} bytes, {size} were given; write one such as 'room:lobby'", path="topic", value=topic
        )


def _shards(given: int | Callable[[str], int]) -> Callable[[str], int]:
    def checked(topic: str) -> int:
        of_topic = given(topic) if callable(given) else 1 if topic.startswith("principal:") else given
        if not 1 <= of_topic <= _MOST_SHARDS:
            message = f"a topic has 1 to {_MOST_SHARDS} shards, {of_topic!r} were given for {topic!r}; write shards=8"
            raise DeclarationError(message, path="Connections.shards", value=of_topic)
        return of_topic

    if not callable(given):
        checked("")
    return checked
