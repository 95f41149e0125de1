"""What is said where an extra of gateleg is not installed: one clear error, in an environment that really lacks it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

from tests.environments import environment_of, with_requirements

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install gateleg pytest` makes."""
    return environment_of(tmp_path_factory.mktemp("bare"), with_requirements("gateleg", "pytest").__contains__)


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    path = {"PATH": f"{python.parent}:/usr/bin:/bin"}
    return subprocess.run([python, *arguments], cwd=cwd, env=path, capture_output=True, text=True, timeout=120, check=False)


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


PARTS = [
    ("import gateleg.cdk", "cdk", "aws-cdk-lib"),
    ("from gateleg.cdk import RestGateway", "cdk", "aws-cdk-lib"),
    ("import gateleg.cdk.model_table", "cdk", "aws-cdk-lib"),
    ("from gateleg.testing import Synth; Synth()", "testing", "gateleg[cdk]"),
]


@pytest.mark.parametrize(("code", "part", "brings"), PARTS)
def test_an_import_without_its_part_names_the_extra(bare: Path, tmp_path: Path, code: str, part: str, brings: str) -> None:
    done = run(bare, "-c", code, cwd=tmp_path)
    assert done.returncode == 1
    told = last_line(done.stderr)
    assert told.startswith("gateleg.errors.commands.PartMissingError: gateleg.")
    assert f"needs aws_cdk, which is not installed; run: pip install 'gateleg[{part}]'" in told
    assert any(line.startswith(brings) for line in EXTRAS[part]), "the advice would not help"


def test_parquet_without_arrow_names_the_extra(bare: Path, tmp_path: Path) -> None:
    code = """
        from pathlib import Path
        from gateleg.data import export_items
        from gateleg.model import Attr, Entity, Table, attr
        from gateleg.store import Store
        NOTES = Table("notes", partition_key="note_id")
        class Note(Entity, table=NOTES):
            note_id: Attr[str] = attr(partition_key=True)
        export_items(Store(NOTES, table_name="notes"), Path("notes.parquet"), Note)
    """
    done = run(bare, "-c", dedent(code), cwd=tmp_path)
    told = "Parquet needs pyarrow, which is not installed; run: pip install 'gateleg[parquet]'"
    assert last_line(done.stderr) == f"gateleg.errors.commands.PartMissingError: {told} [part.missing]"
    assert any(line.startswith("pyarrow") for line in EXTRAS["parquet"]), "the advice would not help"


def test_the_error_is_an_import_error(bare: Path, tmp_path: Path) -> None:
    done = run(bare, "-c", "try: import gateleg.cdk\nexcept ImportError as error: print(error.value, error.code)", cwd=tmp_path)
    assert done.stdout == "aws_cdk part.missing\n", done.stderr


def test_what_reads_templates_needs_no_part(bare: Path, tmp_path: Path) -> None:
    code = "from gateleg.testing import *; print(logical_ids({'Resources': {'A': {'Type': 'AWS::S3::Bucket'}}}))"
    assert run(bare, "-c", code, cwd=tmp_path).stdout == "{'A': 'AWS::S3::Bucket'}\n"


def test_the_plugin_without_pytest_names_the_extra(tmp_path: Path) -> None:
    alone = environment_of(tmp_path / "alone", with_requirements("gateleg").__contains__)
    done = run(alone, "-c", "import gateleg.testing.plugin", cwd=tmp_path)
    assert "needs pytest, which is not installed; run: pip install 'gateleg[testing]'" in last_line(done.stderr)


def test_a_run_of_pytest_without_the_parts_works_until_a_fixture_needs_one(bare: Path, tmp_path: Path) -> None:
    tests = """
        def test_nothing(): pass
        def test_snapshot(template_snapshot): pass
        def test_synth(synth): pass
        def test_store(make_store): pass
    """
    (tmp_path / "test_it.py").write_text(dedent(tests), encoding="utf-8")
    done = run(bare, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "1 passed, 3 errors" in done.stdout, done.stdout + done.stderr
    errors = re.findall(r"^E +gateleg\.errors\.commands\.(\w+): (.*)$", done.stdout, re.MULTILINE)
    assert [kind for kind, _ in errors] == ["PartMissingError", "PartMissingError", "ToolMissingError"]
    advised = [re.findall(r"run: pip install '(.*?)'", told)[0] for _, told in errors]
    assert advised == ["gateleg[testing]", "gateleg[testing]", "gateleg[local]"]


def test_a_local_run_without_its_part_is_one_line(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"app": "python app.py"}', encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    done = run(bare, "-m", "gateleg.cli", "local", "up", cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "run: pip install 'gateleg[local]'" in done.stderr


def test_a_synth_without_uv_names_the_extra(tmp_path: Path) -> None:
    there = with_requirements("gateleg[cdk]") - {"uv"}
    python = environment_of(tmp_path / "environment", there.__contains__)
    (tmp_path / "handlers.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("python-ulid==3.1.0\n", encoding="utf-8")
    (tmp_path / "app.py").write_text(dedent(APP), encoding="utf-8")
    done = run(python, "app.py", cwd=tmp_path)
    assert done.returncode == 1
    told = last_line(done.stderr)
    assert "PackagingError" in told
    assert "uv is not installed, and it resolves the handlers' dependencies; run: pip install 'gateleg[cdk]'" in told
    assert any(line.startswith("uv") for line in EXTRAS["cdk"])


APP = """
    import os
    os.environ["CDK_VALIDATION"] = "false"
    from aws_cdk import App, Stack
    from gateleg.cdk import ServiceFunction
    app = App()
    ServiceFunction(Stack(app, "S"), "F", handler="handlers:handler")
    app.synth()
"""
