"""The wheel and the source distribution build, and hold what a user of the library needs."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_is_the_typed_library_and_nothing_else(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert "gateleg/py.typed" in names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"gateleg"}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gateleg").rglob("*.py")}
    assert modules <= set(names)


def test_the_wheel_declares_its_extras_and_its_pytest_plugin(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [information] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = Parser().parsestr(archive.read(information).decode())
        entry_points = archive.read(information.replace("METADATA", "entry_points.txt")).decode()

    assert {"cdk", "local", "testing"} <= set(metadata.get_all("Provides-Extra", []))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "gateleg = gateleg.testing.plugin" in entry_points
    assert "gateleg = gateleg.cli:main" in entry_points


def test_the_source_distribution_builds_again(built: Path) -> None:
    [source] = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "gateleg/py.typed"} <= names
