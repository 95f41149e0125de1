"""Starting, stopping and recovering: the commands as a person would give them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from gateleg.errors import DeployError, LocalError, PortTakenError
from gateleg.local import LocalAws, emulator

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.integration
REPOSITORY = Path(__file__).parents[3]


def command(*arguments: str, project: Path) -> list[str]:
    return [sys.executable, "-m", "gateleg.cli", "local", *arguments, "--project", str(project)]


def gateleg(*arguments: str, project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments, project=project), capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=120)


@contextlib.contextmanager
def started(*arguments: str, project: Path, stderr: int | None = None) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(command(*arguments, project=project), stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=REPOSITORY)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"the command ended without saying {text!r}")


def greeting(aws: LocalAws) -> str:
    answer: dict[str, str] = httpx.get(aws.endpoint("rest").url, timeout=20).json()
    return answer["greeting"]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_up_outputs_logs_and_down_from_the_command_line(project: Path) -> None:
    up = gateleg("up", "--port", "0", "--seed", "seeds:DEMO", project=project)
    assert up.returncode == 0, up.stderr
    assert "1 items: 1 written" in up.stdout
    aws = LocalAws(project)
    assert aws.client("dynamodb").get_item(TableName=aws.outputs["Sample"]["TableName"], Key={"pk": {"S": "seeded"}})["Item"]
    assert up.stdout.splitlines()[-3].startswith("rest")
    assert "warning: /Sample/Rest: nobody watches the sample" in up.stdout
    assert "deploying Sample" in up.stdout.splitlines()
    for line in gateleg("env", project=project).stdout.splitlines():
        assert re.fullmatch(r"export AWS_[A-Z0-9_]+=\S+", line)
    outputs = json.loads(gateleg("outputs", "--json", project=project).stdout)
    assert httpx.get(outputs["Sample"]["Url"], timeout=20).status_code == 200
    assert f"Sample.Url = {outputs['Sample']['Url']}" in gateleg("outputs", project=project).stdout
    again = gateleg("up", "--seed", "seeds:NONE", project=project)
    assert (again.returncode, "the seeds seeds:NONE were not loaded; what is above says why" in again.stderr) == (1, True)
    assert "seeds has no NONE" in again.stderr
    assert "serving /" in gateleg("logs", project=project).stdout
    assert gateleg("down", project=project).stdout == "stopped; its data is kept for the next up\n"
    assert gateleg("down", project=project).stdout == "nothing runs\n"


def test_commands_that_need_a_run_say_so_in_one_line(project: Path) -> None:
    for name in ("outputs", "logs"):
        done = gateleg(name, project=project)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "gateleg: no embedded AWS runs for this project; run: gateleg local up [local.not_running]\n"


def test_a_second_up_deploys_into_the_running_emulator_and_keeps_its_data(deployed: Path) -> None:
    lines: list[str] = []
    aws = LocalAws(deployed, report=lines.append)
    aws.up()
    pid, url = aws.state.pid, aws.endpoint("rest").url
    aws.client("dynamodb").put_item(TableName=aws.outputs["Sample"]["TableName"], Item={"pk": {"S": "kept"}})
    LocalAws(deployed, report=lines.append).up()
    assert lines[-1] == "nothing changed"
    edit(deployed / "handlers" / "service.py", '"hello"', '"edited"')
    LocalAws(deployed).up()
    assert (aws.state.pid, aws.endpoint("rest").url, greeting(aws)) == (pid, url, "edited")
    assert aws.client("dynamodb").scan(TableName=aws.outputs["Sample"]["TableName"])["Count"] == 1


def test_a_new_route_is_served_under_the_same_url_after_a_redeploy(deployed: Path) -> None:
    aws = LocalAws(deployed)
    aws.up()
    url = aws.endpoint("rest").url
    assert httpx.get(url + "later", timeout=20).status_code == 403
    edit(deployed / "assemble.py", '"/scan": {"get": route}', '"/later": {"get": route}')
    assert aws.redeploy()
    assert httpx.get(url + "later", timeout=20).status_code == 200
    assert httpx.get(url + "scan", timeout=20).status_code == 403


def test_a_killed_emulator_is_started_anew(deployed: Path) -> None:
    aws = LocalAws(deployed)
    aws.up()
    os.killpg(aws.state.pid, signal.SIGKILL)
    aws.up()
    assert greeting(aws) == "hello"


def test_an_interrupted_deploy_recovers_at_the_next_call(project: Path) -> None:
    with started("up", "--port", "0", project=project) as process:
        read_until(process, "deploying")
        time.sleep(1.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    aws = LocalAws(project)
    aws.up()
    assert greeting(aws) == "hello"


def test_ctrl_c_stops_a_run_in_the_foreground_and_leaves_nothing(deployed: Path) -> None:
    with started("up", "--foreground", project=deployed) as process:
        read_until(process, "Ctrl-C")
        state = LocalAws(deployed).state
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert not LocalAws(deployed).running
    emulator.require_free(state.port)


@pytest.mark.parametrize("stays", ["--watch", "--foreground"])
def test_down_ends_a_run_that_another_command_stays_with_and_that_command_says_so(deployed: Path, stays: str) -> None:
    with started("up", stays, project=deployed, stderr=subprocess.PIPE) as process:
        read_until(process, "Ctrl-C")
        down = gateleg("down", project=deployed)
        assert (down.returncode, down.stdout.strip(), down.stderr) == (0, "stopped; its data is kept for the next up", "")
        assert process.wait(timeout=20) == 1
        assert process.stderr is not None
        assert (
            process.stderr.read()
            .strip()
            .endswith("the embedded AWS was stopped by another command; run: gateleg local up [local.not_running]")
        )


def test_a_taken_port_is_one_clear_line(project: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} is taken by another program"):
            LocalAws(project, port=port).up()
        done = gateleg("up", "--port", str(port), project=project)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_another_port_than_the_running_ones_is_refused(deployed: Path) -> None:
    aws = LocalAws(deployed)
    aws.up()
    with pytest.raises(LocalError, match="gateleg local down"):
        LocalAws(deployed, port=aws.state.port + 1).up()


def test_a_broken_app_is_told_with_its_own_words_and_leaves_nothing_running(project: Path) -> None:
    edit(project / "assemble.py", "MEMORY = 256", 'raise ValueError("memory is short")')
    aws = LocalAws(project, port=0)
    with pytest.raises(DeployError, match="ValueError: memory is short") as failed:
        aws.up()
    assert failed.value.code == "local.synth_failed"
    assert not aws.running


def test_a_stack_that_cannot_be_deployed_says_why_and_the_mended_one_deploys(deployed: Path) -> None:
    aws = LocalAws(deployed)
    aws.up()
    broken = '"Broken": {"Type": "Custom::Broken", "Properties": {"ServiceToken": "arn:aws:lambda:us-east-1:0:function:nowhere"}}, '
    edit(deployed / "assemble.py", '"Secret": {', broken + '"Secret": {')
    with pytest.raises(DeployError, match="nowhere") as failed:
        aws.redeploy()
    assert failed.value.code == "local.deploy_failed"
    edit(deployed / "assemble.py", broken, "")
    edit(deployed / "handlers" / "service.py", '"hello"', '"mended"')
    assert aws.redeploy()
    assert greeting(aws) == "mended"


def test_without_iam_the_same_scan_is_allowed_on_the_same_port(deployed: Path) -> None:
    aws = LocalAws(deployed)
    aws.up()
    port = aws.state.port
    LocalAws(deployed, auth=False).up()
    assert aws.state.port == port
    assert httpx.get(aws.endpoint("rest").url + "scan", timeout=20).json() == 0
