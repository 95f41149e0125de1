"""How functions are called with the changes of a table, as Lambda does it: batches that go on behind what was taken, halves, retries, dead letters.

Follows https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html. There is one shard, and one batch of it at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from gateleg.local.server.inside_streams import streams

if TYPE_CHECKING:
    from gateleg.local.server.inside_streams import Stream

    Json = Mapping[str, Any]

    Run = Callable[[dict[str, Any]], dict[str, Any]]
    """Calls a function with an event, as the emulator does."""

    Tell = Callable[[Sequence[Json], dict[str, Any], str], None]
    """Tells the destination for what was given up: which records, after which result, and why."""

_PAUSE = 1.0
_EXHAUSTED, _TOO_OLD = "RetryAttemptsExhausted", "MaxRecordAgeExceeded"


@dataclass(frozen=True)
class Batch:
    """Records that a function is called with.

    Attributes:
        records: The records, in their order.
        failures: How often it failed.
    """

    records: Sequence[Json]
    failures: int = 0


@dataclass
class Reading:
    """One event source mapping on its way through a stream.

    Attributes:
        pending: What was read, and is not taken.
        end: Where to go on reading when it is.
        wait_until: When to try again what failed.
    """

    pending: list[Batch] = field(default_factory=list[Batch])
    end: int = 0
    wait_until: float = 0.0

    def take(self, mapping: Json, run: Run, tell: Tell, now: float) -> None:
        """Try the first batch.

        Args:
            mapping: The event source mapping.
            run: Calls the function.
            tell: Tells what was given up.
            now: The time, in seconds since 1970.
        """
        batch, *later = self.pending
        result = run({"Records": list(batch.records)})
        left = _left(batch, mapping, result)
        if left is batch:
            self.wait_until = now + _PAUSE
        elif left is not None and left.failures > batch.failures:
            if (reason := _given_up(left, mapping, now)) is not None:
                tell(left.records, result, reason)
                left = None
            elif mapping.get("BisectBatchOnFunctionError") and len(left.records) > 1:
                middle = len(left.records) // 2
                later = [Batch(left.records[middle:]), *later]
                left = Batch(left.records[:middle])
            else:
                self.wait_until = now + _PAUSE
        self.pending = [*([] if left is None else [left]), *later]


def _left(batch: Batch, mapping: Json, result: dict[str, Any]) -> Batch | None:
    """What is to be tried again; `None` where all was taken."""
    failed = Batch(batch.records, batch.failures + 1)
    if result.get("error"):
        # A call that found no room was none.
        return batch if result.get("throttle") else failed
    body = result.get("body")
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or ()) or not isinstance(body, dict):
        return None
    told: list[Json] = cast("dict[str, Any]", body).get("batchItemFailures") or []
    numbers = [record["dynamodb"]["SequenceNumber"] for record in batch.records]
    named = [one.get("itemIdentifier") for one in told]
    if not named:
        return None
    if any(name not in numbers for name in named):
        return failed
    first = min(map(numbers.index, named))
    return Batch(batch.records[first:]) if first else failed


def _given_up(batch: Batch, mapping: Json, now: float) -> str | None:
    """Why a batch is not tried again; `None` where it is. A batch is halved first, which is no retry."""
    age, retries = int(mapping.get("MaximumRecordAgeInSeconds", -1)), int(mapping.get("MaximumRetryAttempts", -1))
    oldest = min(float(record["dynamodb"].get("ApproximateCreationDateTime", now)) for record in batch.records)
    if 0 <= age < now - oldest:
        return _TOO_OLD
    halved = mapping.get("BisectBatchOnFunctionError") and len(batch.records) > 1
    return _EXHAUSTED if not halved and 0 <= retries < batch.failures else None


def reading_streams() -> Callable[[], bool]:
    """Stands where the emulator calls functions with the records of streams; returns whether something was done."""
    readings: dict[str, Reading] = {}

    def poll() -> bool:
        done = False
        for stream in streams():
            done = _read(readings.setdefault(stream.mapping["UUID"], Reading()), stream) or done
        return done

    return poll


def _read(reading: Reading, stream: Stream) -> bool:
    mapping, now = stream.mapping, time.time()
    if now < reading.wait_until:
        return False
    if not reading.pending:
        read = stream.read(int(mapping.get("BatchSize", 100)))
        if not read.records:
            return False
        reading.end = read.end
        reading.pending = [Batch(read.wanted)] if read.wanted else []
    if reading.pending:
        reading.take(mapping, stream.run, stream.tell, now)
    if not reading.pending:
        stream.advance(reading.end)
    return True


def matching_absent(match: Callable[[Json, Any], bool]) -> Callable[[Json, Any], bool]:
    """Stands where the emulator matches a filter pattern: what a pattern asks of a part that is not there may be that it is not."""

    def matching(record: Json, pattern: Any) -> bool:
        return all(_one(record, name, wanted) for name, wanted in cast("Json", pattern).items())

    def _one(record: Json, name: str, wanted: Any) -> bool:
        if not isinstance(wanted, Mapping):
            return match(record, {name: wanted})
        part = record.get(name)
        return matching(cast("Json", part) if isinstance(part, Mapping) else {}, wanted)

    return matching
