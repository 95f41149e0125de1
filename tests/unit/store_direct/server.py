"""A small real HTTP server on loopback, which can close, stall, and answer half."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


@dataclass
class Asked:
    """One request as it arrived."""

    connection: int
    line: str
    headers: dict[str, str]
    body: bytes


def answer(body: bytes = b"{}", status: int = 200, *, checksum: bool = True, **headers: str) -> Callable[[socket.socket], bool]:
    """Answers, and keeps the connection."""

    def act(connection: socket.socket) -> bool:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Content-Type: application/x-amz-json-1.0"]
        lines += [f"X-Amz-Crc32: {zlib.crc32(body)}"] if checksum else []
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return headers.get("Connection") != "close"

    return act


def refusal(code: str, message: str = "no", status: int = 400, **more: Any) -> Callable[[socket.socket], bool]:
    """Refuses as DynamoDB does."""
    return answer(json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message, **more}).encode(), status)


def close(_connection: socket.socket) -> bool:
    """Ends the connection without an answer."""
    return False


def half(connection: socket.socket) -> bool:
    """Ends the connection in the middle of the answer."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Item":')
    return False


def garbage(connection: socket.socket) -> bool:
    """Says what is no HTTP."""
    connection.sendall(b"\x15\x03\x01 what?\r\n\r\n")
    return False


def stall(connection: socket.socket) -> bool:
    """Is silent until the client gives up."""
    connection.settimeout(5)
    connection.recv(1)
    return False


@dataclass
class Server:
    """Does what its script says, request by request, and answers `{}`, or what it was asked, after that."""

    tls: ssl.SSLContext | None = None
    delay: float = 0.0
    echo: bool = False
    script: deque[Callable[[socket.socket], bool]] = field(default_factory=deque["Callable[[socket.socket], bool]"])
    asked: list[Asked] = field(default_factory=list[Asked])
    failed: list[OSError] = field(default_factory=list[OSError])

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        self.connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        self.hang_up()
        for thread in self._threads[1:]:
            thread.join()

    def hang_up(self) -> None:
        """End all connections, as a server does with idle ones."""
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        time.sleep(0.05)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection, len(self.connections)))
                self._threads.append(thread)
                thread.start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        try:
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        except OSError as error:
            self.failed.append(error)
            plain.close()
            return
        self.connections[number - 1] = connection
        with connection, suppress(OSError), connection.makefile("rb") as incoming:
            while (line := incoming.readline()) and self._handle(connection, number, line.decode().strip(), incoming):
                pass

    def _handle(self, connection: socket.socket, number: int, line: str, incoming: Any) -> bool:
        headers: dict[str, str] = {}
        while text := incoming.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body: bytes = incoming.read(int(headers.get("content-length", 0)))
        asked = Asked(number, line, headers, body)
        self.asked.append(asked)
        time.sleep(self.delay)
        return self.deed(asked)(connection)

    def deed(self, asked: Asked) -> Callable[[socket.socket], bool]:
        """What is done about a request."""
        return self.script.popleft() if self.script else answer(asked.body if self.echo else b"{}")
