"""The first hour of a user who has the package and nothing else: what `gateleg init` writes installs, checks, synthesizes and is served."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.sync.client import connect

from gateleg.testing import TemplateView
from tests.project.conftest import BIN, DEFAULT, GROWN, KINDS, ROOT, SYNTHESIZED, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from tests.project.conftest import Workplace

    Checks = Mapping[str, Future[str]]

pytestmark = [pytest.mark.project, pytest.mark.slow]

SECONDS = 120.0
LOCKS = ("requirements.txt", "lambdas/requirements.txt")


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def test_the_locks_are_of_this_package_with_hashes_and_without_addresses(projects: Workplace, name: str) -> None:
    for lock in LOCKS:
        text = (projects.folder / name / lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert str(projects.folder) not in text
        assert text.count("--hash=sha256:") > 0
    version = projects.run("tools/bin/gateleg", "--version").split()[1]
    assert f"\ngateleg=={version} \\\n" in (projects.folder / name / "requirements.txt").read_text(encoding="utf-8")


def test_a_project_locks_as_init_did(projects: Workplace) -> None:
    before = [(projects.folder / DEFAULT / lock).read_bytes() for lock in LOCKS]
    for lock in LOCKS:
        (projects.folder / DEFAULT / lock).unlink()

    projects.run("make", "lock", cwd=DEFAULT)

    assert [(projects.folder / DEFAULT / lock).read_bytes() for lock in LOCKS] == before


def test_the_code_is_in_the_house_style(projects: Workplace, name: str) -> None:
    settings = ["--no-cache", "--config", str(ROOT / "pyproject.toml")]

    # T201: the script beside the tests prints the key.
    projects.run(BIN / "ruff", "check", *settings, "--extend-ignore", "T201", ".", cwd=name)
    projects.run(BIN / "ruff", "format", *settings, "--check", ".", cwd=name)


def test_pyright_finds_nothing_in_any(checks: Checks) -> None:
    """mypy, which takes as long for each as pyright for all, looks at the one that holds the most."""
    assert "0 errors, 0 warnings" in checks["pyright"].result()


@pytest.mark.parametrize("name", SYNTHESIZED)
def test_each_kind_synthesizes_to_its_parts(projects: Workplace, checks: Checks, name: str) -> None:
    checks[name].result()
    [file] = (projects.folder / name / "cdk.out").glob("*.template.json")
    resources: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["Resources"]
    types = {resource["Type"] for resource in resources.values()}

    assert ("AWS::DynamoDB::GlobalTable" in types) is ("--no-table" not in KINDS[name])
    assert ("AWS::ApiGatewayV2::Api" in types) is ("websocket" in " ".join(KINDS[name]))
    assert ("AWS::ApiGateway::RestApi" in types) is (name not in {"socket-thing", "socket-alone"})


def test_a_project_passes_its_own_tests(projects: Workplace, checks: Checks) -> None:
    said = checks["test"].result()

    assert re.search(r"1 snapshot generated\.", said)
    assert re.search(r"^\d+ passed in", said, flags=re.MULTILINE)
    assert [path.name for path in (projects.folder / DEFAULT / "tests/__snapshots__").rglob("*.json")] != []


def test_a_changed_template_is_told_whole_and_a_broken_stack_takes_no_snapshot_away(projects: Workplace, checks: Checks) -> None:
    checks["test"].result()
    name = "changed-thing"
    shutil.copytree(projects.folder / DEFAULT, projects.folder / name, symlinks=True)
    stack = projects.folder / name / "stacks/default_thing.py"
    text = stack.read_text(encoding="utf-8")

    stack.write_text(text.replace('"Rest",', '"Renamed",'), encoding="utf-8")
    # On a CI server pytest tells everything in any case.
    changed = projects.fail("env", "-u", "CI", ".venv/bin/pytest", "-q", "tests/test_stack.py", cwd=name)
    stack.write_text(text.replace("apps=[_REST]", 'apps=["lambdas.nowhere:app"]'), encoding="utf-8")
    projects.fail("make", "snapshot", cwd=name)

    assert "truncated" not in changed
    assert re.search(r'^E +\+ +"Renamed\w+": \{$', changed, flags=re.MULTILINE)
    assert [path.suffix for path in (projects.folder / name / "tests/__snapshots__").rglob("*.*")] == [".json"]


class Served:
    """The project while `make run` runs.

    Args:
        project: Its folder.
        log: What `make run` prints.
    """

    def __init__(self, project: Path, log: Path) -> None:
        self.project = project
        self._log = log

    def address(self, kind: str) -> str:
        """What stands after `rest` or `websocket`."""
        [url] = re.findall(rf"^{kind} +(\S+)$", self._log.read_text(encoding="utf-8"), flags=re.MULTILINE)
        return str(url)

    def until(self, fits: Callable[[str], bool], *, process: subprocess.Popen[bytes]) -> None:
        """Wait for what is printed."""
        deadline = time.monotonic() + SECONDS
        while not fits(said := self._log.read_text(encoding="utf-8")):
            assert process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.1)


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, flags=re.MULTILINE | re.DOTALL)


def masked(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", re.sub(r"\b[0-9A-Z]{26}\b", "<id>", text))


@pytest.fixture(scope="module")
def readme(projects: Workplace) -> str:
    return (projects.folder / WHOLE / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(projects: Workplace) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = projects.folder / "run.log"
    found = Served(projects.folder / WHOLE, log)
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=found.project,
            env=projects.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            found.until(lambda said: "Ctrl-C stops" in said, process=process)
            yield found
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(SECONDS)
    assert "stopped" in log.read_text(encoding="utf-8").splitlines()


def test_what_the_readme_asks_is_answered_as_it_says(projects: Workplace, served: Served, readme: str) -> None:
    lines = [line for block in blocks(readme, "sh")[1:3] for line in block.splitlines() if not line.startswith("URL=")]
    commands, answers = lines[::2], [answer.removeprefix("# ") for answer in lines[1::2]]

    assert len(commands) == 3
    for command, answer in zip(commands, answers, strict=True):
        said = projects.run("bash", "-c", f"{command} 2>/dev/null", cwd=WHOLE, URL=served.address("rest"))
        assert masked(said) == masked(answer)


def test_nobody_is_served_without_the_key(served: Served) -> None:
    url = f"{served.address('rest')}notebooks/inbox/notes"

    assert httpx.get(url, timeout=30).status_code == 401
    assert httpx.get(url, headers={"authorization": "Bearer guess"}, timeout=30).status_code == 403


def test_what_is_typed_into_the_socket_comes_to_who_follows(projects: Workplace, served: Served, readme: str) -> None:
    follow, write = blocks(readme, "json")[0].splitlines()
    url = projects.run(".venv/bin/python", "-m", "tests.access", "socket", cwd=WHOLE).strip()

    with connect(url, open_timeout=SECONDS) as client:
        client.send(follow)
        client.send(write)
        heard = json.loads(client.recv(timeout=SECONDS))

    assert url.startswith(served.address("websocket"))
    assert (heard["notebook"], heard["text"]) == ("inbox", "hello")


def test_the_socket_command_connects(projects: Workplace, served: Served) -> None:
    assert f"Connected to {served.address('websocket')}" in projects.run("make", "-s", "socket", cwd=WHOLE)


def test_what_the_readme_adds_is_checked_and_synthesized(projects: Workplace, readme: str, mypy_cache: Path) -> None:
    model = "lambdas/whole_thing/model.py"
    after = {
        f"{model}: class Note": (
            "    written_at: Attr[datetime] = created_at()\n",
            '        """The notes of a notebook, newest first."""\n',
        ),
        f"{model}: Table(...)": ('    sort_key="sk",\n',),
        "app.py": ('WholeThingStack(app, "WholeThing")\n',),
    }
    places = {where: iter(anchors) for where, anchors in after.items()}
    for block in blocks(readme, "python"):
        where, added = block.removeprefix("# ").split("\n", 1)
        file = projects.folder / GROWN / where.partition(":")[0]
        text = file.read_text(encoding="utf-8")
        anchor = next(places.get(where, iter([text])))
        assert text.count(anchor) == 1
        gap = "\n" if "index_key" in added else "" if where in places else "\n\n"
        file.write_text(text.replace(anchor, anchor + gap + added), encoding="utf-8")
    for name, known, new in [
        (model, "import DESCENDING,", "import DESCENDING, Index, index_key,"),
        ("app.py", "from aws_cdk import App\n", "from aws_cdk import App, Stack\nfrom gateleg.cdk import ApiGatewayAccount\n"),
    ]:
        file = projects.folder / GROWN / name
        file.write_text(file.read_text(encoding="utf-8").replace(known, new), encoding="utf-8")

    assert "Success" in projects.run(".venv/bin/mypy", "--cache-dir", mypy_cache, cwd=GROWN)
    projects.run("make", "synth", cwd=GROWN, CDK_VALIDATION="false")

    made = TemplateView.from_file(projects.folder / GROWN / "cdk.out/WholeThing.template.json")
    assert made.table("whole_thing").index("by_author").key_schema == {"HASH": "gsi1pk", "RANGE": "gsi1sk"}
    assert "DELETE /notebooks/{notebook}/notes/{note_id}" in {route.key for route in made.routes()}
    assert "unfollow" in {route.key for route in made.websocket_routes()}
    account = TemplateView.from_file(projects.folder / GROWN / "cdk.out/ApiGatewayAccount.template.json")
    assert "AWS::ApiGateway::Account" in account.types
