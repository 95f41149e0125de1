"""A sample project on the embedded AWS, deployed once for the tests that only ask it things."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateleg.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(__file__).parent / "sample"


def _copied(where: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, where / "project", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A copy of the sample project of one's own; what runs for it is stopped afterwards."""
    copied = _copied(tmp_path)
    yield copied
    LocalAws(copied).down()


@pytest.fixture(scope="package")
def _deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample project that was deployed and stopped."""
    copied = _copied(tmp_path_factory.mktemp("deployed"))
    with LocalAws(copied, port=0):
        pass
    return copied


@pytest.fixture
def deployed(_deployed: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of that one, so that `up` has nothing to deploy on the port of the run before; what runs for it is stopped afterwards."""
    copied = Path(shutil.copytree(_deployed, tmp_path / "project", symlinks=True))
    yield copied
    LocalAws(copied).down()


@pytest.fixture(scope="package")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The sample project, up."""
    with LocalAws(_copied(tmp_path_factory.mktemp("local")), port=0) as up:
        yield up


@pytest.fixture(scope="package")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's assembly, synthesized once."""
    project, out = _copied(tmp_path_factory.mktemp("assembled")), tmp_path_factory.mktemp("assembly")
    subprocess.run([sys.executable, "assemble.py"], cwd=project, env={**os.environ, "CDK_OUTDIR": str(out)}, check=True)
    return out


@pytest.fixture(scope="package")
def _stopped(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state directory of a run that deployed the assembly and was stopped."""
    directory = tmp_path_factory.mktemp("stopped") / "local"
    with LocalAws(SAMPLE, port=0, assembly=assembly, directory=directory):
        pass
    return directory


@pytest.fixture
def kept(assembly: Path, _stopped: Path, tmp_path: Path) -> Iterator[Kept]:
    """A copy of that directory, from which `up` goes on at once; what runs for it is stopped afterwards."""
    found = Kept(assembly, Path(shutil.copytree(_stopped, tmp_path / "local", symlinks=True)))
    yield found
    found.aws().down()


@dataclass
class Kept:
    """A project that was deployed before.

    Attributes:
        assembly: Its assembly.
        directory: Its state directory.
        lines: What was reported.
    """

    assembly: Path
    directory: Path
    lines: list[str] = field(default_factory=list[str])

    def aws(self, *, port: int | None = None, fresh: bool = False) -> LocalAws:
        """The project as a new command sees it."""
        return LocalAws(SAMPLE, assembly=self.assembly, directory=self.directory, port=port, fresh=fresh, report=self.lines.append)

    def up(self) -> LocalAws:
        """The project, up."""
        aws = self.aws()
        aws.up()
        return aws
