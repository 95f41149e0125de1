"""What a project is made of: the template's files with their marks read, and what stands in one place only."""

from __future__ import annotations

import json
import tarfile
from itertools import product
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from gateleg.description.lambda_runtime import runtime_of
from gateleg.errors import ProjectError
from gateleg.local.cdk_cli import PINNED
from gateleg.project import Part, Project, ProjectName
from gateleg.project.template import render

ROOT = Path(__file__).parents[3]
APIS = [{Part.REST}, {Part.WEBSOCKET}, {Part.REST, Part.WEBSOCKET}]
KINDS = [frozenset(apis | table) for apis, table in product(APIS, [{Part.TABLE}, set[Part]()])]


def files(parts: frozenset[Part]) -> dict[str, str]:
    return Project(ProjectName.of("order-book"), parts).files()


@pytest.fixture(params=KINDS, ids=lambda parts: "-".join(sorted(parts)))
def parts(request: pytest.FixtureRequest) -> frozenset[Part]:
    kind: frozenset[Part] = request.param
    return kind


def test_a_block_stands_for_its_part() -> None:
    text = "always\n# [table]\nstored\n# [end]\n    # [no table]\n    not stored\n    # [end]\n"

    assert render(text, {"table"}) == "always\nstored\n"
    assert render(text, {"rest"}) == "always\n    not stored\n"


def test_blocks_stand_in_blocks() -> None:
    text = "# [table]\na\n# [rest]\nb\n# [end]\nc\n# [end]\nd\n"

    assert render(text, {"table", "rest"}) == "a\nb\nc\nd\n"
    assert render(text, {"table"}) == "a\nc\nd\n"
    assert render(text, {"rest"}) == "d\n"


def test_a_mark_at_the_end_speaks_of_its_line() -> None:
    text = "import a  # [rest]\nb = 1  # counts  # [no rest]\n"

    assert render(text, {"rest"}) == "import a\n"
    assert render(text, {"table"}) == "b = 1  # counts\n"


def test_a_project_has_the_files_of_its_parts(parts: frozenset[Part]) -> None:
    made = files(parts)

    assert ("lambdas/order_book/rest.py" in made) is (Part.REST in parts)
    assert ("lambdas/order_book/socket.py" in made) is (Part.WEBSOCKET in parts)
    assert ("lambdas/order_book/model.py" in made) is (Part.TABLE in parts)
    assert ("tests/test_model.py" in made) is (Part.TABLE in parts)
    assert {"app.py", "cdk.json", ".gitignore", "Makefile", "README.md", "stacks/order_book.py", "tests/test_deployed.py"} <= made.keys()


def test_nothing_of_the_template_is_left(parts: frozenset[Part]) -> None:
    for path, text in files(parts).items():
        assert "starter" not in (path + text).lower()
        assert "VERSION" not in text
        assert "# [" not in text, path


def test_every_module_is_python_and_tidy(parts: frozenset[Part]) -> None:
    for path, text in files(parts).items():
        assert text.endswith("\n")
        assert "\n\n\n\n" not in text
        assert max(map(len, text.splitlines())) <= 180
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_no_file_names_a_registry(parts: frozenset[Part]) -> None:
    for path, text in files(parts).items():
        assert not any(host in text for host in ("pypi", "npmjs", "resolved")), path


def test_a_project_without_an_api_is_refused() -> None:
    with pytest.raises(ProjectError, match="write --api rest, --api websocket or both"):
        files(frozenset({Part.TABLE}))


@pytest.mark.slow
def test_the_feature_flags_are_those_that_the_cdk_recommends() -> None:
    [archive] = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(archive) as opened:
        flags = opened.extractfile("package/recommended-feature-flags.json")
        assert flags is not None
        recommended = json.load(flags)

    pinned = {"gateleg:runtime": runtime_of()}  # or the snapshot would be another with each developer's Python
    assert json.loads(files(KINDS[0])["cdk.json"])["context"] == recommended | pinned
    assert json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"] == recommended


def test_the_cdk_cli_is_the_one_that_the_local_run_is_made_for() -> None:
    made = files(KINDS[0])
    package, lock = json.loads(made["package.json"]), json.loads(made["package-lock.json"])
    own: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert package["devDependencies"] == lock["packages"][""]["devDependencies"] == {"aws-cdk": PINNED}
    assert lock["packages"]["node_modules/aws-cdk"] == own["node_modules/aws-cdk"]
    assert package["name"] == lock["name"] == lock["packages"][""]["name"] == "order-book"


def test_the_handlers_requirements_are_those_of_the_package() -> None:
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    needed = [line for line in files(KINDS[0])["lambdas/requirements.in"].splitlines() if not line.startswith("#")]

    # Lambda's own runtime brings boto3.
    assert needed == [line for line in declared if not line.startswith("boto3")]
