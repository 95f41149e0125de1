"""What goes with a table is in the table's own place: the regions of its copies in its partition, keys and streams in the region of each copy.

Follows https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicassespecification.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_cdk import Token
from aws_cdk.region_info import Fact

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTITIONS = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
    "eu-isoe": "aws-iso-e",
    "eusc": "aws-eusc",
}
"""By what the names of their regions begin with; all others are of `aws`."""


class Place(NamedTuple):
    """Where a copy of a table is.

    Attributes:
        region: Its region, or a token.
        account: Its account, or a token.
    """

    region: str
    account: str


def check_regions(owner: str, region: str, others: Iterable[str]) -> None:
    """Check that a table may have copies in other regions: there are such regions, and they are of its partition.

    Raises:
        DeclarationError: One is none that CDK knows, or of another partition.
    """
    for other in others:
        if other not in _regions():
            message = f"the table {owner!r} has a replica in {other}, a region that this aws-cdk-lib does not know; write one that it knows, such as {_alike(other)!r}, or take a newer one"
            raise DeclarationError(message, path="Replication.replicas", value=other, code="declaration.region")
        own, theirs = _partition(region), _partition(other)
        if own != theirs:
            message = f"the table {owner!r} is in {region}, of the partition {own}, and has a replica in {other}, of {theirs}; a table's replicas are all of one partition: name regions of {own}"
            raise DeclarationError(message, path="Replication.replicas", value=other, code="declaration.region")


def check_resource(owner: str, what: str, resource: Any, attribute: str, place: Place) -> None:
    """Check that a construct which goes with a copy of a table is where that copy is.

    Args:
        owner: The table, for messages.
        what: What it is, for messages: `key`, `Kinesis stream`.
        resource: The construct.
        attribute: Its property with the ARN.
        place: Where the copy is.

    Raises:
        DeclarationError: It is in another region or account.
    """
    env = getattr(resource, "env", None)
    _check(owner, what, getattr(resource, attribute) if env is None else Place(env.region, env.account), place)


def check_arn(owner: str, what: str, arn: str, place: Place) -> None:
    """The same of an ARN; one that is a token says nothing.

    Raises:
        DeclarationError: It is of another region or account.
    """
    _check(owner, what, arn, place)


def _check(owner: str, what: str, given: str | Place, place: Place) -> None:
    found = _place_of(given) if isinstance(given, str) else given
    for part, theirs, own in zip(("region", "account"), found, place, strict=True):
        if theirs != own and not (Token.is_unresolved(theirs) or Token.is_unresolved(own)):
            message = (
                f"the table {owner!r} has a copy in the {part} {own}, and its {what} there is of {theirs}; give it one of the {part} {own}"
            )
            raise DeclarationError(message, path=f"ModelTable.{what}", value=theirs, code="declaration.region")


def _place_of(arn: str) -> Place:
    parts = ["", "", "", arn, arn] if Token.is_unresolved(arn) else arn.split(":", 5)
    return Place(parts[3], parts[4])


def _partition(region: str) -> str:
    return _PARTITIONS.get(region.rsplit("-", 2)[0], "aws")


@cache
def _regions() -> frozenset[str]:
    return frozenset(Fact.regions)


def _alike(region: str) -> str:
    """A region that is called like another one: of the same part of the world, where there is one."""
    near = sorted(one for one in _regions() if one.startswith(region[:2]))
    return near[0] if near else "eu-west-1"
