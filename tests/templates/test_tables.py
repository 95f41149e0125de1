"""What a table is told is in its resource, of either type: one stack with everything, read by the views that the package ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import (
    Autoscaled,
    KinesisStream,
    ModelTable,
    OnDemand,
    Provisioned,
    Replica,
    Replication,
    TableBackups,
    WarmThroughput,
)
from gateleg.model import Attr, Entity, Index, LocalIndex, StreamView, Table, access, attr, include, key

if TYPE_CHECKING:
    from gateleg.testing import Synth, TemplateView

GAMES = Table(
    "games",
    partition_key="pk",
    sort_key="sk",
    ttl="gone",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[
        Index("by_leg", partition_key=("tenant", "region"), sort_key=("leg", "bracket")),
        Index("by_day", partition_key="day", projection=include("score")),
        LocalIndex("by_rank", sort_key="rank"),
    ],
)
SCORES = Table("scores", partition_key="pk", stream=StreamView.KEYS_ONLY, indexes=[Index("by_day", partition_key="day")])
VOTES = Table("votes", partition_key="pk")
KEY = "arn:aws:kms:eu-central-1:111122223333:key/9f5b3d7e-1c2a-4b8d-9e6f-0a1b2c3d4e5f"


class Game(Entity, table=GAMES):
    """A game."""

    number: Attr[str]
    tenant: Attr[str]
    region: Attr[str]
    leg: Attr[int]
    bracket: Attr[str] = attr()

    key = key("GAME#{number}", "GAME")

    @access(index="by_leg")
    def of_leg(*, tenant: str, region: str, leg: int) -> None: ...


class Vote(Entity, table=VOTES):
    """A vote."""

    number: Attr[str]
    key = key("VOTE#{number}")


def policy(action: str) -> iam.PolicyDocument:
    principals = [cast("iam.IPrincipal", iam.AccountPrincipal("444455556666"))]
    return iam.PolicyDocument(statements=[iam.PolicyStatement(actions=[action], principals=principals, resources=["*"])])


class Tables(aws_cdk.Stack):
    """A table of each type with all that it can be told, and one that is told nothing."""

    def __init__(self, scope: aws_cdk.App) -> None:
        super().__init__(scope, "Tables", env=aws_cdk.Environment(region="eu-west-1", account="111122223333"))
        key = kms.Key(self, "Key")
        stream = kinesis.Stream(self, "Changes")
        shared: dict[str, Any] = {
            "encryption_key": key,
            "kinesis": KinesisStream(stream, "MILLISECOND"),
            "recovery_period": Duration.days(7),
            "contributor_insights": "THROTTLED_KEYS",
            "table_class": "STANDARD_INFREQUENT_ACCESS",
            "resource_policy": policy("dynamodb:Query"),
            "stream_policy": policy("dynamodb:GetRecords"),
            "tags": {"team": "games"},
        }
        wide = Provisioned(Autoscaled(7, 70), Autoscaled(6, 60, target=50, seed=8))
        self.games = ModelTable(
            self,
            "Games",
            table=GAMES,
            table_name="games",
            billing=Provisioned(5, Autoscaled(5, 50), warm=WarmThroughput(20_000, 5_000), indexes={"by_leg": wide}),
            replication=Replication([Replica("eu-central-1", encryption_key=KEY)]),
            **shared,
        )
        self.scores = ModelTable(
            self,
            "Scores",
            table=SCORES,
            resource_type="AWS::DynamoDB::Table",
            billing=OnDemand(400, 200, WarmThroughput(20_000, 5_000), {"by_day": OnDemand(100, 50, WarmThroughput(13_000, 4_500))}),
            **shared,
        )
        self.votes = ModelTable(self, "Votes", table=VOTES)
        TableBackups(self, "Backups", tables=[self.games, self.scores])
        runtime, code = lambda_.Runtime.PYTHON_3_13, lambda_.Code.from_inline("handler = print")
        function = lambda_.Function(
            self, "Play", runtime=runtime, code=code, handler="index.handler", environment={"POWERTOOLS_SERVICE_NAME": "play"}
        )
        for name, value in {**self.games.environment(Game.of_leg), **self.votes.environment(Vote.get)}.items():
            function.add_environment(name, value)
        self.games.grant(function, Game.create, Game.of_leg)
        self.votes.grant(function, Vote.get)


def tables_stack(app: aws_cdk.App) -> Tables:
    return Tables(app)


@pytest.fixture(scope="session")
def tables(synth: Synth) -> TemplateView:
    return synth(tables_stack)


POLICY = "PolicyDocument.Statement.0"
ACCOUNT = "arn:aws:iam::444455556666:root"


def said(path: str, action: str) -> dict[str, str]:
    """What a policy says, at a path."""
    return {
        f"{path}.PolicyDocument.Version": "2012-10-17",
        f"{path}.{POLICY}.Action": action,
        f"{path}.{POLICY}.Effect": "Allow",
        f"{path}.{POLICY}.Principal.AWS": ACCOUNT,
        f"{path}.{POLICY}.Resource": "*",
    }


def scaled(path: str, least: int, most: int, target: int = 70, seed: int | None = None) -> dict[str, str]:
    role = "Read" if "Read" in path else "Write"
    place = f"{path}.{role}CapacityAutoScalingSettings"
    return {
        f"{place}.MinCapacity": str(least),
        f"{place}.MaxCapacity": str(most),
        f"{place}.SeedCapacity": str(seed or least),
        f"{place}.TargetTrackingScalingPolicyConfiguration.TargetValue": str(target),
    }


def replica(region: str, encryption_key: str) -> dict[str, str]:
    place = f"Replicas.{region}"
    insights = {f"{place}.GlobalSecondaryIndexes.{name}.ContributorInsightsSpecification" for name in ("by_leg", "by_day")}
    insights.add(f"{place}.ContributorInsightsSpecification")
    return {
        **{f"{one}.{name}": value for one in insights for name, value in (("Enabled", "true"), ("Mode", "THROTTLED_KEYS"))},
        f"{place}.DeletionProtectionEnabled": "true",
        f"{place}.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "true",
        f"{place}.PointInTimeRecoverySpecification.RecoveryPeriodInDays": "7",
        f"{place}.TableClass": "STANDARD_INFREQUENT_ACCESS",
        f"{place}.SSESpecification.KMSMasterKeyId": encryption_key,
        f"{place}.Tags.team.Value": "games",
        f"{place}.ReadProvisionedThroughputSettings.ReadCapacityUnits": "5",
        f"{place}.GlobalSecondaryIndexes.by_day.ReadProvisionedThroughputSettings.ReadCapacityUnits": "5",
        **scaled(f"{place}.GlobalSecondaryIndexes.by_leg.ReadProvisionedThroughputSettings", 7, 70),
        **said(f"{place}.ResourcePolicy", "dynamodb:Query"),
        **said(f"{place}.ReplicaStreamSpecification.ResourcePolicy", "dynamodb:GetRecords"),
    }


def test_a_global_table_has_all_that_it_is_told_and_its_replica_too(tables: TemplateView) -> None:
    found = tables.table("games")
    encryption_key, changes = (f"${{{tables.only(kind).logical_id}.Arn}}" for kind in ("AWS::KMS::Key", "AWS::Kinesis::Stream"))
    assert found.type == "AWS::DynamoDB::GlobalTable"
    assert found.facts == {
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "TableName": "games",
        "KeySchema": "HASH pk, RANGE sk",
        **{f"AttributeDefinitions.{name}.AttributeType": kind for name, kind in GAMES.key_types().items()},
        "GlobalSecondaryIndexes.by_leg.KeySchema": "HASH tenant, HASH region, RANGE leg, RANGE bracket",
        "GlobalSecondaryIndexes.by_leg.Projection.ProjectionType": "ALL",
        **scaled("GlobalSecondaryIndexes.by_leg.WriteProvisionedThroughputSettings", 6, 60, 50, 8),
        "GlobalSecondaryIndexes.by_day.KeySchema": "HASH day",
        "GlobalSecondaryIndexes.by_day.Projection.ProjectionType": "INCLUDE",
        "GlobalSecondaryIndexes.by_day.Projection.NonKeyAttributes": '["score"]',
        **scaled("GlobalSecondaryIndexes.by_day.WriteProvisionedThroughputSettings", 5, 50),
        "LocalSecondaryIndexes.by_rank.KeySchema": "HASH pk, RANGE rank",
        "LocalSecondaryIndexes.by_rank.Projection.ProjectionType": "ALL",
        "BillingMode": "PROVISIONED",
        **scaled("WriteProvisionedThroughputSettings", 5, 50),
        "WarmThroughput.ReadUnitsPerSecond": "20000",
        "WarmThroughput.WriteUnitsPerSecond": "5000",
        "StreamSpecification.StreamViewType": "NEW_AND_OLD_IMAGES",
        "TimeToLiveSpecification.AttributeName": "gone",
        "TimeToLiveSpecification.Enabled": "true",
        "SSESpecification.SSEEnabled": "true",
        "SSESpecification.SSEType": "KMS",
        **replica("eu-west-1", encryption_key),
        "Replicas.eu-west-1.KinesisStreamSpecification.StreamArn": changes,
        "Replicas.eu-west-1.KinesisStreamSpecification.ApproximateCreationDateTimePrecision": "MILLISECOND",
        **replica("eu-central-1", KEY),
    }


def test_a_plain_table_has_all_that_it_is_told(tables: TemplateView) -> None:
    found = tables.only("AWS::DynamoDB::Table")
    encryption_key, changes = (f"${{{tables.only(kind).logical_id}.Arn}}" for kind in ("AWS::KMS::Key", "AWS::Kinesis::Stream"))
    insights = {"ContributorInsightsSpecification.Enabled": "true", "ContributorInsightsSpecification.Mode": "THROTTLED_KEYS"}
    assert found.facts == {
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "KeySchema": "HASH pk",
        "AttributeDefinitions.pk.AttributeType": "S",
        "AttributeDefinitions.day.AttributeType": "S",
        "GlobalSecondaryIndexes.by_day.KeySchema": "HASH day",
        "GlobalSecondaryIndexes.by_day.Projection.ProjectionType": "ALL",
        "GlobalSecondaryIndexes.by_day.OnDemandThroughput.MaxReadRequestUnits": "100",
        "GlobalSecondaryIndexes.by_day.OnDemandThroughput.MaxWriteRequestUnits": "50",
        "GlobalSecondaryIndexes.by_day.WarmThroughput.ReadUnitsPerSecond": "13000",
        "GlobalSecondaryIndexes.by_day.WarmThroughput.WriteUnitsPerSecond": "4500",
        **{f"GlobalSecondaryIndexes.by_day.{name}": value for name, value in insights.items()},
        **insights,
        "BillingMode": "PAY_PER_REQUEST",
        "OnDemandThroughput.MaxReadRequestUnits": "400",
        "OnDemandThroughput.MaxWriteRequestUnits": "200",
        "WarmThroughput.ReadUnitsPerSecond": "20000",
        "WarmThroughput.WriteUnitsPerSecond": "5000",
        "DeletionProtectionEnabled": "true",
        "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "true",
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays": "7",
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "SSESpecification.SSEEnabled": "true",
        "SSESpecification.SSEType": "KMS",
        "SSESpecification.KMSMasterKeyId": encryption_key,
        "KinesisStreamSpecification.StreamArn": changes,
        "KinesisStreamSpecification.ApproximateCreationDateTimePrecision": "MILLISECOND",
        **said("ResourcePolicy", "dynamodb:Query"),
        "StreamSpecification.StreamViewType": "KEYS_ONLY",
        **said("StreamSpecification.ResourcePolicy", "dynamodb:GetRecords"),
        "Tags.team.Value": "games",
    }


def test_a_table_that_is_told_nothing_keeps_its_data(tables: TemplateView) -> None:
    assert tables.table("votes").facts == {
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "KeySchema": "HASH pk",
        "AttributeDefinitions.pk.AttributeType": "S",
        "BillingMode": "PAY_PER_REQUEST",
        "Replicas.eu-west-1.DeletionProtectionEnabled": "true",
        "Replicas.eu-west-1.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "true",
    }


def test_a_secret_signs_cursors_for_as_long_as_the_table_is_there(tables: TemplateView) -> None:
    secrets = {one.logical_id.partition("CursorSecret")[0]: one.facts for one in tables.resources("AWS::SecretsManager::Secret")}
    assert set(secrets) == {"Games", "Scores", "Votes"}
    for facts in secrets.values():
        assert (facts["DeletionPolicy"], facts["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert facts["GenerateSecretString.PasswordLength"] == "64"
    encryption_key = f"${{{tables.only('AWS::KMS::Key').logical_id}.Arn}}"
    assert [secrets[name].get("KmsKeyId") for name in ("Games", "Scores", "Votes")] == [encryption_key, encryption_key, None]
    replicated = {name: value for name, value in secrets["Games"].items() if name.startswith("ReplicaRegions")}
    assert replicated == {"ReplicaRegions.eu-central-1.KmsKeyId": KEY}


def test_a_function_may_do_what_it_declares_and_nothing_else(tables: TemplateView) -> None:
    play, games, votes = tables.function("play"), tables.table("games"), tables.table("votes")
    assert play.allowed_actions(on=games) == {"dynamodb:PutItem"}
    assert play.allowed_actions(on=games.index("by_leg")) == {"dynamodb:Query"}
    for target in (games.index("by_day"), games.index("by_rank"), games.stream, votes.stream):
        assert play.allowed_actions(on=target) == frozenset()
    assert play.allowed_actions(on=votes) == {"dynamodb:GetItem"}
    used = {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
    statements = [one for one in play.statements if one.effect == "Allow" and any(action.startswith("kms:") for action in one.actions)]
    assert {action for one in statements for action in one.actions} == used
    assert {resource for one in statements for resource in one.resources} == {f"${{{tables.only('AWS::KMS::Key').logical_id}.Arn}}"}


def test_backups_of_both_tables_are_kept_in_a_vault_that_stays(tables: TemplateView) -> None:
    vault, plan, chosen = (tables.only(f"AWS::Backup::Backup{kind}").facts for kind in ("Vault", "Plan", "Selection"))
    assert (vault["DeletionPolicy"], vault["UpdateReplacePolicy"]) == ("Retain", "Retain")
    rule = {name.removeprefix("BackupPlan.BackupPlanRule.Tables."): value for name, value in plan.items() if "BackupPlanRule" in name}
    assert rule == {
        "Lifecycle.DeleteAfterDays": "35",
        "ScheduleExpression": "cron(0 5 * * ? *)",
        "TargetBackupVault": f"${{{tables.only('AWS::Backup::BackupVault').logical_id}.BackupVaultName}}",
    }
    games, scores = tables.table("games"), tables.only("AWS::DynamoDB::Table")
    kept = tables.only("AWS::Backup::BackupSelection").property("BackupSelection.Resources")
    assert kept == [{"Fn::GetAtt": [one.logical_id, "Arn"]} for one in (games, scores)]
    assert chosen["BackupPlanId"] == f"${{{tables.only('AWS::Backup::BackupPlan').logical_id}.BackupPlanId}}"
