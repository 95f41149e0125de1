"""Exports to S3 and backups of tables: what is made, what the roles may do, and what AWS would refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from gateleg.cdk import ModelTable, TableBackups, TableExport, encrypt
from gateleg.cdk.tables.export_states import ExportStates
from gateleg.errors import DeclarationError
from gateleg.model import Table
from tests.templates.constructs.samples import Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

GAMES = Table("games", partition_key="pk")
HOUR = Duration.hours(1)


def exporting(table: dict[str, Any] | None = None, key: bool = False, **arguments: Any) -> Template:  # noqa: FBT001, FBT002 (a test's own)
    def build(stack: Stack) -> None:
        made = ModelTable(stack, "Table", table=GAMES, **(table or {}))
        encryption_key: Any = kms.Key(stack, "Key") if key else None
        bucket = s3.Bucket(stack, "Bucket", encryption_key=encryption_key)
        TableExport(stack, "Export", table=made, bucket=bucket, **arguments)

    return synthesized(build)


def definition(template: Template) -> dict[str, Any]:
    """The state machine, with `${name}` in place of what the deployment makes."""
    parts = template.one("AWS::StepFunctions::StateMachine")["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else f"${{{json.dumps(part)[2:9]}}}".replace('"', "") for part in parts)
    found: dict[str, Any] = json.loads(text)
    return found


def role(template: Template) -> dict[str, Any]:
    """Of the machine's role: what it may do, by its actions, where that is on single resources."""
    [name] = [name for name in template.all("AWS::IAM::Role") if name.startswith("ExportRole")]
    return {
        ",".join([one["Action"]] if isinstance(one["Action"], str) else one["Action"]): one["Resource"] for one in template.statements(name)
    }


@pytest.fixture(scope="module")
def hourly() -> Template:
    return exporting(key=True, prefix="games/", every=HOUR, incremental=True, view="NEW_IMAGE", format="ION")


