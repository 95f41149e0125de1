"""A sample project on the embedded AWS, deployed once for the tests that only ask it things."""

from __future__ import annotations

import shutil
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
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The sample project, up."""
    with LocalAws(_copied(tmp_path_factory.mktemp("local")), port=0) as up:
        yield up
