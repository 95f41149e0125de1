"""Whatever weakens a table, its keys, its permissions or its copies is found by what its tests say of it, by shipped views alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests.templates import test_tables
from tests.templates.test_tables import tables_stack
from tests.templates.weaker import checks_of, killers

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.testing import Synth

Json = dict[str, Any]
CHECKS = checks_of(test_tables, "tables")
GLOBAL, PLAIN, SECRET, POLICY = "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::IAM::Policy"
VAULT = "AWS::Backup::BackupVault"


def resource(template: Json, kind: str, hint: str = "") -> Json:
    found: list[Json] = [one for name, one in template["Resources"].items() if one["Type"] == kind and name.startswith(hint)]
    return found[0]


def games(template: Json) -> Json:
    found: Json = resource(template, GLOBAL, "Games")["Properties"]
    return found


def scores(template: Json) -> Json:
    found: Json = resource(template, PLAIN)["Properties"]
    return found


def here(template: Json) -> Json:
    return next(one for one in games(template)["Replicas"] if one["Region"] == "eu-west-1")


def there(template: Json) -> Json:
    return next(one for one in games(template)["Replicas"] if one["Region"] == "eu-central-1")


def votes(template: Json) -> Json:
    found: Json = resource(template, GLOBAL, "Votes")["Properties"]["Replicas"][0]
    return found


def index(table: Json, name: str, kind: str = "GlobalSecondaryIndexes") -> Json:
    return next(one for one in table[kind] if one["IndexName"] == name)


def scaling(place: Json) -> Json:
    found: Json = place["WriteProvisionedThroughputSettings"]["WriteCapacityAutoScalingSettings"]
    return found


def first(policy: Json) -> Json:
    found: Json = policy["PolicyDocument"]["Statement"][0]
    return found


def statements(template: Json) -> list[Json]:
    found: list[Json] = resource(template, POLICY, "Play")["Properties"]["PolicyDocument"]["Statement"]
    return found


def backed(template: Json) -> Json:
    found: Json = resource(template, "AWS::Backup::BackupPlan")["Properties"]["BackupPlan"]["BackupPlanRule"][0]
    return found


def chosen(template: Json) -> list[Any]:
    found: list[Any] = resource(template, "AWS::Backup::BackupSelection")["Properties"]["BackupSelection"]["Resources"]
    return found


def allow(template: Json, actions: Any, hint: str = "Games", suffix: str = "") -> None:
    name = next(name for name, one in template["Resources"].items() if one["Type"] == GLOBAL and name.startswith(hint))
    arn: Any = {"Fn::GetAtt": [name, "Arn"]}
    statements(template).append({"Effect": "Allow", "Action": actions, "Resource": {"Fn::Join": ["", [arn, suffix]]} if suffix else arn})


MUTATIONS: dict[str, Callable[[Json], object]] = {
    # What keeps the data.
    "the table goes with the stack": lambda it: resource(it, GLOBAL, "Games").update(DeletionPolicy="Delete"),
    "the table goes when it is replaced": lambda it: resource(it, GLOBAL, "Games").update(UpdateReplacePolicy="Delete"),
    "the plain table goes with the stack": lambda it: resource(it, PLAIN).update(DeletionPolicy="Delete"),
    "the plain table has no policy of replacement": lambda it: resource(it, PLAIN).pop("UpdateReplacePolicy"),
    "the table can be deleted here": lambda it: here(it).update(DeletionProtectionEnabled=False),
    "the table can be deleted there": lambda it: there(it).update(DeletionProtectionEnabled=False),
    "the plain table can be deleted": lambda it: scores(it).pop("DeletionProtectionEnabled"),
    "the untold table can be deleted": lambda it: votes(it).update(DeletionProtectionEnabled=False),
    "the table cannot be restored here": lambda it: here(it).pop("PointInTimeRecoverySpecification"),
    "the table cannot be restored there": lambda it: there(it)["PointInTimeRecoverySpecification"].update(PointInTimeRecoveryEnabled=False),
    "the plain table cannot be restored": lambda it: scores(it)["PointInTimeRecoverySpecification"].update(
        PointInTimeRecoveryEnabled=False
    ),
    "the untold table cannot be restored": lambda it: votes(it).pop("PointInTimeRecoverySpecification"),
    "the table can be restored for a day": lambda it: here(it)["PointInTimeRecoverySpecification"].update(RecoveryPeriodInDays=1),
    # Keys and indexes.
    "the table has another key": lambda it: games(it)["KeySchema"][0].update(AttributeName="sk"),
    "the table loses its sort key": lambda it: games(it)["KeySchema"].pop(),
    "a key attribute is a number": lambda it: games(it)["AttributeDefinitions"][0].update(AttributeType="N"),
    "an index goes": lambda it: games(it)["GlobalSecondaryIndexes"].pop(),
    "an index loses an attribute of its partition key": lambda it: index(games(it), "by_leg")["KeySchema"].pop(1),
    "an index loses an attribute of its sort key": lambda it: index(games(it), "by_leg")["KeySchema"].pop(),
    "the attributes of a sort key change places": lambda it: index(games(it), "by_leg")["KeySchema"].insert(
        2, index(games(it), "by_leg")["KeySchema"].pop()
    ),
    "an attribute of the sort key is one of the partition key": lambda it: index(games(it), "by_leg")["KeySchema"][2].update(
        KeyType="HASH"
    ),
    "an index holds keys alone": lambda it: index(games(it), "by_leg")["Projection"].update(ProjectionType="KEYS_ONLY"),
    "an index includes something else": lambda it: index(games(it), "by_day")["Projection"].update(NonKeyAttributes=["name"]),
    "a local index goes": lambda it: games(it).pop("LocalSecondaryIndexes"),
    "a local index has another order": lambda it: index(games(it), "by_rank", "LocalSecondaryIndexes")["KeySchema"][1].update(
        AttributeName="sk"
    ),
    "items stay for ever": lambda it: games(it)["TimeToLiveSpecification"].update(Enabled=False),
    "items go by another attribute": lambda it: games(it)["TimeToLiveSpecification"].update(AttributeName="rank"),
    # What it takes.
    "the table is billed by request": lambda it: games(it).update(BillingMode="PAY_PER_REQUEST"),
    "the table scales without end": lambda it: scaling(games(it)).update(MaxCapacity=5_000),
    "an index does not scale": lambda it: index(games(it), "by_leg").pop("WriteProvisionedThroughputSettings"),
    "an index begins with less": lambda it: scaling(index(games(it), "by_leg")).update(SeedCapacity=1),
    "an index is scaled late": lambda it: scaling(index(games(it), "by_leg"))["TargetTrackingScalingPolicyConfiguration"].update(
        TargetValue=90
    ),
    "reads there are few": lambda it: there(it)["ReadProvisionedThroughputSettings"].update(ReadCapacityUnits=1),
    "the plain table has no maximum": lambda it: scores(it).pop("OnDemandThroughput"),
    "an index of the plain table has no maximum": lambda it: index(scores(it), "by_day").pop("OnDemandThroughput"),
    "the table is cold": lambda it: games(it).pop("WarmThroughput"),
    "an index of the plain table is cold": lambda it: index(scores(it), "by_day").pop("WarmThroughput"),
    "storage is dear": lambda it: here(it).update(TableClass="STANDARD"),
    # Keys of encryption.
    "the table is encrypted by a key of AWS": lambda it: here(it).pop("SSESpecification"),
    "the replica is encrypted by another key": lambda it: there(it)["SSESpecification"].update(KMSMasterKeyId="alias/other"),
    "the plain table is not encrypted by a customer's key": lambda it: scores(it).pop("SSESpecification"),
    "encryption is off": lambda it: games(it)["SSESpecification"].update(SSEEnabled=False),
    "the secret is encrypted by a key of AWS": lambda it: resource(it, SECRET, "Games")["Properties"].pop("KmsKeyId"),
    "the secret goes with the stack": lambda it: resource(it, SECRET, "Games").update(DeletionPolicy="Delete"),
    "the secret is not where the replica is": lambda it: resource(it, SECRET, "Games")["Properties"].pop("ReplicaRegions"),
    "the secret is short": lambda it: resource(it, SECRET, "Votes")["Properties"]["GenerateSecretString"].update(PasswordLength=8),
    # Streams and copies.
    "the stream tells keys alone": lambda it: games(it).update(StreamSpecification={"StreamViewType": "KEYS_ONLY"}),
    "the stream of the plain table goes": lambda it: scores(it).pop("StreamSpecification"),
    "changes go nowhere": lambda it: here(it).pop("KinesisStreamSpecification"),
    "changes go to another stream": lambda it: here(it)["KinesisStreamSpecification"].update(
        StreamArn="arn:aws:kinesis:eu-west-1:1:stream/x"
    ),
    "changes tell coarse times": lambda it: scores(it)["KinesisStreamSpecification"].pop("ApproximateCreationDateTimePrecision"),
    "the replica goes": lambda it: games(it)["Replicas"].remove(there(it)),
    "a replica comes": lambda it: games(it)["Replicas"].append({"Region": "us-east-1"}),
    "the replica is elsewhere": lambda it: there(it).update(Region="us-east-1"),
    "nobody sees hot keys": lambda it: here(it).pop("ContributorInsightsSpecification"),
    "nobody sees hot keys of an index": lambda it: there(it)["GlobalSecondaryIndexes"][0].pop("ContributorInsightsSpecification"),
    "the table is not tagged": lambda it: here(it).pop("Tags"),
    # Backups.
    "the vault goes with the stack": lambda it: resource(it, VAULT).update(DeletionPolicy="Delete"),
    "backups are kept for a day": lambda it: backed(it)["Lifecycle"].update(DeleteAfterDays=1),
    "backups are never deleted": lambda it: backed(it).pop("Lifecycle"),
    "backups are made once a year": lambda it: backed(it).update(ScheduleExpression="cron(0 5 1 1 ? *)"),
    "backups go to another vault": lambda it: backed(it).update(TargetBackupVault="Default"),
    "a table is not backed up": lambda it: chosen(it).pop(),
    "another table is backed up": lambda it: chosen(it).append("arn:aws:dynamodb:eu-west-1:111122223333:table/other"),
    "the selection is of another plan": lambda it: resource(it, "AWS::Backup::BackupSelection")["Properties"].update(BackupPlanId="other"),
    # Permissions.
    "another account reads here": lambda it: first(here(it)["ResourcePolicy"]).update(Principal={"AWS": "999999999999"}),
    "anybody reads there": lambda it: first(there(it)["ResourcePolicy"]).update(Principal="*"),
    "the other account may do anything": lambda it: first(scores(it)["ResourcePolicy"]).update(Action="dynamodb:*"),
    "the replica has no policy": lambda it: there(it).pop("ResourcePolicy"),
    "anybody reads the stream": lambda it: first(here(it)["ReplicaStreamSpecification"]["ResourcePolicy"]).update(Principal="*"),
    "anybody reads the stream of the plain table": lambda it: first(scores(it)["StreamSpecification"]["ResourcePolicy"]).update(
        Principal="*"
    ),
    "a function may do anything": lambda it: allow(it, "dynamodb:*"),
    "a function may scan": lambda it: allow(it, ["dynamodb:Scan"]),
    "a function may query every index": lambda it: allow(it, "dynamodb:Query", suffix="/index/*"),
    "a function may read the stream": lambda it: allow(it, "dynamodb:GetRecords", suffix="/stream/*"),
    "a function may write votes": lambda it: allow(it, "dynamodb:PutItem", "Votes"),
    "a function may all but little": lambda it: statements(it).append({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),
    "a function may use every key": lambda it: [
        each.update(Resource="*") for each in statements(it) if "kms:Decrypt" in str(each["Action"])
    ],
    "a function may do anything with the key": lambda it: [
        each.update(Action="kms:*") for each in statements(it) if "kms:Decrypt" in str(each["Action"])
    ],
    "a function loses a permission": lambda it: statements(it).pop(0),
    "a function may not write": lambda it: statements(it).append({"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"}),
}


@pytest.fixture(scope="module")
def template(synth: Synth) -> Json:
    found: Json = copy.deepcopy(dict(synth(tables_stack).json))
    return found


def test_the_template_itself_passes(template: Json) -> None:
    assert killers(template, CHECKS) == []
    assert len(CHECKS) >= 5


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_weaker_template_is_found(template: Json, mutation: str) -> None:
    weaker = copy.deepcopy(template)
    MUTATIONS[mutation](weaker)
    assert weaker != template
    assert killers(weaker, CHECKS)
