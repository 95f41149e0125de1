"""The command line itself: what it takes, and how it tells an error."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gateleg.cli import main
from gateleg.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("gateleg ")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["local"],
        ["local", "sideways"],
        ["local", "up", "--app", "a", "--assembly", "b"],
        ["local", "up", "--foreground", "--detach"],
        ["describe"],
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_error_is_one_line_on_stderr_and_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["local", "outputs", "--project", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["gateleg: no embedded AWS runs for this project; run: gateleg local up [local.not_running]"]


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(LocalError):
        main(["--debug", "local", "outputs", "--project", str(tmp_path)])


def test_a_project_without_cdk_json_is_told_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["local", "up", "--project", str(tmp_path)]) == 1
    assert "no cdk.json in" in capsys.readouterr().err


def test_an_assembly_that_is_none_is_told_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["local", "up", "--project", str(tmp_path), "--assembly", str(tmp_path)]) == 1
    assert "no cloud assembly in" in capsys.readouterr().err


def test_the_command_loads_neither_boto3_nor_the_cdk() -> None:
    script = "import sys; from gateleg.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(sorted({'boto3', 'aws_cdk', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("given", "usage"),
    [
        (["init", "orders", "--no-tables"], "gateleg init"),
        (["local", "up", "--fesh"], "gateleg local up"),
        (["describe", "a:app", "--all"], "gateleg describe"),
        (["--all", "init", "orders"], "gateleg"),
    ],
)
def test_what_a_subcommand_does_not_know_is_refused_with_its_own_usage(
    given: list[str], usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(given)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(f"usage: {usage} [-h]")
    assert f"{usage}: error: unrecognized arguments: --" in said


@pytest.mark.parametrize("apps", [["tests.nowhere:app"], ["tests.nowhere:app", "tests.nothing:app"]])
def test_an_app_that_cannot_be_described_is_told_as_any_error(apps: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", *apps]) == 1

    captured = capfd.readouterr()
    assert captured.err.startswith("gateleg: ")
    assert "'tests.nowhere:app' was not found: " in captured.err
    assert captured.err.endswith("[declaration.app_not_found]\n")
    assert captured.out == ""
