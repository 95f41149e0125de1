"""Connections that are kept open between requests, for threads.

What may be said of a request that got no answer is decided here: one of which not all could be sent was not done, whatever it would have
written, since a server acts on whole requests; one that was sent whole may have been done.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING

from gateleg.errors import BindingError
from gateleg.store.direct.replies import Reply

if TYPE_CHECKING:
    from gateleg.store.direct.environment import ServiceEndpoint
    from gateleg.store.direct.wire import Message

WRITES_SECONDS = 5.0
"""How long after its last use a connection is good for a write. A server that ends idle connections may be doing so at this moment, and a
write that meets with that has no known outcome."""

READS_SECONDS = 60.0
"""The same for a read, which is sent again."""


@dataclass(frozen=True)
class Limits:
    """How many connections are kept, and how long anything may take.

    Attributes:
        connections: How many idle connections are kept; more requests at once open more, and end them.
        connect_seconds: How long a connection may take to open.
        read_seconds: How long a server may be silent.
    """

    connections: int = 10
    connect_seconds: float = 1.0
    read_seconds: float = 3.0


@dataclass
class _Idle:
    connection: HTTPConnection
    used: float = field(default_factory=time.monotonic)
    wall: float = field(default_factory=time.time)

    def seconds(self) -> float:
        # A frozen Lambda sandbox may stop the one clock, a clock that is set right moves the other.
        return max(time.monotonic() - self.used, time.time() - self.wall)


class ConnectionPool:
    """The connections to one endpoint. Threads share them; a forked process opens its own.

    Args:
        endpoint: Where they lead.
        limits: How many, and how long.
        bundle: A file of certificates to trust in place of the system's.

    Raises:
        BindingError: There are no certificates in that file.
    """

    def __init__(self, endpoint: ServiceEndpoint, limits: Limits, bundle: str | None = None) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._kept = limits.connections
        self._idle: deque[_Idle] = deque()
        self._process = os.getpid()
        self._context = _trust(bundle) if endpoint.tls else None
        self._end = weakref.finalize(self, _end_all, self._idle)

    def exchange(self, message: Message) -> Reply:
        """Send a request, and wait for its answer.

        Raises:
            EndpointConnectionError: The request was not sent, or not all of it: nothing was done.
            ConnectTimeoutError: The same, for want of time.
            SSLError: The same, as the server could not be trusted.
            ReadTimeoutError: It was sent, and not answered in time.
            ConnectionClosedError: It was sent, and the connection ended before the whole answer was there.
        """
        connection = self._take(READS_SECONDS if message.reads else WRITES_SECONDS)
        if connection is not None and self._sent(connection, message):
            return self._answer(connection)
        connection = self._opened()
        if not self._sent(connection, message):
            raise _never_sent(self._endpoint.url, OSError("the connection ended before all of the request was sent"))
        return self._answer(connection)

    def close(self) -> None:
        """End the idle connections; those in use end with their requests, and so do later ones."""
        self._kept = 0
        _end_all(self._idle)

    def _take(self, seconds: float) -> HTTPConnection | None:
        """A connection that was used a moment ago and still stands; `None` where there is none."""
        if self._process != os.getpid():
            _end_all(self._idle)
            self._process = os.getpid()
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:
                return None
            if _is_over(idle.connection) or idle.seconds() > READS_SECONDS:
                idle.connection.close()
            elif idle.seconds() > seconds:
                self._idle.append(idle)
                return None
            else:
                return idle.connection
        return None

    def _keep(self, connection: HTTPConnection) -> None:
        self._idle.append(_Idle(connection))
        while len(self._idle) > self._kept:
            try:
                oldest = self._idle.popleft()
            except IndexError:
                return
            oldest.connection.close()

    def _opened(self) -> HTTPConnection:
        host, port, seconds = self._endpoint.host, self._endpoint.port, self._limits.connect_seconds
        if self._context is None:
            connection: HTTPConnection = HTTPConnection(host, port, timeout=seconds)
        else:
            connection = HTTPSConnection(host, port, timeout=seconds, context=self._context)
        try:
            connection.connect()  # which sets TCP_NODELAY
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.sock.settimeout(self._limits.read_seconds)
        except OSError as error:
            connection.close()
            raise _never_sent(self._endpoint.url, error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _sent(self, connection: HTTPConnection, message: Message) -> bool:
        """Whether all of the request went out; the connection is ended where not."""
        try:
            connection.sock.sendall(message.octets())
        except OSError:
            connection.close()
            return False
        except BaseException:
            connection.close()
            raise
        return True

    def _answer(self, connection: HTTPConnection) -> Reply:
        try:
            with HTTPResponse(connection.sock, method="POST") as response:
                response.begin()
                body = response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise _unanswered(self._endpoint.url, error) from error
        except BaseException:
            connection.close()
            raise
        reply = Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        if response.will_close:
            connection.close()
        else:
            self._keep(connection)
        return reply


def _trust(bundle: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise BindingError(f"{bundle} cannot be read as certificates: {error}; set AWS_CA_BUNDLE right", path="AWS_CA_BUNDLE") from error


def _end_all(idle: deque[_Idle]) -> None:
    while idle:
        try:
            idle.pop().connection.close()
        except IndexError:
            return


def _is_over(connection: HTTPConnection) -> bool:
    """Whether the server ended the connection, or said what nobody asked."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connection.sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([connection.sock], [], [], 0)[0])


def _never_sent(url: str, error: OSError) -> Exception:
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, SSLError

    if isinstance(error, ssl.SSLError):
        return SSLError(endpoint_url=url, error=error)
    kind = ConnectTimeoutError if isinstance(error, TimeoutError) else EndpointConnectionError
    return kind(endpoint_url=url, error=error)


def _unanswered(url: str, error: Exception) -> Exception:
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

    kind = ReadTimeoutError if isinstance(error, TimeoutError) else ConnectionClosedError
    return kind(endpoint_url=url, error=error)
