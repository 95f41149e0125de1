"""The code asset holds what the handler needs, whatever it is called, with the data beside it, and nothing else."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk.compiling import compiler_for
from gateleg.cdk.packaging import HandlerCode
from gateleg.description.app import Needs
from gateleg.description.handlers import lambda_handler, module_folders, split_handler
from gateleg.errors import DeclarationError, PackagingError

if TYPE_CHECKING:
    from pathlib import Path

ALONE = {"svc/__init__.py", "svc/chat/__init__.py", "svc/chat/rest.py", "svc/chat/page.html"}


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
        "config/limits.json",
        "shared/money.py",
        "shared/rates.json",
        "shared/tests/fixture.json",
        "shared/tests/deep/helper.py",
        "shared/tests/deep/test_other.py",
        "shared/node_modules/x.js",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_the_code_asset_holds_code_and_data_and_nothing_else(project: Path) -> None:
    code = HandlerCode(project).for_handler("svc.chat.rest:app")
    assert set(code.files()) == ALONE


def test_a_module_without_a_package_is_packaged_alone(project: Path) -> None:
    assert set(HandlerCode(project).for_handler("single:handler").files()) == {"single.py"}


@pytest.mark.parametrize(
    ("package", "added"),
    [
        ("single", {"single.py"}),
        ("svc.tests", {"svc/tests/data.py"}),
        ("svc/tests", {"svc/tests/data.py"}),
        ("svc.chat.test_rest", {"svc/chat/test_rest.py"}),
        ("svc/chat/test_rest.py", {"svc/chat/test_rest.py"}),
        ("config/limits.json", {"config/limits.json"}),
        ("config", {"config/limits.json"}),
    ],
)
def test_further_packages_modules_and_data_are_taken_along_when_named(package: str, added: set[str], project: Path) -> None:
    assert set(HandlerCode(project, packages=[package]).for_handler("svc.chat.rest:app").files()) == ALONE | added


def test_a_package_that_is_not_there_is_refused(project: Path) -> None:
    for package in ("nope", "../shared", "..", "/tmp"):  # noqa: S108 (a folder that is there)
        with pytest.raises(PackagingError, match=f"no package '{package}'"):
            HandlerCode(project / "svc", packages=[package]).files()


@pytest.mark.parametrize(
    "props", [{"packages": "svc"}, {"packages": [1]}, {"provided": "numpy"}, {"root": None}, {"requirements": ["six"]}]
)
def test_a_value_of_another_type_is_refused_with_an_example(props: dict[str, Any]) -> None:
    [name] = props
    with pytest.raises(PackagingError, match=rf"HandlerCode\({name}=...\) takes .*; write {name}="):
        HandlerCode(**props)


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


def test_packages_that_the_handler_imports_go_along_whole(project: Path) -> None:
    code = HandlerCode(project).for_handler("svc.chat.rest:app")
    files = code.files(Needs(("svc/chat/rest.py", "shared/money.py", "single.py")))
    assert set(files) == ALONE | {"shared/money.py", "shared/rates.json", "single.py"}


def test_modules_that_are_called_like_tests_go_along_where_the_handler_imports_them(project: Path) -> None:
    code = HandlerCode(project).for_handler("svc.chat.rest:app")
    assert set(code.files(Needs(("svc/chat/test_rest.py",)))) == ALONE | {"svc/chat/test_rest.py"}
    files = code.files(Needs(("shared/tests/deep/helper.py",)))
    assert set(files) == ALONE | {"shared/money.py", "shared/rates.json", "shared/tests/fixture.json", "shared/tests/deep/helper.py"}


def test_data_that_is_read_elsewhere_goes_along_alone(project: Path) -> None:
    (project / "config/secrets.json").write_text("{}")
    files = HandlerCode(project).for_handler("single:handler").files(Needs(("single.py", "config/limits.json")))
    assert set(files) == {"single.py", "config/limits.json"}


def test_a_file_that_the_asset_would_lack_is_refused(project: Path) -> None:
    code = HandlerCode(project).for_handler("svc.chat.rest:app")
    with pytest.raises(PackagingError, match=r"imports svc/gone\.py, and there is no such file"):
        code.files(Needs(("svc/gone.py",)))


def test_a_file_outside_of_the_root_is_refused_until_it_is_moved_below(project: Path) -> None:
    code = HandlerCode(project / "svc").for_handler("chat.rest:app")
    with pytest.raises(PackagingError, match=r"imports \.\./shared/money\.py, which is outside of .*move it below that root"):
        code.files(Needs(("chat/rest.py", "../shared/money.py")))
    (project / "shared").rename(project / "svc/shared")
    assert "shared/rates.json" in code.files(Needs(("chat/rest.py", "shared/money.py")))


def test_the_code_is_kept_and_made_anew_where_it_was_spoiled(project: Path) -> None:
    code = HandlerCode(project).for_handler("svc.chat.rest:app")
    code.code()
    [kept] = (project / ".gateleg/code").iterdir()
    whole, made = kept.read_bytes(), kept.stat().st_mtime_ns
    code.code()
    assert kept.stat().st_mtime_ns == made
    for spoiled in (b"", whole[:100]):
        kept.write_bytes(spoiled)
        code.code()
        assert kept.read_bytes() == whole
    assert list((project / ".gateleg/code").iterdir()) == [kept]
    assert (project / ".gateleg/.gitignore").read_text() == "*\n"
    with zipfile.ZipFile(kept) as opened:
        assert set(opened.namelist()) == ALONE


def test_the_code_is_compiled_anew_by_another_interpreter(project: Path) -> None:
    code, compiler = HandlerCode(project).for_handler("svc.chat.rest:app"), compiler_for(f"3.{sys.version_info.minor}")
    assert compiler is not None
    code.code(compiler=compiler)
    [kept] = (project / ".gateleg/code").iterdir()
    assert f"svc/chat/__pycache__/rest.cpython-3{sys.version_info.minor}.pyc" in zipfile.ZipFile(kept).namelist()
    made = kept.stat().st_mtime_ns
    code.code(compiler=compiler)
    assert kept.stat().st_mtime_ns == made
    code.code(compiler=replace(compiler, identity="another release"))
    assert len(list((project / ".gateleg/code").iterdir())) == 2


def test_a_project_that_cannot_be_written_is_one_clear_line(project: Path) -> None:
    (project / ".gateleg").mkdir()
    (project / ".gateleg/code").write_text("in the way")
    with pytest.raises(PackagingError, match=r"^\S+:\d+: gateleg cannot write below [^\n]*\.gateleg [^\n]*$"):
        HandlerCode(project).for_handler("svc.chat.rest:app").code()
