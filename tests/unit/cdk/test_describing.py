"""Apps are described by a process of their own, and its failures are the same errors here."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

from gateleg.cdk.describing import Describing, _Process, describe_ahead  # pyright: ignore[reportPrivateUsage] (nobody else holds the process)
from gateleg.description import App
from gateleg.errors import AppImportError, AppNotFoundError, DeclarationError, RouteError

if TYPE_CHECKING:
    from pathlib import Path

REST = """
print("noise while importing")
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
app = APIGatewayRestResolver(enable_validation=True)

@app.get("/rooms/<room>")
def get_room(room: str) -> dict[str, str]:
    return {"room": room}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "svcdesc").mkdir()
    (tmp_path / "svcdesc/__init__.py").write_text("")
    (tmp_path / "svcdesc/rest.py").write_text(REST)
    (tmp_path / "svcdesc/broken.py").write_text("raise RuntimeError('no database here')")
    (tmp_path / "svcdesc/hard.py").write_text("import os; os._exit(3)")
    (tmp_path / "svcdesc/twice.py").write_text(REST + "\n@app.get('/rooms/<name>')\ndef again(name: str) -> str:\n    return name\n")
    return tmp_path


def test_an_app_is_described_without_being_imported_here(project: Path) -> None:
    [described] = Describing(["svcdesc.rest:app"], project).result()
    assert [route.key for route in described.routes] == ["GET /rooms/{room}"]
    assert "svcdesc.rest" not in sys.modules


def test_several_apps_and_ready_descriptions_come_back_in_order(project: Path) -> None:
    ready = App("x:app", "rest", ())
    (project / "svcdesc/other.py").write_text(REST)
    found = Describing(["svcdesc.rest:app", ready, "svcdesc.other:app", "svcdesc.rest:app"], project).result()
    assert [one.app for one in found] == ["svcdesc.rest:app", "x:app", "svcdesc.other:app", "svcdesc.rest:app"]


def test_no_process_runs_for_descriptions_alone(tmp_path: Path) -> None:
    ready = App("x:app", "rest", ())
    assert Describing([ready], tmp_path / "no such folder").result() == [ready]


def test_an_unknown_app_is_the_same_error_here(project: Path) -> None:
    with pytest.raises(AppNotFoundError, match=r"svcdesc\.nowhere"):
        Describing(["svcdesc.nowhere:app"], project).result()
    with pytest.raises(AppNotFoundError, match="ap"):
        Describing(["svcdesc.rest:ap"], project).result()


def test_an_app_that_fails_to_import_shows_its_own_error(project: Path) -> None:
    with pytest.raises(AppImportError, match="no database here"):
        Describing(["svcdesc.broken:app"], project).result()


def test_an_app_that_ends_the_process_is_an_import_error_too(project: Path) -> None:
    with pytest.raises(AppImportError, match=r"svcdesc\.hard:app"):
        Describing(["svcdesc.hard:app"], project).result()


def test_what_the_description_finds_wrong_keeps_its_class(project: Path) -> None:
    with pytest.raises(RouteError, match="svcdesc"):
        Describing(["svcdesc.twice:app"], project).result()


def test_a_string_that_is_no_app_is_refused_before_a_process_runs(project: Path) -> None:
    with pytest.raises(DeclarationError, match=r"package\.module:attribute"):
        Describing(["svcdesc.rest"], project)
    with pytest.raises(DeclarationError, match=r"package\.module:attribute"):
        describe_ahead("svcdesc.rest", root=project)


def test_a_process_that_nobody_waits_for_is_ended(project: Path) -> None:
    (project / "svcdesc/slow.py").write_text("import time; time.sleep(60)")
    describing = Describing(["svcdesc.slow:app"], project)
    [process] = describing._processes.values()  # pyright: ignore[reportPrivateUsage]: nobody else holds the process
    assert isinstance(process, _Process)
    running = process.running
    assert running.poll() is None
    del describing, process
    gc.collect()
    assert running.poll() is not None


def test_apps_described_ahead_are_taken_up_and_described_anew_afterwards(project: Path) -> None:
    describe_ahead("svcdesc.rest:app", root=project)
    first = Describing(["svcdesc.rest:app"], project).result()
    (project / "svcdesc/rest.py").write_text(REST.replace("/rooms/", "/halls/"))
    second = Describing(["svcdesc.rest:app"], project).result()
    assert [one.routes[0].key for one in (*first, *second)] == ["GET /rooms/{room}", "GET /halls/{room}"]
