"""The bucket never lets through more than its burst and its rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateleg.aws.bucket import TokenBucket


@given(
    rate=st.integers(1, 50),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 2, allow_subnormal=False), max_size=200),
)
def test_no_span_of_time_holds_more_than_it_may(rate: int, burst: int, pauses: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate, burst), 100.0, list[float]()
    for pause in pauses:
        now += pause
        if bucket.take(now) == 0:
            taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - taken[first]) * rate + 1e-6


def test_what_it_says_to_wait_is_enough_and_not_too_much() -> None:
    bucket = TokenBucket(4, 2)
    assert [bucket.take(0), bucket.take(0), bucket.take(0)] == [0, 0, 0.25]
    assert bucket.take(0.2) > 0
    assert bucket.take(0.25) == 0
    assert bucket.take(0.2) > 0  # a clock of another thread, read earlier
    assert [bucket.take(100), bucket.take(100)] == [0, 0]
    assert bucket.take(100) > 0
