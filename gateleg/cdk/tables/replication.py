"""Global tables: replicas in other regions, how consistent they are, and what goes with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from gateleg.cdk.arguments import FLAG, a, check, filled, listing, one_of, optional
from gateleg.cdk.tables.changes import KinesisStream
from gateleg.cdk.tables.places import check_regions
from gateleg.description.names import REGISTRY_ENTITY
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.description import TableShape

_STRONG_REGIONS = (
    ("us-east-1", "us-east-2", "us-west-2"),
    ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"),
    ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
)
"""The sets of regions within which replicas can be strongly consistent:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-dynamodb-globaltable-globaltablewitness.html."""

_STRONG_COPIES = 3
_KEY = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")
_WHOLE = "NEW_AND_OLD_IMAGES"


@dataclass(frozen=True)
class Replica:
    """A copy of the table in another region; protected, recoverable and tagged as the table itself.

    Args:
        region: The region, such as `eu-west-1`.
        encryption_key: The ARN of a key of that region, where the table has a key of yours.
        kinesis: A Kinesis stream of that region, which gets the changes there.
        resource_policy: The policy there; the table's own unless given.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    region: str
    encryption_key: str | None = None
    kinesis: KinesisStream | None = None
    resource_policy: iam.PolicyDocument | None = None

    def __post_init__(self) -> None:
        check(
            "Replica",
            region=(self.region, _region),
            encryption_key=(self.encryption_key, optional(_key_arn)),
            kinesis=(self.kinesis, optional(a("a KinesisStream", KinesisStream))),
            resource_policy=(self.resource_policy, optional(a("a PolicyDocument of aws_iam", iam.PolicyDocument))),
        )


@dataclass(frozen=True)
class Replication:
    """A table in several regions. The stack needs a concrete region of its own, which is one of them.

    With `consistency="EVENTUAL"` the last write wins, and its stream holds new and old images. With `"STRONG"` a read sees every write of all
    regions; there are three copies, or two and a witness, in one of AWS's sets of regions, without expiry, local indexes or transactions. The
    consistency is chosen once, when the table is made. Each replica is added by a deployment of its own, for CloudFormation adds one at a time to
    a table that is there. Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html.

    Args:
        replicas: The other regions: names, or `Replica(...)`.
        consistency: `EVENTUAL` or `STRONG`.
        witness: The region of the witness, which holds no items to read.
        other_accounts: Whether the table may get replicas in other accounts, by `AccountReplica`; its settings then are those of all.

    Raises:
        DeclarationError: An argument is not what it must be, a region comes twice, or what AWS does not offer together is asked for.
    """

    replicas: Sequence[str | Replica] = ()
    consistency: Literal["EVENTUAL", "STRONG"] = "EVENTUAL"
    witness: str | None = None
    other_accounts: bool = False

    def __post_init__(self) -> None:
        check(
            "Replication",
            replicas=(self.replicas, listing(_replica)),
            consistency=(self.consistency, one_of("EVENTUAL", "STRONG")),
            witness=(self.witness, optional(_region)),
            other_accounts=(self.other_accounts, FLAG),
        )
        regions = [*self.regions, *filter(None, [self.witness])]
        if twice := [region for region in regions if regions.count(region) > 1]:
            raise DeclarationError(
                f"the region {twice[0]} is named twice; a table has one replica in each", path="Replication", value=twice[0]
            )
        if not regions and not self.other_accounts:
            raise DeclarationError(
                "Replication() names no region; write the replicas, or leave replication out", path="Replication.replicas"
            )
        if self.consistency != "STRONG" and self.witness is not None:
            message = f"the witness {self.witness} goes with consistency='STRONG' alone; write that, or leave the witness out"
            raise DeclarationError(message, path="Replication.witness", value=self.witness)
        if self.other_accounts and (regions or self.consistency == "STRONG"):
            message = "replicas in other accounts are eventually consistent and not beside replicas of this account; leave replicas, witness and consistency out"
            raise DeclarationError(message, path="Replication.other_accounts", value=self.other_accounts)

    @property
    def copies(self) -> tuple[Replica, ...]:
        """The replicas in other regions."""
        return tuple(Replica(one) if isinstance(one, str) else one for one in self.replicas)

    @property
    def regions(self) -> tuple[str, ...]:
        """Their regions."""
        return tuple(copy.region for copy in self.copies)

    def check(self, owner: str, shape: TableShape, region: str) -> None:
        """Check it against the table and the region of its stack.

        Raises:
            DeclarationError: AWS does not offer it.
        """
        if self.regions and Token.is_unresolved(region):
            message = f"the table {owner!r} has replicas, and its stack has no region; pass env=Environment(region=...) to the stack"
            raise DeclarationError(message, path="Replication.replicas", value=self.regions, code="declaration.region")
        if region in (*self.regions, self.witness):
            message = f"the table {owner!r} is in {region} itself; leave that region out of its replication"
            raise DeclarationError(message, path="Replication.replicas", value=region)
        if not Token.is_unresolved(region):
            check_regions(owner, region, (*self.regions, *filter(None, [self.witness])))
        if self.consistency == "STRONG":
            self._check_strong(owner, shape, region)
        elif self.regions and shape.stream not in {None, _WHOLE}:
            message = f"the table {owner!r} has replicas, which take a stream of {_WHOLE}, and its declaration says {shape.stream}; write that, or no stream"
            raise DeclarationError(message, path="Replication.replicas", value=shape.stream)

    def _check_strong(self, owner: str, shape: TableShape, region: str) -> None:
        regions = (region, *self.regions, *filter(None, [self.witness]))
        if len(regions) != _STRONG_COPIES or not self.regions:
            message = (
                f"the table {owner!r} is strongly consistent over {', '.join(regions)}; AWS takes three regions, its own among them: "
                "two replicas, or one replica and a witness"
            )
            raise DeclarationError(message, path="Replication.replicas", value=regions)
        if not any(set(regions) <= set(one) for one in _STRONG_REGIONS):
            sets = "; ".join(", ".join(one) for one in _STRONG_REGIONS)
            message = f"the table {owner!r} is strongly consistent over {', '.join(regions)}, which are not all of one set: {sets}"
            raise DeclarationError(message, path="Replication.replicas", value=regions)
        lacking = {
            "expiry (ttl=)": shape.ttl,
            "local indexes": shape.local_indexes,
            "transactions (unique=True)": any(entity.unique for entity in shape.entities.values()),
            "transactions (a registry of connections)": REGISTRY_ENTITY in shape.entities,
        }
        if found := [name for name, value in lacking.items() if value]:
            message = f"the table {owner!r} is strongly consistent over regions, which AWS does not offer with {' and '.join(found)}; leave one of them out"
            raise DeclarationError(message, path="Replication.consistency", value=found)


def _replica(value: Any) -> str | None:
    if isinstance(value, Replica):
        return None
    return _region(value) and "a Replica or the name of a region, such as 'eu-west-1'"


def _region(value: Any) -> str | None:
    concrete = filled(value) is None and not Token.is_unresolved(value)
    parts: list[str] = value.split("-") if concrete else []
    return None if len(parts) > 2 and parts[-1].isdigit() else "the name of a region, such as 'eu-west-1'"  # noqa: PLR2004 (eu, west, 1)


def _key_arn(value: Any) -> str | None:
    wanted = "the ARN of a key itself, such as 'arn:aws:kms:eu-west-1:111122223333:key/...'"
    if filled(value) is not None:
        return wanted
    if Token.is_unresolved(value):
        return None
    # What is granted on the ARN of an alias lets nobody use its key.
    return None if _KEY.fullmatch(value) else wanted
