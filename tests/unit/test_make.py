"""The Makefile tells what there is, and the matrix finds the Pythons that are here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.pythons import python_for

ROOT = Path(__file__).parents[2]
NEXT = (3, 19)


def test_help_tells_every_target_that_says_what_it_does() -> None:
    documented = dict(re.findall(r"^([a-z-]+):[^#\n]*## (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {"help", "run", "test", "quick", "matrix"} <= documented.keys()
    assert [line.split(maxsplit=1) for line in told.splitlines()] == [[name, text] for name, text in documented.items()]


@pytest.fixture
def nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder on a path that holds nothing else."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_this_python_is_its_own_version() -> None:
    major, minor = sys.version_info[:2]

    assert python_for((major, minor), below=(major, minor + 1)) == Path(sys.executable)


def test_a_python_on_the_path_is_found(nothing_here: Path) -> None:
    found = program(nothing_here / "python3.19", "exit 0")

    assert python_for(NEXT, below=(3, 20)) == found


def test_a_stand_in_that_does_not_run_is_passed_over(nothing_here: Path) -> None:
    program(nothing_here / "python3.19", "exit 127")
    kept = program(nothing_here / "pyenv/versions/3.19.0/bin/python3.19", "exit 0")

    assert python_for(NEXT, below=(3, 20)) == kept


@pytest.mark.usefixtures("nothing_here")
def test_where_there_is_none_there_is_none() -> None:
    assert python_for(NEXT, below=(3, 20)) is None
