"""A description is kept while everything that it was read from stays as it was, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.cdk.describing import Describing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

APP = """\
import os
from pathlib import Path
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from keptsvc.prefix import PREFIX

with Path("imports.log").open("a") as log:
    log.write("imported\\n")

app = APIGatewayRestResolver()
name = Path("routes.txt").read_text().strip()

@app.get(f"{PREFIX}/{name}/{os.environ.get('KEPT_SUFFIX', 'none')}")
def listed() -> list[str]:
    return []
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "keptsvc"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "prefix.py").write_text("PREFIX = '/v1'\n")
    (package / "rest.py").write_text(APP)
    (tmp_path / "routes.txt").write_text("rooms")
    (tmp_path / "imports.log").touch()
    monkeypatch.delenv("KEPT_SUFFIX", raising=False)
    return tmp_path


def routes(project: Path) -> list[str]:
    [description] = Describing(["keptsvc.rest:app"], project).result()
    return [route.key for route in description.routes]


def imports(project: Path) -> int:
    return len((project / "imports.log").read_text().splitlines())


def test_a_second_synth_imports_nothing(project: Path) -> None:
    assert routes(project) == ["GET /v1/rooms/none"]

    assert routes(project) == ["GET /v1/rooms/none"]
    assert imports(project) == 1


EDITS: dict[str, tuple[Callable[[Path], object], str]] = {
    "the handler": (
        lambda project: (project / "keptsvc/rest.py").write_text(APP.replace("app.get", "app.post")),
        "POST /v1/rooms/none",
    ),
    "a module it imports": (lambda project: (project / "keptsvc/prefix.py").write_text("PREFIX = '/v22'\n"), "GET /v22/rooms/none"),
    "a file it reads": (lambda project: (project / "routes.txt").write_text("halls-of"), "GET /v1/halls-of/none"),
}


@pytest.mark.parametrize(("edit", "route"), EDITS.values(), ids=EDITS)
def test_an_edit_is_seen(project: Path, edit: Callable[[Path], object], route: str) -> None:
    routes(project)

    edit(project)

    assert routes(project) == [route]


def test_a_variable_that_the_app_reads_counts_and_another_does_not(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes(project)

    monkeypatch.setenv("KEPT_OTHER", "x")
    assert (routes(project), imports(project)) == (["GET /v1/rooms/none"], 1)

    monkeypatch.setenv("KEPT_SUFFIX", "some")
    assert (routes(project), imports(project)) == (["GET /v1/rooms/some"], 2)


@pytest.mark.parametrize(
    "doubtful",
    ["import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"],
    ids=["a process", "a connection"],
)
def test_what_cannot_be_repeated_is_never_kept(project: Path, doubtful: str) -> None:
    (project / "keptsvc/prefix.py").write_text(f"PREFIX = '/v1'\n{doubtful}\n")

    assert routes(project) == routes(project)
    assert imports(project) == 2


def test_a_damaged_file_counts_as_none(project: Path) -> None:
    routes(project)
    [kept] = (project / ".gateleg/descriptions").iterdir()
    kept.write_text(kept.read_text()[:100])

    assert (routes(project), imports(project)) == (["GET /v1/rooms/none"], 2)


def test_a_failure_is_not_kept(project: Path) -> None:
    (project / "keptsvc/prefix.py").write_text("raise RuntimeError('not yet')\n")
    with pytest.raises(ValueError, match="not yet"):
        routes(project)

    (project / "keptsvc/prefix.py").write_text("PREFIX = '/v1'\n")
    assert routes(project) == ["GET /v1/rooms/none"]
