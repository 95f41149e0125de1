"""What is asked of every connection and message before a handler runs."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gateleg.errors import DeclarationError, GatelegError, ItemExistsError, ItemNotFoundError, PayloadError, TooOftenError
from gateleg.model import Attr, Entity, attr, key, ttl
from gateleg.websocket.messages import LIMIT
from gateleg.websocket.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateleg.description.uses import Use
    from gateleg.model import Table
    from gateleg.websocket.connections import Connections
    from gateleg.websocket.invocation import CurrentConnection

logger: logging.Logger = logging.getLogger(__name__)

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')
_PATIENCE = 2
"""How many times the limit a client sends before its connection is closed."""

_entities: WeakKeyDictionary[Table, Any] = WeakKeyDictionary()


@dataclass(frozen=True)
class Rate:
    """How many messages in what time.

    Args:
        messages: How many.
        per: In what time, from a second to an hour; counted from whole multiples of it.

    Raises:
        DeclarationError: There is none, or the time is too short or too long.
    """

    messages: int
    per: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        given: tuple[Any, Any] = (self.messages, self.per)
        right = type(given[0]) is int and isinstance(given[1], timedelta)
        if not right or self.messages < 1 or not timedelta(seconds=1) <= self.per <= timedelta(hours=1):
            message = f"a rate is of one message or more in a second to an hour; {self.messages!r} in {self.per} were given"
            raise DeclarationError(f"{message}; write Rate(20, timedelta(seconds=10))", path="Rate", value=self.messages)


@dataclass(frozen=True)
class Guards:
    """What is asked before a handler runs: `WebSocketResolver(connections, guards=Guards(origins=["https://chat.example.com"]))`.

    A client is told which limit it met, in the form of every error. One that goes on, and sends twice as many messages as a rate allows, is told that, and its
    connection is closed. Messages are counted in the registry's table, one write each, and only where there is a rate.

    Args:
        origins: The origins of the pages that may connect; all of them, and clients that are no browsers, unless given.
        max_bytes: The longest message that a handler is given, in bytes.
        max_depth: How deep its arrays and objects may be nested.
        per_connection: How many messages a connection may send.
        per_principal: How many somebody may send over all connections; where the authorizer names nobody, each connection counts by itself. A gateway without an
            authorizer that names anybody refuses it.

    Raises:
        DeclarationError: An origin is none, or a limit allows nothing or more than API Gateway does.
    """

    origins: Collection[str] | None = None
    max_bytes: int = LIMIT
    max_depth: int = 100
    per_connection: Rate | None = None
    per_principal: Rate | None = None

    def __post_init__(self) -> None:
        if self.origins is not None:
            Origins(self.origins)
        for name in ("per_connection", "per_principal"):
            rate: Any = getattr(self, name)
            if rate is not None and not isinstance(rate, Rate):
                message = f"{name} is a rate, {rate!r} was given; write Guards({name}=Rate(20, timedelta(seconds=10)))"
                raise DeclarationError(message, path=f"Guards.{name}", value=rate)
        limits: list[Any] = [self.max_bytes, self.max_depth]
        if not all(type(limit) is int for limit in limits) or not 1 <= self.max_bytes <= LIMIT or self.max_depth < 1:
            message = f"messages have up to {LIMIT} bytes and one level or more; max_bytes={self.max_bytes!r} and max_depth={self.max_depth!r} were given"
            raise DeclarationError(message, path="Guards", value=(self.max_bytes, self.max_depth))


class Guard:
    """Guards at work.

    Args:
        guards: What is asked; `None` for nothing.
        connections: The registry, for what is counted.

    Attributes:
        asks: Whether anything is asked of messages.

    Raises:
        DeclarationError: There is a rate and no registry.
    """

    def __init__(self, guards: Guards | None, connections: Connections | None) -> None:
        self.asks: bool = guards is not None
        self._guards = guards
        self._connections = connections
        self._origins = Origins(guards.origins) if guards is not None and guards.origins is not None else None
        self._counts: Any = None
        if guards is not None and (guards.per_connection or guards.per_principal):
            if connections is None:
                raise DeclarationError(
                    "messages are counted in the registry's table; write WebSocketResolver(connections=Connections(TABLE), guards=...)"
                )
            self._counts = _counts(connections.table)

    @property
    def counts_principals(self) -> bool:
        """Whether the messages of each principal are counted."""
        return self._guards is not None and self._guards.per_principal is not None

    @property
    def uses(self) -> tuple[Use, ...]:
        """What counting takes."""
        return () if self._counts is None else (*self._counts.update.declared_uses(), *self._counts.create.declared_uses())

    def connecting(self, event: Mapping[str, Any]) -> None:
        """See that a client may connect, before anything is written.

        Raises:
            ConnectRefusedError: Its page is of another origin.
        """
        if self._origins is not None:
            self._origins.check(event)

    def message(self, connection: CurrentConnection, octets: bytes) -> None:
        """See that a message is not too long, too deep or too much.

        Raises:
            PayloadError: It is.
            StoreError: It could not be counted.
        """
        if (guards := self._guards) is None:
            return
        if guards.per_connection is not None:
            self._count(f"CONNECTION:{connection.id}", guards.per_connection)
        if guards.per_principal is not None:
            who = f"PRINCIPAL:{connection.principal}" if connection.principal else f"NOBODY:{connection.id}"
            self._count(who, guards.per_principal)
        if (size := len(octets)) > guards.max_bytes:
            raise PayloadError(
                f"the message has {size} bytes, {guards.max_bytes} are taken; send less", code="websocket.too_large", value=size
            )
        if is_deeper(octets.decode(errors="replace"), guards.max_depth):
            raise PayloadError(f"the message is nested deeper than {guards.max_depth} levels; send it flatter", code="websocket.too_deep")

    def after(self, error: Exception, connection_id: str) -> None:
        """Close the connection of a client that was told and went on."""
        if isinstance(error, TooOftenError) and error.closes and self._connections is not None:
            try:
                self._connections.close(connection_id)
            except GatelegError as unclosed:
                logger.error("connection %s could not be closed: %s", connection_id, unclosed)  # noqa: TRY400 (the error says it all)

    def _count(self, who: str, rate: Rate) -> None:
        seconds = rate.per.total_seconds()
        window, into = divmod(time.time(), seconds)
        count = self._counted(who, int(window), datetime.now(UTC) + 2 * rate.per)
        if count <= rate.messages:
            return
        error = TooOftenError(
            f"{rate.messages} messages in {seconds:g} seconds are taken; {_then(count, rate.messages, seconds - into)}", value=count
        )
        error.closes = count > _PATIENCE * rate.messages
        raise error

    def _counted(self, who: str, window: int, expires: datetime) -> int:
        """How many messages there are in this window with this one."""
        assert self._connections is not None  # noqa: S101 (or there is nothing to count)
        store, kind = self._connections.store, self._counts
        for _ in range(2):
            try:
                counted: int = store.update(kind.key(who=who, window=window), kind.messages.add(1)).messages
            except ItemNotFoundError:
                try:
                    store.create(kind(who=who, window=window, messages=1, expires_at=expires))
                except ItemExistsError:
                    continue  # another message of the same moment was first
                return 1
            else:
                return counted
        return 1


def _then(count: int, most: int, seconds: float) -> str:
    if count > _PATIENCE * most:
        return "the connection is closed"
    return f"wait {seconds:.0f} seconds; after {_PATIENCE * most} messages in that time the connection is closed"


def is_deeper(text: str, most: int) -> bool:
    """Whether arrays and objects of a JSON text are nested deeper than so many levels."""
    if text.count("[") + text.count("{") <= most:
        return False
    depth = 0
    for sign in _STRING.sub("", text):
        if sign in "[{":
            depth += 1
            if depth > most:
                return True
        elif sign in "]}":
            depth -= 1
    return False


def _counts(table: Table) -> Any:
    if table not in _entities:
        _entities[table] = _declare(table)
    return _entities[table]


def _declare(table: Table) -> Any:
    class SocketRate(Entity, table=table):
        """How many messages came in a span of time."""

        who: Attr[str] = attr()
        window: Attr[int] = attr()
        messages: Attr[int] = attr()
        expires_at: Attr[datetime | None] = ttl()

        key = key("RATE#{who}", "WINDOW#{window}")

    return SocketRate
