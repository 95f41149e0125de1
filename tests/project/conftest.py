"""A user's projects, made as a user makes them: with nothing of this repository but its distributions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Future

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WHOLE, DEFAULT, GROWN = "whole-thing", "default-thing", "grown-thing"
KINDS: Mapping[str, tuple[str, ...]] = {
    WHOLE: ("--api", "rest,websocket"),
    DEFAULT: (),
    "socket-thing": ("--api", "websocket"),
    "rest-alone": ("--no-table",),
    "socket-alone": ("--api", "websocket", "--no-table"),
    "both-alone": ("--api", "rest,websocket", "--no-table"),
}
"""The projects, and the arguments of `gateleg init` that make them; copies of them are changed."""
SYNTHESIZED = ("socket-thing", "both-alone")
"""The default one is by its own tests, and the whole one when it is walked through."""
_OURS = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "CDK_VALIDATION")


@dataclass(frozen=True)
class Workplace:
    """An empty folder, and an environment that holds the wheel with its extras.

    Attributes:
        folder: Where projects are made.
        environment: The variables of every command; they name the folder with the wheel, as another user's name an index.
    """

    folder: Path
    environment: Mapping[str, str]

    def run(self, *command: str | Path, cwd: str = "", **variables: str) -> str:
        """Run a command in the folder or in a project of it, and give what it printed; where it fails, so does the test."""
        status, said = self._run(command, cwd, variables)
        assert status == 0, f"{command} in {cwd or '.'} exits with {status}:\n{said}"
        return said

    def fail(self, *command: str | Path, cwd: str = "", **variables: str) -> str:
        """Run a command that must fail, and give what it printed."""
        status, said = self._run(command, cwd, variables)
        assert status != 0, f"{command} in {cwd or '.'} does not fail:\n{said}"
        return said

    def _run(self, command: Sequence[str | Path], cwd: str, variables: Mapping[str, str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self.folder / cwd,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The wheel is built from the source distribution, so that both hold what a project needs."""
    folder = tmp_path_factory.mktemp("workplace")
    wheels = folder / "wheels"
    wheels.mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in _OURS and not name.startswith("PYTEST_")}
    environment["PATH"] = os.pathsep.join(path for path in environment["PATH"].split(os.pathsep) if not Path(path).is_relative_to(ROOT))
    made = Workplace(folder, {**environment, "UV_FIND_LINKS": str(wheels)})
    made.run(BIN / "uv", "build", "-q", "--out-dir", wheels, ROOT)
    made.run(BIN / "uv", "venv", "-q", "--python", sys.executable, "tools")
    # By the file's name alone, uv would take one that was built earlier in a folder of this name for the same.
    install = ("pip", "install", "-q", "--python", "tools/bin/python", "--refresh-package", "gateleg")
    made.run(BIN / "uv", *install, "gateleg[cdk,local,testing]")
    return made


@pytest.fixture(scope="session")
def projects(workplace: Workplace) -> Workplace:
    """One project of each kind; the whole one is set up by its own Makefile, and the others use its environment."""
    with ThreadPoolExecutor(len(KINDS)) as threads:
        for done in [threads.submit(workplace.run, "tools/bin/gateleg", "init", name, *kind) for name, kind in KINDS.items()]:
            done.result()
    shutil.copytree(workplace.folder / WHOLE, workplace.folder / GROWN)
    workplace.run("make", "setup", cwd=WHOLE)
    for name in {*KINDS, GROWN} - {WHOLE}:
        for made in (".venv", "node_modules"):
            (workplace.folder / name / made).symlink_to(workplace.folder / WHOLE / made)
    return workplace


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the installed packages from other runs, as it checks by their content: to read aws-cdk-lib takes it minutes."""
    cache = tmp_path_factory.mktemp("mypy") / "cache"
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", cache)
    return cache


@pytest.fixture(scope="session")
def checks(projects: Workplace) -> Iterator[Mapping[str, Future[str]]]:
    """What takes long, two at a time, while the tests look at what is done."""
    with ThreadPoolExecutor(2) as threads:
        yield {
            "pyright": threads.submit(_pyright, projects),
            "test": threads.submit(projects.run, "make", "test", cwd=DEFAULT),
            **{name: threads.submit(_synth, projects, name) for name in SYNTHESIZED},
        }


def _synth(projects: Workplace, name: str) -> str:
    # Each deployment runs the CDK's validator, which takes as long as all the rest.
    return projects.run("make", "synth", cwd=name, CDK_VALIDATION="false")


def _pyright(projects: Workplace) -> str:
    """All at once, each with its own root: aws-cdk-lib is read once."""
    settings = {
        "include": list(KINDS),
        "exclude": ["**/.*", "**/node_modules"],
        "executionEnvironments": [{"root": name} for name in KINDS],
        "venvPath": WHOLE,
        "venv": ".venv",
    }
    (projects.folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return projects.run(BIN / "pyright")
