"""Batches of a stream's records, as Lambda goes on with what was taken and what was not."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.local.server.streams import Batch, Reading, matching_absent

NOW = 1_000_000.0
MAPPING = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 2}


class Lambda:
    """A function that takes numbers, and fails on some; what it was called with, and what was given up."""

    def __init__(self, *poison: int, partly: bool = True, at: float = NOW) -> None:
        self.poison, self.partly, self.at = poison, partly, at
        self.calls: list[list[int]] = []
        self.letters: list[tuple[list[int], str]] = []

    def run(self, event: dict[str, Any]) -> dict[str, Any]:
        numbers = _numbers(event["Records"])
        self.calls.append(numbers)
        bad = [number for number in numbers if number in self.poison]
        if not bad:
            return {"body": {"batchItemFailures": []}}
        if bad[0] == numbers[0] or not self.partly:
            return {"error": True, "body": {"errorType": "LookupError"}}
        return {"body": {"batchItemFailures": [{"itemIdentifier": str(number)} for number in reversed(bad)]}}

    def tell(self, records: Any, result: dict[str, Any], reason: str) -> None:
        assert result
        self.letters.append((_numbers(records), reason))

    def taken(self) -> list[int]:
        """What was taken, in the order in which it was."""
        return [number for call in self.calls for number in call if number not in self.poison]


def _numbers(records: Any) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in records]


def record(number: int, at: float = NOW) -> dict[str, Any]:
    return {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": at}}


def delivered(function: Lambda, most: int, mapping: dict[str, Any] | None = None, tries: int = 200) -> Reading:
    reading, now = Reading([Batch([record(number) for number in range(most)])]), NOW
    while reading.pending and tries:
        now, tries = max(now, reading.wait_until), tries - 1
        reading.take(MAPPING if mapping is None else mapping, function.run, function.tell, now)
    return reading


def test_it_goes_on_behind_what_was_taken_and_halves_what_failed_at_once() -> None:
    function = Lambda(3)
    assert delivered(function, 8).pending == []
    assert function.calls == [list(range(8)), [3, 4, 5, 6, 7], [3, 4], [3], [3], [3], [4], [5, 6, 7]]
    assert function.letters == [([3], "RetryAttemptsExhausted")]


@pytest.mark.parametrize("poison", [(0,), (7,), (0, 1), (2, 5, 6), tuple(range(8))])
def test_only_the_poison_is_given_up_and_the_order_is_kept(poison: tuple[int, ...]) -> None:
    function = Lambda(*poison)
    delivered(function, 8)
    assert [letter for letter, _ in function.letters] == [[number] for number in poison]
    last = {number: index for index, number in enumerate(function.taken())}
    assert sorted(last) == [number for number in range(8) if number not in poison]
    assert sorted(last, key=last.__getitem__) == sorted(last)


def test_without_halving_a_batch_is_given_up_whole() -> None:
    function = Lambda(1, partly=False)
    delivered(function, 3, {**MAPPING, "BisectBatchOnFunctionError": False})
    assert function.calls == [[0, 1, 2]] * 3
    assert function.letters == [([0, 1, 2], "RetryAttemptsExhausted")]


def test_an_answer_counts_only_where_the_mapping_asks_for_it() -> None:
    function = Lambda(1)
    delivered(function, 3, {})
    assert function.calls == [[0, 1, 2]]


def test_a_number_that_is_not_of_the_batch_fails_all_of_it() -> None:
    calls: list[Any] = []

    def run(event: dict[str, Any]) -> dict[str, Any]:
        calls.append(event)
        return {"body": {"batchItemFailures": [{"itemIdentifier": "99"}]}}

    reading, function = Reading([Batch([record(0)])]), Lambda()
    for _ in range(3):
        reading.take(MAPPING, run, function.tell, NOW)
    assert (len(calls), function.letters, reading.pending) == (3, [([0], "RetryAttemptsExhausted")], [])


def test_an_answer_that_names_the_first_record_fails_all_of_the_batch() -> None:
    reading, function = Reading([Batch([record(0)])]), Lambda()
    for _ in range(3):
        reading.take(MAPPING, lambda _: {"body": {"batchItemFailures": [{"itemIdentifier": "0"}]}}, function.tell, NOW)
    assert (function.letters, reading.pending) == ([([0], "RetryAttemptsExhausted")], [])


def test_what_is_too_old_is_given_up() -> None:
    function, reading = Lambda(0), Reading([Batch([record(0, NOW - 100)])])
    reading.take({"MaximumRecordAgeInSeconds": 60}, function.run, function.tell, NOW)
    assert function.letters == [([0], "MaxRecordAgeExceeded")]


def test_without_limits_it_is_tried_again_after_a_pause() -> None:
    function = Lambda(0)
    assert len(delivered(function, 1, {"MaximumRetryAttempts": -1}, tries=50).pending) == 1
    assert function.letters == []


def test_a_call_that_found_no_room_is_no_attempt() -> None:
    reading, function = Reading([Batch([record(0)])]), Lambda()
    for _ in range(9):
        reading.take(MAPPING, lambda _: {"error": True, "throttle": True}, function.tell, NOW)
    assert (reading.pending, function.letters) == ([Batch([record(0)])], [])
    assert reading.wait_until > NOW


def test_a_pattern_may_ask_that_a_part_is_not_there() -> None:
    def match(record: Any, pattern: Any) -> bool:
        [(name, [wanted])] = pattern.items()
        return bool((name in record) is wanted["exists"])

    matching = matching_absent(match)
    assert matching({"a": {}}, {"a": {"b": {"S": [{"exists": False}]}}})
    assert matching({}, {"a": {"b": {"S": [{"exists": False}]}}})
    assert not matching({"a": {"b": {"S": "x"}}}, {"a": {"b": {"S": [{"exists": False}]}}})
    assert matching({"a": {"b": {"S": "x"}}}, {"a": {"b": {"S": [{"exists": True}]}}})
