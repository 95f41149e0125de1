"""Who is connected, to which topics, and messages to them."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from gateleg.description.names import POSTS_VARIABLE, WORKERS_VARIABLE
from gateleg.errors import ConnectionGoneError, DeclarationError
from gateleg.websocket.broadcast import BroadcastResult, SweepResult, settle
from gateleg.websocket.endpoint import endpoint_from_environment
from gateleg.websocket.everybody import refuse_a_part, to_everybody
from gateleg.websocket.invocation import CURRENT, correlation_id, seconds_left
from gateleg.websocket.messages import encode
from gateleg.websocket.sending import Sending
from gateleg.websocket.subscribers import LIFETIME, RegistryUses, Subscribers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from gateleg.model import Table
    from gateleg.store import Store
    from gateleg.websocket.relay import Part
    from gateleg.websocket.transport import Transport

logger: logging.Logger = logging.getLogger(__name__)

_USUAL = Sending()
_MARGIN = timedelta(minutes=15)
_SWEPT_AT_ONCE = 1_000


class Connections(Subscribers):
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
        channels: Which topics are channels of AppSync Events (`WebSocketGateway(events=...)`), to which clients subscribe there: `True` for all topics but
            those of principals, or a function of the topic. A broadcast to one is published once, and reads no registry.
        store: The store to keep them in; by default one that binds from the environment.

    Raises:
        DeclarationError: The table has no sort key or no TTL attribute, or an argument is not what it must be.
    """

    def __init__(
        self,
        table: Table,
        *,
        ttl: timedelta = LIFETIME + _MARGIN,
        principal: str = "principalId",
        sending: Sending = _USUAL,
        shards: int | Callable[[str], int] = 1,
        channels: bool | Callable[[str], bool] = False,
        store: Store | None = None,
    ) -> None:
        declared: tuple[Any, Any] = (sending, channels)
        if not isinstance(declared[0], Sending):
            message = f"sending says how fast messages go, {sending!r} was given; write sending=Sending(rate=2_000)"
            raise DeclarationError(message, path="Connections.sending", value=sending)
        if not isinstance(declared[1], bool) and not callable(channels):
            message = (
                f"channels are all topics or what a function says, {channels!r} was given; write channels=True, or a function of the topic"
            )
            raise DeclarationError(message, path="Connections.channels", value=channels)
        super().__init__(table, ttl=ttl, principal=principal, shards=shards, store=store)
        self._sending = sending
        self._channels = channels

    @property
    def has_channels(self) -> bool:
        """Whether a topic may be a channel of AppSync Events."""
        return self._channels is not False

    def is_channel(self, topic: str) -> bool:
        """Whether a topic is a channel of AppSync Events."""
        return self._channels(topic) if callable(self._channels) else self._channels and not topic.startswith("principal:")

    @cached_property
    def broadcasting(self) -> RegistryUses:
        """What `broadcast`, `deliver` and `send` do: find a topic's connections, and forget those that are gone."""
        entities = self._entities
        deleted = (entities.connection, entities.membership, entities.subscription, entities.share)
        finding = (self.reading, entities.membership.of_connection)
        return self._uses(*finding, entities.connection.put, *(entity.delete for entity in deleted), publishes=True)

    @cached_property
    def registering(self) -> RegistryUses:
        """What a `WebSocketResolver` does to the registry."""
        return self._uses(self._entities.connection.put, self.joining, self.broadcasting, publishes=True)

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

    def broadcast(
        self, topic: str, payload: Any, *, exclude: Collection[str] = (), within: timedelta | None = None, everybody: bool = False
    ) -> BroadcastResult:
        """Send a message to every connection of a topic, as the JSON of `payload`.

        A closed connection is removed from the registry. One that fails never stops the others, and each is tried as often as `Sending` says,
        until the time is up: what was not reached then stands in the result, for `deliver`. During `$connect` the connection that is being
        opened is left out, since nothing can be posted to it yet.

        With `WebSocketGateway(workers=...)` a topic of several shards is left to workers: the message is in their queue when this returns, each
        shard's messages in their order, and the result says how many shards there are. A topic that is a channel is published to AppSync, which sends
        it to all who subscribe; the result says that it took it.

        Args:
            topic: The topic.
            payload: An entity, a model, a dict, a list or a plain value.
            exclude: Ids of connections that do not get it, such as the sender's.
            within: How long it may take; by default what Lambda leaves of a WebSocket event's time, less `Sending.reserve`. A REST handler
                gives `timedelta(milliseconds=app.lambda_context.get_remaining_time_in_millis() - 1_000)`; otherwise it is 25 seconds.
            everybody: Whether nobody may miss it: it is sent to those whom it did not reach until the time is up, and what is left then is an error.

        Raises:
            AnswerInvalidError: The payload is not JSON, or larger than 128 KB, for a channel than 240 KB; nothing was sent.
            BindingError: There is no endpoint to post to, no region, or there are no credentials; nothing was sent.
            DeclarationError: The topic is a channel, and connections are to be left out; or one id is given as `exclude`, and not a list.
            AccessDeniedError: The topic is a channel, and the role may not publish to it.
            ThrottledError: The topic is a channel, and AppSync throttles.
            NotSentError: It was to reach everybody, and reached nobody; or the workers' queue or AppSync did not take it.
            OutcomeUnknownError: It was to reach everybody, and reached some; or the workers' queue took it for some shards, or it or AppSync did not say.
        """
        if isinstance(exclude, str):
            message = f"exclude is a list of ids, and {exclude!r} is one; write exclude=[{exclude!r}]"
            raise DeclarationError(message, path="exclude", value=exclude)
        until = self._until(within)
        invocation = CURRENT.get()
        cause = correlation_id() or ""
        skipped = {*exclude, *([invocation.connection.id] if invocation is not None and invocation.connecting else [])}
        if self.is_channel(topic):
            return self._publish(topic, encode(payload, event=True), exclude, until)
        data = encode(payload)
        if (queue := os.environ.get(WORKERS_VARIABLE)) and (shards := self.shards_of(topic)) > 1:
            from gateleg.websocket import relay  # where there are workers only

            relay.hand_on(queue, topic, shards, data, sorted(skipped), cause=cause)
            return BroadcastResult(queued=shards)
        ids = [present.connection_id for present in self.of(topic) if present.connection_id not in skipped]
        result = self._deliver(ids, data, until, topic)
        if everybody:
            result = self._insist(result, data, until, topic)
        for connection_id, error in result.failures.items():
            told = {"connection_id": connection_id, "request_id": cause}
            logger.warning("a message on %s did not reach connection %s: %s", topic, connection_id, error, extra=told)
        return result

    def _publish(self, topic: str, data: bytes, exclude: Collection[str], until: float) -> BroadcastResult:
        from gateleg.websocket import channels  # where there is an Event API only

        if exclude:
            message = f"AppSync sends to all who subscribe to {topic!r}; leave out exclude=, and let clients know their own messages by an id in them"
            raise DeclarationError(message, path="exclude", value=tuple(exclude))
        channels.publish(topic, data, self._sending, until)
        return BroadcastResult(published=True)

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

    def take_up(self, part: Part, *, within: timedelta) -> BroadcastResult:
        """Send a part of a broadcast that was handed to workers, so that nobody misses it.

        Args:
            part: Which message, to which shard of which topic.
            within: How long it may take.

        Raises:
            NotSentError: It reached nobody.
            OutcomeUnknownError: It reached some.
        """
        until = self._until(within)
        ids = [one.connection_id for one in self._registry.of_shard(part.topic, part.shard) if one.connection_id not in part.exclude]
        return self._insist(self._deliver(ids, part.data, until, part.topic), part.data, until, part.topic)

    def _insist(self, result: BroadcastResult, data: bytes, until: float, topic: str) -> BroadcastResult:
        result = to_everybody(result, lambda left: self._deliver(left, data, until, topic), until)
        refuse_a_part(result, topic)
        return result

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
            _count(BroadcastResult(gone=1))
            self.forget(connection_id)
            raise
        _count(BroadcastResult(sent=1))

    def close(self, connection_id: str) -> None:
        """Close a connection from this side; its `$disconnect` follows and removes it."""
        self._transport().close(connection_id)

    def _until(self, within: timedelta | None) -> float:
        return time.monotonic() + (seconds_left(self._sending.reserve) if within is None else within.total_seconds())

    def _deliver(self, connection_ids: Iterable[str], data: bytes, until: float, topic: str | None = None) -> BroadcastResult:
        def reap(connection_id: str) -> None:
            self._registry.reap(connection_id, topic)

        outcomes = self._transport().post_each(connection_ids, data, until=until)
        result = settle(outcomes, reap, in_time=lambda: time.monotonic() < until)
        _count(result)
        return result

    def _transport(self, endpoint: str | None = None) -> Transport:
        from gateleg.websocket.transport import Transport

        invocation = CURRENT.get()
        found = invocation.connection.endpoint if invocation is not None else None
        return Transport(endpoint or found or endpoint_from_environment(), self._sending)


def _count(result: BroadcastResult) -> None:
    if os.environ.get(POSTS_VARIABLE):
        from gateleg.websocket.posts import count_posts  # where the API is watched only

        count_posts(result)
