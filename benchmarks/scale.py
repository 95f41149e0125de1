"""One message to all sockets of a topic, simulated under the quotas of AWS: until when all have it, what it costs, and what holds it up first.

Reckons with the quotas and figures of `scale.toml`, the prices of `gateleg cost` and the defaults of the package; asks nobody, and measures nothing. Prints the table of docs/scale.md.

    python benchmarks/scale.py [--kb 1] [--sockets 1000 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import ceil, inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateleg.cost.prices import price_list
from gateleg.websocket import Sending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOCKETS = (1_000, 10_000, 100_000, 1_000_000)
ITEM_BYTES = 184
"""A subscription in the registry; a test weighs one."""

MEMORY_MB = 1_024
SHARD = 5_000
"""Sockets of a shard, where workers send."""

_STEP = 0.01
_PAGE_BYTES, _UNIT_BYTES = 1_000_000, 4_096
_HOUR = 60


@dataclass(frozen=True)
class World:
    """What the simulation counts with: the keys of `scale.toml`, and how large the message is."""

    kb: float
    facts: dict[str, float]

    @classmethod
    def read(cls, kb: float = 1, **other: float) -> World:
        """The world as the file says it, but for `other`."""
        read: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
        return cls(kb, {name: float(fact["value"]) for name, fact in read.items() if name != "checked"} | other)

    def __getitem__(self, name: str) -> float:
        return self.facts[name]

    def read_seconds(self, sockets: int) -> float:
        """How long it takes to find who is in one shard: pages of a megabyte one after the other, as fast as a partition gives them."""
        size = sockets * ITEM_BYTES
        return max(ceil(size / _PAGE_BYTES) * self["read_wait"], size / _UNIT_BYTES / self["partition_reads"])


@dataclass
class Bucket:
    """So much a second, and so much at once."""

    name: str
    rate: float
    burst: float
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def refill(self) -> None:
        """Pass one step."""
        self.tokens = min(max(self.burst, self.rate * _STEP), self.tokens + self.rate * _STEP)


@dataclass
class Sender:
    """A function that sends to one shard at a time."""

    bucket: Bucket
    left: float = 0
    begins: float = inf
    until: float = inf
    busy: float = 0

    def take(self, sockets: int, now: float, world: World, wait: float) -> None:
        """Begin with a shard."""
        self.left = sockets
        self.begins = now + wait + world.read_seconds(sockets)
        self.until = now + wait + world["function_seconds"] - Sending().reserve.total_seconds()


@dataclass(frozen=True)
class Outcome:
    """What became of a message.

    Attributes:
        seconds: Until the last socket that it reaches has it.
        reached: How many have it.
        bottleneck: What held it up most.
        busy: Seconds that functions ran for it.
    """

    seconds: float
    reached: float
    bottleneck: str
    busy: float


def posted(shards: Iterable[int], senders: int, world: World, wait: float = 0) -> Outcome:
    """Simulate functions that post to shards, step by step, below their own rates and the account's quota.

    Args:
        shards: How many sockets each has.
        senders: How many functions send at once.
        world: The quotas.
        wait: Seconds until a function that is free has the next shard.
    """
    sending = Sending()
    account = Bucket("the account's requests a second", world["posts_rate"], world["posts_burst"])
    steady = {
        "answers of the posts under way": sending.concurrency / world["post_wait"],
        "the function's CPU": min(1, MEMORY_MB / world["vcpu_mb"]) / world["post_cpu"],
    }
    waiting = deque(shards)
    free = [Sender(Bucket("Sending.rate", sending.rate, sending.burst)) for _ in range(senders)]
    working: list[Sender] = []
    now, last, reached, held = 0.0, 0.0, 0.0, Counter[str]()
    while waiting or working:
        while free and waiting:
            working.append(free.pop(0))
            working[-1].take(waiting.popleft(), now, world, wait)
        wanted = {id(one): _wanted(one, steady, held) for one in working if one.begins <= now}
        share = min(1.0, account.tokens / total) if (total := sum(wanted.values())) else 1.0
        if share < 1 or len(wanted) * sending.rate >= account.rate:
            held[account.name] += len(wanted) + 1
        now += _STEP
        for one in list(working):
            sent = wanted.get(id(one), 0) * share
            one.left, one.bucket.tokens, one.busy = one.left - sent, one.bucket.tokens - sent, one.busy + _STEP
            account.tokens, reached = account.tokens - sent, reached + sent
            last = now if sent else last
            if one.left < 1e-6 or now >= one.until:  # noqa: PLR2004 (what rounding leaves)
                held["the function's time"] += 10**9 * (one.left > 1)
                working.remove(one)
                free.append(one)
            one.bucket.refill()
        account.refill()
    bottleneck = max(held, key=lambda name: held[name]) if held else "nothing"
    return Outcome(last, round(reached), bottleneck, sum(one.busy for one in free))


def _wanted(one: Sender, steady: dict[str, float], held: Counter[str]) -> float:
    """What a sender would send in a step; what holds it up is noted."""
    most = {one.bucket.name: one.bucket.tokens} | {name: rate * _STEP for name, rate in steady.items()}
    tightest = min(most, key=lambda name: most[name])
    if most[tightest] < one.left:
        held[tightest] += 1
    return min(one.left, most[tightest])


@dataclass(frozen=True)
class Way:
    """How a message goes to all sockets.

    Attributes:
        written: What is written for it.
        outcome: What becomes of it.
        dollars: What a million of its messages cost.
        hour: What the open sockets cost in an hour.
        connecting: Seconds until all of them are connected.
    """

    written: str
    outcome: Outcome
    dollars: Decimal
    hour: Decimal
    connecting: float


def inline(sockets: int, world: World) -> Way:
    """The function that broadcasts sends to all."""
    outcome = posted([sockets], 1, world)
    return _by_gateway("inline", sockets, world, outcome, {})


def by_workers(sockets: int, world: World) -> Way:
    """Workers send, as many as the account's quota keeps busy."""
    shards, workers = max(2, ceil(sockets / SHARD)), ceil(world["posts_rate"] / Sending().rate)
    outcome = posted([ceil(sockets / shards)] * shards, workers, world, world["worker_wait"])
    requests = ceil(shards / world["queue_batch"]) + 2 * shards
    written = f"`shards={shards}`, `Workers(concurrency={workers})`"
    return _by_gateway(written, sockets, world, outcome, {"fifo_requests": requests, "lambda_requests": shards})


