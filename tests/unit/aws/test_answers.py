"""Answers are put together from whatever pieces they arrive in, as http.client reads them whole."""

from __future__ import annotations

from contextlib import suppress
from http.client import HTTPResponse
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.aws.answers import Answer, Arriving, NoHttpError

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = b"HTTP/1.1 200 OK\r\n"


def pieces(octets: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(octets) + 1) for cut in cuts), len(octets)]
    return [octets[start:end] for start, end in pairwise(places)]


def arrived(octets: bytes, cuts: Iterable[int] = ()) -> Answer | None:
    arriving, answer = Arriving(), None
    for piece in pieces(octets, cuts):
        assert answer is None or not piece
        answer = arriving.take(piece) if answer is None else answer
    return answer


class Socket:
    """A socket, as far as http.client asks for one."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, *_: Any) -> BytesIO:
        return BytesIO(self._octets)


def theirs(octets: bytes) -> Answer:
    sock: Any = Socket(octets)
    with HTTPResponse(sock, method="POST") as response:
        response.begin()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body, response.will_close)


NAMES = st.sampled_from(["Date", "X-Amzn-RequestId", "Content-Type", "Connection", "x"])
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12)
STATUSES = st.sampled_from([200, 201, 204, 304, 307, 400, 410, 429, 500, 599])


def chunked(parts: list[bytes]) -> bytes:
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    status, body = draw(STATUSES), draw(st.binary(max_size=300))
    fields = {**draw(st.dictionaries(NAMES, VALUES, max_size=4)), "connection": draw(st.sampled_from(["close", "keep-alive"]))}
    if status in {204, 304}:
        body = b""
    elif draw(st.booleans()):
        fields["Content-Length"] = str(len(body))
    else:
        fields["Transfer-Encoding"], body = "chunked", chunked([body[:100], body[100:]])
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if name != "Connection")
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    return interim + f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


@given(answers(), st.lists(st.integers(0, 2000), max_size=6))
def test_answers_are_those_that_http_client_reads(octets: bytes, cuts: list[int]) -> None:
    assert arrived(octets, cuts) == theirs(octets)


@given(answers(), st.integers(0, 2000))
def test_half_of_an_answer_is_none(octets: bytes, cut: int) -> None:
    half = octets[: cut % len(octets)]
    arriving = Arriving()
    assert arriving.take(half) is None
    with pytest.raises(NoHttpError, match="ended before"):
        arriving.end()


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    arriving = Arriving()
    assert arriving.take(HEAD + b"x: y\r\n\r\nbo") is None
    assert arriving.take(b"dy") is None
    assert arriving.end() == Answer(200, {"x": "y"}, b"body", last=True)


def test_what_http_1_0_says_ends_with_its_connection_unless_kept() -> None:
    for said, last in (("", True), ("Connection: keep-alive\r\n", False)):
        answer = arrived(f"HTTP/1.0 200 OK\r\n{said}Content-Length: 0\r\n\r\n".encode())
        assert answer is not None
        assert answer.last is last


@pytest.mark.parametrize(
    "octets",
    [
        b"\x15\x03\x01",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        HEAD + b"no field\r\n\r\n",
        HEAD + b"folded: a\r\n b\r\n\r\n",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 1_0\r\n\r\n",
        HEAD + b"content-length: 1\r\n\r\nxy",
        HEAD + b"transfer-encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"x" * 70_000,
    ],
)
def test_what_is_no_answer_is_said(octets: bytes) -> None:
    with pytest.raises(NoHttpError):
        arrived(octets)


@given(st.binary(max_size=80), st.lists(st.integers(0, 100), max_size=3))
def test_noise_never_makes_an_answer(octets: bytes, cuts: list[int]) -> None:
    with suppress(NoHttpError):
        assert arrived(octets, cuts) is None
