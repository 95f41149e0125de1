"""All that a table is told beside its declaration, checked before any of it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from gateleg.cdk.arguments import TEXT, a, check, filled, kms_key, mapping, one_of, optional
from gateleg.cdk.tables.billing import OnDemand, Provisioned, check_billing
from gateleg.cdk.tables.changes import KinesisStream
from gateleg.cdk.tables.imports import S3Import
from gateleg.cdk.tables.places import Place, check_arn, check_resource
from gateleg.cdk.tables.policies import check_policy
from gateleg.cdk.tables.replication import Replication
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from gateleg.cdk.tables.billing import Billing
    from gateleg.cdk.tables.protection import Protection
    from gateleg.description import TableShape

GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
TABLE = "AWS::DynamoDB::Table"
ResourceType = Literal["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"]
TableClass = Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"]
Insights = Literal["ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"]

_INSIGHTS = ("ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS")
_MOST_TAGS = 50
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_TAG_KEY, _TAG_VALUE = 128, 256


@dataclass(frozen=True)
class Settings:
    """What the arguments of a `ModelTable` say; see there.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    protection: Protection
    resource_type: ResourceType = "AWS::DynamoDB::GlobalTable"
    table_name: str | None = None
    billing: Billing = field(default_factory=OnDemand)
    table_class: TableClass = "STANDARD"
    contributor_insights: bool | Insights = False
    kinesis: KinesisStream | None = None
    resource_policy: iam.PolicyDocument | None = None
    stream_policy: iam.PolicyDocument | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    replication: Replication | None = None
    import_from: S3Import | None = None
    encryption_key: Any = None

    def __post_init__(self) -> None:
        check(
            "ModelTable",
            resource_type=(self.resource_type, one_of(GLOBAL_TABLE, TABLE)),
            table_name=(self.table_name, optional(_name)),
            billing=(self.billing, a("an OnDemand or a Provisioned", OnDemand, Provisioned)),
            table_class=(self.table_class, one_of("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
            contributor_insights=(self.contributor_insights, _insights),
            kinesis=(self.kinesis, optional(a("a KinesisStream", KinesisStream))),
            resource_policy=(self.resource_policy, optional(a("a PolicyDocument of aws_iam", iam.PolicyDocument))),
            stream_policy=(self.stream_policy, optional(a("a PolicyDocument of aws_iam", iam.PolicyDocument))),
            tags=(self.tags, mapping(TEXT)),
            replication=(self.replication, optional(a("a Replication", Replication))),
            import_from=(self.import_from, optional(a("an S3Import", S3Import))),
            encryption_key=(self.encryption_key, optional(kms_key)),
        )
        _check_tags(self.tags)

    def check(self, scope: Construct, shape: TableShape) -> None:
        """Check what the arguments say against the declaration and the stack.

        Raises:
            DeclarationError: They contradict each other, or AWS does not offer them together.
        """
        owner, stack = scope.node.id, Stack.of(scope)
        place = Place(stack.region, stack.account)
        check_billing(self.billing, shape, fixed_writes=self.resource_type == TABLE)
        self._check_places(owner, place)
        for name, policy in (("resource_policy", self.resource_policy), ("stream_policy", self.stream_policy)):
            if policy is not None:
                check_policy(name, policy, stack)
        if self.replication is not None:
            self.replication.check(owner, shape, stack.region)
            self._check_replicas(owner, shape, stack, place)
        # A table with replicas has a stream whether it is declared or not.
        streams = shape.stream is not None or (
            self.replication is not None and self.replication.consistency == "EVENTUAL" and self.replication.regions
        )
        if self.stream_policy is not None and not streams:
            message = f"the table {owner!r} has a stream_policy and no stream; declare one, Table(..., stream=StreamView.NEW_IMAGE), or leave it out"
            raise DeclarationError(message, path="ModelTable.stream_policy", value=shape.stream)
        if self.import_from is not None and self.resource_type != TABLE:
            message = f"the table {owner!r} is an {GLOBAL_TABLE}, which imports nothing from S3; write resource_type={TABLE!r}"
            raise DeclarationError(message, path="ModelTable.import_from", value=self.resource_type)
        if self.import_from is not None:
            self.import_from.check(owner, shape)
        if self.encryption_key is not None and self.resource_type == GLOBAL_TABLE and Token.is_unresolved(stack.region):
            message = f"the table {shape.name!r} has a customer managed key, and its stack has no region; pass env=Environment(region=...) to the stack"
            raise DeclarationError(message, path=scope.node.path, code="declaration.region")

    def _check_places(self, owner: str, place: Place) -> None:
        if self.encryption_key is not None:
            check_resource(owner, "key", self.encryption_key, "key_arn", place)
        if self.kinesis is not None:
            check_resource(owner, "Kinesis stream", self.kinesis.stream, "stream_arn", place)

    def _check_replicas(self, owner: str, shape: TableShape, stack: Stack, place: Place) -> None:
        replication = self.replication or Replication()
        if self.resource_type != GLOBAL_TABLE:
            message = f"the table {owner!r} is an {TABLE}, which has no replicas; leave resource_type out"
            raise DeclarationError(message, path="ModelTable.replication", value=self.resource_type)
        for copy in replication.copies:
            if (self.encryption_key is None) != (copy.encryption_key is None):
                has, instead = (
                    ("has a key of yours", f"Replica({copy.region!r}, encryption_key='arn:...')")
                    if self.encryption_key is not None
                    else ("has none", "leave it out, or give the table its own")
                )
                message = f"the replica of {owner!r} in {copy.region} and the table are encrypted alike, each by a key of its region; the table {has}: {instead}"
                raise DeclarationError(message, path="Replica.encryption_key", value=copy.encryption_key)
            if copy.resource_policy is not None:
                check_policy("resource_policy", copy.resource_policy, stack)
            there = place._replace(region=copy.region)
            if copy.encryption_key is not None:
                check_arn(owner, "key", copy.encryption_key, there)
            if copy.kinesis is not None:
                check_resource(owner, "Kinesis stream", copy.kinesis.stream, "stream_arn", there)
        if replication.other_accounts and self.table_name is None:
            message = f"the table {owner!r} has replicas in other accounts, which have its very name; write table_name="
            raise DeclarationError(message, path="ModelTable.table_name", value=shape.name)


def _name(value: Any) -> str | None:
    """Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html."""
    wanted = filled(value)
    if wanted is not None or Token.is_unresolved(value) or _NAME.fullmatch(value):
        return wanted
    return "a name of 3 to 255 letters, digits and `_.-`"


def _insights(value: Any) -> str | None:
    wanted = one_of(*_INSIGHTS)(value)
    return None if isinstance(value, bool) or wanted is None else f"True, False or {wanted}"


def insights_of(given: bool | Insights) -> dynamodb.ContributorInsightsSpecification | None:  # noqa: FBT001 (as it was given)
    """The specification, where insights are on."""
    if given is False:
        return None
    mode = None if given is True else dynamodb.ContributorInsightsMode[given]
    return dynamodb.ContributorInsightsSpecification(enabled=True, mode=mode)


def _check_tags(tags: Mapping[str, str]) -> None:
    """Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html."""
    if len(tags) > _MOST_TAGS:
        raise DeclarationError(f"a table takes {_MOST_TAGS} tags; {len(tags)} were given", path="ModelTable.tags", value=len(tags))
    for key, value in tags.items():
        if not 1 <= len(key) <= _TAG_KEY or len(value) > _TAG_VALUE or key.lower().startswith("aws:"):
            message = f"a tag has a key of 1 to {_TAG_KEY} characters, which does not begin with aws:, and a value of up to {_TAG_VALUE}; {key!r}: {value!r} was given"
            raise DeclarationError(message, path="ModelTable.tags", value=key)
