"""The first hour of a user who has the package and nothing else: what `gateleg init` writes installs, checks, synthesizes and is served."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.project.conftest import BIN, DEFAULT, KINDS, ROOT, SYNTHESIZED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from tests.project.conftest import Workplace

pytestmark = pytest.mark.project

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


def test_mypy_finds_nothing_in_any(checks: Mapping[str, Future[str]]) -> None:
    assert checks["mypy"].result().count("Success: no issues found") == len(KINDS)


def test_pyright_finds_nothing_in_any(checks: Mapping[str, Future[str]]) -> None:
    assert "0 errors, 0 warnings" in checks["pyright"].result()


@pytest.mark.parametrize("name", SYNTHESIZED)
def test_each_kind_synthesizes_to_its_parts(projects: Workplace, checks: Mapping[str, Future[str]], name: str) -> None:
    checks[name].result()
    [file] = (projects.folder / name / "cdk.out").glob("*.template.json")
    resources: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["Resources"]
    types = {resource["Type"] for resource in resources.values()}

    assert ("AWS::DynamoDB::GlobalTable" in types) is ("--no-table" not in KINDS[name])
    assert ("AWS::ApiGatewayV2::Api" in types) is ("websocket" in " ".join(KINDS[name]))
    assert ("AWS::ApiGateway::RestApi" in types) is (name not in {"socket-thing", "socket-alone"})


def test_a_project_passes_its_own_tests(projects: Workplace, checks: Mapping[str, Future[str]]) -> None:
    said = checks["test"].result()

    assert re.search(r"1 snapshot generated\.", said)
    assert re.search(r"^\d+ passed in", said, flags=re.MULTILINE)
    assert [path.name for path in (projects.folder / DEFAULT / "tests/__snapshots__").rglob("*.json")] != []
