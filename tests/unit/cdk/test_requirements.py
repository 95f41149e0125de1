"""Requirements files are read with all that they include, and say what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.cdk.requirements import Requirements
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MONEY = {"libs/money/pyproject.toml": '[project]\nname = "My_Money"\nversion = "1"\n', "libs/money/money.py": "RATE = 2\n"}


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def read(root: Path, text: str) -> Requirements:
    write(root, {"svc/requirements.txt": text})
    return Requirements.read(root / "svc/requirements.txt", root)


def test_comments_continuations_and_includes_become_plain_lines(tmp_path: Path) -> None:
    write(tmp_path, {"svc/more/base.txt": "--requirement=../common.txt\nidna==3.7 # why\n", "svc/common.txt": "attrs\n# nothing\n"})
    write(tmp_path, {"svc/limits.txt": "-c deeper.txt\nattrs<99\n", "svc/deeper.txt": "six<2\n"})
    found = read(tmp_path, "-r more/base.txt\n-c limits.txt\n\nsix==1.17 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n--pre\n")
    assert [" ".join(str(line).split()) for line in found.lines] == [
        "attrs",
        "idna==3.7",
        "six==1.17 --hash=sha256:00 --hash=sha256:11",
        "--pre",
    ]
    assert found.constraints == ("six<2", "attrs<99")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_says_how_a_file_is_read(encoding: str, tmp_path: Path) -> None:
    write(tmp_path, {"svc/base.txt": ""})
    mark = "" if encoding == "utf-8-sig" else "\ufeff"
    (tmp_path / "svc/base.txt").write_bytes(f"{mark}six==1.17 \\\r\n  --hash=sha256:00\r\nidna # über\r\n".encode(encoding))
    assert [" ".join(str(line).split()) for line in read(tmp_path, "-r base.txt\n").lines] == ["six==1.17 --hash=sha256:00", "idna"]


def test_a_file_of_another_encoding_is_told_where_it_begins_and_what_to_save_it_as(tmp_path: Path) -> None:
    write(tmp_path, {"svc/base.txt": ""})
    (tmp_path / "svc/base.txt").write_bytes("six # über\n".encode("latin-1"))
    with pytest.raises(PackagingError, match=r"base\.txt is not UTF-8 at byte 6; save it as UTF-8"):
        read(tmp_path, "-r base.txt\n")


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"svc/other.txt": "-r requirements.txt\n-c requirements.txt\nidna"})
    found = read(tmp_path, "-r other.txt\nsix")
    assert found.lines == ("idna", "six")
    assert found.constraints == ("idna", "six")


@pytest.mark.parametrize(
    "file", ["svc/requirements.txt", "svc/base.txt", "svc/limits.txt", "libs/money/money.py", "libs/money/pyproject.toml"]
)
def test_an_edit_of_anything_that_goes_in_changes_the_digest(file: str, tmp_path: Path) -> None:
    text = "-r base.txt\n-c limits.txt\n./libs/money\n"
    write(tmp_path, MONEY | {"svc/base.txt": "idna\n", "svc/limits.txt": "idna<4\n"})
    before = read(tmp_path, text).digest
    assert read(tmp_path, text + "# a comment\n").digest == before
    (tmp_path / file).write_text((tmp_path / file).read_text() + "six<2\n")
    assert Requirements.read(tmp_path / "svc/requirements.txt", tmp_path).digest != before


@pytest.mark.parametrize(
    ("text", "name", "extras", "tail"),
    [
        ("../libs/money", "My_Money", "", ""),
        ("./libs/money", "My_Money", "", ""),
        ("-e ./libs/money", "My_Money", "", ""),
        ("--editable=libs/money[fast]", "My_Money", "[fast]", ""),
        ("file://{root}/libs/money", "My_Money", "", ""),
        ("cash @ file://{root}/libs/money", "cash", "", ""),
        ("cash[fast,safe] @ libs/money ; python_version > '3'", "cash", "[fast,safe]", " ; python_version > '3'"),
        ("libs/money --hash=sha256:00", "My_Money", "", " --hash=sha256:00"),
    ],
)
def test_requirements_of_the_repository_are_found_beside_the_file_or_from_the_root(
    text: str, name: str, extras: str, tail: str, tmp_path: Path
) -> None:
    write(tmp_path, MONEY)
    [found] = read(tmp_path, text.format(root=tmp_path)).paths
    assert (found.path, found.name, found.extras, found.tail) == ((tmp_path / "libs/money").resolve(), name, extras, tail)
    assert set(found.files) == {"pyproject.toml", "money.py"}


@pytest.mark.parametrize(
    "text",
    [
        "idna",
        "idna ; python_version > '3'",
        "x @ https://example.com/x.whl",
        "git+ssh://git@example.com/x.git@v1",
        "--index-url https://a/b",
    ],
)
def test_requirements_from_elsewhere_stay_as_they_are(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text).lines == (text,)


def test_what_builds_leave_beside_sources_is_no_input(tmp_path: Path) -> None:
    write(tmp_path, MONEY)
    before = read(tmp_path, "libs/money").digest
    write(tmp_path, {f"libs/money/{name}/x": "" for name in ("build", "dist", "my_money.egg-info", ".venv", "__pycache__", "cdk.out")})
    assert read(tmp_path, "libs/money").digest == before
    write(tmp_path, {"libs/money/money/build/__init__.py": ""})
    assert read(tmp_path, "libs/money").digest != before


@pytest.mark.parametrize(("text", "told"), [("-r gone.txt", "gone.txt"), ("-c gone.txt", "gone.txt"), ("./libs/gone", "libs/gone")])
def test_what_is_not_there_is_named(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=told):
        read(tmp_path, text)


def test_a_relative_folder_of_wheels_is_found_from_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, "-f wheels").lines == (f"--find-links {tmp_path.resolve()}/svc/wheels",)
    assert read(tmp_path, "--find-links https://a/b").lines == ("--find-links https://a/b",)


def test_a_folder_of_wheels_counts_by_its_content_wherever_it_stands(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        write(root, {"svc/wheels/money-1.0-py3-none-any.whl": "one"})
    before = read(here, "-f wheels").digest
    assert read(there, "-f wheels").digest == before
    write(here, {"svc/wheels/money-1.0-py3-none-any.whl": "two"})
    assert read(here, "-f wheels").digest != before


def test_names_bring_what_they_ask_for_by_their_metadata_and_extras(tmp_path: Path) -> None:
    plain, parser = read(tmp_path, "aws-lambda-powertools").brings(), read(tmp_path, "AWS_Lambda.Powertools[parser]>=3").brings()
    assert plain is not None
    assert parser is not None
    assert "jmespath" in plain
    assert "pydantic" not in plain
    assert {"aws-lambda-powertools", "pydantic", "pydantic-core", "annotated-types"} <= parser


@pytest.mark.parametrize("text", ["not-installed-anywhere", "idna\n./libs/unnamed", "./libs/money"])
def test_what_is_not_installed_here_may_bring_anything(text: str, tmp_path: Path) -> None:
    write(tmp_path, MONEY | {"libs/unnamed/setup.py": ""})
    assert read(tmp_path, text).brings() is None


@pytest.mark.parametrize("single", [True, False])
def test_a_package_that_builds_on_another_of_the_repository_names_both(single: bool, tmp_path: Path) -> None:  # noqa: FBT001 (a column)
    asked = "dependencies = ['cents>=1', 'elsewhere']\n[dependency-groups]\ndev = ['testkit']\n"
    given = f"{{ path = '../cents'{', editable = true' if single else ''} }}"
    cents = f"cents = {given if single else f'[{given}]'}\n"
    sources = f"{MONEY['libs/money/pyproject.toml']}{asked}[tool.uv.sources]\n{cents}testkit = {{ workspace = true }}\nelsewhere = {{ git = 'https://a/b' }}\n"
    write(tmp_path, MONEY | {"libs/money/pyproject.toml": sources, "libs/cents/pyproject.toml": "[project]\nname = 'cents'\n"})
    with pytest.raises(PackagingError, match=r"libs/money builds on cents .*write its path there too"):
        read(tmp_path, "./libs/money")
    assert len(read(tmp_path, "./libs/money\n./libs/cents").paths) == 2
