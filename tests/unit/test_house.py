"""The house rules that no linter knows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import TOGETHER

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("gateleg", "stacks", "lambdas", "tests", "benchmarks", "tools") for path in (ROOT / folder).rglob("*.py")
)
LOCKS = [*ROOT.glob("requirements*.txt"), ROOT / "lambdas/requirements.txt", *(ROOT / "tools").glob("*.txt"), ROOT / "package-lock.json"]
LONGEST = 500


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_a_reader_holds(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("fixture", ["chat_service", "services"])
def test_files_that_share_a_deployment_are_known_to_share_it(fixture: str) -> None:
    asked = re.compile(rf"^def test_.*\b{fixture}: Deployed|^def \w+\(.*\b{fixture}: Deployed", re.MULTILINE)
    tests = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py") if asked.search(path.read_text(encoding="utf-8"))}
    assert tests == {file for file, shared in TOGETHER.items() if shared == fixture}


def test_files_that_are_known_to_share_something_are_there() -> None:
    assert [file for file in TOGETHER if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_locks_hold_hashes_and_no_addresses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "://" not in text
    assert text.count("--hash=sha256:") + text.count('"integrity"') > 0


def test_every_locked_requirement_is_an_exact_version() -> None:
    for lock in LOCKS[:-1]:
        names = [line for line in lock.read_text(encoding="utf-8").splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert names
        assert [line for line in names if "==" not in line] == []


def declared() -> list[str]:
    """What the library and its extras require."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(word for words in project["optional-dependencies"].values() for word in words)]


def test_the_library_declares_ranges() -> None:
    pinned = [word for word in declared() if "==" in word]

    assert pinned == ["ministack==1.5.33"], "only the emulator is pinned: the local run adapts templates to its very gaps"


@pytest.mark.parametrize("bound", [word for word in declared() if not word.startswith("gateleg[")])
def test_the_lowest_version_that_is_promised_is_the_one_that_is_tested(bound: str) -> None:
    requirement = Requirement(bound)
    [lowest] = [part.version for part in requirement.specifier if part.operator in {">=", "=="}]
    locked = re.search(rf"^{requirement.name}==(\S+)", (ROOT / "tools/lowest.txt").read_text(encoding="utf-8"), re.MULTILINE)

    assert locked, "run: make lock"
    assert Version(locked[1]).release[: len(Version(lowest).release)] == Version(lowest).release