def test_a_scheduled_export_of_changes_holds_the_time_since_the_one_before(hourly: Template) -> None:
    schedule = hourly.one("AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert json.loads(schedule["Target"]["Input"]) == {"to": "<aws.scheduler.scheduled-time>"}
    states = definition(hourly)["States"]
    assert (
        "$toMillis($exists($states.input.to) ? $states.input.to : $states.context.Execution.StartTime) - 3600000"
        in states["Period"]["Assign"]["begin"]
    )
    asked = states["Export changes"]["Arguments"]
    assert asked["IncrementalExportSpecification"] == {
        "ExportFromTime": "{% $begin %}",
        "ExportToTime": "{% $end %}",
        "ExportViewType": "NEW_IMAGE",
    }
    assert (asked["ExportFormat"], asked["S3Prefix"], asked["S3SseAlgorithm"], asked["ExportType"]) == (
        "ION",
        "games",
        "KMS",
        "INCREMENTAL_EXPORT",
    )


def test_the_role_of_an_export_may_make_it_and_nothing_else(hourly: Template) -> None:
    found = role(hourly)
    table, bucket, key = (hourly.id_of(kind) for kind in ("AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key"))
    assert found.pop("dynamodb:ExportTableToPointInTime,dynamodb:DescribeContinuousBackups") == {"Fn::GetAtt": [table, "Arn"]}
    assert found.pop("dynamodb:DescribeExport") == {"Fn::Join": ["", [{"Fn::GetAtt": [table, "Arn"]}, "/export/*"]]}
    written = {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/games/*"]]}
    assert found.pop("s3:AbortMultipartUpload,s3:PutObject,s3:PutObjectAcl") == written
    assert found.pop("kms:Decrypt,kms:GenerateDataKey") == {"Fn::GetAtt": [key, "Arn"]}
    assert all(actions.startswith(("logs:", "xray:")) for actions in found)


def test_an_export_on_demand_has_no_schedule() -> None:
    template = exporting()
    assert template.all("AWS::Scheduler::Schedule") == {}
    states = definition(template)["States"]
    assert {states[name]["Arguments"]["ExportType"] for name in ("Export", "Export of a time")} == {"FULL_EXPORT"}
    assert "S3Prefix" not in states["Export"]["Arguments"]
    assert states["Export"]["Arguments"]["S3SseAlgorithm"] == "AES256"
    assert "ExportTime" not in states["Export"]["Arguments"]
    machine = template.one("AWS::StepFunctions::StateMachine")
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"


def test_every_state_leads_somewhere() -> None:
    for period in (None, 3_600):
        found = ExportStates("calls:", "games", {}, period).definition()
        names = {found["StartAt"]}
        for state in found["States"].values():
            names |= {state[key] for key in ("Next", "Default") if key in state} | {one["Next"] for one in state.get("Choices", ())}
        assert names == set(found["States"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"table": {"preset": "sandbox"}}, "has no point in time recovery, from which exports are made; write point_in_time_recovery=True"),
        ({"incremental": True}, "15 minutes to 24 hours, and every=None minutes"),
        ({"incremental": True, "every": Duration.minutes(10)}, "every=10 minutes; write every=Duration.hours"),
        ({"incremental": True, "every": Duration.days(2)}, "every=2880 minutes"),
        ({"every": Duration.seconds(30)}, "a Duration of whole minutes"),
        ({"format": "CSV"}, "one of 'DYNAMODB_JSON', 'ION'"),
        ({"view": "OLD_IMAGE"}, "one of 'NEW_AND_OLD_IMAGES', 'NEW_IMAGE'"),
        ({"prefix": ""}, "a text that is not empty"),
    ],
)
def test_exports_that_aws_would_refuse_are_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        exporting(**arguments)


def test_all_of_a_table_may_be_exported_as_often_as_one_likes() -> None:
    template = exporting(table={"preset": "sandbox", "point_in_time_recovery": True}, every=Duration.days(7))
    schedule = template.one("AWS::Scheduler::Schedule")
    assert (schedule["ScheduleExpression"], json.loads(schedule["Target"]["Input"])) == ("rate(7 days)", {})


# Backups ----------------------------------------------------------------------------------------------------------------------------


def backed(make: Callable[[Stack], dict[str, Any]] = lambda _: {}) -> Template:
    def build(stack: Stack) -> None:
        encrypt(stack, kms.Key(stack, "Key"))
        tables = [
            ModelTable(stack, name, table=Table(name, partition_key="pk"), resource_type="AWS::DynamoDB::Table") for name in ("a", "b")
        ]
        given: dict[str, Any] = {"tables": tables} | make(stack)
        TableBackups(stack, "Backups", **given)

    return synthesized(build)


def test_backups_are_made_each_night_and_kept_in_a_vault_that_stays() -> None:
    template = backed()
    [vault] = template.all("AWS::Backup::BackupVault").values()
    assert (vault["DeletionPolicy"], vault["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert vault["Properties"]["EncryptionKeyArn"] == {"Fn::GetAtt": [template.id_of("AWS::KMS::Key"), "Arn"]}
    [rule] = template.one("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert rule["ScheduleExpression"] == "cron(0 5 * * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 35}
    assert rule["TargetBackupVault"] == {"Fn::GetAtt": [template.id_of("AWS::Backup::BackupVault"), "BackupVaultName"]}
    chosen = template.one("AWS::Backup::BackupSelection")["BackupSelection"]["Resources"]
    assert chosen == [{"Fn::GetAtt": [name, "Arn"]} for name in template.all("AWS::DynamoDB::Table")]


def test_backups_go_where_and_when_they_are_told() -> None:
    def told(stack: Stack) -> dict[str, Any]:
        vaults = {name: backup.BackupVault.from_backup_vault_name(stack, name, name) for name in ("mine", "theirs")}
        return {
            "vault": vaults["mine"],
            "copy_to": vaults["theirs"],
            "schedule": events.Schedule.cron(hour="3", minute="30"),
            "keep": Duration.days(120),
            "to_cold_after": Duration.days(30),
        }

    template = backed(told)
    assert template.all("AWS::Backup::BackupVault") == {}
    [rule] = template.one("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert rule["TargetBackupVault"] == "mine"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 120, "MoveToColdStorageAfterDays": 30}
    assert rule["ScheduleExpression"] == "cron(30 3 * * ? *)"
    [copy] = rule["CopyActions"]
    assert copy["Lifecycle"] == {"DeleteAfterDays": 120}
    assert str(copy["DestinationBackupVaultArn"]).endswith("backup-vault:theirs']]}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"tables": []}, "names no table"),
        ({"tables": [GAMES]}, "a list of which each is a ModelTable"),
        ({"keep": Duration.hours(30)}, "a Duration of whole days"),
        ({"to_cold_after": Duration.days(30)}, r"keep is 35 days; write keep=Duration.days\(120\)"),
        ({"schedule": "daily"}, r"a Schedule.cron\(...\) of aws_events"),
        ({"schedule": events.Schedule.rate(Duration.hours(12))}, "such as Schedule.cron"),
        ({"vault": cast("Any", "mine")}, "a BackupVault of aws_backup"),
    ],
)
def test_backups_that_aws_would_refuse_are_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        backed(lambda _: arguments)
