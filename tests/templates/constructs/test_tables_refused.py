"""What AWS would refuse of a table, or what contradicts itself, is refused at synth, with what to write instead; and what is advised is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from gateleg.cdk import (
    Autoscaled,
    KinesisStream,
    ModelTable,
    OnDemand,
    Provisioned,
    Replica,
    Replication,
    S3Import,
    WarmThroughput,
)
from gateleg.errors import DeclarationError
from gateleg.model import Attr, Entity, Index, LocalIndex, StreamView, Table, attr
from gateleg.model import key as key_of
from gateleg.websocket import Connections

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = Table("plain", partition_key="pk")
WIDE = Table("wide", partition_key="pk", sort_key="sk", indexes=[Index("by_day", "day"), LocalIndex("by_rank", "rank")])
EXPIRING = Table("expiring", partition_key="pk", ttl="gone")
KEYS = Table("keys", partition_key="pk", stream=StreamView.KEYS_ONLY)
PLAIN_TYPE = "AWS::DynamoDB::Table"
DESTROY = RemovalPolicy.DESTROY


def make(region: str | None = "eu-west-1", **arguments: Any) -> ModelTable:
    stack = Stack(None, "Test", env=Environment(region=region, account="111122223333") if region else None)
    given: dict[str, Any] = {"table": PLAIN} | {name: value(stack) if callable(value) else value for name, value in arguments.items()}
    return ModelTable(stack, "Table", **given)


def policy(*principals: Any, **statement: Any) -> iam.PolicyDocument:
    given: dict[str, Any] = {"actions": ["dynamodb:GetItem"], "resources": ["*"]} | statement
    return iam.PolicyDocument(statements=[iam.PolicyStatement(principals=list(principals) or None, **given)])


def key(stack: Stack) -> kms.Key:
    return kms.Key(stack, "Key")


def bucket(**options: Any) -> Callable[[Stack], S3Import]:
    return lambda stack: S3Import(s3.Bucket(stack, "Bucket"), **options)


def replicated(*replicas: str | Replica, **options: Any) -> Replication:
    return Replication(replicas, **options)


TAKEN = Table("taken", partition_key="pk")


class Member(Entity, table=TAKEN):
    """Of whom each has an address of their own."""

    name: Attr[str]
    mail: Attr[str] = attr(unique=True)
    key = key_of("MEMBER#{name}")


LIVE = Table("live", partition_key="pk", sort_key="sk", ttl="gone")
Connections(LIVE)
KEY_ARN = "arn:aws:kms:eu-west-2:111122223333:key/00000000-0000-0000-0000-000000000001"
ANYONE: Any = iam.AnyPrincipal()
SCALED = Autoscaled(5, 50)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"preset": "staging"}, "one of 'sandbox', 'production', got 'staging'"),
        ({"removal_policy": RemovalPolicy.SNAPSHOT}, "does not take for tables: RETAIN, and TableBackups"),
        ({"removal_policy": DESTROY}, "write deletion_protection=False, or leave removal_policy out"),
        ({"preset": "sandbox", "deletion_protection": True}, "preset='sandbox'.*leave one of the two out"),
        (
            {"preset": "production", "removal_policy": DESTROY, "deletion_protection": False},
            "removal_policy=DESTROY, deletion_protection=False",
        ),
        ({"preset": "production", "point_in_time_recovery": False}, "point_in_time_recovery=False; leave that out, or the preset"),
        ({"preset": "production", "deletion_protection": False}, "deletion_protection=False; leave that out"),
        (
            {"preset": "production", "recovery_period": Duration.days(34)},
            "recovery_period=34 days, .* fewer than 35; leave that out, or the preset",
        ),
        ({"recovery_period": Duration.days(36)}, "1 to 35 whole days, .*got 36 days"),
        ({"recovery_period": Duration.hours(36)}, "1 to 35 whole days, .*got 1 day 12 hours"),
        ({"recovery_period": 7}, "1 to 35 whole days"),
        ({"preset": "sandbox", "recovery_period": Duration.days(7)}, "recovery_period=7 days and no point in time recovery"),
        ({"table_name": " "}, "a text that is not empty"),
        ({"table_name": "ab"}, "a name of 3 to 255 letters"),
        ({"table_name": "my table"}, "a name of 3 to 255 letters"),
        (
            {"table": TAKEN, "replication": replicated("eu-west-2", "eu-west-3", consistency="STRONG")},
            "does not offer with transactions .unique",
        ),
        ({"table_class": "INFREQUENT"}, "one of 'STANDARD', 'STANDARD_INFREQUENT_ACCESS'"),
        ({"contributor_insights": "ALL"}, "True, False or one of 'ACCESSED_AND_THROTTLED_KEYS', 'THROTTLED_KEYS'"),
        ({"resource_type": "Table"}, "one of 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'"),
        ({"kinesis": "stream"}, "a KinesisStream"),
        ({"billing": "on demand"}, "an OnDemand or a Provisioned"),
        ({"billing": OnDemand(indexes={"by_day": OnDemand()})}, "'by_day', which is no index of the table 'plain'"),
        ({"table": WIDE, "billing": OnDemand(indexes={"by_rank": OnDemand()})}, "a local index, which shares the table's capacity"),
        ({"billing": Provisioned(5, 5)}, "only writes that scale.*Autoscaled.5, 50., or resource_type"),
        ({"table": WIDE, "billing": Provisioned(5, SCALED, indexes={"by_day": Provisioned(5, 7)})}, "'by_day' has writes=7"),
        ({"resource_policy": {}}, "a PolicyDocument of aws_iam"),
        ({"resource_policy": iam.PolicyDocument()}, "has no statement"),
        ({"resource_policy": policy()}, "a statement without a principal"),
        ({"resource_policy": policy(ANYONE)}, "lets anybody in"),
        ({"resource_policy": policy(iam.ArnPrincipal("*"))}, "lets anybody in"),
        (
            {"resource_policy": policy(not_principals=[iam.AccountPrincipal("1" * 12)])},
            "everybody but those .* name those who may, principals=",
        ),
        ({"resource_policy": policy(iam.AccountPrincipal("1" * 12), resources=["a" * 20_500])}, "and DynamoDB takes 20480"),
        ({"resource_policy": policy(iam.AccountPrincipal("1" * 12), actions=["dynamodb:GetItems"])}, "write one of 'dynamodb:GetItem'"),
        ({"stream_policy": policy(iam.AccountPrincipal("1" * 12))}, r"a stream_policy and no stream; declare one, Table\(..., stream="),
        ({"table": KEYS, "stream_policy": policy(ANYONE)}, "stream_policy lets anybody in"),
        ({"tags": {"aws:x": "1"}}, "does not begin with aws:"),
        ({"tags": {"": "1"}}, "a key of 1 to 128 characters"),
        ({"tags": {"a": "1" * 257}}, "a value of up to 256"),
        ({"tags": {str(n): "1" for n in range(51)}}, "50 tags; 51 were given"),
        ({"tags": {"a": 1}}, "a dictionary from texts to"),
        ({"import_from": bucket()}, "imports nothing from S3; write resource_type='AWS::DynamoDB::Table'"),
        ({"region": None, "encryption_key": key}, r"Environment\(region="),
        ({"region": None, "replication": replicated("eu-west-2")}, r"Environment\(region="),
        ({"replication": replicated("eu-west-1")}, "in eu-west-1 itself"),
        ({"replication": replicated("eu-west-2"), "resource_type": PLAIN_TYPE}, "has no replicas; leave resource_type out"),
        ({"replication": replicated("eu-west-2"), "encryption_key": key}, r"has a key of yours: Replica\('eu-west-2', encryption_key='arn"),
        ({"replication": replicated(Replica("eu-west-2", KEY_ARN))}, "the table has none: leave it out"),
        ({"replication": replicated(Replica("eu-west-2", resource_policy=policy(ANYONE)))}, "lets anybody in"),
        ({"table": KEYS, "replication": replicated("eu-west-2")}, "NEW_AND_OLD_IMAGES, and its declaration says KEYS_ONLY"),
        ({"replication": replicated("eu-west-2", consistency="STRONG")}, "AWS takes three regions"),
        ({"replication": replicated(consistency="STRONG", witness="eu-west-2")}, "AWS takes three regions"),
        ({"replication": replicated("eu-west-2", "eu-west-3", consistency="STRONG", witness="eu-central-1")}, "AWS takes three regions"),
        ({"replication": replicated("eu-west-2", consistency="STRONG", witness="us-east-1")}, "not all of one set: us-east-1"),
        ({"table": EXPIRING, "replication": replicated("eu-west-2", "eu-west-3", consistency="STRONG")}, "does not offer with expiry"),
        (
            {"table": LIVE, "replication": replicated("eu-west-2", "eu-west-3", consistency="STRONG")},
            r"does not offer with expiry \(ttl=\) and transactions \(a registry of connections\); leave one of them out",
        ),
        ({"table": WIDE, "replication": replicated("eu-west-2", "eu-west-3", consistency="STRONG")}, "does not offer with local indexes"),
        ({"replication": replicated(other_accounts=True)}, "have its very name; write table_name="),
        ({"cursor_secret": "secret"}, "a Secret of aws_secretsmanager"),
    ],
)
def test_what_aws_would_refuse_is_refused_at_synth(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        make(**arguments)


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: Autoscaled(50, 5), "holds nothing; write the least first"),
        (lambda: Autoscaled(5, 50, seed=60), "a seed between the two"),
        (lambda: Autoscaled(5, 50, target=95), "from 20 to 90"),
        (lambda: Autoscaled(0, 50), "a whole number from 1"),
        (lambda: OnDemand(max_reads=0), "a whole number from 1"),
        (lambda: OnDemand(indexes={"a": Provisioned(5, 5)}), "an OnDemand"),  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
        (lambda: OnDemand(indexes={"a": OnDemand(indexes={"b": OnDemand()})}), "name every index in that of the table"),
        (lambda: Provisioned(0, 5), r"a whole number from 1 to 10000000 or Autoscaled\(least, most\)"),
        (lambda: Provisioned(20_000, 5, WarmThroughput()), "reads of 12000, less than the 20000 that are provisioned"),
        (lambda: WarmThroughput(reads=100), "from 12000"),
        (lambda: WarmThroughput(writes=100), "from 4000"),
        (lambda: KinesisStream(cast("Any", "stream")), "a Stream of aws_kinesis"),
        (Replication, "names no region; write the replicas, or leave replication out"),
        (lambda: Replication(["eu-west-1", "eu-west-1"]), "eu-west-1 is named twice"),
        (lambda: Replication(["eu-west-1"], "STRONG", "eu-west-1"), "eu-west-1 is named twice"),
        (lambda: Replication(["eu-west-1"], witness="eu-west-2"), "goes with consistency='STRONG' alone"),
        (lambda: Replication(["eu-west-1"], other_accounts=True), "not beside replicas of this account"),
        (lambda: Replication(["Ireland"]), "the name of a region, such as 'eu-west-1'"),
        (lambda: Replication("eu-west-1"), "a list of which each is"),
        (lambda: Replica("eu-west-1", "alias/mine"), "the ARN of a key"),
        (lambda: Replica("eu-west-1", "arn:aws:s3:::mine"), "the ARN of a key"),
        (lambda: S3Import(cast("Any", "bucket")), "a Bucket of aws_s3"),
    ],
)
def test_what_is_wrong_by_itself_is_refused_as_it_is_written(build: Callable[[], object], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        build()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"format": "XML"}, "one of 'CSV', 'DYNAMODB_JSON', 'ION'"),
        ({"compression": "ZIP"}, "one of 'GZIP', 'ZSTD', 'NONE'"),
        ({"delimiter": ";"}, "leave them out, or write format='CSV'"),
        ({"headers": ["a"]}, "leave them out, or write format='CSV'"),
        ({"format": "CSV", "delimiter": "#"}, "S3Import.delimiter=.... takes one of"),
    ],
)
def test_imports_of_s3_are_what_dynamodb_reads(options: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        make(resource_type=PLAIN_TYPE, import_from=bucket(**options))


@pytest.mark.parametrize(
    "arguments",
    [
        {"preset": "production", "recovery_period": Duration.days(35)},
        {"recovery_period": Duration.days(7)},
        {"preset": "sandbox"},
        {"preset": "sandbox", "removal_policy": RemovalPolicy.RETAIN, "deletion_protection": True},
        {"removal_policy": DESTROY, "deletion_protection": False},
        {"billing": Provisioned(5, SCALED)},
        {"billing": Provisioned(5, 5), "resource_type": PLAIN_TYPE},
        {"billing": Provisioned(5, 5, WarmThroughput()), "resource_type": PLAIN_TYPE},
        {"table": WIDE, "billing": OnDemand(max_reads=5, indexes={"by_day": OnDemand(max_reads=1)})},
        {"resource_policy": policy(ANYONE, conditions={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})},
        {"resource_policy": policy(ANYONE, effect=iam.Effect.DENY)},
        {"resource_policy": policy(not_principals=[iam.AccountPrincipal("1" * 12)], effect=iam.Effect.DENY)},
        {"resource_policy": policy(iam.AccountPrincipal("1" * 12))},
        {"table": KEYS, "stream_policy": policy(iam.AccountPrincipal("1" * 12))},
        {"replication": replicated("eu-west-2"), "stream_policy": policy(iam.AccountPrincipal("1" * 12))},
        {"resource_type": PLAIN_TYPE, "import_from": bucket()},
        {"resource_type": PLAIN_TYPE, "region": None, "encryption_key": key},
        {"replication": replicated("eu-west-2", "us-east-1")},
        {"replication": replicated(Replica("eu-west-2", KEY_ARN)), "encryption_key": key},
        {"replication": replicated("eu-west-2", "eu-west-3", consistency="STRONG")},
        {"replication": replicated("eu-west-2", consistency="STRONG", witness="eu-central-1")},
        {"table": EXPIRING, "replication": replicated("eu-west-2")},
        {"table": LIVE, "replication": replicated("eu-west-2")},
        {"table": TAKEN, "replication": replicated("eu-west-2")},
        {"replication": replicated(other_accounts=True), "table_name": "shared"},
    ],
)
def test_what_is_advised_is_taken(arguments: dict[str, Any]) -> None:
    assert make(**arguments).table is not None
