"""Code and dependencies become archives that are the same for the same files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import gateleg
from gateleg.cdk.archives import content_hash, write_archive
from gateleg.cdk.dependencies import Target, build_layer, run_time_files
from gateleg.cdk.packaging import HandlerCode
from gateleg.description.handlers import lambda_handler, module_folders, split_handler
from gateleg.errors import DeclarationError, PackagingError

LOCK = Path(__file__).parents[3] / "lambdas" / "requirements.txt"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "svc/__init__.py",
        "svc/chat/__init__.py",
        "svc/chat/rest.py",
        "svc/chat/page.html",
        "svc/chat/test_rest.py",
        "svc/tests/data.py",
        "svc/chat/__pycache__/rest.cpython-311.pyc",
        "svc/.hidden",
        "single.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.fixture
def small_lock(tmp_path: Path) -> Path:
    block = re.search(r"^annotated-types==.*?(?=^\S)", LOCK.read_text(), re.DOTALL | re.MULTILINE)
    assert block is not None
    path = tmp_path / "requirements.txt"
    path.write_text(block[0])
    return path


def names(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as opened:
        return set(opened.namelist())


def test_the_code_asset_holds_code_and_data_and_nothing_else(project: Path) -> None:
    code = HandlerCode(project).for_handler("svc.chat.rest:app")
    assert set(code.files()) == {"svc/__init__.py", "svc/chat/__init__.py", "svc/chat/rest.py", "svc/chat/page.html"}


def test_a_module_without_a_package_is_packaged_alone(project: Path) -> None:
    assert set(HandlerCode(project).for_handler("single:handler").files()) == {"single.py"}


def test_further_packages_are_taken_along_when_named(project: Path) -> None:
    assert "single.py" in HandlerCode(project, packages=["svc", "single"]).for_handler("svc.chat.rest:app").files()
    with pytest.raises(PackagingError, match="'nope'"):
        HandlerCode(project, packages=["nope"]).files()


def test_a_handler_that_is_not_below_the_root_is_refused(project: Path) -> None:
    with pytest.raises(PackagingError, match=r"svc\.chat\.missing:app"):
        HandlerCode(project).for_handler("svc.chat.missing:app")


@pytest.mark.parametrize("place", ["svc/chat", "svc", "."])
def test_the_nearest_requirements_are_found(project: Path, place: str) -> None:
    (project / "requirements.txt").write_text("")
    (project / place / "requirements.txt").write_text("")
    assert HandlerCode(project).for_handler("svc.chat.rest:app").requirements == project / place / "requirements.txt"


def test_without_a_requirements_file_there_are_no_dependencies(project: Path) -> None:
    assert HandlerCode(project).for_handler("svc.chat.rest:app").requirements is None


@pytest.mark.parametrize("handler", ["svc.chat.rest", "svc/chat:app", "svc:", ":app", "svc.chat.rest:app.inner", "1svc:app", ""])
def test_a_handler_string_of_another_form_is_refused_with_the_form(handler: str) -> None:
    with pytest.raises(DeclarationError, match=r"package\.module:attribute"):
        split_handler(handler)


def test_a_handler_string_becomes_lambdas_own() -> None:
    assert lambda_handler("lambdas.chat.rest:app") == "lambdas.chat.rest.app"
    assert [str(folder) for folder in module_folders("lambdas.chat.rest:app")] == ["lambdas/chat", "lambdas"]


def test_two_archives_of_the_same_files_are_the_same_bytes_whenever_they_are_made(project: Path) -> None:
    files = HandlerCode(project).for_handler("svc.chat.rest:app").files()
    write_archive(files, project / "one.zip")
    first = content_hash(files)
    for path in files.values():
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    write_archive(dict(reversed(files.items())), project / "two.zip")
    assert (project / "one.zip").read_bytes() == (project / "two.zip").read_bytes()
    assert content_hash(files) == first


def test_an_edit_or_a_rename_changes_the_hash(project: Path) -> None:
    files = HandlerCode(project).for_handler("svc.chat.rest:app").files()
    before = content_hash(files)
    assert content_hash({f"x{name}": path for name, path in files.items()}) != before
    (project / "svc/chat/page.html").write_text("edited")
    assert content_hash(files) != before


def test_a_package_that_lambda_would_refuse_is_refused_first(tmp_path: Path) -> None:
    with (tmp_path / "large.bin").open("wb") as stream:
        stream.truncate(251 * 2**20)
    with pytest.raises(PackagingError, match="251 MiB"):
        write_archive({"large.bin": tmp_path / "large.bin"}, tmp_path / "large.zip")
    assert not (tmp_path / "large.zip").exists()


def test_the_run_time_half_of_gateleg_is_there_and_the_other_half_is_not() -> None:
    parts = {name.split("/")[2] for name in run_time_files()}
    assert {"errors.py", "model", "store", "rest", "websocket"} <= parts
    assert not parts & {"cdk", "local", "testing", "cli.py", "describe"}


def test_a_layer_holds_locked_dependencies_for_the_target_and_is_built_once(small_lock: Path, tmp_path: Path) -> None:
    target = Target.of_lambda("python3.14", "arm64")
    archive, digest = build_layer(small_lock, target, tmp_path / "store")
    assert "python/annotated_types/__init__.py" in names(archive)
    assert "python/gateleg/errors.py" in names(archive)
    assert not [name for name in names(archive) if name.endswith(("RECORD", "INSTALLER", ".pyc")) or "/bin/" in name]
    made = archive.stat().st_mtime_ns
    assert build_layer(small_lock, target, tmp_path / "store") == (archive, digest)
    assert archive.stat().st_mtime_ns == made
    again, other_digest = build_layer(small_lock, target, tmp_path / "elsewhere")
    assert (again.read_bytes(), other_digest) == (archive.read_bytes(), digest)


def test_an_interrupted_build_leaves_nothing_that_looks_finished(small_lock: Path, tmp_path: Path) -> None:
    archive, _ = build_layer(small_lock, Target.local(), tmp_path / "store")
    (archive.parent / "content").unlink()
    rebuilt, _ = build_layer(small_lock, Target.local(), tmp_path / "store")
    assert rebuilt == archive
    assert "python/annotated_types/__init__.py" in names(rebuilt)
    assert [path.name for path in (tmp_path / "store").iterdir()] == [archive.parent.name]


def test_a_build_that_uv_refuses_says_why_and_keeps_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("annotated-types==0.7.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(PackagingError, match=r"(?s)uv cannot install .*annotated-types"):
        build_layer(lock, Target.local(), tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []


def test_where_one_requirement_has_a_hash_all_must_have_one(small_lock: Path, tmp_path: Path) -> None:
    with small_lock.open("a") as lock:
        lock.write("typing-extensions==4.15.0\n")
    with pytest.raises(PackagingError, match=r"(?s)uv cannot install .*all requirements must have a hash.* typing-extensions"):
        build_layer(small_lock, Target.local(), tmp_path / "store")


def test_a_missing_requirements_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=r"nowhere\.txt"):
        build_layer(tmp_path / "nowhere.txt", Target.local(), tmp_path / "store")


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
    archive, _ = build_layer(None, Target.local(), tmp_path / "store")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "opt")
    script = "import gateleg.errors, gateleg; print(gateleg.__file__)"
    environment = {"PYTHONPATH": str(tmp_path / "opt/python"), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path / "opt"))


def test_an_edit_of_gateleg_itself_makes_a_new_layer(tmp_path: Path) -> None:
    shutil.copytree(Path(gateleg.__file__).parent, tmp_path / "gateleg", ignore=shutil.ignore_patterns("__pycache__"))
    script = (
        "from pathlib import Path; from gateleg.cdk.dependencies import Target, build_layer; "
        "print(build_layer(None, Target.local(), Path('store'))[1])"
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
    errors = tmp_path / "gateleg/errors.py"
    errors.write_text(errors.read_text() + "\n")
    assert build() != first
