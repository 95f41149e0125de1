"""`DirectTransport`: DynamoDB without boto3's client between."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from gateleg.aws.environment import ca_bundle
from gateleg.aws.link import BrokenError
from gateleg.aws.pool import ConnectionPool, Limits
from gateleg.store import transport_items as items
from gateleg.store.direct.replies import Reply, unanswered
from gateleg.store.direct.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gateleg.aws.environment import Credentials
    from gateleg.store.direct.wire import Message


class DirectTransport:
    """Signs and sends requests itself, at about a fifth of the CPU of a boto3 client: `Store(CHAT, transport=DirectTransport())`.

    Credentials, region and endpoint are those that boto3 would find, and answers and errors those that it would give. It knows no
    proxies, no events (so `gateleg.testing.faults` and `recorded` do not see it) and no instrumentation; docs/transports.md says when to
    use which. Binds at the first request. Several threads may use it at once. Inside a `with`, or by `close()`, its connections end.

    Args:
        endpoint: The endpoint's URL; by default what the environment says, or the region's own.
        region: The region; by default the environment's.
        credentials: botocore's credentials, such as `boto3.Session(profile_name="x").get_credentials()`; by default those it would find.
        connections: How many idle connections are kept.
        connect_seconds: How long a connection may take to open.
        read_seconds: How long DynamoDB may be silent.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        credentials: Credentials | None = None,
        connections: int = 10,
        connect_seconds: float = 1.0,
        read_seconds: float = 3.0,
    ) -> None:
        self._given = (endpoint, region, credentials)
        self._limits = Limits(connections, connect_seconds, read_seconds)
        self._lock = Lock()
        self._parts: tuple[Wire, ConnectionPool] | None = None

    def __repr__(self) -> str:
        return f"DirectTransport(endpoint={self._given[0]!r}, region={self._given[1]!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation, in the form that boto3's client gives.

        Raises:
            BindingError: No region, no usable endpoint, or an operation that does not read or write items.
            ClientError: DynamoDB refused.
            BotoCoreError: It could not be reached, or did not answer; `gateleg.store.outcomes` tells which.
        """
        return self._reply(operation, params).answer(operation)

    def call_each(self, operation: str, params: dict[str, Any], each: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The answer to an operation, with a `transport_items.Taken` in place of its items.

        Args:
            operation: The operation.
            params: Its parameters.
            each: What is made of an item as soon as it is read; it may be asked twice.
        """
        return self._reply(operation, params).answer(operation, lambda body, headers: items.read(body, headers, each))

    def _reply(self, operation: str, params: dict[str, Any]) -> Reply:
        wire, connections = self._bound()
        message = wire.message(operation, params)
        reply = _exchanged(connections, message, wire.endpoint.url)
        again = wire.again(operation, message, reply)
        return reply if again is None else _exchanged(connections, again, wire.endpoint.url)

    def close(self) -> None:
        """End the connections. Used after that, the transport opens one for each request."""
        if self._parts is not None:
            self._parts[1].close()

    def _bound(self) -> tuple[Wire, ConnectionPool]:
        if self._parts is None:
            with self._lock:
                if self._parts is None:
                    wire = Wire(*self._given)
                    self._parts = wire, ConnectionPool(wire.endpoint, self._limits, ca_bundle() if wire.endpoint.tls else None)
        return self._parts


def _exchanged(connections: ConnectionPool, message: Message, url: str) -> Reply:
    try:
        status, headers, body, _ = connections.exchange(message.octets(), reads=message.reads)
    except BrokenError as error:
        raise unanswered(error, url) from error.cause
    return Reply(status, headers, body)
