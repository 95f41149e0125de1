"""The set-up script says in one line what stands in the way, and takes up where it was stopped."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "tools" / "setup.py"


@pytest.fixture
def setup() -> Any:
    return load()


def load() -> Any:
    spec = importlib.util.spec_from_file_location("setup_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_too_old_a_python_is_named_with_the_way_out(setup: Any, capsys: pytest.CaptureFixture[str]) -> None:
    setup.OLDEST = (9, 9)

    with pytest.raises(SystemExit) as stopped:
        setup.find_python()

    [line] = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 1
    assert "Python 9.9 or newer is needed" in line
    assert "PYTHON=" in line


def test_the_script_can_be_read_by_a_python_that_is_too_old() -> None:
    """It must say so, so it keeps to syntax that every Python 3 reads."""
    import ast

    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 4))


def test_an_unknown_argument_is_refused_in_one_line() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--everything"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines() == ["setup: unknown arguments ['--everything']; there are --dev and --lowest"]


def test_a_failing_step_shows_its_output_and_leaves_no_stamp(setup: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        setup.run([sys.executable, "-c", "print('the registry is down'); raise SystemExit(3)"], "installing")

    shown = capsys.readouterr().err
    assert "the registry is down" in shown
    assert shown.splitlines()[-1].startswith("setup: installing failed (exit status 3")
    assert not setup.done(str(tmp_path / "stamp"), "key")


def test_packages_of_npm_need_no_scripts_and_get_none(setup: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []

    def never(*_: str) -> bool:
        return False

    def note(command: list[str], _purpose: str) -> None:
        told.append(command)

    for name, instead in (("done", never), ("finish", never), ("run", note)):
        monkeypatch.setattr(setup, name, instead)

    setup.install_node()

    assert "--ignore-scripts" in told[0]
    assert '"hasInstallScript"' not in (SCRIPT.parents[1] / "package-lock.json").read_text(encoding="utf-8")


def test_another_environment_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELEG_VENV", ".venvs/3.12")

    assert Path(load().VENV) == SCRIPT.parents[1] / ".venvs/3.12"


def test_a_finished_step_is_done_for_its_lock_only(setup: Any, tmp_path: Path) -> None:
    stamp = str(tmp_path / "stamp")

    setup.finish(stamp, "this lock")

    assert setup.done(stamp, "this lock")
    assert not setup.done(stamp, "another lock")


def test_nothing_is_installed_twice() -> None:
    """The tests run from a set-up tree, so the script has nothing left to do and says nothing."""
    done = subprocess.run([sys.executable, SCRIPT, "--dev"], capture_output=True, text=True, check=True)

    assert done.stdout == ""
