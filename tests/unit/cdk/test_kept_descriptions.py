"""A description is kept while everything that it was read from stays as it was, and no longer."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from gateleg.cdk.describing import Describing
from gateleg.description.source import FunctionSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

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
    from keptsvc.later import LATER
    return LATER
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = tmp_path / "keptsvc"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "prefix.py").write_text("PREFIX = '/v1'\n")
    (package / "later.py").write_text("LATER = []\n")
    (package / "rest.py").write_text(APP)
    (tmp_path / "routes.txt").write_text("rooms")
    (tmp_path / "imports.log").touch()
    return tmp_path


def routes(project: Path, **environment: str) -> list[str]:
    [description] = Describing([FunctionSource("keptsvc.rest:app", root=project, environment=environment)]).result()
    return [route.key for route in description.routes]


def imports(project: Path) -> int:
    return len((project / "imports.log").read_text().splitlines())


def kept(project: Path) -> list[Path]:
    return sorted((project / ".gateleg/descriptions").glob("*.json"))


def test_a_second_synth_imports_nothing(project: Path) -> None:
    assert routes(project) == ["GET /v1/rooms/none"]

    assert routes(project) == ["GET /v1/rooms/none"]
    assert imports(project) == 1


def replaced(path: Path, content: str) -> None:
    """Write a file anew, with the same size and time as before."""
    before = path.stat()
    assert len(content) == before.st_size
    path.write_text(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


EDITS: dict[str, tuple[Callable[[Path], object], str]] = {
    "the handler": (
        lambda project: (project / "keptsvc/rest.py").write_text(APP.replace("app.get", "app.post")),
        "POST /v1/rooms/none",
    ),
    "a module it imports": (lambda project: (project / "keptsvc/prefix.py").write_text("PREFIX = '/v22'\n"), "GET /v22/rooms/none"),
    "a module, keeping size and time": (lambda project: replaced(project / "keptsvc/prefix.py", "PREFIX = '/v2'\n"), "GET /v2/rooms/none"),
    "a file it reads": (lambda project: (project / "routes.txt").write_text("halls-of"), "GET /v1/halls-of/none"),
    "a file, keeping size and time": (lambda project: replaced(project / "routes.txt", "halls"), "GET /v1/halls/none"),
}


@pytest.mark.parametrize(("edit", "route"), EDITS.values(), ids=EDITS)
def test_an_edit_is_seen(project: Path, edit: Callable[[Path], object], route: str) -> None:
    routes(project)

    edit(project)

    assert routes(project) == [route]


def test_an_edit_of_a_module_that_is_imported_later_is_seen(project: Path) -> None:
    routes(project)

    (project / "keptsvc/later.py").write_text("import ulid\nLATER = []\n")

    [description] = Describing([FunctionSource("keptsvc.rest:app", root=project)]).result()
    assert "python-ulid" in description.needs.distributions


def test_an_edit_while_the_app_is_described_is_seen_the_next_time(project: Path) -> None:
    (project / "keptsvc/prefix.py").write_text(
        "from pathlib import Path\nPREFIX = '/' + Path('version.txt').read_text()\nPath('version.txt').write_text('v2')\n"
    )
    (project / "version.txt").write_text("v1")

    assert [routes(project), routes(project)] == [["GET /v1/rooms/none"], ["GET /v2/rooms/none"]]


def test_a_source_is_kept_as_it_was_imported(project: Path) -> None:
    (project / "keptsvc/prefix.py").write_text(
        "from pathlib import Path\nPREFIX = '/v1'\nPath(__file__).write_text(Path(__file__).read_text().replace('v1', 'v2'))\n"
    )

    assert [routes(project), routes(project)] == [["GET /v1/rooms/none"], ["GET /v2/rooms/none"]]


def test_each_environment_has_a_description_of_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [routes(project), routes(project, KEPT_SUFFIX="some")] == [["GET /v1/rooms/none"], ["GET /v1/rooms/some"]]

    monkeypatch.setenv("KEPT_SUFFIX", "the developer's own")
    assert [routes(project), routes(project, KEPT_SUFFIX="some")] == [["GET /v1/rooms/none"], ["GET /v1/rooms/some"]]
    assert imports(project) == 2


def test_no_value_of_a_variable_is_written_nor_a_hash_that_others_could_guess_it_by(
    project: Path,
) -> None:
    (project / "keptsvc/prefix.py").write_text("import os\nPREFIX = '/v1'\nPASSWORD = os.environ['DB_PASSWORD']\n")
    routes(project, DB_PASSWORD="hunter2")

    written = [file for file in project.rglob("*") if file.is_file() and "keptsvc" not in file.parts]
    assert not [file for file in written if b"hunter2" in file.read_bytes()]
    [salt] = (project / ".gateleg/descriptions").glob("salt")
    assert stat.S_IMODE(salt.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    [first] = kept(project)
    salt.unlink()
    routes(project, DB_PASSWORD="hunter2")
    assert len({first.name, *(file.name for file in kept(project))}) == 2


def test_version_control_ignores_what_is_kept(project: Path) -> None:
    routes(project)
    assert (project / ".gateleg/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    "doubtful",
    ["import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"],
    ids=["a process", "a connection"],
)
def test_what_cannot_be_repeated_is_never_kept(project: Path, doubtful: str) -> None:
    (project / "keptsvc/prefix.py").write_text(f"PREFIX = '/v1'\n{doubtful}\n")

    assert routes(project) == routes(project)
    assert imports(project) == 2


def _opened_by_hand(kept: bytes) -> bytes:
    code, _, content = kept.partition(b"\n")
    told = json.loads(content)
    told["description"]["routes"][0]["public"] = "by hand"
    return code + b"\n" + json.dumps(told).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda kept: kept[: len(kept) // 2],
    "emptied": lambda _: b"",
    "no JSON": lambda _: b"{",
    "a list": lambda _: b"[]",
    "one that names no file": lambda _: (
        b'\n{"provenance": {"paths": {}, "states": {}, "doubts": []}, "description": {"name": "x:app", "kind": "rest", "format": 3}}'
    ),
    "changed by hand": _opened_by_hand,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_made_anew(project: Path, damage: Callable[[bytes], bytes]) -> None:
    routes(project)
    [file] = kept(project)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))

    assert (routes(project), imports(project)) == (["GET /v1/rooms/none"], 2)
    assert (routes(project), imports(project)) == (["GET /v1/rooms/none"], 2)


def test_files_that_were_exchanged_are_made_anew(project: Path) -> None:
    routes(project)
    routes(project, KEPT_SUFFIX="some")
    one, other = kept(project)
    contents = one.read_bytes(), other.read_bytes()
    one.write_bytes(contents[1])
    other.write_bytes(contents[0])

    assert [routes(project), routes(project, KEPT_SUFFIX="some")] == [["GET /v1/rooms/none"], ["GET /v1/rooms/some"]]
    assert imports(project) == 4


def test_a_failure_is_not_kept(project: Path) -> None:
    (project / "keptsvc/prefix.py").write_text("raise RuntimeError('not yet')\n")
    with pytest.raises(ValueError, match="not yet"):
        routes(project)

    (project / "keptsvc/prefix.py").write_text("PREFIX = '/v1'\n")
    assert routes(project) == ["GET /v1/rooms/none"]
