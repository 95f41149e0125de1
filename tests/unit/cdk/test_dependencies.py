"""Layers are resolved for a platform, hold what handlers import, and are kept under a key of all that goes in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

import gateleg
from gateleg.cdk.dependencies import Target, build_layer, distributions_in, own_layer, refusal_of_uv, run_time_files
from gateleg.cdk.requirements import Requirements
from gateleg.errors import PackagingError

pytestmark = pytest.mark.slow

LAMBDA = Target.of_lambda("python3.14", "arm64")
LOCK = Path(__file__).parents[3] / "lambdas" / "requirements.txt"


@pytest.fixture
def small_lock(tmp_path: Path) -> Path:
    block = re.search(r"^annotated-types==.*?(?=^\S)", LOCK.read_text(), re.DOTALL | re.MULTILINE)
    assert block is not None
    path = tmp_path / "requirements.txt"
    path.write_text(block[0])
    return path


def read(file: Path) -> Requirements:
    return Requirements.read(file, file.parent)


def module(root: Path, name: str, **files: str) -> None:
    """A package in the repository that is built with hatchling."""
    text = f"""
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "{name}"
        version = "1.0"
        [tool.hatch.build.targets.wheel]
        include = ["*.py"]
    """
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text(dedent(text))
    for stem, code in files.items():
        (root / f"{stem}.py").write_text(code)


def test_the_run_time_half_of_gateleg_is_there_and_the_other_half_is_not() -> None:
    parts = {name.split("/")[2] for name in run_time_files()}
    packages = {path.parent.name for path in Path(gateleg.__file__).parent.glob("*/__init__.py")}

    assert {"__init__.py", "parts.py", "places.py"} <= parts
    assert packages & parts == {
        "aws",
        "client",
        "description",
        "errors",
        "expressions",
        "idempotency",
        "model",
        "rest",
        "store",
        "stream",
        "websocket",
    }
    assert packages - parts == {
        "browser",
        "cdk",
        "changes",
        "cost",
        "data",
        "deploying",
        "describe",
        "diagram",
        "doctor",
        "local",
        "project",
        "template",
        "testing",
    }
    assert "cli.py" not in parts


def test_a_layer_holds_locked_dependencies_for_the_target_and_is_built_once(small_lock: Path, tmp_path: Path) -> None:
    folder, other = tmp_path / "store", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    archive = build_layer(read(small_lock), LAMBDA, folder)
    names = archive.names()
    assert "python/annotated_types/__init__.py" in names
    assert "python/gateleg/errors/base.py" in names
    assert not [name for name in names if name.endswith(("RECORD", "INSTALLER")) or "/bin/" in name]
    assert distributions_in(archive) == {"annotated-types"}
    made = archive.path.stat().st_mtime_ns
    assert build_layer(read(small_lock), LAMBDA, folder) == archive
    assert archive.path.stat().st_mtime_ns == made
    again = build_layer(read(small_lock), LAMBDA, other)
    assert (again.path.read_bytes(), again.content) == (archive.path.read_bytes(), archive.content)
    assert build_layer(read(small_lock), Target.of_lambda("python3.13", "arm64"), folder).path != archive.path


def test_a_spoiled_layer_is_built_anew_and_nothing_else_stays(small_lock: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    archive = build_layer(read(small_lock), Target.local(), folder)
    archive.path.write_bytes(archive.path.read_bytes()[:50])
    assert build_layer(read(small_lock), Target.local(), folder) == archive
    assert "python/annotated_types/__init__.py" in archive.names()
    assert list(folder.iterdir()) == [archive.path]


def test_a_build_that_uv_refuses_says_why_and_keeps_nothing(tmp_path: Path) -> None:
    lock, folder = tmp_path / "requirements.txt", tmp_path / "store"
    folder.mkdir()
    lock.write_text("annotated-types==0.7.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(PackagingError, match=r"(?s)uv cannot install .*annotated-types"):
        build_layer(read(lock), Target.local(), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("others", ["", "./libs/money\n"])
def test_where_one_requirement_has_a_hash_all_of_the_index_must_have_one(others: str, small_lock: Path, tmp_path: Path) -> None:
    module(tmp_path / "libs/money", "my-money", money="")
    (tmp_path / "store").mkdir()
    small_lock.write_text(f"{small_lock.read_text()}{others}typing-extensions==4.15.0\n")
    with pytest.raises(PackagingError, match=r"(?s)uv cannot install .*all requirements must have a hash.* typing-extensions"):
        build_layer(read(small_lock), Target.local(), tmp_path / "store")


def test_a_missing_requirements_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=r"nowhere\.txt"):
        read(tmp_path / "nowhere.txt")


def test_a_stack_that_is_only_listed_gets_gateleg_alone(tmp_path: Path) -> None:
    archive = own_layer(tmp_path)
    assert "python/gateleg/errors/base.py" in archive.names()
    assert distributions_in(archive) == frozenset()
    assert own_layer(tmp_path) == archive


@pytest.mark.parametrize("line", ["./libs/money", "-e ./libs/money", "my-money @ file://{root}/libs/money"])
def test_a_package_of_the_repository_is_built_for_lambda(line: str, small_lock: Path, tmp_path: Path) -> None:
    module(tmp_path / "libs/money", "my-money", money="RATE = 2\n")
    before = set((tmp_path / "libs").rglob("*"))
    small_lock.write_text(f"{small_lock.read_text()}\n{line.format(root=tmp_path)}\n")
    (tmp_path / "store").mkdir()
    archive = build_layer(read(small_lock), LAMBDA, tmp_path / "store")
    assert {"python/money.py", "python/annotated_types/__init__.py"} <= set(archive.names())
    assert distributions_in(archive) == {"annotated-types", "my-money"}
    assert set((tmp_path / "libs").rglob("*")) == before
    (tmp_path / "libs/money/money.py").write_text("RATE = 3\n")
    edited = build_layer(read(small_lock), LAMBDA, tmp_path / "store")
    with zipfile.ZipFile(edited.path) as opened:
        assert opened.read("python/money.py") == b"RATE = 3\n"


def test_hidden_libraries_of_a_package_are_there(tmp_path: Path) -> None:
    """Wheels keep shared libraries beside what loads them: `numpy/.dylibs`."""
    root = tmp_path / "libs/money"
    module(root, "money")
    (root / "pyproject.toml").write_text((root / "pyproject.toml").read_text().replace('include = ["*.py"]', 'packages = ["money"]'))
    (root / "money/.libs").mkdir(parents=True)
    (root / "money/__init__.py").touch()
    (tmp_path / "requirements.txt").write_text("./libs/money")
    requirement, *_ = (requirements := read(tmp_path / "requirements.txt")).paths
    requirement.files["money/.libs/rates.so.1"] = b"library"
    names = build_layer(requirements, LAMBDA, tmp_path).names()
    assert "python/money/.libs/rates.so.1" in names
    assert not [name for name in names if name.startswith("python/.")]


def test_a_package_of_the_repository_is_built_from_a_relative_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(tmp_path / "libs/money", "money", money="RATE = 2")
    (tmp_path / "requirements.txt").write_text("./libs/money")
    monkeypatch.chdir(tmp_path)
    Path("layers").mkdir()
    assert "python/money.py" in build_layer(read(Path("requirements.txt")), LAMBDA, Path("layers")).names()


def test_source_distributions_of_the_index_stay_refused_beside_a_package_of_the_repository(tmp_path: Path) -> None:
    module(tmp_path / "libs/money", "my-money", money="")
    (tmp_path / "store").mkdir()
    (tmp_path / "requirements.txt").write_text("./libs/money\npy==1.0.0\n")
    with pytest.raises(PackagingError, match=r"(?s)uv cannot install .*wheel"):
        build_layer(read(tmp_path / "requirements.txt"), LAMBDA, tmp_path / "store")


def test_a_package_of_the_repository_with_code_for_another_platform_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "fast-1.0-cp314-cp314-macosx_11_0_arm64.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("fast-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: fast\nVersion: 1.0\n")
        opened.writestr("fast-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp314-cp314-macosx_11_0_arm64\n")
        opened.writestr("fast-1.0.dist-info/RECORD", "")
    (tmp_path / "store").mkdir()
    (tmp_path / "requirements.txt").write_text(f"./{wheel.name}\n")
    with pytest.raises(PackagingError, match=r"(?s)uv cannot install .*macosx_11_0_arm64"):
        build_layer(read(tmp_path / "requirements.txt"), LAMBDA, tmp_path / "store")


def test_a_package_that_cannot_be_built_says_which_and_why(tmp_path: Path) -> None:
    (tmp_path / "libs/broken").mkdir(parents=True)
    (tmp_path / "libs/broken/pyproject.toml").write_text("[project]\nname = 'broken'\n")
    (tmp_path / "requirements.txt").write_text("./libs/broken\n")
    (tmp_path / "store").mkdir()
    with pytest.raises(PackagingError, match=r"(?s)uv cannot build .*libs/broken:.*version"):
        build_layer(read(tmp_path / "requirements.txt"), LAMBDA, tmp_path / "store")


def test_a_disk_that_is_full_for_uv_is_one_line() -> None:
    said = "error: Failed to install: idna\n  cause: Failed to copy to `x`\n  cause: failed to copy file: No space left on device (os error 28)"
    assert re.fullmatch(r"uv cannot install it: no space is left [^\n]*", refusal_of_uv("cannot install it", said).message)
    assert "Failed to copy" in refusal_of_uv("cannot install it", said.replace("No space", "No luck")).message


def test_an_included_file_and_constraints_decide_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "requirements.txt").write_text("-r base.txt\n-c limits.txt\n")
    (tmp_path / "base.txt").write_text("annotated-types\n")

    def versions(limit: str) -> list[str]:
        (tmp_path / "limits.txt").write_text(f"annotated-types{limit}\n")
        names = build_layer(read(tmp_path / "requirements.txt"), LAMBDA, tmp_path / "store").names()
        return [name for name in names if name.startswith("python/annotated_types-") and name.endswith("METADATA")]

    assert versions("<0.7") == ["python/annotated_types-0.6.0.dist-info/METADATA"]
    assert versions("<0.8") == ["python/annotated_types-0.7.0.dist-info/METADATA"]


@pytest.mark.parametrize(
    ("runtime", "architecture", "platform"),
    [
        ("python3.14", "arm64", "aarch64-manylinux_2_28"),
        ("python3.12", "x86_64", "x86_64-manylinux_2_28"),
        ("python3.11", "arm64", "aarch64-manylinux2014"),
    ],
)
def test_lambdas_platform_follows_its_linux(runtime: str, architecture: str, platform: str) -> None:
    assert Target.of_lambda(runtime, architecture) == Target(runtime.removeprefix("python"), platform)


def test_a_runtime_without_python_is_refused() -> None:
    with pytest.raises(PackagingError, match=r"nodejs24\.x"):
        Target.of_lambda("nodejs24.x", "arm64")


def test_the_local_target_hands_uv_no_platform() -> None:
    assert Target.local().arguments() == ["--python", sys.executable]


def test_handlers_import_gateleg_from_the_layer_alone(tmp_path: Path) -> None:
    archive = build_layer(Requirements(), Target.local(), tmp_path)
    with zipfile.ZipFile(archive.path) as opened:
        opened.extractall(tmp_path / "opt")
    script = "import gateleg.errors, gateleg; print(gateleg.__file__)"
    environment = {"PYTHONPATH": str(tmp_path / "opt/python"), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path / "opt"))


def test_an_edit_of_gateleg_itself_makes_a_new_layer(tmp_path: Path) -> None:
    shutil.copytree(Path(gateleg.__file__).parent, tmp_path / "gateleg", ignore=shutil.ignore_patterns("__pycache__"))
    script = (
        "from pathlib import Path; from gateleg.cdk.dependencies import Target, build_layer; "
        "from gateleg.cdk.requirements import Requirements; print(build_layer(Requirements(), Target.local(), Path()).content)"
    )

    def build() -> str:
        environment = os.environ | {"PYTHONPATH": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    first = build()
    assert build() == first
    (tmp_path / "gateleg/cdk/cors.py").write_text("")
    assert build() == first
    errors = tmp_path / "gateleg/errors/base.py"
    errors.write_text(errors.read_text() + "\n")
    assert build() != first
