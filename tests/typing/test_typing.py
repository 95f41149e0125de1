"""What type checkers find: nothing in a correct program, and every one of the marked mistakes, under both."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MISTAKES = sorted((HERE / "mistakes").glob("*.py"))
CORRECT = [
    HERE / "correct.py",
    HERE / "correct_modelling.py",
    HERE / "correct_repositories.py",
    HERE / "correct_owners.py",
    HERE / "correct_streams.py",
    HERE / "model.py",
]

Findings = set[tuple[Path, int]]


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def mypy(files: list[Path]) -> Findings:
    found = re.findall(r"^(.+?):(\d+): error:", run("mypy", "--strict", *map(str, files)), re.MULTILINE)
    return {((ROOT / path).resolve(), int(line)) for path, line in found}


def pyright(files: list[Path], config: Path) -> Findings:
    config.write_text(
        json.dumps(
            {
                "include": [os.path.relpath(file, config.parent) for file in files],
                "extraPaths": [str(ROOT)],
                "typeCheckingMode": "strict",
                "pythonVersion": "3.11",
                "reportMissingTypeStubs": False,
                "reportUnusedExpression": False,
            }
        )
    )
    report = json.loads(run("pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(config)))
    assert report["summary"]["filesAnalyzed"] == len(files)
    return {(Path(found["file"]).resolve(), found["range"]["start"]["line"] + 1) for found in report["generalDiagnostics"]}


def marked(files: list[Path]) -> Findings:
    return {(file, number) for file in files for number, line in enumerate(file.read_text().splitlines(), 1) if line.endswith("# wrong")}


@pytest.fixture(scope="module")
def by_mypy() -> Findings:
    return mypy([*MISTAKES, *CORRECT])


@pytest.fixture(scope="module")
def by_pyright(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return pyright([*MISTAKES, *CORRECT], tmp_path_factory.mktemp("pyright") / "pyrightconfig.json")


def test_there_are_mistakes_to_find() -> None:
    assert len(marked(MISTAKES)) > 60


@pytest.mark.parametrize("checker", ["by_mypy", "by_pyright"])
def test_every_marked_mistake_is_found(checker: str, request: pytest.FixtureRequest) -> None:
    found: Findings = request.getfixturevalue(checker)
    assert marked(MISTAKES) - found == set()


@pytest.mark.parametrize("checker", ["by_mypy", "by_pyright"])
def test_no_other_line_is_found_fault_with(checker: str, request: pytest.FixtureRequest) -> None:
    found: Findings = request.getfixturevalue(checker)
    assert found - marked(MISTAKES) == set()
