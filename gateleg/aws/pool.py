"""Connections that are kept open between requests, for threads."""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.aws.link import READS, BrokenError, Link
from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.aws.answers import Answer
    from gateleg.aws.environment import ServiceEndpoint
    from gateleg.aws.link import Address

WRITES_SECONDS = 5.0
"""How long after its last use a connection is good for a write. A server that ends idle connections may be doing so at this moment, and a
write that meets with that has no known outcome."""

READS_SECONDS = 60.0
"""The same for a read, which is sent again."""

_ADDRESSES_SECONDS = 5.0


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
    link: Link
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
        self.limits = limits
        self._endpoint = endpoint
        self._kept = limits.connections
        self._idle: deque[_Idle] = deque()
        self._process = os.getpid()
        self._context = _trust(bundle) if endpoint.tls else None
        self._addresses: tuple[Sequence[Address], float] = [], -_ADDRESSES_SECONDS
        self._end = weakref.finalize(self, _end_all, self._idle)

    def exchange(self, octets: bytes, *, reads: bool, seconds: float = float("inf")) -> Answer:
        """Send a request, and wait for its answer.

        Args:
            octets: The request, as it is sent.
            reads: Whether it changes nothing, or may be done twice.
            seconds: How long it may take at most, beside the pool's own limits.

        Raises:
            BrokenError: There was no answer; it says how far the request came.
        """
        until = time.monotonic() + seconds
        link = self.take(READS_SECONDS if reads else WRITES_SECONDS)
        if link is not None:
            try:
                return self._exchanged(link, octets, until)
            except BrokenError as error:
                if error.sent:
                    raise
        return self._exchanged(self.open(), octets, until)

    def take(self, seconds: float) -> Link | None:
        """A connection that was used no longer than this ago and still stands; `None` where there is none."""
        if self._process != os.getpid():
            _end_all(self._idle)
            self._process = os.getpid()
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:
                return None
            age = idle.seconds()
            if age > READS_SECONDS or ready(idle.link, READS, 0):
                # The server ended the connection, or said what nobody asked.
                idle.link.close()
            elif age > seconds:
                self._idle.append(idle)
                return None
            else:
                return idle.link
        return None

    def open(self) -> Link:
        """A connection that is being opened.

        Raises:
            BrokenError: There is no such host, or it cannot be reached.
        """
        try:
            return Link(self._found(), self._endpoint.host, self._context)
        except OSError as error:
            raise BrokenError(error, sent=False) from error

    def keep(self, link: Link) -> None:
        """Keep a connection for later, one whose answer was taken."""
        self._idle.append(_Idle(link))
        while len(self._idle) > self._kept:
            try:
                oldest = self._idle.popleft()
            except IndexError:
                return
            oldest.link.close()

    def close(self) -> None:
        """End the idle connections; those in use end with their requests, and so do later ones."""
        self._kept = 0
        _end_all(self._idle)

    def _exchanged(self, link: Link, octets: bytes, until: float) -> Answer:
        link.ask(octets)
        try:
            answer = link.advance() if link.opened else None
            while answer is None:
                limit = self.limits.read_seconds if link.opened else self.limits.connect_seconds
                if not ready(link, link.awaits, max(0.0, min(limit, until - time.monotonic()))):
                    raise late(link)  # noqa: TRY301 (it ends as any other failure does)
                answer = link.advance()
        except (OSError, ValueError) as error:
            link.close()
            raise BrokenError(error, sent=link.sent) from error
        except BaseException:
            link.close()
            raise
        if answer.last:
            link.close()
        else:
            self.keep(link)
        return answer

    def _found(self) -> Sequence[Address]:
        addresses, since = self._addresses
        if not addresses or time.monotonic() - since > _ADDRESSES_SECONDS:
            addresses = socket.getaddrinfo(self._endpoint.host, self._endpoint.port, type=socket.SOCK_STREAM)
            self._addresses = addresses, time.monotonic()
        return addresses


def late(link: Link) -> OSError:
    """The error of a connection that was waited for long enough."""
    if link.opened and not link.sent:
        return OSError("the connection stalled before all of the request was sent")
    return TimeoutError("timed out")


def ready(link: Link, event: int, seconds: float) -> bool:
    """Whether a connection can be read (`READS`) or written (`WRITES`) within so many seconds."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(link.sock, select.POLLIN if event == READS else select.POLLOUT)
        return bool(poll.poll(seconds * 1000))
    reading, writing = ([link.sock], []) if event == READS else ([], [link.sock])
    return any(select.select(reading, writing, [], seconds))


def _trust(bundle: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise BindingError(f"{bundle} cannot be read as certificates: {error}; set AWS_CA_BUNDLE right", path="AWS_CA_BUNDLE") from error


def _end_all(idle: deque[_Idle]) -> None:
    while idle:
        try:
            idle.pop().link.close()
        except IndexError:
            return
