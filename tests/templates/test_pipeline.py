"""examples/pipeline: what is released where, in which order, and what each environment gets of it."""

from __future__ import annotations

import contextlib
import json
import runpy
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from gateleg.doctor.examination import examined
from gateleg.template.inputs import templates

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parents[2] / "examples/pipeline"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `cdk synth` writes, without a call to AWS."""
    folder = tmp_path_factory.mktemp("pipeline")
    with contextlib.chdir(EXAMPLE):
        said: Any = runpy.run_path("app.py", run_name="app")
        app = aws_cdk.App(outdir=str(folder))
        said["PipelineStack"](app, "Pipeline", env=said["TOOLS"])
        app.synth()
    return folder


def resources(template: Path, kind: str) -> list[dict[str, Any]]:
    """The properties of the resources of a type."""
    found = json.loads(template.read_text(encoding="utf-8"))["Resources"].values()
    return [one["Properties"] | {"DeletionPolicy": one.get("DeletionPolicy")} for one in found if one["Type"] == f"AWS::{kind}"]


def of(assembly: Path, environment: str, kind: str) -> dict[str, Any]:
    """The only resource of a type in an environment."""
    [template] = assembly.glob(f"assembly-Pipeline-{environment}/*.template.json")
    [found] = resources(template, kind)
    return found


def test_production_comes_after_the_sandbox_and_after_somebody_said_so(assembly: Path) -> None:
    [pipeline] = resources(assembly / "Pipeline.template.json", "CodePipeline::Pipeline")
    stages = [
        (stage["Name"], [action["ActionTypeId"]["Provider"] for action in sorted(stage["Actions"], key=lambda one: one["RunOrder"])])
        for stage in pipeline["Stages"]
    ]
    assert stages == [
        ("Source", ["CodeStarSourceConnection"]),
        ("Build", ["CodeBuild"]),
        ("UpdatePipeline", ["CodeBuild"]),
        ("Assets", ["CodeBuild", "CodeBuild"]),
        ("Sandbox", ["CloudFormation", "CloudFormation"]),
        ("Production", ["Manual", "CloudFormation", "CloudFormation"]),
    ]
    builds = json.dumps([one["Source"] for one in resources(assembly / "Pipeline.template.json", "CodeBuild::Project")])
    assert all(command in builds for command in ("make test", "cdk synth", "gateleg doctor"))


def test_each_environment_keeps_and_shifts_what_its_people_stand_for(assembly: Path) -> None:
    aliases = {name: of(assembly, name, "Lambda::Alias") for name in ("Sandbox", "Production")}
    tables = {name: of(assembly, name, "DynamoDB::GlobalTable") for name in aliases}

    assert [table["DeletionPolicy"] for table in tables.values()] == ["Delete", "Retain"]
    assert ["ProvisionedConcurrencyConfig" in alias for alias in aliases.values()] == [False, True]
    assert of(assembly, "Production", "CodeDeploy::DeploymentGroup")["DeploymentConfigName"].endswith("Canary10Percent5Minutes")
    with pytest.raises(ValueError, match="not enough values"):
        of(assembly, "Sandbox", "CodeDeploy::DeploymentGroup")


def test_doctor_reads_all_environments_of_the_pipeline_and_none_would_be_refused(assembly: Path) -> None:
    needs = examined(templates(str(assembly)))
    assert {"bootstrap", "cloudwatch-role", "concurrency"} <= {need.id for need in needs}
    assert [need for need in needs if need.when.name == "REFUSED"] == []
    reasons = [need.reason for need in needs if need.id == "concurrency"]
    assert ["have 2 kept started" in reason for reason in reasons] == [False, True]
