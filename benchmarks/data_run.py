"""Measures one side: called by each peer's script in a process of its own. Only the standard library, as peers have environments of their own."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.data_item import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DECLARED = "models declared (ms)"
READY = "ready to send (ms)"
TIMES = {"put": 60, "get": 60, "query 100": 8, "query 1000": 2}
ROUNDS = 4
_found: dict[str, float] = {}


def declared() -> None:
    """Note the CPU time until the models stand, interpreter and imports included; called where a script has declared them."""
    _found[DECLARED] = time.process_time() * 1e3


def alone() -> None:
    """Print that alone, for a side that sends nothing."""
    print(json.dumps(_found))


def run(put: Callable[[], object], get: Callable[[], Any], query: Callable[[str], list[Any]]) -> None:
    """Print the least CPU time of each operation, in microseconds, as JSON.

    Args:
        put: Writes the item.
        get: Reads it, and gives its `total`.
        query: Reads the items under a partition key into a list.
    """
    found = {**_found, READY: time.process_time() * 1e3}
    check(get(), query("count-100"))
    functions: dict[str, Callable[[], object]] = {"put": put, "get": get}
    functions |= {f"query {count}": partial(query, f"count-{count}") for count in (100, 1000)}
    for name, function in functions.items():
        found[name] = min(once(function, TIMES[name]) for _ in range(ROUNDS))
    print(json.dumps(found))


def run_async(put: Callable[[], Awaitable[Any]], get: Callable[[], Awaitable[Any]], query: Callable[[str], Awaitable[list[Any]]]) -> None:
    """Like `run`, one operation after the other in one event loop."""
    found = {**_found}

    async def measure() -> None:
        await get()
        found[READY] = time.process_time() * 1e3
        check(await get(), await query("count-100"))
        found["put"] = await best("put", put)
        found["get"] = await best("get", get)
        for count in (100, 1000):
            found[f"query {count}"] = await best(f"query {count}", partial(query, f"count-{count}"))

    asyncio.run(measure())
    print(json.dumps(found))


async def best(name: str, function: Callable[[], Awaitable[Any]]) -> float:
    """The least microseconds of this process's CPU that an awaited call takes."""
    rounds: list[float] = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(TIMES[name]):
            await function()
        rounds.append((time.process_time() - start) / TIMES[name] * 1e6)
    return min(rounds)


def once(function: Callable[[], object], times: int) -> float:
    """Microseconds of this process's CPU, native threads included, that a call takes."""
    start = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - start) / times * 1e6


def check(total: Any, found: list[Any]) -> None:
    """See that the side read what there was to read.

    Raises:
        SystemExit: It did not.
    """
    if int(total) != ATTRIBUTES["total"] or len(found) != 100:  # noqa: PLR2004  # what was asked for
        raise SystemExit(f"read {total!r} and {len(found)} items")
