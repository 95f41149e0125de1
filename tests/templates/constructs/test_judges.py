"""Four judges over a stack with everything: cdk-nag's six packs, Control Tower's rules, cfn-lint and checkov.

Each is given something broken beside, so that a judge that looks at nothing does not pass for one that finds nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)
from cdklabs.cdk_validator_cfnguard import CfnGuardValidator

from gateleg.testing.findings import Finding, findings_of
from tests.templates.constructs.everything import EverythingStack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CHECKOV = ROOT / ".venvs/checkov/bin/checkov"
CFN_LINT = Path(sys.executable).parent / "cfn-lint"
STRICT = {"HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321"}
PACKS: tuple[Any, ...] = (
    AwsSolutionsChecks,
    ServerlessChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
)
GUARD: tuple[Any, ...] = (CfnGuardValidator(),)  # of an older interface, which CDK takes too
BROKEN = {"Resources": {"Broken": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "soon"}}}}
WRITTEN_BY_CDK = "W3005"
"""That something waits for what it refers to: CDK's own `Function` and `HttpStage` write it, and it does no harm."""


@dataclass(frozen=True)
class Judged:
    """What cdk-nag and Control Tower's rules found in the stack, and where it is for the others."""

    findings: tuple[Finding, ...]
    template: Path

    @property
    def resources(self) -> dict[str, Any]:
        """By logical id."""
        found: dict[str, Any] = json.loads(self.template.read_text(encoding="utf-8"))["Resources"]
        return found

    def all(self, kind: str) -> Iterator[dict[str, Any]]:
        """The resources of a type."""
        return (resource for resource in self.resources.values() if resource["Type"] == kind)


def judged(code: HandlerCode, outdir: Path, *, strict: bool) -> Judged:
    context = {"gateleg:runtime": "python3.14", "@aws-cdk/core:failSynthOnValidationErrors": False}
    app = App(context=context, outdir=str(outdir))
    stack = EverythingStack(app, code, strict=strict)
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS), *(GUARD if strict else ()))
    app.synth()
    return Judged(findings_of(outdir), outdir / stack.template_file)


@pytest.fixture(scope="module")
def plain(code: HandlerCode, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(code, tmp_path_factory.mktemp("plain"), strict=False)


@pytest.fixture(scope="module")
def strict(code: HandlerCode, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(code, tmp_path_factory.mktemp("strict"), strict=True)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("broken") / "broken.json"
    path.write_text(json.dumps(BROKEN), encoding="utf-8")
    return path


def test_without_compliance_the_packs_for_everybody_find_nothing(plain: Judged) -> None:
    assert [finding for finding in plain.findings if finding.plugin not in STRICT] == []
    assert {finding.plugin for finding in plain.findings} == STRICT  # each of them looks


def test_with_compliance_neither_the_packs_nor_control_tower_find_anything(strict: Judged) -> None:
    assert [str(finding) for finding in strict.findings] == []


def test_what_is_acknowledged_of_control_tower_is_these_rules_alone(strict: Judged) -> None:
    report = json.loads((strict.template.parent / "validation-report.json").read_text(encoding="utf-8"))
    [guard] = [plugin for plugin in report["pluginReports"] if plugin["pluginName"] == "cdk-validator-cfnguard"]
    assert {one["ruleName"] for one in guard["suppressedViolations"]} == {
        "api_gw_v2_authorization_type_configured_check",
        "lambda_function_public_access_prohibited_check",
        "lambda_inside_vpc_check",
        "sqs_dlq_check",
    }


def test_a_permission_is_explained_by_what_it_has(strict: Judged) -> None:
    permissions = [one["Properties"] for one in strict.all("AWS::Lambda::Permission")]
    assert permissions
    assert all(one["SourceAccount"] == {"Ref": "AWS::AccountId"} and "execute-api" in json.dumps(one["SourceArn"]) for one in permissions)


def test_cfn_lint_finds_nothing(strict: Judged, broken: Path) -> None:
    paths = [strict.template, broken]
    done = subprocess.run(
        [CFN_LINT, "--format", "json", "--ignore-checks", WRITTEN_BY_CDK, "--", *paths],
        capture_output=True,
        check=False,
    )
    found = [(Path(one["Filename"]), one["Rule"]["Id"], one["Message"]) for one in json.loads(done.stdout)]
    assert [one for one in found if one[0] != broken] == []
    assert found


def test_checkov_finds_nothing_with_compliance(strict: Judged, broken: Path, tmp_path: Path) -> None:
    resources = strict.resources
    for resource in resources.values():
        resource.get("Properties", {}).pop("Body", None)  # it has no rule for bodies, and takes most of its time over them
    (template := tmp_path / "template.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    done = subprocess.run(
        [CHECKOV, "-f", template, "-f", broken, "--framework", "cloudformation", "--skip-download", "--compact", "-o", "json"],
        capture_output=True,
        check=False,
    )
    results: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)["results"]
    failed = {(one["check_id"], one["resource"]) for one in results["failed_checks"]}
    assert {one for one in failed if not one[1].endswith(".Broken")} == set()
    assert failed  # of what is broken
    assert {one["check_id"] for one in results["skipped_checks"]} == {"CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_120"}


def test_checkov_is_told_the_reasons_that_cdk_nag_is_told(strict: Judged) -> None:
    [function] = [
        one for one in strict.all("AWS::Lambda::Function") if "GATELEG_TABLE_CHAT" in json.dumps(one) and "Private" in json.dumps(one)
    ]
    told = {one["id"]: one["comment"] for one in function["Metadata"]["checkov"]["skip"]}
    assert "waits for its answer" in told["CKV_AWS_116"]
    assert "may reach dynamodb, kms, logs, secretsmanager, xray alone" in told["CKV_AWS_117"]


def test_a_stage_that_keeps_answers_is_not_said_to_keep_none(strict: Judged) -> None:
    stages = list(strict.all("AWS::ApiGateway::Stage"))
    assert [bool(one["Properties"].get("CacheClusterEnabled")) for one in stages].count(True) == 1
    assert all(bool(one["Properties"].get("CacheClusterEnabled")) is not ("checkov" in one.get("Metadata", {})) for one in stages)


def test_with_compliance_logs_are_kept_for_a_year_and_otherwise_as_they_are_said_to_be(plain: Judged, strict: Judged) -> None:
    kept = [{one["Properties"]["RetentionInDays"] for one in each.all("AWS::Logs::LogGroup")} for each in (plain, strict)]
    assert kept == [{90}, {365}]
