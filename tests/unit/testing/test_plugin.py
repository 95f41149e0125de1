"""The plugin as a user's pytest run loads it, in a process of its own."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import gateleg.testing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MODULE = "gateleg.testing.plugin"

TESTS = """
    import pytest
    from aws_cdk import App, Stack, aws_lambda
    from aws_cdk.assertions import Template
    from gateleg.testing import Synth, TemplateView, logical_ids

    made = []

    class Handlers(Stack):
        def __init__(self, app):
            super().__init__(app, "Handlers")
            made.append(self)
            aws_lambda.Function(
                self,
                "Hello",
                runtime=aws_lambda.Runtime.PYTHON_3_13,
                handler="hello.handler",
                code=aws_lambda.Code.from_asset("code"),
                memory_size=int(self.node.try_get_context("memory")),
            ).current_version

    @pytest.fixture
    def handlers(synth: Synth) -> TemplateView:
        return synth(lambda app: Handlers(app))

    def test_snapshot(handlers, template_snapshot):
        assert handlers == template_snapshot

    def test_json(handlers, template_snapshot):
        assert dict(handlers.json) == template_snapshot

    def test_assertions(handlers, template_snapshot):
        assert Template.from_json(dict(handlers.json)) == template_snapshot

    def test_logical_ids(handlers, template_snapshot):
        assert handlers.logical_ids() == template_snapshot

    def test_synthesized_once(handlers):
        assert len(made) == 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "hello.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "cdk.json").write_text('{"app": "true", "context": {"memory": 512}}', encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n", encoding="utf-8")
    (tmp_path / "test_handlers.py").write_text(dedent(TESTS), encoding="utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    installed = any(point.value == MODULE for point in importlib.metadata.entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", MODULE]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *plugin, *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_snapshots_are_written_and_hold_until_more_than_code_changes(project: Path) -> None:
    first = run(project, "--snapshot-update")
    assert first.returncode == 0, first.stdout + first.stderr
    files = {file.name: file.read_text(encoding="utf-8") for file in (project / "__snapshots__").rglob("*.json")}
    assert sorted(files) == ["test_assertions.json", "test_json.json", "test_logical_ids.json", "test_snapshot.json"]
    assert files["test_json.json"] == files["test_snapshot.json"] == files["test_assertions.json"]
    assert '"MemorySize": 512' in files["test_snapshot.json"], "the context of cdk.json reaches the stack"

    (project / "code" / "hello.py").write_text("x = 2\n", encoding="utf-8")
    after_edit = run(project)
    assert after_edit.returncode == 0, after_edit.stdout + after_edit.stderr

    (project / "cdk.json").write_text('{"context": {"memory": 256}}', encoding="utf-8")
    after_change = run(project)
    assert after_change.returncode == 1
    assert "3 failed, 2 passed" in after_change.stdout
    assert "MemorySize" in after_change.stdout


def test_settings_can_be_overridden(project: Path) -> None:
    conftest = """
        import pytest
        from gateleg.testing import SynthSettings

        @pytest.fixture(scope="session")
        def synth_settings(synth_settings):
            return SynthSettings(project=synth_settings.project, context={"memory": 1024})
    """
    (project / "conftest.py").write_text(dedent(conftest), encoding="utf-8")
    (project / "test_handlers.py").write_text(
        dedent(TESTS) + "\ndef test_memory(handlers):\n    assert handlers.function('Hello').property('MemorySize') == 1024\n",
        encoding="utf-8",
    )
    outcome = run(project, "-k", "memory")
    assert "1 passed" in outcome.stdout, outcome.stdout + outcome.stderr


def test_a_failed_question_shows_the_test_s_own_line_and_what_there_is(project: Path) -> None:
    (project / "test_handlers.py").write_text(
        dedent(TESTS) + "\ndef test_missing(handlers):\n    handlers.function('Helo')\n", encoding="utf-8"
    )
    outcome = run(project, "-k", "missing")
    assert "handlers.function('Helo')" in outcome.stdout
    assert "no function 'Helo'" in outcome.stdout
    assert "gateleg/testing/" not in outcome.stdout, "frames of the library stand between the question and its answer"


def test_without_syrupy_the_snapshot_fixture_says_what_to_install(project: Path) -> None:
    outcome = run(project, "-p", "no:syrupy", "-k", "snapshot")
    assert "`template_snapshot` needs syrupy" in outcome.stdout


def test_loading_the_plugin_imports_nothing_but_the_plugin() -> None:
    listing = f"import {MODULE}, sys; print(' '.join(sys.modules))"
    outcome = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(outcome.stdout.split())
    assert {name for name in loaded if name.startswith("gateleg")} == {"gateleg", "gateleg.parts", "gateleg.testing", MODULE}
    assert not loaded & {"aws_cdk", "jsii", "boto3", "aws_lambda_powertools", "pydantic", "syrupy"}


@pytest.mark.parametrize("name", gateleg.testing.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(gateleg.testing, name).__doc__


def test_an_unknown_name_of_the_package_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Template'"):
        gateleg.testing.__getattr__("Template")


def test_the_node_beside_python_is_found_where_no_environment_is_activated(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import aws_cdk\n", encoding="utf-8")
    (tmp_path / "test_cdk.py").write_text("def test_an_app_is_made():\n    from aws_cdk import App\n    App()\n", encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_cdk.py"]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=120, check=False)

    assert "1 passed" in done.stdout, done.stdout
