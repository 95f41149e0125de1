"""Tables that are there already, of either of CDK's classes or by name: nothing is made but the secret, and what differs is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from gateleg.cdk import ModelTable, encrypt
from gateleg.description import Use
from gateleg.errors import DeclarationError
from gateleg.model import KEYS_ONLY, Index, LocalIndex, StreamView, Table, include
from tests.templates.constructs.samples import Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

SHOP = Table(
    "shop",
    partition_key="pk",
    sort_key="sk",
    ttl="gone",
    stream=StreamView.NEW_IMAGE,
    indexes=[
        Index("by_state", partition_key=("state", "shop"), sort_key="day", projection=include("a", "b")),
        LocalIndex("by_total", sort_key="total", projection=KEYS_ONLY),
    ],
)


def attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def made(stack: Stack, kind: Any = dynamodb.Table, **edit: Any) -> Any:
    """The table as somebody wrote it by hand, in another order."""
    given: dict[str, Any] = {"time_to_live_attribute": "gone", "sort_key": attribute("sk")} | edit
    stream = "stream" if kind is dynamodb.Table else "dynamo_stream"
    index = given.pop("index", {})
    local = given.pop("local", True)
    given.setdefault(stream, dynamodb.StreamViewType.NEW_IMAGE)
    table = kind(stack, "Shop", partition_key=attribute("pk"), **given)
    table.add_global_secondary_index(
        **({"index_name": "by_state", "partition_keys": [attribute("state"), attribute("shop")], "sort_key": attribute("day")} | index),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=["b", "a"],
    )
    if local:
        total = dynamodb.ProjectionType.KEYS_ONLY
        table.add_local_secondary_index(index_name="by_total", sort_key=attribute("total"), projection_type=total)
    return table


def adopting(make: Callable[[Stack], Any], **given: Any) -> Template:
    def build(stack: Stack) -> None:
        arguments: dict[str, Any] = {name: value(stack) if callable(value) else value for name, value in given.items()}
        table = ModelTable.from_table(stack, "Table", table=SHOP, existing=make(stack), **arguments)
        anyone: Any = iam.AccountRootPrincipal()
        table.grant(iam.Role(stack, "Role", assumed_by=anyone), Use("shop", "Order", "query", "by_state"), Use("shop", "Order", "put"))

    return synthesized(build, region="eu-west-1", account="111122223333")


@pytest.mark.parametrize("kind", [dynamodb.Table, dynamodb.TableV2])
def test_a_table_of_either_class_is_taken_and_left_as_it_is(kind: Any) -> None:
    before = synthesized(lambda stack: made(stack, kind), region="eu-west-1", account="111122223333")
    after = adopting(lambda stack: made(stack, kind))
    [(name, resource)] = [(name, one) for name, one in after.resources.items() if one["Type"].startswith("AWS::DynamoDB")]
    assert before.resources[name] == resource
    assert sorted(one["Type"] for key, one in after.resources.items() if key not in before.resources) == [
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::SecretsManager::Secret",
    ]
    actions = {str(one["Action"]): one["Resource"] for one in after.statements(after.id_of("AWS::IAM::Role"))}
    assert actions["dynamodb:Query"] == {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, "/index/by_state"]]}
    assert actions["dynamodb:PutItem"] == {"Fn::GetAtt": [name, "Arn"]}


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"sort_key": attribute("other"), "local": True}, "the key pk and other, and the declaration 'shop' says pk and sk"),
        (
            {"sort_key": dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.NUMBER)},
            "the key attribute 'sk' of type N, and the declaration 'shop' says S",
        ),
        ({"index": {"index_name": "by_status"}}, "the index 'by_state': none"),
        ({"index": {"partition_keys": [attribute("state")]}}, "'by_state' with the key state and day, .* says state, shop and day"),
        ({"index": {"sort_key": attribute("month")}}, "'by_state' with the key state, shop and month"),
        ({"local": False}, "the index 'by_total': none"),
        ({"time_to_live_attribute": "later"}, "the expiry later, and the declaration 'shop' says gone"),
        ({"time_to_live_attribute": None}, "the expiry none"),
        ({"stream": dynamodb.StreamViewType.KEYS_ONLY}, "the stream KEYS_ONLY, .* says NEW_IMAGE; declare the table as it is"),
    ],
)
def test_what_is_not_as_it_is_declared_is_told(edit: dict[str, Any], told: str) -> None:
    stack = Stack(None, "Test")
    with pytest.raises(DeclarationError, match=told):
        ModelTable.from_table(stack, "Table", table=SHOP, existing=made(stack, **edit))


def test_a_projection_that_holds_less_is_told() -> None:
    stack = Stack(None, "Test")
    less = Table("less", partition_key="pk", sort_key="sk", indexes=[Index("by_state", ("state", "shop"), "day")])
    with pytest.raises(DeclarationError, match=r"with the projection \('INCLUDE', \('a', 'b'\)\)"):
        ModelTable.from_table(stack, "Table", table=less, existing=made(stack))


@pytest.mark.parametrize(
    ("name", "ends"),
    [("shop-2024", ":dynamodb:eu-west-1:111122223333:table/shop-2024"), ("arn:aws:dynamodb:eu-west-1:999999999999:table/shop", None)],
)
def test_a_table_is_found_by_its_name_or_arn(name: str, ends: str | None) -> None:
    def build(stack: Stack) -> None:
        table = ModelTable.from_name(stack, "Table", table=SHOP, name=name)
        anyone: Any = iam.AccountRootPrincipal()
        table.grant(iam.Role(stack, "Role", assumed_by=anyone), Use("shop", "Order", "put"))

    template = synthesized(build, region="eu-west-1", account="111122223333")
    [statement] = template.statements(template.id_of("AWS::IAM::Role"))
    found = statement["Resource"]
    assert found == name if ends is None else found["Fn::Join"][1][-1] == ends


def test_functions_read_what_another_key_encrypts() -> None:
    """The table's own key and the secret's are two: a function that pages needs both, and the secret's for reading alone."""
    shared = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:cursors-AbCdEf"

    def secret(stack: Stack) -> Any:
        key = kms.Key.from_key_arn(stack, "SecretKey", "arn:aws:kms:eu-west-1:111122223333:key/secret")
        return secretsmanager.Secret.from_secret_attributes(stack, "Cursors", secret_complete_arn=shared, encryption_key=key)

    key = "arn:aws:kms:eu-west-1:111122223333:key/table"

    def table_key(stack: Stack) -> Any:
        return kms.Key.from_key_arn(stack, "TableKey", key)

    template = adopting(made, cursor_secret=secret, encryption_key=table_key)
    assert template.all("AWS::SecretsManager::Secret") == {}
    by_resource = {str(one["Resource"]): one["Action"] for one in template.statements(template.id_of("AWS::IAM::Role"))}
    assert by_resource[shared] == "secretsmanager:GetSecretValue"
    assert by_resource["arn:aws:kms:eu-west-1:111122223333:key/secret"] == "kms:Decrypt"
    assert "kms:Encrypt" in by_resource[key]


