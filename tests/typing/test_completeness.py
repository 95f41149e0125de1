"""What the package promises by `py.typed`, where boto3's stubs are not installed, as they are not for most of its users."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.environments import environment_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "typing" / "without_stubs.py"
Checked = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def is_no_stub(name: str) -> bool:
        return not (name.startswith(("mypy-boto3", "types-")) or name.endswith("-stubs"))

    return environment_of(tmp_path_factory.mktemp("without"), is_no_stub)


@pytest.fixture
def check(python: Path, tmp_path: Path) -> Callable[..., Checked]:
    def run(*command: str) -> Checked:
        # By PATH, and not by `--pythonpath`: of that --verifytypes knows nothing.
        found = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, env=found, capture_output=True, text=True, timeout=300, check=False
        )

    return run


def test_what_the_package_exports_is_typed(check: Callable[..., Checked]) -> None:
    done = check("pyright", "--verifytypes", "gateleg", "--ignoreexternal", "--outputjson")
    report: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    exported = [symbol for symbol in report["symbols"] if symbol["isExported"]]
    assert len(exported) > 3_000, "the package was not found"
    partly = [symbol["name"] for symbol in exported if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]]
    # What runs the commands, and nobody imports: docs/guide.md says so.
    assert [name for name in partly if not name.startswith("gateleg.local.")] == []
    assert report["completenessScore"] >= 0.98, partly


def test_a_strict_program_passes(check: Callable[..., Checked], tmp_path: Path) -> None:
    (tmp_path / "program.py").symlink_to(PROGRAM)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", "include": ["program.py"]}))
    done = check("pyright")
    assert done.stdout.startswith("0 errors"), done.stdout
