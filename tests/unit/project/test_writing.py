"""A project is written whole or not at all, and `gateleg init` says what happened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import gateleg.project.project as writing
from gateleg.cli import main
from gateleg.project import Part, Project, ProjectName

SHOP = Project(ProjectName.of("shop"), frozenset({Part.REST, Part.TABLE}))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, without a network."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_without_a_network_the_project_is_whole_and_one_line_says_what_to_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["init", "shop"])

    captured = capsys.readouterr()
    [line] = captured.err.splitlines()
    assert status == 1
    assert line.startswith("gateleg: shop is written, but its requirements are not locked: uv says: ")
    assert line.endswith("run later: make -C shop lock [project.not_locked]")
    assert captured.out == "writing shop, and locking its requirements\n"
    assert entries(here) == {"shop"}
    assert {path.relative_to(here / "shop").as_posix() for path in (here / "shop").rglob("*") if path.is_file()} == set(SHOP.files())


def test_the_parts_are_chosen(here: Path) -> None:
    main(["init", "shop", "--api", "websocket", "--no-table", "--directory", "elsewhere"])

    assert entries(here) == {"elsewhere"}
    assert entries(here / "elsewhere/lambdas/shop") == {"__init__.py", "authorizer.py", "socket.py"}


@pytest.mark.parametrize("given", ["graphql", "rest,graphql", "", "rest;websocket"])
def test_an_unknown_api_is_refused(here: Path, capsys: pytest.CaptureFixture[str], given: str) -> None:
    assert main(["init", "shop", "--api", given]) == 1

    assert "write --api rest, --api websocket or --api rest,websocket" in capsys.readouterr().err
    assert entries(here) == set()


def test_an_api_may_be_named_as_the_message_says(here: Path) -> None:
    main(["init", "shop", "--api", "websocket, rest"])

    assert {"rest.py", "socket.py"} <= entries(here / "shop/lambdas/shop")


def test_a_folder_with_something_in_it_is_left_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "shop").mkdir()
    (here / "shop/mine.txt").write_text("mine")

    assert main(["init", "shop"]) == 1

    assert "shop is there already and not empty; choose another name, or name an empty folder with --directory" in capsys.readouterr().err
    assert entries(here / "shop") == {"mine.txt"}
    assert entries(here) == {"shop"}


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_is_no_folder_is_left_alone(here: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    if kind == "file":
        (here / "shop").write_text("mine")
    else:
        (here / "shop").symlink_to("nowhere")

    assert main(["init", "shop"]) == 1

    assert "shop is there already and no folder" in capsys.readouterr().err
    assert entries(here) == {"shop"}


def test_an_empty_folder_is_taken(here: Path) -> None:
    (here / "empty").mkdir()
    node = (here / "empty").stat().st_ino

    main(["init", "shop", "--directory", "empty"])

    assert "app.py" in entries(here / "empty")
    assert (here / "empty").stat().st_ino == node


def test_the_current_folder_is_taken_if_it_is_empty(here: Path) -> None:
    main(["init", "shop", "--directory", "."])

    assert entries(here) == {path.partition("/")[0] for path in SHOP.files()}


def test_a_folder_that_holds_a_new_repository_alone_is_taken(here: Path) -> None:
    (here / "shop/.git").mkdir(parents=True)

    main(["init", "shop"])

    assert entries(here / "shop") == {".git"} | {path.partition("/")[0] for path in SHOP.files()}


def test_a_folder_for_the_project_must_be_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "shop", "--directory", "not/there"]) == 1

    assert "there is no folder not to write the project into; make it" in capsys.readouterr().err
    assert entries(here) == set()


@pytest.mark.parametrize("target", ["new", "empty"])
def test_nothing_is_left_of_what_was_interrupted(here: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    def interrupted(_project: Path) -> str:
        raise KeyboardInterrupt

    (here / "empty").mkdir()
    monkeypatch.setattr(writing, "lock", interrupted)

    assert main(["init", "shop", "--directory", target]) == 130

    assert entries(here) == {"empty"}
    assert entries(here / "empty") == set()


def test_nothing_is_left_of_a_move_that_failed(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    rename, moved = Path.rename, list[Path]()

    def full(path: Path, target: Path) -> Path:
        if len(moved) == 3 and path.name not in {one.name for one in moved}:
            raise OSError(28, os.strerror(28))
        moved.append(path)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    assert main(["init", "shop", "--directory", "empty"]) == 1

    assert f"cannot write the project into empty: {os.strerror(28)}" in capsys.readouterr().err
    assert len(moved) > 3
    assert entries(here / "empty") == set()


def test_a_project_may_be_read_by_those_who_may_read_what_the_user_makes(here: Path) -> None:
    main(["init", "shop"])
    (here / "made").mkdir()

    assert (here / "shop").stat().st_mode == (here / "made").stat().st_mode


def test_without_uv_one_line_says_so(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def nowhere(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr("shutil.which", nowhere)

    assert main(["init", "shop"]) == 1

    assert "shop is written, but its requirements are not locked: uv is not installed; run later: make" in capsys.readouterr().err
    assert "app.py" in entries(here / "shop")


def test_a_folder_with_a_space_is_quoted_where_it_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "shop", "--directory", "my shop"])

    assert "run later: make -C 'my shop' lock [" in capsys.readouterr().err
