"""Puts an HTTP/1.1 answer together from the pieces in which it arrives (RFC 9112)."""

from __future__ import annotations

import re
from typing import NamedTuple

_HEAD_BYTES = 65_536
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: |$)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")
_INTERIM, _EMPTY = 200, frozenset({204, 304})


class Answer(NamedTuple):
    """One answer of a server.

    Attributes:
        status: Its status code.
        headers: Its headers, their names in lower case.
        body: Its body, as it came.
        last: Whether the connection ends with it.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    last: bool = False


class NoHttpError(ValueError):
    """What a server said is no HTTP, or ended in the middle."""


class Arriving:
    """An answer on its way."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._answer: Answer | None = None
        self._length: int | None = None

    def take(self, octets: bytes) -> Answer | None:
        """The answer, once all of it is there.

        Raises:
            NoHttpError: It is no HTTP, or goes on after its end.
        """
        self._octets += octets
        if self._answer is None and not self._head():
            return None
        return self._body()

    def end(self) -> Answer:
        """The answer when the connection has ended: one that says no length ends with it.

        Raises:
            NoHttpError: It is not all there.
        """
        if self._answer is None or self._length is not None or _is_chunked(self._answer):
            raise NoHttpError("the connection ended before the whole answer was there")
        return self._answer._replace(body=bytes(self._octets), last=True)

    def _head(self) -> bool:
        while (end := self._octets.find(b"\r\n\r\n")) >= 0:
            lines = bytes(self._octets[:end]).split(b"\r\n")
            status = _STATUS.match(lines[0])
            fields = [_FIELD.fullmatch(line) for line in lines[1:]]
            if status is None or None in fields:
                raise NoHttpError(f"the answer begins with {bytes(self._octets[:40])!r}, which is no HTTP")
            del self._octets[: end + 4]
            if int(status[2]) < _INTERIM:
                continue
            headers = {field[1].decode().lower(): field[2].decode("latin-1") for field in fields if field}
            said = headers.get("connection", "").lower()
            self._answer = Answer(int(status[2]), headers, b"", "close" in said or (status[1] == b"0" and "keep-alive" not in said))
            self._length = 0 if self._answer.status in _EMPTY else _length(headers)
            return True
        if len(self._octets) > _HEAD_BYTES or not b"HTTP/1.".startswith(self._octets[:7]):
            raise NoHttpError(f"the answer begins with {bytes(self._octets[:40])!r}, which is no HTTP")
        return False

    def _body(self) -> Answer | None:
        answer = self._answer
        if answer is None:
            return None
        if self._length is None:
            return self._chunked(answer) if _is_chunked(answer) else None
        if len(self._octets) < self._length:
            return None
        if len(self._octets) > self._length:
            raise NoHttpError("the answer goes on after its end")
        return Answer(answer.status, answer.headers, bytes(self._octets), answer.last)

    def _chunked(self, answer: Answer) -> Answer | None:
        """The answer of which all chunks are there; read from the start each time, as AWS's APIs rarely send any."""
        body, octets, at = bytearray(), bytes(self._octets), 0
        while (end := octets.find(b"\r\n", at)) >= 0:
            size = _SIZE.fullmatch(octets[at:end])
            if size is None:
                raise NoHttpError(f"a chunk begins with {octets[at:end][:40]!r}, which is no size")
            length, at = int(size[1], 16), end + 2
            if length == 0:
                over = octets.find(b"\r\n\r\n", end)
                return None if over < 0 else answer._replace(body=bytes(body))
            body += octets[at : at + length]
            at += length + 2
        return None


def _length(headers: dict[str, str]) -> int | None:
    if "transfer-encoding" in headers or "content-length" not in headers:
        return None
    if not (text := headers["content-length"]).isascii() or not text.isdigit():
        raise NoHttpError(f"the answer has a length of {text[:40]!r}")
    return int(text)


def _is_chunked(answer: Answer) -> bool:
    return answer.headers.get("transfer-encoding", "").lower() == "chunked"