def test_the_key_of_a_scope_encrypts_the_secret_and_is_not_taken_for_the_tables() -> None:
    def build(stack: Stack) -> None:
        encrypt(stack, kms.Key(stack, "Key"))
        table = ModelTable.from_name(stack, "Table", table=SHOP, name="shop")
        anyone: Any = iam.AccountRootPrincipal()
        table.grant(iam.Role(stack, "Role", assumed_by=anyone), Use("shop", "Order", "query"))

    template = synthesized(build)
    key = {"Fn::GetAtt": [template.id_of("AWS::KMS::Key"), "Arn"]}
    assert template.one("AWS::SecretsManager::Secret")["KmsKeyId"] == key
    assert [one["Action"] for one in template.statements(template.id_of("AWS::IAM::Role")) if one["Resource"] == key] == ["kms:Decrypt"]


def test_what_is_no_table_is_refused() -> None:
    stack: Any = Stack(None, "Test")
    nothing: Any = "shop"
    with pytest.raises(DeclarationError, match="a Table or a TableV2 of aws_dynamodb"):
        ModelTable.from_table(stack, "Table", table=SHOP, existing=nothing)
    with pytest.raises(DeclarationError, match="a text that is not empty"):
        ModelTable.from_name(stack, "Table", table=SHOP, name="")
