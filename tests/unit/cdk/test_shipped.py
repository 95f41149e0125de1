"""What is packed from a handler's needs imports and works where nothing else is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import HandlerCode, ServiceFunction
from gateleg.description.app import Needs
from gateleg.errors import PackagingError

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
HANDLER = """
    from shared.money import rate
    import gateleg.errors

    def handler(event, context):
        from . import ab_test
        from .tests.helper import helps
        import annotated_types
        import cents
        return [rate(), ab_test.variant, helps, annotated_types.Gt(1).gt, cents.CENT, gateleg.errors.GatelegError.__name__]
"""
MONEY = "from pathlib import Path\ndef rate(): return Path(__file__).with_name('rate.txt').read_text()\n"
PYPROJECT = """
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"
    [project]
    name = "my-cents"
    version = "1.0"
    [tool.hatch.build.targets.wheel]
    include = ["cents.py"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "svc/__init__.py": "",
        "svc/rest.py": HANDLER,
        "svc/ab_test.py": "variant = 'B'",
        "svc/tests/__init__.py": "",
        "svc/tests/helper.py": "helps = True",
        "svc/tests/test_helper.py": "import pytest",
        "shared/money.py": MONEY,
        "shared/rate.txt": "2",
        "libs/cents/pyproject.toml": PYPROJECT,
        "libs/cents/cents.py": "CENT = 100",
        "svc/requirements.txt": "-r base.txt\n../libs/cents\n",
        "svc/base.txt": "annotated-types\n",
    }
    for name, text in files.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(dedent(text))
    return tmp_path / "project"


def needs_of(root: Path) -> Needs:
    """The needs as the describing process finds them; the local package is on its path like an editable installation."""
    script = (
        "import json, svc.rest; from pathlib import Path; from gateleg.describe.needs import needs_of; "
        "needs = needs_of(Path(), 'svc.rest'); print(json.dumps([needs.files, needs.distributions]))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(root / "site-packages")])}
    done = subprocess.run([sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, check=True)
    return Needs(*map(tuple, json.loads(done.stdout)))


def installed(root: Path) -> None:
    """Install the local package where the describing process finds it."""
    site = root / "site-packages"
    (site / "my_cents-1.0.dist-info").mkdir(parents=True)
    (site / "cents.py").write_text("CENT = 100")
    (site / "my_cents-1.0.dist-info/RECORD").write_text("cents.py,,\n")


def unpacked(project: Path, place: Path) -> dict[str, str]:
    """Unpack what was packed, and give the environment of a process that sees nothing else."""
    for kind, folder in (("code", "task"), ("layers", "opt")):
        [archive] = (project / ".gateleg" / kind).iterdir()
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(place / folder)
    return {"PYTHONPATH": os.pathsep.join([str(place / "task"), str(place / "opt/python")])}


def test_what_is_packed_runs_alone(project: Path, tmp_path: Path) -> None:
    installed(project)
    needs = needs_of(project)
    assert needs.distributions == ("annotated-types", "my-cents")
    code = HandlerCode(project).for_handler("svc.rest:handler")
    stack = Stack(App(context={"gateleg:target": "local"}), "Test")
    code.code(needs)
    code.layer(stack, needs, architecture=lambda_.Architecture.ARM_64, runtime=lambda_.Runtime.PYTHON_3_14)
    environment = unpacked(project, tmp_path)
    script = "import svc.rest; print(svc.rest.handler({}, None))"
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['2', 'B', True, 1, 100, 'GatelegError']", done.stderr
    assert not (tmp_path / "task/svc/tests/test_helper.py").exists()


@pytest.mark.skipif(sys.version_info.releaselevel != "final", reason="Lambda has released versions alone")
def test_on_lambda_nothing_is_compiled_at_the_cold_start(project: Path, tmp_path: Path) -> None:
    installed(project)
    stack = Stack(App(), "Test")
    runtime = lambda_.Runtime(f"python3.{sys.version_info.minor}", lambda_.RuntimeFamily.PYTHON)
    ServiceFunction(stack, "Function", handler="svc.rest:handler", code=HandlerCode(project), runtime=runtime)
    environment = unpacked(project, tmp_path)
    # What Python would compile it would keep: here it may, and has nothing to.
    before = sorted(path for path in tmp_path.rglob("*.pyc"))
    script = "import svc.rest; svc.rest.handler({}, None); print(svc.rest.__spec__.cached)"
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) in before
    assert sorted(path for path in tmp_path.rglob("*.pyc")) == before


@pytest.mark.parametrize("context", [{"gateleg:target": "local"}, {"aws:cdk:bundling-stacks": []}])
def test_a_local_run_and_a_stack_that_is_only_listed_compile_nothing(context: dict[str, Any], project: Path) -> None:
    installed(project)
    ServiceFunction(Stack(App(context=context), "Test"), "Function", handler="svc.rest:handler", code=HandlerCode(project))
    for archive in (project / ".gateleg").glob("*/*.zip"):
        assert not [name for name in zipfile.ZipFile(archive).namelist() if name.endswith(".pyc")]


@pytest.mark.parametrize(("without", "told"), [("../libs/cents\n", "my-cents"), ("-r base.txt\n", "annotated-types")])
def test_a_distribution_that_would_be_missing_on_aws_is_refused(without: str, told: str, project: Path) -> None:
    installed(project)
    file = project / "svc/requirements.txt"
    file.write_text(file.read_text().replace(without, ""))
    props: dict[str, Any] = {"architecture": lambda_.Architecture.ARM_64, "runtime": lambda_.Runtime.PYTHON_3_14}
    with pytest.raises(PackagingError, match=f"imports {told}, and"):
        HandlerCode(project).for_handler("svc.rest:handler").layer(Stack(App(), "Test"), needs_of(project), **props)
