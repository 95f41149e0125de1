"""Many requests at once from one thread: each over a connection of its own, repeated as its owner wishes, until a deadline.

No event loop of asyncio: connections outlive the call, so that the next one shakes no hands, and a handler that runs in a loop may call it too.
"""

from __future__ import annotations

import selectors
import time
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Protocol

from gateleg.aws.link import BrokenError
from gateleg.aws.pool import READS_SECONDS, late

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.aws.answers import Answer
    from gateleg.aws.bucket import TokenBucket
    from gateleg.aws.link import Link
    from gateleg.aws.pool import ConnectionPool


_NEVER = float("inf")
_GRACE_SECONDS, _GRACE_SHARE = 0.25, 0.2
"""How long before the deadline no more is sent, so that answers to what was sent are still heard."""


class Request(Protocol):
    """One request, which may be sent several times."""

    def octets(self) -> bytes:
        """The request as it is sent now."""
        ...

    def answered(self, answer: Answer) -> float | None:
        """Take the answer; the seconds after which to send the request again, `None` where it is over."""
        ...

    def broken(self, error: BrokenError) -> float | None:
        """Take that there was no answer; the same."""
        ...

    def late(self) -> None:
        """Take that the deadline came while the request waited to be sent."""
        ...


@dataclass(eq=False)
class _Flight:
    """A request that is under way."""

    request: Request
    link: Link
    until: float
    over: bool = False


@dataclass
class _State:
    """What one run knows."""

    waiting: deque[Request]
    timers: list[tuple[float, int, Request | _Flight]] = field(default_factory=list["tuple[float, int, Request | _Flight]"])
    flights: dict[int, _Flight] = field(default_factory=dict[int, _Flight])
    free: list[Link] = field(default_factory=list["Link"])
    postponed: int = 0


