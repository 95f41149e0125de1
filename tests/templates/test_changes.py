"""Pairs of declarations, what was deployed and what is declared now: the dangerous are refused, the harmless are not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment, Stack

from gateleg.changes.assembly import assembled_stacks
from gateleg.changes.judgement import judge_assembly
from gateleg.changes.lock import FILE, Lock
from gateleg.cli import main
from tests.templates.change_cases import DANGEROUS, HARMLESS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.changes.judgement import Judgement

pytestmark = pytest.mark.slow

CASES = {**DANGEROUS, **HARMLESS}
NAMES = {name: f"S{number}" for number, name in enumerate(CASES)}


def synthesized(folder: Path, builders: Mapping[str, Callable[[Stack], object]]) -> Path:
    """One app for all, a stack each."""
    app = App(outdir=str(folder))
    for name, build in builders.items():
        build(Stack(app, NAMES[name], env=Environment(account="1" * 12, region="eu-west-1")))
    app.synth()
    return folder


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Judgement]:
    folder = tmp_path_factory.mktemp("pairs")
    before = assembled_stacks(synthesized(folder / "before", {name: case.before for name, case in CASES.items()}))
    after = assembled_stacks(synthesized(folder / "after", {name: case.after for name, case in CASES.items()}))
    Lock().with_shapes({stack.address(): stack.shape for stack in before}).write(folder / "lock.json")
    lock = Lock.read(folder / "lock.json")
    by_name = {stack.name: stack for stack in after}
    return {name: judge_assembly(lock, [by_name[NAMES[name]]]) for name in CASES}


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_dangerous_change_is_refused(name: str, judgements: Mapping[str, Judgement]) -> None:
    found = judgements[name]
    assert sorted(change.id for change in (*found.refused, *found.waves)) == sorted(DANGEROUS[name].refused)
    assert all(change.instead for change in (*found.refused, *found.waves)), "each says what to do instead"
    assert sorted(change.rule for change in found.changes if change.verdict == "told") == sorted(DANGEROUS[name].told)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_is_not(name: str, judgements: Mapping[str, Judgement]) -> None:
    found = judgements[name]
    assert [change.message for change in (*found.refused, *found.waves)] == []
    assert sorted(change.rule for change in found.changes) == sorted(HARMLESS[name].told)


def test_there_are_twenty_of_each() -> None:
    assert min(len(DANGEROUS), len(HARMLESS)) >= 20


def test_the_plan_of_the_page_is_what_the_command_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[2]
    given = {"CDK_OUTDIR": str(tmp_path / "out"), "CDK_CONTEXT_JSON": json.dumps({"gateleg:changes": "judged"}), "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "app.py"], cwd=root / "examples/changes", env={**os.environ, **given}, check=True)
    shutil.copy(root / "examples/changes" / FILE, tmp_path)
    arguments = ["--project", str(tmp_path), "--assembly", str(tmp_path / "out")]
    assert main(["plan", *arguments]) == 0
    printed = capsys.readouterr().out
    assert f"```text\n{printed}```" in (root / "docs/changes.md").read_text(encoding="utf-8")
    before = (tmp_path / FILE).read_text(encoding="utf-8")
    assert main(["lock", *arguments]) == 0
    after = (tmp_path / FILE).read_text(encoding="utf-8")
    assert after == before.replace('"DeletionProtectionEnabled": true', '"DeletionProtectionEnabled": false')
    capsys.readouterr()
    assert main(["plan", *arguments]) == 1
    assert "is acknowledged (The table is moved to the shop's own account next week.), and nothing of that changes" in " ".join(
        capsys.readouterr().out.split()
    )
    assert main(["plan", *arguments, "--stack", "Other"]) == 1
    assert "no stack is called Other; the assembly has Orders" in capsys.readouterr().err
