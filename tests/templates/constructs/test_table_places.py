"""Names and places that AWS refuses of a table, and of what goes with it, are refused at synth; the same of the right length and place is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from gateleg.cdk import AccountReplica, KinesisStream, ModelTable, Replica, Replication, S3Import, encrypt
from gateleg.errors import DeclarationError
from gateleg.model import Attr, Entity, Index, LocalIndex, Table, attr, include, key

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT, OTHER = "111122223333", "999922223333"
PLAIN_TYPE = "AWS::DynamoDB::Table"
ID = "00000000-0000-0000-0000-000000000001"

SHOP = Table("shop", partition_key="pk", sort_key="sk")


class Product(Entity, table=SHOP):
    """What is sold."""

    sku: Attr[str]
    key = key("PRODUCT#{sku}", "PRODUCT")


ADOPTED = Table("adopted", partition_key="sku", default_type="Thing")


class Thing(Entity, table=ADOPTED):
    """What another program has stored."""

    sku: Attr[str] = attr(partition_key=True)


EMPTY = Table("empty", partition_key="pk")


def stack(region: str = "eu-west-1", account: str = ACCOUNT, app: App | None = None) -> Stack:
    return Stack(app or App(), f"At-{region}-{account}", env=Environment(region=region, account=account))


def made(where: Stack, *, table: Table = SHOP, **given: Any) -> ModelTable:
    return ModelTable(where, "Table", table=table, **given)


def key_arn(region: str = "eu-west-1", account: str = ACCOUNT, what: str = f"key/{ID}") -> str:
    return f"arn:aws:kms:{region}:{account}:{what}"


def own_key(where: Stack, arn: str | None = None) -> Any:
    return kms.Key(where, "Key") if arn is None else kms.Key.from_key_arn(where, "Key", arn)


def stream(where: Stack, region: str = "eu-west-1", account: str = ACCOUNT) -> KinesisStream:
    arn = f"arn:aws:kinesis:{region}:{account}:stream/changes"
    return KinesisStream(kinesis.Stream.from_stream_arn(where, f"Stream{region}", arn))


def replicated(region: str, **given: Any) -> Replication:
    return Replication([Replica(region, **given)])


def csv(where: Stack, *headers: str, **given: Any) -> dict[str, Any]:
    source = S3Import(s3.Bucket(where, "Bucket"), format="CSV", headers=list(headers), **given)
    return {"import_from": source, "resource_type": PLAIN_TYPE}


PAIRS: dict[str, tuple[Callable[[Stack], object], str, Callable[[Stack], object]]] = {
    "a region of China": (
        lambda here: made(here, replication=Replication(["cn-north-1"])),
        "cn-north-1, of aws-cn; .*name regions of aws ",
        lambda here: made(here, replication=Replication(["us-east-1"])),
    ),
    "a region of the government, with the table in one": (
        lambda _: made(stack("us-gov-west-1"), replication=Replication(["us-west-2"])),
        "us-gov-west-1, of the partition aws-us-gov, .* us-west-2, of aws;",
        lambda _: made(stack("us-gov-west-1"), replication=Replication(["us-gov-east-1"])),
    ),
    "a region that is none": (
        lambda here: made(here, replication=Replication(["eu-moon-1"])),
        "eu-moon-1, a region that .* does not know; write one that it knows, such as 'eu-central-1'",
        lambda here: made(here, replication=Replication(["eu-central-1"])),
    ),
    "a witness that is none": (
        lambda here: made(here, replication=Replication(["eu-west-2"], "STRONG", "eu-moon-1")),
        "eu-moon-1, a region that",
        lambda here: made(here, replication=Replication(["eu-west-2"], "STRONG", "eu-west-3")),
    ),
    "a replica of another account in another partition": (
        lambda here: AccountReplica(
            stack("cn-north-1", OTHER, here.node.root),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            "Replica",
            table=SHOP,
            source=made(here, table_name="shop", replication=Replication(other_accounts=True)),
        ),
        "cn-north-1, of the partition aws-cn|cn-north-1, of aws-cn",
        lambda here: AccountReplica(
            stack("us-east-1", OTHER, here.node.root),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            "Replica",
            table=SHOP,
            source=made(here, table_name="shop", replication=Replication(other_accounts=True)),
        ),
    ),
    "a key of another region": (
        lambda here: made(here, encryption_key=own_key(here, key_arn("us-east-1"))),
        "in the region eu-west-1, and its key there is of us-east-1; give it one of the region eu-west-1",
        lambda here: made(here, encryption_key=own_key(here, key_arn())),
    ),
    "a key of another account": (
        lambda here: made(here, encryption_key=own_key(here, key_arn(account=OTHER))),
        f"in the account {ACCOUNT}, and its key there is of {OTHER}",
        lambda here: made(here, encryption_key=own_key(here)),
    ),
    "a key of a stack in another region": (
        lambda here: made(here, encryption_key=own_key(stack("us-east-1", app=here.node.root))),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        "its key there is of us-east-1",
        lambda here: made(here, encryption_key=own_key(here)),
    ),
    "a replica's key of another region": (
        lambda here: made(here, encryption_key=own_key(here), replication=replicated("eu-west-2", encryption_key=key_arn("us-east-1"))),
        "in the region eu-west-2, and its key there is of us-east-1",
        lambda here: made(here, encryption_key=own_key(here), replication=replicated("eu-west-2", encryption_key=key_arn("eu-west-2"))),
    ),
    "a replica's key of another account": (
        lambda here: made(
            here, encryption_key=own_key(here), replication=replicated("eu-west-2", encryption_key=key_arn("eu-west-2", OTHER))
        ),
        f"its key there is of {OTHER}",
        lambda here: made(here, encryption_key=own_key(here), replication=replicated("eu-west-2", encryption_key=key_arn("eu-west-2"))),
    ),
    "an alias for a replica's key": (
        lambda _: Replica("eu-west-2", encryption_key=key_arn("eu-west-2", what="alias/shop")),
        "the ARN of a key itself",
        lambda _: Replica("eu-west-2", encryption_key=key_arn("eu-west-2")),
    ),
    "an alias for the table's key": (
        lambda here: made(here, encryption_key=kms.Alias.from_alias_name(here, "Alias", "alias/shop")),
        r"of an Alias its key: Key.from_lookup\(.*, or Key.from_key_arn",
        lambda here: made(here, encryption_key=own_key(here, key_arn())),
    ),
    "an alias for all that a stack keeps": (
        lambda here: encrypt(here, kms.Alias(here, "Alias", alias_name="alias/shop", target_key=own_key(here))),  # pyright: ignore[reportArgumentType]
        "of an Alias its key",
        lambda here: encrypt(here, own_key(here)),
    ),
    "a Kinesis stream of another region": (
        lambda here: made(here, kinesis=stream(here, "us-east-1")),
        "in the region eu-west-1, and its Kinesis stream there is of us-east-1",
        lambda here: made(here, kinesis=stream(here)),
    ),
    "a Kinesis stream of another account": (
        lambda here: made(here, kinesis=stream(here, account=OTHER)),
        f"its Kinesis stream there is of {OTHER}",
        lambda here: made(here, kinesis=stream(here)),
    ),
    "a replica's Kinesis stream of the table's region": (
        lambda here: made(here, replication=replicated("eu-west-2", kinesis=stream(here))),
        "in the region eu-west-2, and its Kinesis stream there is of eu-west-1",
        lambda here: made(here, replication=replicated("eu-west-2", kinesis=stream(here, "eu-west-2"))),
    ),
    "columns without the partition key": (
        lambda here: made(here, **csv(here, "sk", "_type", "sku")),
        "no column for 'pk', which is part of the table's key",
        lambda here: made(here, **csv(here, "sk", "_type", "sku", "pk")),
    ),
    "columns without the sort key": (
        lambda here: made(here, **csv(here, "pk", "_type")),
        "no column for 'sk'",
        lambda here: made(here, **csv(here, "pk", "_type", "sk")),
    ),
    "columns without what says of which entity a line is": (
        lambda here: made(here, **csv(here, "pk", "sk", "sku")),
        "no column for '_type', so that its items are of no entity",
        lambda here: made(here, table=ADOPTED, **csv(here, "sku")),
    ),
    "a column twice": (
        lambda here: made(here, **csv(here, "pk", "sk", "_type", "pk")),
        "names 'pk' twice",
        lambda here: made(here, table=EMPTY, **csv(here, "pk")),
    ),
    "no column": (
        lambda here: made(here, **csv(here)),
        "names 0 columns; DynamoDB takes 1 to 255: leave headers out",
        lambda here: made(here, import_from=S3Import(s3.Bucket(here, "Bucket"), format="CSV"), resource_type=PLAIN_TYPE),
    ),
    "more columns than DynamoDB takes": (
        lambda here: made(here, **csv(here, "pk", "sk", "_type", *(f"c{number}" for number in range(253)))),
        "names 256 columns",
        lambda here: made(here, **csv(here, "pk", "sk", "_type", *(f"c{number}" for number in range(252)))),
    ),
    "a column of another script": (
        lambda here: made(here, **csv(here, "pk", "sk", "_type", "größe")),
        "printable ASCII without commas",
        lambda here: made(here, **csv(here, "pk", "sk", "_type", "the size")),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_of_another_place_is_refused_and_what_is_advised_is_taken(name: str) -> None:
    wrong, told, right = PAIRS[name]
    with pytest.raises(DeclarationError, match=told):
        wrong(stack())
    right(stack())


def test_what_is_not_known_before_the_deployment_is_taken() -> None:
    anywhere = Stack(App(), "Anywhere")
    table = made(anywhere, kinesis=stream(anywhere, "us-east-1"), resource_type=PLAIN_TYPE, encryption_key=own_key(anywhere, key_arn()))
    assert table.table is not None


def named(length: int, **given: Any) -> Table:
    return Table("named", partition_key="p" * length, **given)


def of_type(length: int) -> Table:
    return named(1, type_attribute="k" * length)


def of_schema(length: int) -> Table:
    return named(1, schema_attribute="v" * length)


def stored(length: int, letter: str = "n") -> object:
    table = Table("stored", partition_key="pk")

    class Thing(Entity, table=table):
        name: Attr[str] = attr(stored=letter * length)
        key = key("THING#{name}")

    return Thing


NAMES: dict[str, Callable[[int], object]] = {
    "the partition key": named,
    "the sort key": lambda length: named(1, sort_key="s" * length),
    "the partition key of an index": lambda length: Index("by_x", partition_key="x" * length),
    "one of several in the key of an index": lambda length: Index("by_x", partition_key="x", sort_key=("y", "z" * length)),
    "the sort key of a local index": lambda length: LocalIndex("by_x", sort_key="x" * length),
    "what an index includes": lambda length: include("x", "y" * length),
    "the time of expiry": lambda length: named(1, ttl="t" * length),
}


@pytest.mark.parametrize("what", NAMES)
def test_a_name_that_a_table_is_made_with_has_255_characters_at_most(what: str) -> None:
    NAMES[what](255)
    with pytest.raises(DeclarationError, match=r"in 256 characters .*DynamoDB takes 255 .*: give it a shorter name"):
        NAMES[what](256)


@pytest.mark.parametrize("build", [stored, of_type, of_schema])
def test_any_other_name_has_less_than_64_kilobytes(build: Callable[[int], object]) -> None:
    build(65_535)
    for length in (0, 65_536):
        with pytest.raises(DeclarationError, match=rf"under a name of {length} bytes .*DynamoDB takes 1 to 65535: give it another name"):
            build(length)


def test_names_are_measured_as_they_are_stored() -> None:
    stored(32_767, "ß")
    with pytest.raises(DeclarationError, match="65536 bytes"):
        stored(32_768, "ß")
