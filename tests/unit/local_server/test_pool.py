"""Many invocations at once: they share what has started, and no more start side by side than the machine can start."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.local.server.pool import FunctionPool
from gateleg.local.server.settings import Settings
from tests.unit.local_server.test_environments import zipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

AT_ONCE = max(2, os.cpu_count() or 2)
MANY = 12 * AT_ONCE
HANDLER = """
import os, time
noted = os.environ["NOTED"]
begun = time.monotonic()
time.sleep(0.3)
with open(os.path.join(noted, str(os.getpid())), "w") as file:
    file.write("[%f, %f]" % (begun, time.monotonic()))
def handler(event, context):
    if event == "exit":
        os._exit(7)
    return event
"""


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """Where each environment notes when its import began and ended."""
    (tmp_path / "noted").mkdir()
    return tmp_path / "noted"


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[FunctionPool]:
    (tmp_path / "tmp").mkdir()
    made = FunctionPool(Settings(directory=tmp_path, port=1, secret="s", auth=False))
    yield made
    made.close()


def function(noted: Path) -> dict[str, Any]:
    name = "crowded"
    config = {
        "FunctionName": name,
        "FunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Timeout": 30,
        "Environment": {"Variables": {"NOTED": str(noted)}},
    }
    return {"config": config, "code_zip": zipped(app=HANDLER)}


def overlapping(noted: Path) -> int:
    """How many imports there were at the same time, at most."""
    spans: list[list[float]] = [json.loads(path.read_text()) for path in noted.iterdir()]
    return max(sum(begun <= at < ended for begun, ended in spans) for at, _ in spans)


def invoked(pool: FunctionPool, noted: Path, events: list[Any]) -> list[Any]:
    crowd = threading.Barrier(len(events))

    def invoke(event: Any) -> Any:
        crowd.wait()
        return pool.invoke(function(noted), event, "r")

    with ThreadPoolExecutor(len(events)) as threads:
        return [answer["body"] for answer in threads.map(invoke, events)]


def test_a_crowd_waits_for_what_starts_and_is_answered_by_it(pool: FunctionPool, noted: Path) -> None:
    assert invoked(pool, noted, list(range(MANY))) == list(range(MANY))
    assert overlapping(noted) <= AT_ONCE
    assert len(list(noted.iterdir())) < MANY


def test_a_crowd_whose_environments_end_is_answered_all_the_same(pool: FunctionPool, noted: Path) -> None:
    answers = invoked(pool, noted, ["exit", "x"] * AT_ONCE * 2)
    assert [answer for answer in answers if answer == "x"] == ["x"] * AT_ONCE * 2
    assert {answer["errorType"] for answer in answers if answer != "x"} == {"Runtime.ExitError"}
    assert overlapping(noted) <= AT_ONCE
