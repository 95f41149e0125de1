"""One connection to a server, which never waits: whoever uses it waits for it, and says how long.

What may be said of a request that got no answer is decided here: one of which not all could be sent was not done, whatever it would have
done, since a server acts on whole requests; one that was sent whole may have been done.
"""

from __future__ import annotations

import os
import selectors
import socket
import ssl
from typing import TYPE_CHECKING

from gateleg.aws.answers import Arriving

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from gateleg.aws.answers import Answer

    Address: TypeAlias = tuple[int, int, int, str, Any]

READS, WRITES = selectors.EVENT_READ, selectors.EVENT_WRITE
_PIECE = 65_536


class BrokenError(Exception):
    """A request that got no answer.

    Args:
        cause: What went wrong.
        sent: Whether all of the request was sent, so that it may have been done.
    """

    def __init__(self, cause: Exception, *, sent: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.sent = sent


class Link:
    """A connection that is opened, asked and read without waiting.

    Args:
        addresses: Where the server may be, as `socket.getaddrinfo` says; the next is tried where one does not answer.
        host: The name that its certificate must have.
        context: Whom to trust; `None` for no encryption.

    Attributes:
        awaits: What is to happen before `advance` can do more: `READS` or `WRITES`.
        sent: Whether all of the request was sent.
        opened: Whether the connection stands.
    """

    def __init__(self, addresses: Sequence[Address], host: str, context: ssl.SSLContext | None) -> None:
        self._addresses = list(addresses)
        self._host = host
        self._context = context
        self._unsent = memoryview(b"")
        self._arriving = Arriving()
        self.opened: bool = False
        self.sent: bool = False
        self.awaits: int = WRITES
        self.sock: socket.socket = self._begun()

    def fileno(self) -> int:
        """The number of its socket."""
        return self.sock.fileno()

    def ask(self, octets: bytes) -> None:
        """Make the next request; `advance` sends it."""
        self._unsent, self.sent, self._arriving = memoryview(octets), False, Arriving()

    def advance(self) -> Answer | None:
        """Do what can be done without waiting; the answer, once it is there.

        Raises:
            OSError: The connection could not be opened, or broke.
            NoHttpError: The server said what is no answer.
        """
        try:
            if not self.opened:
                self._open()
            if not self.sent:
                self._send()
                return None
            return self._receive()
        except ssl.SSLWantReadError:
            self.awaits = READS
        except ssl.SSLWantWriteError:
            self.awaits = WRITES
        except BlockingIOError:
            pass
        return None

    def close(self) -> None:
        """End the connection."""
        self.sock.close()

    def _begun(self) -> socket.socket:
        """A socket that is being connected with the next of the addresses."""
        while True:
            family, kind, protocol, _, address = self._addresses.pop(0)
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(0)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                made.connect(address)
            except BlockingIOError:
                return made
            except OSError:
                made.close()
                if not self._addresses:
                    raise
            else:
                return made

    def _open(self) -> None:
        self.awaits = WRITES
        if not isinstance(self.sock, ssl.SSLSocket):
            self._connected()
            if self._context is not None:
                self.sock = self._context.wrap_socket(self.sock, server_hostname=self._host, do_handshake_on_connect=False)
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()
        self.opened = True

    def _connected(self) -> None:
        if code := self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.sock.close()
            if not self._addresses:
                raise OSError(code, os.strerror(code))
            self.sock = self._begun()
        try:
            self.sock.getpeername()
        except OSError as error:
            raise BlockingIOError from error

    def _send(self) -> None:
        self.awaits = WRITES
        while self._unsent:
            self._unsent = self._unsent[self.sock.send(self._unsent) :]
        self.sent, self.awaits = True, READS

    def _receive(self) -> Answer | None:
        self.awaits = READS
        while octets := self.sock.recv(_PIECE):
            if (answer := self._arriving.take(octets)) is not None:
                return answer
        return self._arriving.end()
