"""A stand-in for API Gateway's `@connections` over TLS that answers each connection as its plan says: taken, gone, throttled, failed, late, or never."""

from __future__ import annotations

import random
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.unit.store_direct import server as deeds
from tests.unit.store_direct.server import Server

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from tests.unit.store_direct.server import Asked

WAIT = 0.25
"""How long a sender under test waits for an answer that never comes. Where answers come it is patient: a busy machine makes any of them late."""

TAKEN, GONE, THROTTLED, FAILED, SLOW, NEVER, CLOSED, HALF = "taken", "gone", "throttled", "failed", "slow", "never", "closed", "half"
HELD = "held"
"""Taken as soon as all others were asked."""
KINDS = (TAKEN, TAKEN, TAKEN, GONE, THROTTLED, THROTTLED, FAILED, SLOW, CLOSED, HALF)
SILENT = (NEVER,)
DOUBTFUL = frozenset({FAILED, NEVER, CLOSED, HALF})
"""After these nobody knows whether the message was taken."""


def later(seconds: float) -> Callable[[socket.socket], bool]:
    """Takes the message after a while."""

    def act(connection: socket.socket) -> bool:
        time.sleep(seconds)
        return deeds.answer(b"")(connection)

    return act


ACTS: dict[str, Callable[[socket.socket], bool]] = {
    TAKEN: deeds.answer(b""),
    GONE: deeds.answer(b'{"message": null}', 410, x_amzn_ErrorType="GoneException:"),
    THROTTLED: deeds.answer(b'{"message": "Too Many Requests"}', 429, x_amzn_ErrorType="LimitExceededException"),
    FAILED: deeds.answer(b'{"message": "Internal server error"}', 500),
    SLOW: later(WAIT / 5),
    NEVER: deeds.stall,
    CLOSED: deeds.close,
    HALF: deeds.half,
}


def drawn(seed: int, connections: int, kinds: tuple[str, ...] = KINDS) -> dict[str, list[str]]:
    """A plan for each connection."""
    chance = random.Random(seed)  # noqa: S311 (a plan is no secret)
    return {f"c{number}=": [chance.choice(kinds) for _ in range(5)] for number in range(connections)}


def foretold(plan: list[str], attempts: int) -> tuple[str, int]:
    """What must become of a message: `taken`, `gone`, `unsent` or `unknown`, and after how many posts."""
    doubt = False
    for number, deed in enumerate(plan[:attempts], 1):
        if deed in {TAKEN, SLOW}:
            return TAKEN, number
        if deed == GONE:
            return GONE, number
        doubt = doubt or deed in DOUBTFUL
    return ("unknown" if doubt else "unsent"), attempts


@dataclass
class StandIn(Server):
    """Does what the plan of each connection says, post by post; what has no plan is taken."""

    plans: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    posts: Counter[str] = field(default_factory=Counter[str])
    others: int = 50

    @property
    def callback_url(self) -> str:
        return f"{self.url}/live"

    def deed(self, asked: Asked) -> Callable[[socket.socket], bool]:
        connection_id = unquote(asked.line.split()[1].removeprefix("/live/@connections/"))
        number = self.posts[connection_id]
        self.posts[connection_id] += 1
        if HELD in self.plans.get(connection_id, ()):
            return self._held
        return ACTS[self.plans.get(connection_id, [TAKEN] * 9)[number]]

    def _held(self, connection: socket.socket) -> bool:
        while len(self.posts) < self.others + 1:
            time.sleep(0.01)
        return deeds.answer(b"")(connection)


def encrypted(cert: str, key: str) -> ssl.SSLContext:
    """What a server encrypts with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context
