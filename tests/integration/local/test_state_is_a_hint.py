"""A state file is a hint: nothing is ended, reused or called up to date because a file says so."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest

from gateleg.errors import LocalError
from gateleg.local import LocalAws, emulator, processes

from .conftest import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Kept

pytestmark = pytest.mark.integration


def greeting(aws: LocalAws) -> str:
    answer: dict[str, str] = httpx.get(aws.endpoint("rest").url, timeout=30).json()
    return answer["greeting"]


def put(aws: LocalAws, name: str) -> None:
    aws.client("dynamodb").put_item(TableName=aws.outputs["Sample"]["TableName"], Item={"pk": {"S": name}})


def items(aws: LocalAws) -> set[str]:
    found = aws.client("dynamodb").scan(TableName=aws.outputs["Sample"]["TableName"])["Items"]
    return {item["pk"]["S"] for item in found}


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.1)


@pytest.fixture
def bystander() -> Iterator[psutil.Process]:
    """A program of somebody else."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as process:
        yield psutil.Process(process.pid)
        process.kill()


def test_data_and_addresses_survive_down_and_up_and_fresh_starts_empty(kept: Kept) -> None:
    aws = kept.up()
    put(aws, "kept")
    before = [endpoint.url for endpoint in aws.endpoints]
    aws.down()
    again = kept.up()
    assert kept.lines[-1] == "nothing changed"
    assert ([endpoint.url for endpoint in again.endpoints], items(again), greeting(again)) == (before, {"kept"}, "hello")
    fresh = kept.aws(fresh=True)
    fresh.up()
    assert ([endpoint.url for endpoint in fresh.endpoints], items(fresh)) == (before, set())


def test_what_was_written_a_moment_before_a_crash_is_there_after_it(kept: Kept) -> None:
    aws = kept.up()
    put(aws, "saved")
    until(lambda: any("saved" in file.read_text(encoding="utf-8") for file in aws.directory.data.glob("*.json")))
    os.killpg(aws.state.pid, signal.SIGKILL)
    assert items(kept.up()) == {"saved"}


def test_one_that_is_too_busy_to_answer_is_waited_for_and_never_said_not_to_run(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = kept.up()
    state = aws.state
    os.kill(state.pid, signal.SIGSTOP)
    goes_on = threading.Timer(1, os.kill, (state.pid, signal.SIGCONT))
    monkeypatch.setattr(emulator, "_ASK_SECONDS", 0.5)
    try:
        with monkeypatch.context() as hasty:
            hasty.setattr(emulator, "_ANSWER_SECONDS", 1.0)
            with pytest.raises(LocalError, match=rf"process {state.pid} and did not answer within 1 s") as caught:
                emulator.found(aws.directory)
        assert caught.value.code == "local.not_answering"
        goes_on.start()
        assert aws.state == state, "it took longer than one question waits"
        os.kill(state.pid, signal.SIGSTOP)
        monkeypatch.setattr(emulator, "_STOP_SECONDS", 1.0)
        assert aws.down(), "what the message advises"
        assert not aws.running
    finally:
        goes_on.cancel()
        if processes.is_server(state.pid, state.born, aws.directory.path, state.port):
            os.kill(state.pid, signal.SIGCONT)


def test_another_program_that_has_the_number_of_the_process_now_lives(kept: Kept, bystander: psutil.Process) -> None:
    aws = kept.aws()
    told: dict[str, Any] = {
        "pid": bystander.pid,
        "born": bystander.create_time(),
        "port": 4699,
        "secret": "s",
        "auth": True,
        "account": "0",
        "region": "r",
        "endpoints": [],
    }
    (kept.directory / "state.json").write_text(json.dumps(told), encoding="utf-8")
    assert not aws.running
    assert aws.down() is False
    assert bystander.is_running()
    assert (greeting(kept.up()), bystander.is_running()) == ("hello", True)


def test_a_broken_state_does_not_hide_the_one_that_runs(kept: Kept) -> None:
    for content in (b"", b'{"pid": 1', b"[1]", b"\xff\xfe\x00"):
        pid = kept.up().state.pid
        (kept.directory / "state.json").write_bytes(content)
        assert kept.aws().down() is True
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_an_orphan_is_found_ended_and_its_data_kept_when_its_files_are_deleted(kept: Kept) -> None:
    aws = kept.up()
    put(aws, "orphaned")
    port, pid = aws.state.port, aws.state.pid
    shutil.rmtree(kept.directory)
    again = kept.aws(port=port)
    again.up()
    assert "found an embedded AWS of this project that was forgotten, and ended it" in kept.lines
    assert again.state.pid != pid
    assert (items(again), greeting(again)) == ({"orphaned"}, "hello")


def test_one_of_another_project_is_not_ended(kept: Kept, assembly: Path, tmp_path: Path) -> None:
    kept.up()
    with LocalAws(kept.aws().project, assembly=assembly, port=0, directory=tmp_path / "other") as other:
        shutil.copy(other.directory.path / "state.json", kept.directory / "state.json")
        assert not kept.aws().running, "the state of another project is not ours"
        assert kept.aws().down() is True, "ours is found all the same"
        shutil.copy(other.directory.path / "state.json", kept.directory / "state.json")
        assert kept.aws().down() is False
        assert greeting(other) == "hello"


def test_what_was_deleted_inside_the_emulator_is_deployed_again(kept: Kept) -> None:
    aws = kept.up()
    aws.client("cloudformation").delete_stack(StackName="Sample")
    until(lambda: not aws.outputs)
    assert greeting(kept.up()) == "hello"


def test_broken_data_is_deployed_again(kept: Kept) -> None:
    for file in kept.aws().directory.data.glob("*.json"):
        file.write_text("{broken", encoding="utf-8")
    assert greeting(kept.up()) == "hello"


def test_one_that_does_not_answer_is_ended(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "_STOP_SECONDS", 2.0)
    monkeypatch.setattr(emulator, "_ANSWER_SECONDS", 3.0)
    pid = kept.up().state.pid
    os.kill(pid, signal.SIGSTOP)
    aws = kept.up()
    assert (aws.state.pid != pid, greeting(aws)) == (True, "hello")


def test_two_commands_at_once_are_one_clear_line(kept: Kept) -> None:
    with kept.aws().directory.locked(), pytest.raises(LocalError) as told:
        kept.aws().down()
    assert told.value.code == "local.busy"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_one_clear_line_and_nothing_is_half_written(assembly: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        (small / "filler").write_bytes(b"x" * 60_000)
        aws = LocalAws(SAMPLE, assembly=assembly, port=0, directory=small / "local")
        with pytest.raises(LocalError) as told:
            aws.up()
        assert "no space left on device" in str(told.value).lower()
        assert processes.server_of((small / "local").resolve()) is None
        assert aws.directory.read() is None
    finally:
        subprocess.run(["/bin/umount", "-l", str(small)], check=True)
