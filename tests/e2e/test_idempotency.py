"""examples/idempotency on the embedded AWS, IAM enforced: of requests at once, and again and again, one is run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("idempotency", tmp_path_factory) as up:
        yield up


def place(aws: LocalAws, kind: str, paint: str, **headers: str) -> httpx.Response:
    url = f"{aws.endpoint(kind).url.rstrip('/')}/orders"
    return httpx.post(url, params={"paint": paint}, headers=headers, timeout=60)


def placed(aws: LocalAws) -> list[str]:
    found: list[str] = httpx.get(f"{aws.endpoint('rest').url.rstrip('/')}/orders", timeout=60).json()
    return found


def told(answer: httpx.Response) -> tuple[Any, ...]:
    return answer.status_code, answer.content, answer.headers["content-type"]


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_what_comes_again_is_answered_the_same_and_written_once(kind: str, aws: LocalAws) -> None:
    paint = f"red {kind}"
    first = place(aws, kind, paint, **{"Idempotency-Key": f"a {kind}"})
    assert first.status_code == 201
    again = [place(aws, kind, paint, **{"Idempotency-Key": f"a {kind}"}) for _ in range(3)]
    assert {told(answer) for answer in again} == {told(first)}
    assert placed(aws).count(paint) == 1


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_of_many_at_once_one_is_run_and_the_others_are_told_so(kind: str, aws: LocalAws) -> None:
    paint = f"green {kind}"
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(place, aws, kind, paint, **{"Idempotency-Key": f"b {kind}"}) for _ in range(6)]
        answers = [one.result() for one in asked]
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert placed(aws).count(paint) == 1


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_without_a_key_and_with_another_request_it_is_refused(kind: str, aws: LocalAws) -> None:
    assert place(aws, kind, "blue").status_code == 400
    assert place(aws, kind, "blue", **{"Idempotency-Key": f"c {kind}"}).status_code == 201
    assert place(aws, kind, "white", **{"Idempotency-Key": f"c {kind}"}).status_code == 422
    assert "white" not in placed(aws)
