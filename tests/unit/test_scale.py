"""The simulation behind docs/scale.md, held against what is reckoned by hand."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.scale import ITEM_BYTES, SHARD, SOCKETS, World, by_events, by_workers, inline, posted, table
from gateleg.expressions.sizes import item_size
from gateleg.model import Table
from gateleg.store import Store
from gateleg.websocket.entities import entities_for

ROOT = Path(__file__).parents[2]
WORLD = World.read()
NO_READS = {"read_wait": 0, "partition_reads": float("inf")}


def without_reads(**other: float) -> World:
    return World.read(**(NO_READS | other))


def test_the_page_shows_what_the_simulation_says_today() -> None:
    said = table(SOCKETS, WORLD)

    assert said in (ROOT / "docs/scale.md").read_text(encoding="utf-8"), f"python benchmarks/scale.py says:\n{said}"


def test_every_quota_has_its_page_and_what_has_none_was_measured_or_is_assumed() -> None:
    facts: dict[str, Any] = tomllib.loads((ROOT / "benchmarks/scale.toml").read_text(encoding="utf-8"))

    datetime.fromisoformat(facts.pop("checked"))
    for name, fact in facts.items():
        assert "page" in fact or "assumed" in fact["unit"] or "docs/performance.md" in fact["unit"], name


def test_a_subscription_weighs_what_is_reckoned_with() -> None:
    chat, now = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at"), datetime.now(UTC)
    of_ada: dict[str, Any] = {"connection_id": "L0SM9cOFvHcCJFQ=", "principal": "ada.lovelace", "connected_at": now, "expires_at": now}
    put = Store(chat, table_name="chat").prepare.put(entities_for(chat).subscription(topic="room:lobby", **of_ada))

    assert item_size(put.params()["Item"]) == pytest.approx(ITEM_BYTES, rel=0.1)


def test_one_function_sends_its_burst_at_once_and_the_rest_at_its_rate() -> None:
    """7,000 = 1,000 at once and 6,000 at 2,000 a second; answers come so fast that they hold nothing up."""
    outcome = posted([7_000], 1, without_reads(post_wait=1e-6, post_cpu=1e-9))

    assert outcome.seconds == pytest.approx(3.0, abs=0.03)
    assert (outcome.reached, outcome.bottleneck) == (7_000, "Sending.rate")


def test_posts_under_way_wait_for_their_answers() -> None:
    """64 at once, each answered after 128 ms, are 500 a second."""
    outcome = posted([1_000], 1, without_reads(post_wait=0.128))

    assert outcome.seconds == pytest.approx(2.0, abs=0.03)
    assert outcome.bottleneck == "answers of the posts under way"


def test_a_part_of_a_cpu_takes_as_much_longer() -> None:
    """1,024 of 1,769 MB are 0.58 of a CPU; at a millisecond each that is 579 posts a second."""
    outcome = posted([579], 1, without_reads(post_cpu=0.001))

    assert outcome.seconds == pytest.approx(1.0, abs=0.03)
    assert outcome.bottleneck == "the function's CPU"


def test_the_account_s_quota_is_shared_by_all_who_send() -> None:
    """20 could send 40,000 a second and may send 10,000, after 5,000 at once: 100,000 take 9.5 seconds."""
    outcome = posted([5_000] * 20, 20, without_reads())

    assert outcome.seconds == pytest.approx(9.5, abs=0.05)
    assert (outcome.reached, outcome.bottleneck) == (100_000, "the account's requests a second")


def test_whoever_is_not_reached_in_the_function_s_time_is_not_reached() -> None:
    """29 seconds less one that is kept: 1,000 at once and 2,000 in each of 28 seconds."""
    outcome = posted([100_000], 1, without_reads(post_wait=1e-6, post_cpu=1e-9))

    assert outcome.reached == pytest.approx(57_000, abs=50)
    assert outcome.bottleneck == "the function's time"


def test_a_partition_gives_no_more_than_its_units() -> None:
    """A million items of 184 bytes are 44,922 units, at 3,000 a second."""
    assert WORLD.read_seconds(1_000_000) == pytest.approx(184e6 / 4_096 / 3_000)
    assert WORLD.read_seconds(5_000) == pytest.approx(184 * 5_000 / 4_096 / 3_000)
    assert World.read(partition_reads=float("inf")).read_seconds(10_000) == pytest.approx(2 * 0.01)


def test_a_shard_begins_when_a_worker_is_free() -> None:
    """Two workers and three shards: the third begins after the first."""
    world = without_reads(post_wait=1e-6, post_cpu=1e-9)

    two, three = (posted([1_000] * count, 2, world, wait=1) for count in (2, 3))

    assert two.seconds == pytest.approx(1.0, abs=0.03)
    assert three.seconds == pytest.approx(2.0, abs=0.05)
    assert three.busy == pytest.approx(3.0, abs=0.1)


def test_a_million_posts_cost_a_dollar_and_what_it_takes_to_send_them() -> None:
    """A thousand sockets of which each gets 1 KB: 1.00 for the messages, 0.086 to send 0.95 GB, and the rest for 0.3 s of Lambda, its call and the reads."""
    way = inline(1_000, WORLD)
    of_lambda = Decimal("0.0000133334") * Decimal(str(round(way.outcome.busy, 2))) * 1_000 + Decimal("0.0002")
    of_reads = Decimal(184_000) / 4_096 * Decimal("0.125") / 1_000

    assert float(way.dollars) == pytest.approx(float(1 + Decimal("0.09") * 1_000_000 / 1024**2 + of_lambda + of_reads), abs=1e-4)
    assert way.hour == Decimal(1_000 * 60) * Decimal("0.25") / 1_000_000
    assert way.connecting == 10
    assert inline(1_000, World.read(stage_rate=10_000)).connecting == 2


def test_appsync_counts_by_five_kilobytes_and_api_gateway_by_32() -> None:
    """16 KB are four operations of AppSync, the publisher's too, and one message of API Gateway."""
    world = World.read(16)
    sent = Decimal("0.09") * 16 * 1_000_000 / 1024**2

    assert by_events(1_000, world).dollars - sent == pytest.approx(Decimal("4.0049"), abs=Decimal("0.0001"))  # 0.0009 for Lambda
    assert by_workers(100_000, world).dollars - sent == pytest.approx(Decimal("1.01"), abs=Decimal("0.02"))
    assert by_events(1_000_000, world).outcome.seconds == pytest.approx(4.05)


def test_a_queue_costs_a_request_for_ten_shards_and_two_for_each() -> None:
    """Two shards: one request that gives both, and each is taken and deleted; two calls of Lambda in the place of one."""
    one, two = inline(1_000, WORLD), by_workers(1_000, WORLD)
    of_lambda = Decimal("0.0000133334") * Decimal(str(round(two.outcome.busy - one.outcome.busy, 2))) * 1_000 + Decimal("0.0002")

    assert two.dollars - one.dollars - of_lambda == pytest.approx(Decimal("0.0025"), abs=Decimal("0.0001"))


def test_workers_are_as_many_as_the_quota_keeps_busy_and_shards_as_large_as_one_takes_in_its_time() -> None:
    assert by_workers(1_000_000, WORLD).written == "`shards=200`, `Workers(concurrency=5)`"
    assert by_workers(1_000_000, WORLD).outcome.reached == 1_000_000
    assert by_workers(1_000, WORLD).written == "`shards=2`, `Workers(concurrency=5)`"
    assert WORLD["function_seconds"] > SHARD / 2_000