def by_events(sockets: int, world: World) -> Way:
    """AppSync sends."""
    counted = sockets * ceil(world.kb / world["events_kb"])
    seconds = world["publish_wait"] + counted / world["events_rate"]
    outcome = Outcome(seconds, sockets, "the Event API's messages a second", world["publish_wait"])
    quantities = {"appsync_operations": counted + ceil(world.kb / world["events_kb"])}
    dollars = _dollars(outcome, world, quantities)
    hour = _priced("appsync_minutes", sockets * _HOUR)
    return Way("AppSync Events", outcome, dollars, hour, sockets / world["events_connects_rate"])


def _by_gateway(written: str, sockets: int, world: World, outcome: Outcome, more: Mapping[str, float]) -> Way:
    quantities = {
        "websocket_messages": outcome.reached * ceil(world.kb / world["post_kb"]),
        "dynamodb_reads": sockets * ITEM_BYTES / _UNIT_BYTES,
    }
    dollars = _dollars(outcome, world, quantities | dict(more))
    return Way(
        written, outcome, dollars, _priced("websocket_minutes", sockets * _HOUR), sockets / min(world["connects_rate"], world["stage_rate"])
    )


def _dollars(outcome: Outcome, world: World, quantities: Mapping[str, float]) -> Decimal:
    """What a million delivered messages cost: what the broadcast costs, by how many it reaches."""
    gigabytes = outcome.reached * world.kb / 1024**2
    counted = {"lambda_requests": 1.0} | dict(quantities) | {"lambda_arm64": outcome.busy * MEMORY_MB / 1024, "transfer_out": gigabytes}
    return sum((_priced(name, quantity) for name, quantity in counted.items()), Decimal(0)) / Decimal(outcome.reached) * 1_000_000


def _priced(name: str, quantity: float) -> Decimal:
    """At the price of the first tier."""
    price = price_list("us-east-1").prices[name]
    return Decimal(str(quantity)) / price.per * price.tiers[0].price


def table(sockets: Sequence[int], world: World) -> str:
    """The ways beside each other, as a markdown table."""
    raised = replace(world, facts=world.facts | {"posts_rate": world["posts_rate"] * 10, "posts_burst": world["posts_burst"] * 10})
    lines = [
        "| sockets | written | all have it after | what holds it up first | $ a million messages | $ an hour of the open sockets | all connected after |",
        "|--:|---|--:|---|--:|--:|--:|",
    ]
    for count in sockets:
        workers, more = by_workers(count, world), by_workers(count, raised)
        at_ten_times = (
            [replace(more, written=f"{more.written}, ten times the quota")] if more.outcome.seconds < workers.outcome.seconds else []
        )
        lines += [_line(count, way) for way in (inline(count, world), workers, *at_ten_times, by_events(count, world))]
    return "\n".join(lines)


def _line(count: int, way: Way) -> str:
    outcome = way.outcome
    after = f"{outcome.seconds:,.1f} s" if outcome.reached >= count else f"never: {outcome.reached:,.0f} in {outcome.seconds:,.1f} s"
    return f"| {count:,} | {way.written} | {after} | {outcome.bottleneck} | {way.dollars:.2f} | {way.hour:.3f} | {way.connecting:,.0f} s |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kb", type=float, default=1, help="the message's size")
    parser.add_argument("--sockets", type=int, nargs="+", default=SOCKETS)
    given = parser.parse_args()
    print(table(given.sockets, World.read(given.kb)))


if __name__ == "__main__":
    main()
