"""Saving a file while the project is watched."""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from gateleg.errors import LocalError
from gateleg.local import LocalAws
from gateleg.local.watch import watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


class Watched:
    """A watched project and what the watch says."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.lines: queue.Queue[str] = queue.Queue()
        self.ended: list[LocalError] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def wait_for(self, text: str) -> str:
        deadline = time.monotonic() + 40
        seen: list[str] = []
        while time.monotonic() < deadline:
            try:
                seen.append(self.lines.get(timeout=0.2))
            except queue.Empty:
                continue
            if text in seen[-1]:
                return seen[-1]
        raise AssertionError(f"no line with {text!r} among {seen}")

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            watch(self.aws, self.lines.put, self._stop)
        except LocalError as error:
            self.ended.append(error)


@pytest.fixture
def watched(deployed: Path) -> Iterator[Watched]:
    with LocalAws(deployed) as aws:
        found = Watched(aws)
        found.wait_for("watching")
        yield found
        found.close()


APP = """
from aws_cdk import App, Stack
from aws_cdk.aws_lambda import Code, Function, Runtime

app = App()
stack = Stack(app, "Twins")
for name in ("One", "Two"):
    Function(stack, name, code=Code.from_asset(name.lower()), handler="index.handler", runtime=Runtime.PYTHON_3_13)
app.synth()
"""


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Watched]:
    """Two functions with an `index.py` each."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.py").write_text(f"NAME = '{name}'\ndef handler(event, context):\n    return NAME\n", encoding="utf-8")
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    (tmp_path / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}), encoding="utf-8")
    with LocalAws(tmp_path, port=0) as aws:
        found = Watched(aws)
        found.wait_for("watching")
        yield found
        found.close()


def save(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def greeting(aws: LocalAws) -> str:
    answer: dict[str, str] = httpx.get(aws.endpoint("rest").url, timeout=20).json()
    return answer["greeting"]


def test_a_saved_handler_is_served_at_once_and_needs_no_deploy(watched: Watched) -> None:
    project = watched.aws.project
    save(project / "handlers" / "service.py", '"hello"', '"saved"')
    assert watched.wait_for("served in").endswith(": Authorize, Rest, Slow, Socket")
    assert greeting(watched.aws) == "saved"
    save(project / "assemble.py", "MEMORY = 256", "MEMORY = 512")
    watched.wait_for("deployed in")
    functions = watched.aws.client("lambda").list_functions()["Functions"]
    assert {function["MemorySize"] for function in functions} == {512}
    assert greeting(watched.aws) == "saved"


def test_a_new_module_beside_the_handler_is_served_with_it(watched: Watched) -> None:
    handlers = watched.aws.project / "handlers"
    (handlers / "words.py").write_text('WORD = "imported"\n', encoding="utf-8")
    watched.wait_for("served in")
    save(handlers / "service.py", 'GREETING = "hello"', "from handlers.words import WORD as GREETING")
    watched.wait_for("served in")
    assert greeting(watched.aws) == "imported"


def test_a_mistake_is_told_and_so_is_that_all_is_well_again(watched: Watched) -> None:
    assemble = watched.aws.project / "assemble.py"
    save(assemble, "MEMORY = 256", "MEMORY = 1 / 0")
    assert "ZeroDivisionError" in watched.wait_for("not deployed")
    assert greeting(watched.aws) == "hello"
    save(assemble, "MEMORY = 1 / 0", "MEMORY = 256")
    watched.wait_for("all is well again")
    save(assemble, "MEMORY = 256", "MEMORY = 300")
    watched.wait_for("deployed in")


def test_what_cannot_be_imported_is_not_called_served(watched: Watched) -> None:
    service = watched.aws.project / "handlers" / "service.py"
    save(service, 'GREETING = "hello"', "GREETING = = 1")
    line = watched.wait_for("not served")
    assert "handlers/service.py" in line
    assert "SyntaxError" in line
    save(service, "GREETING = = 1", "GREETING = undefined_name")
    assert re.search(r"handlers/service\.py:\d+: NameError: name 'undefined_name' is not defined", watched.wait_for("NameError"))
    save(service, "GREETING = undefined_name", 'GREETING = "mended"')
    watched.wait_for("served in")
    assert greeting(watched.aws) == "mended"
    watched.wait_for("all is well again")


def synthesized_at(aws: LocalAws) -> float:
    """When the last synth ended."""
    manifest = aws.directory.synthesized / "manifest.json"
    return manifest.stat().st_mtime if manifest.exists() else 0


def answers(aws: LocalAws) -> list[str]:
    functions = aws.client("lambda")
    names = sorted(function["FunctionName"] for function in functions.list_functions()["Functions"])
    return [json.loads(functions.invoke(FunctionName=name)["Payload"].read()) for name in names]


def wait_for_answers(aws: LocalAws, wanted: list[str]) -> None:
    """Until each function answers so, and goes on doing so."""
    deadline = time.monotonic() + 40
    while (found := answers(aws)) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    time.sleep(1)
    assert answers(aws) == wanted


def test_functions_whose_files_have_one_name_stay_apart(twins: Watched) -> None:
    one, two = (twins.aws.project / name / "index.py" for name in ("one", "two"))
    save(one, "'one'", "'1'")
    assert "One" in (line := twins.wait_for("served in"))
    assert "Two" not in line
    time.sleep(2)
    # It is being synthesized, so that afterwards both are newer than what is deployed.
    save(one, "'1'", "'I'")
    save(two, "'two'", "'2'")
    wait_for_answers(twins.aws, ["I", "2"])
    save(one, "'I'", "'i'")
    wait_for_answers(twins.aws, ["i", "2"])


def test_all_is_well_only_when_every_function_is(twins: Watched) -> None:
    one, two = (twins.aws.project / name / "index.py" for name in ("one", "two"))
    save(one, "'one'", "1 / 0")
    assert "One" in twins.wait_for("not served")
    save(two, "'two'", "'2'")
    assert "Two" in twins.wait_for("served in")
    served, end = time.time(), time.monotonic() + 60
    while synthesized_at(twins.aws) < served:
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(2)  # what would be said in the wrong place would be said now
    assert not [line for line in list(twins.lines.queue) if "well again" in line]
    save(one, "1 / 0", "'1'")
    twins.wait_for("all is well again")
    assert answers(twins.aws) == ["1", "2"]


def test_the_watch_ends_when_the_emulator_was_stopped(watched: Watched) -> None:
    watched.aws.down()
    save(watched.aws.project / "handlers" / "service.py", '"hello"', '"late"')
    deadline = time.monotonic() + 10
    while not watched.ended and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [error.code for error in watched.ended] == ["local.not_running"]