class Fanout:
    """Sends requests, at most so many at once.

    Args:
        pool: The connections.
        bucket: What requests wait for, each time that they are sent.
    """

    def __init__(self, pool: ConnectionPool, bucket: TokenBucket) -> None:
        self._pool = pool
        self._bucket = bucket
        self._numbers = count()

    def run(self, requests: Iterable[Request], *, concurrency: int, until: float) -> None:
        """Send requests until all are over, or the deadline has come: each is told what became of it. In the last quarter of a second nothing is sent, only heard.

        Args:
            requests: What to send.
            concurrency: How many are under way at once.
            until: The deadline, by `time.monotonic()`.
        """
        state = _State(deque(requests))
        with selectors.DefaultSelector() as selector:
            try:
                self._loop(state, selector, concurrency, until)
            finally:
                self._end(state)

    def run_one(self, request: Request, *, until: float) -> None:
        """The same for one request, without what many take.

        Args:
            request: What to send.
            until: The deadline, by `time.monotonic()`.
        """
        now = time.monotonic()
        last = until - min(_GRACE_SECONDS, (until - now) * _GRACE_SHARE)
        while now < last:
            pause: float | None = self._bucket.take(now)
            if not pause:
                try:
                    answer = self._pool.exchange(request.octets(), reads=True, seconds=until - now)
                    pause = request.answered(answer)
                except BrokenError as error:
                    pause = request.broken(error)
                if pause is None:
                    return
            time.sleep(max(0.0, min(pause, last - time.monotonic())))
            now = time.monotonic()
        request.late()

    def _loop(self, state: _State, selector: selectors.BaseSelector, concurrency: int, until: float) -> None:
        began = time.monotonic()
        last = until - min(_GRACE_SECONDS, (until - began) * _GRACE_SHARE)
        while (now := time.monotonic()) < until:
            self._due(state, selector, now)
            pause = self._begin(state, selector, concurrency, now) if now < last else _NEVER
            if not state.flights and (now >= last or (not state.waiting and not state.postponed)):
                return
            wake = min(until, now + pause, state.timers[0][0] if state.timers else until, last if now < last else until)
            for key, _ in selector.select(max(0.0, wake - time.monotonic())):
                if (flight := state.flights.get(key.fd)) is not None:
                    self._advance(state, selector, flight)
                else:
                    _drop(state, selector, key)

    def _begin(self, state: _State, selector: selectors.BaseSelector, concurrency: int, now: float) -> float:
        """Send what may be sent now; the seconds after which more may be."""
        while state.waiting and len(state.flights) < concurrency:
            if (pause := self._bucket.take(now)) > 0:
                return pause
            self._send(state, selector, state.waiting.popleft(), now)
        return _NEVER

    def _send(self, state: _State, selector: selectors.BaseSelector, request: Request, now: float) -> None:
        octets, kept = request.octets(), bool(state.free)
        link = state.free.pop() if kept else self._pool.take(READS_SECONDS)
        if link is None:
            try:
                link = self._pool.open()
            except BrokenError as error:
                self._again(state, request, request.broken(error))
                return
        limits = self._pool.limits
        flight = _Flight(request, link, now + (limits.read_seconds if link.opened else limits.connect_seconds))
        link.ask(octets)
        if not kept:
            selector.register(link, link.awaits)
        state.flights[link.fileno()] = flight
        self._remind(state, flight, flight.until)
        if link.opened:
            self._advance(state, selector, flight)

    def _advance(self, state: _State, selector: selectors.BaseSelector, flight: _Flight) -> None:
        link = flight.link
        socket, awaited, number, opened = link.sock, link.awaits, link.fileno(), link.opened
        try:
            answer = link.advance()
        except (OSError, ValueError) as error:
            self._break(state, selector, flight, error, number)
            return
        if link.opened and not opened:
            flight.until = time.monotonic() + self._pool.limits.read_seconds
            self._remind(state, flight, flight.until)
        if answer is not None:
            del state.flights[number]
            flight.over = True
            if answer.last:
                selector.unregister(number)
                link.close()
            else:
                state.free.append(link)
            self._again(state, flight.request, flight.request.answered(answer))
        elif link.sock is not socket:  # another address, or the same under TLS
            selector.unregister(number)
            selector.register(link, link.awaits)
            state.flights[link.fileno()] = state.flights.pop(number)
        elif link.awaits != awaited:
            selector.modify(number, link.awaits)

    def _due(self, state: _State, selector: selectors.BaseSelector, now: float) -> None:
        while state.timers and state.timers[0][0] <= now:
            _, _, thing = heappop(state.timers)
            if not isinstance(thing, _Flight):
                state.postponed -= 1
                state.waiting.append(thing)
            elif not thing.over and thing.until <= now:
                self._break(state, selector, thing, late(thing.link), thing.link.fileno())

    def _break(self, state: _State, selector: selectors.BaseSelector, flight: _Flight, error: Exception, number: int) -> None:
        del state.flights[number]
        flight.over = True
        selector.unregister(number)
        flight.link.close()
        self._again(state, flight.request, flight.request.broken(BrokenError(error, sent=flight.link.sent)))

    def _again(self, state: _State, request: Request, pause: float | None) -> None:
        if pause is not None:
            state.postponed += 1
            self._remind(state, request, time.monotonic() + pause)

    def _remind(self, state: _State, thing: Request | _Flight, when: float) -> None:
        heappush(state.timers, (when, next(self._numbers), thing))

    def _end(self, state: _State) -> None:
        for link in state.free:
            self._pool.keep(link)
        for flight in state.flights.values():
            flight.link.close()
            flight.request.broken(BrokenError(TimeoutError("the time was up"), sent=flight.link.sent))
        for request in state.waiting:
            request.late()
        for _, _, thing in state.timers:
            if not isinstance(thing, _Flight):
                thing.late()


def _drop(state: _State, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    """End a connection that the server ended, or says what nobody asked on, while no request was under way there."""
    selector.unregister(key.fd)
    for link in [link for link in state.free if link.fileno() == key.fd]:
        state.free.remove(link)
        link.close()
