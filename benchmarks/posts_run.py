"""Measures one sender of messages: called by each side's script in a process of its own. Only the standard library."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IDS = [f"L0SM9cOFvH{number:05}=" for number in range(1000)]
DATA = json.dumps({"action": "said", "data": {"room": "lobby", "author": "ada", "body": "x" * 150}}).encode()
CONCURRENCY = 32
ROUNDS = 3
URL = os.environ.get("POSTS_URL", "")


def run(post_to_all: Callable[[list[str], bytes], int], *, ids: list[str] = IDS) -> None:
    """Print the least microseconds of CPU a message and the most messages a second, as JSON; the connections stand from a round that is not counted.

    Args:
        post_to_all: Posts a message to connections, and says how many took it.
        ids: Which.

    Raises:
        SystemExit: Not all took it.
    """
    post_to_all(ids[:100], DATA)
    found: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        taken = post_to_all(ids, DATA)
        found.append(((time.process_time() - cpu) / len(ids) * 1e6, len(ids) / (time.perf_counter() - wall)))
        if taken != len(ids):
            raise SystemExit(f"{taken} of {len(ids)} took the message")
    print(json.dumps({"CPU a message (µs)": min(cpu for cpu, _ in found), "messages a second": max(rate for _, rate in found)}))
