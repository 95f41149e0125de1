"""The wheel and the source distribution build, and hold what a user of the library needs; the newest tag says their version."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]
URL = "https://github.com/gateleg/gateleg"

pytestmark = pytest.mark.slow

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    hatchling(ROOT, "build", "-d", str(folder))
    return folder


@pytest.fixture(scope="module")
def metadata(built: Path) -> Message:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [information] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        return Parser().parsestr(archive.read(information).decode())


@pytest.fixture(scope="module")
def unpacked(built: Path) -> Path:
    [source] = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(built / "unpacked", filter="data")
    [folder] = (built / "unpacked").iterdir()
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of one commit and no tag, with the project's own settings."""
    made = tmp_path / "repository"
    (made / "gateleg").mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE", "gateleg/__init__.py"):
        shutil.copy(ROOT / name, made / name)
    git(made, "init", "-q")
    commit(made)
    return made


def hatchling(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "hatchling", *arguments]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments], cwd=folder, check=True)


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", "more")


def test_the_wheel_is_the_typed_library_and_nothing_else(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert "gateleg/py.typed" in names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"gateleg"}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gateleg").rglob("*.py")}
    assert modules <= set(names)


def test_the_wheel_declares_its_extras_and_its_pytest_plugin(built: Path, metadata: Message) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/entry_points.txt")]
        entry_points = archive.read(name).decode()

    assert {"cdk", "local", "testing"} <= set(metadata.get_all("Provides-Extra", []))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "gateleg = gateleg.testing.plugin" in entry_points
    assert "gateleg = gateleg.cli:main" in entry_points


def test_the_metadata_lead_to_files_of_the_project(metadata: Message) -> None:
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))

    assert set(urls) == {"Homepage", "Documentation", "Changelog", "Issues"}
    assert urls["Homepage"] == URL
    for page in ("Documentation", "Changelog"):
        assert (ROOT / urls[page].removeprefix(f"{URL}/blob/main/")).is_file()


def test_the_source_distribution_holds_docs_and_examples(unpacked: Path) -> None:
    for folder in ("gateleg", "docs", "examples"):
        tracked = {path for path in (ROOT / folder).rglob("*.*") if path.suffix in {".py", ".md", ".png", ".json", ".txt"}}
        assert tracked
        wanted = {path.relative_to(ROOT) for path in tracked if not any(part.startswith((".", "cdk.out")) for part in path.parts)}
        assert [name for name in wanted if not (unpacked / name).is_file()] == []
    assert {path.name for path in ROOT.glob("*.md")} <= {path.name for path in unpacked.iterdir()}
    assert not (unpacked / "tests").exists()


def test_the_source_distribution_builds_again_as_the_same_version(unpacked: Path, metadata: Message) -> None:
    assert hatchling(unpacked, "version") == metadata["Version"]


@needs_git
def test_a_tag_says_the_version_and_commits_after_it_lead_to_the_next(repository: Path) -> None:
    git(repository, "tag", "v1.4.0")
    tagged = hatchling(repository, "version")
    commit(repository)

    assert tagged == "1.4.0"
    assert hatchling(repository, "version").startswith("1.4.1.dev1+g")


@needs_git
def test_a_tag_of_another_kind_says_nothing(repository: Path) -> None:
    git(repository, "tag", "v1.4.0")
    commit(repository)
    git(repository, "tag", "demo/2026-11")

    assert hatchling(repository, "version").startswith("1.4.1.dev1+g")


@needs_git
def test_without_a_tag_it_is_on_the_way_to_the_first_version(repository: Path) -> None:
    assert hatchling(repository, "version").startswith("0.1.dev1+g")


@needs_git
def test_a_shallow_clone_builds(repository: Path, tmp_path: Path) -> None:
    git(repository, "tag", "v1.4.0")
    commit(repository)
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")

    assert hatchling(tmp_path / "shallow", "version").startswith("0.1.dev1+g")


@needs_git
def test_a_copy_without_history_builds(repository: Path) -> None:
    shutil.rmtree(repository / ".git")

    assert hatchling(repository, "version") == "0.1.dev0"


def test_the_command_tells_the_installed_version() -> None:
    from importlib.metadata import version

    done = subprocess.run([sys.executable, "-m", "gateleg.cli", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"gateleg {version('gateleg')}\n"


def test_the_bill_of_materials_names_what_is_locked_with_its_hashes(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    command = re.search(r"^SBOM := python (.*)$", makefile, re.MULTILINE)
    assert command
    subprocess.run([sys.executable, *command[1].split(), "-o", str(tmp_path / "bom.json")], cwd=ROOT, check=True)
    bill = json.loads((tmp_path / "bom.json").read_text(encoding="utf-8"))

    locked = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert bill["metadata"]["component"]["name"] == "gateleg"
    assert {(part["name"], part["version"]) for part in bill["components"]} == set(locked)
    assert [part["name"] for part in bill["components"] if not part["externalReferences"][0]["hashes"]] == []
