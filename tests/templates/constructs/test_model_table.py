"""The table that a declaration makes, and what it lets others do."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from gateleg.cdk import Autoscaled, ModelTable, Provisioned
from gateleg.description import Use
from gateleg.errors import DeclarationError, UsesError
from gateleg.model import Attr, Entity, Index, LocalIndex, Table, access, attr, include, key
from gateleg.store import Scan
from tests.templates.constructs.samples import CHAT, Template, synthesized

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "AWS::DynamoDB::GlobalTable"
PLAIN = Table("plain", partition_key="id")
NOTES = Table("notes", partition_key="pk", sort_key="sk", indexes=[Index("by_author", partition_key="author")])


class Note(Entity, table=NOTES):
    """A note."""

    owner: Attr[str] = attr()
    number: Attr[str] = attr()
    author: Attr[str] = attr()

    key = key("OWNER#{owner}", "NOTE#{number}")

    @access()
    def of(*, owner: str) -> None: ...


@pytest.fixture(scope="module")
def table() -> Template:
    return synthesized(lambda stack: ModelTable(stack, "Table", table=CHAT))


def role(stack: Stack, name: str) -> iam.Role:
    anyone: Any = iam.AccountRootPrincipal()
    return iam.Role(stack, name, assumed_by=anyone)


def use(operation: Any, index: str | None = None, table: str = "chat") -> Use:
    return Use(table, "Message", operation, index)


def granted(*uses: Any, **props: Any) -> dict[str, list[str]]:
    """The actions that a role gets, by the resource it gets them on, written as `logical id` and what follows."""

    def build(stack: Stack) -> None:
        given: dict[str, Any] = {"table": CHAT} | props
        ModelTable(stack, "Table", **given).grant(role(stack, "Role"), *uses)

    template = synthesized(build, region="eu-central-1", account="123456789012")
    found: dict[str, list[str]] = {}
    for statement in template.statements(template.id_of("AWS::IAM::Role")):
        actions = statement["Action"]
        found[_resource(statement["Resource"])] = [actions] if isinstance(actions, str) else actions
    return found


def _resource(resource: Any) -> str:
    match resource:
        case {"Fn::GetAtt": [name, "Arn"]} | {"Ref": name}:
            return _short(name)
        case {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, str(rest)]]}:
            return f"{_short(name)}{rest}"
        case _:
            return repr(resource)


def _short(name: str) -> str:
    return next(short for short in ("TableCursorSecret", "Table", "Key") if name.startswith(short))


def test_keys_indexes_and_projections_are_those_of_the_declaration(table: Template) -> None:
    found = table.one(TABLE)
    assert found["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    indexes = {index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in found["GlobalSecondaryIndexes"]}
    assert indexes == {
        "by_author": (
            [{"AttributeName": "gsi1pk", "KeyType": "HASH"}, {"AttributeName": "gsi1sk", "KeyType": "RANGE"}],
            {"ProjectionType": "ALL"},
        ),
        "by_day": ([{"AttributeName": "day", "KeyType": "HASH"}], {"ProjectionType": "KEYS_ONLY"}),
        "by_room": ([{"AttributeName": "room", "KeyType": "HASH"}], {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["body"]}),
    }
    assert {one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]} == dict.fromkeys(CHAT.all_key_names, "S")


def test_expiry_and_stream_are_those_of_the_declaration(table: Template) -> None:
    assert table.one(TABLE)["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table.one(TABLE)["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_a_plain_declaration_makes_a_plain_table() -> None:
    found = synthesized(lambda stack: ModelTable(stack, "Table", table=PLAIN)).one(TABLE)
    assert found["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert not {"GlobalSecondaryIndexes", "TimeToLiveSpecification", "StreamSpecification"} & set(found)


def test_key_attributes_have_the_types_of_their_entities() -> None:
    counters = Table("counters", partition_key="name", sort_key="number")

    class Counter(Entity, table=counters):
        """A counter."""

        name: Attr[str] = attr(partition_key=True)
        number: Attr[int] = attr(sort_key=True)

    assert set(counters.entities) == {Counter.__name__}
    found = synthesized(lambda stack: ModelTable(stack, "Table", table=counters)).one(TABLE)
    assert {one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]} == {"name": "S", "number": "N"}


def test_the_data_outlives_mistakes(table: Template) -> None:
    [resource] = table.all(TABLE).values()
    [replica] = resource["Properties"]["Replicas"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_a_table_is_not_deleted_and_protected_from_that() -> None:
    """CloudFormation would fail to delete the stack, when it is too late to say why."""
    with pytest.raises(
        DeclarationError, match=r"'Table' is to be deleted .*; write deletion_protection=False, or leave removal_policy out"
    ):
        ModelTable(Stack(None, "Test"), "Table", table=PLAIN, removal_policy=RemovalPolicy.DESTROY)
    synthesized(lambda stack: ModelTable(stack, "Table", table=PLAIN, removal_policy=RemovalPolicy.DESTROY, deletion_protection=False))
    synthesized(lambda stack: ModelTable(stack, "Table", table=PLAIN, removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE))


def test_a_table_for_trying_things_may_give_that_up() -> None:
    def build(stack: Stack) -> None:
        ModelTable(
            stack,
            "Table",
            table=PLAIN,
            removal_policy=RemovalPolicy.DESTROY,
            deletion_protection=False,
            point_in_time_recovery=False,
            contributor_insights=True,
            table_name="named",
        )

    [resource] = synthesized(build).all(TABLE).values()
    [replica] = resource["Properties"]["Replicas"]
    assert resource["DeletionPolicy"] == "Delete"
    assert replica["DeletionProtectionEnabled"] is False
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert replica["ContributorInsightsSpecification"]["Enabled"] is True
    assert resource["Properties"]["TableName"] == "named"


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("get", "GetItem"),
        ("put", "PutItem"),
        ("create", "PutItem"),
        ("update", "UpdateItem"),
        ("delete", "DeleteItem"),
        ("check", "ConditionCheckItem"),
        ("batch_get", "BatchGetItem"),
        ("batch_write", "BatchWriteItem"),
    ],
)
def test_a_use_is_exactly_its_action_on_exactly_the_table(operation: str, action: str) -> None:
    assert granted(use(operation)) == {"Table": [f"dynamodb:{action}"]}


def test_a_query_of_an_index_is_on_that_index_alone_with_the_secret_that_signs_cursors() -> None:
    assert granted(use("query", "by_author")) == {
        "Table/index/by_author": ["dynamodb:Query"],
        "TableCursorSecret": ["secretsmanager:GetSecretValue"],
    }


def test_a_scan_is_on_the_table_with_the_secret_that_signs_cursors() -> None:
    assert granted(use("scan")) == {"Table": ["dynamodb:Scan"], "TableCursorSecret": ["secretsmanager:GetSecretValue"]}


def test_uses_are_grouped_the_same_whatever_their_order() -> None:
    uses = [use("query"), use("create"), use("get"), use("query", "by_day"), use("get")]
    expected = {
        "Table": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
        "Table/index/by_day": ["dynamodb:Query"],
        "TableCursorSecret": ["secretsmanager:GetSecretValue"],
    }
    assert granted(*uses) == expected
    assert granted(*reversed(uses)) == expected


def test_operations_and_access_patterns_of_an_entity_are_uses() -> None:
    assert granted(Note.create, Note.of, table=NOTES) == {
        "Table": ["dynamodb:PutItem", "dynamodb:Query"],
        "TableCursorSecret": ["secretsmanager:GetSecretValue"],
    }


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ((), "no uses"),
        ((use("get", table="other"),), "'other'"),
        ((use("query", "by_nothing"),), "by_author, by_day, by_room"),
        ((use("drop"),), "'drop'"),
        (("Message.create",), "Message.create or Message.in_room"),
    ],
)
def test_a_grant_of_something_else_is_refused(wrong: tuple[Any, ...], told: str) -> None:
    with pytest.raises(UsesError, match=told):
        granted(*wrong)


def test_a_customer_key_is_granted_action_by_action() -> None:
    def build(stack: Stack) -> None:
        encryption_key = kms.Key(stack, "Key")
        table = ModelTable(stack, "Table", table=CHAT, encryption_key=encryption_key)
        for name, one in (("Reader", use("get")), ("Writer", use("create"))):
            table.grant(role(stack, name), one)

    template = synthesized(build, region="eu-central-1", account="123456789012")
    roles = {name: template.statements(name) for name in template.all("AWS::IAM::Role")}
    found = {name[:6]: statements[1]["Action"] for name, statements in roles.items()}
    assert found["Reader"] == ["kms:Decrypt", "kms:DescribeKey"]
    assert "kms:GenerateDataKey" in found["Writer"]
    assert not [action for actions in found.values() for action in actions if "*" in action]


def test_a_customer_key_in_a_stack_without_region_is_refused_with_the_fix() -> None:
    with pytest.raises(DeclarationError, match=r"Environment\(region="):
        synthesized(lambda stack: ModelTable(stack, "Table", table=CHAT, encryption_key=kms.Key(stack, "Key")))


class CheapTable(ModelTable):
    """A subclass that changes the table through the documented hook."""

    def _define_table(self, **props: Any) -> Any:
        from aws_cdk import aws_dynamodb as dynamodb

        return super()._define_table(**props, table_class=dynamodb.TableClass.STANDARD_INFREQUENT_ACCESS)


def test_a_subclass_may_change_the_table() -> None:
    template = synthesized(lambda stack: CheapTable(stack, "Table", table=CHAT))
    [replica] = template.one(TABLE)["Replicas"]
    assert replica["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert template.id_of(TABLE) == synthesized(lambda stack: ModelTable(stack, "Table", table=CHAT)).id_of(TABLE)


TASKS = Table(
    "tasks",
    partition_key="pk",
    sort_key="sk",
    indexes=[LocalIndex("by_priority", sort_key="priority"), LocalIndex("by_name", sort_key="name", projection=include("text"))],
)


class Task(Entity, table=TASKS):
    """A task, in the order of its priority too."""

    board: Attr[str] = attr()
    number: Attr[int] = attr()
    priority: Attr[int] = attr()

    key = key("BOARD#{board}", "TASK#{number:06d}")

    @access(index="by_priority")
    def by_priority(*, board: str) -> None: ...


class LegacyTable(ModelTable):
    """A table that was there before: declared, and made by someone else."""

    def _define_table(self, **props: Any) -> Any:
        del props
        indexes = [index.name for index in self.declaration.indexes]
        return dynamodb.TableV2.from_table_attributes(self, "Resource", table_name="legacy", global_indexes=indexes)


def test_a_subclass_may_declare_a_table_that_is_there_already() -> None:
    def build(stack: Stack) -> None:
        LegacyTable(stack, "Table", table=CHAT).grant(role(stack, "Role"), Use("chat", "Message", "create"))

    template = synthesized(build)
    assert template.all(TABLE) == {}
    [statement] = template.statements(template.id_of("AWS::IAM::Role"))
    assert statement["Action"] == "dynamodb:PutItem"
    assert statement["Resource"]["Fn::Join"][1][-1] == ":table/legacy"


def test_local_indexes_share_the_tables_partition_key() -> None:
    found = synthesized(lambda stack: ModelTable(stack, "Table", table=TASKS)).one(TABLE)
    indexes = {index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in found["LocalSecondaryIndexes"]}
    partition = {"AttributeName": "pk", "KeyType": "HASH"}
    assert indexes == {
        "by_priority": ([partition, {"AttributeName": "priority", "KeyType": "RANGE"}], {"ProjectionType": "ALL"}),
        "by_name": (
            [partition, {"AttributeName": "name", "KeyType": "RANGE"}],
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]},
        ),
    }
    types = {one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]}
    assert types == {"pk": "S", "sk": "S", "priority": "N", "name": "S"}


def test_reading_a_local_index_is_allowed_on_that_index_alone() -> None:
    assert granted(Task.by_priority, table=TASKS) == {
        "Table/index/by_priority": ["dynamodb:Query"],
        "TableCursorSecret": ["secretsmanager:GetSecretValue"],
    }


USERS = Table("users", partition_key="pk", indexes=[Index("by_age", partition_key="age")])


class User(Entity, table=USERS):
    """Somebody with an address that nobody else has."""

    name: Attr[str] = attr()
    email: Attr[str] = attr(unique=True)
    age: Attr[int] = attr()

    key = key("USER#{name}")


@pytest.mark.parametrize(
    ("operation", "actions"),
    [
        (User.get, ["GetItem"]),
        (User.create, ["PutItem"]),
        (User.put, ["DeleteItem", "GetItem", "PutItem"]),
        (User.update, ["DeleteItem", "GetItem", "PutItem", "UpdateItem"]),
        (User.delete, ["DeleteItem", "GetItem"]),
    ],
)
def test_writes_of_unique_values_are_granted_what_keeps_them_unique(operation: Any, actions: list[str]) -> None:
    assert granted(operation, table=USERS) == {"Table": [f"dynamodb:{action}" for action in actions]}


def test_the_parts_of_a_transaction_are_granted_as_the_operations_alone() -> None:
    assert granted(Task.create, Task.update, Task.delete, Task.check, table=TASKS) == {
        "Table": ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    }


def test_a_scan_of_an_index_is_granted_on_that_index_alone() -> None:
    assert granted(Scan.of(User).on("by_age"), table=USERS) == {
        "Table/index/by_age": ["dynamodb:Scan"],
        "TableCursorSecret": ["secretsmanager:GetSecretValue"],
    }


DECLARED = """
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, LocalIndex, StreamView, Table, access, attr, include, index_key, key
SHOP = Table(
    "shop", partition_key="pk", sort_key="sk", ttl="gone", stream=StreamView.NEW_IMAGE,
    indexes=[Index("by_number", partition_key="n", projection=include("title")), LocalIndex("by_day", sort_key="day", projection=KEYS_ONLY)],
)
class Order(Entity, table=SHOP):
    customer: Attr[str] = attr()
    number: Attr[int] = attr()
    key = key("CUSTOMER#{customer}", "ORDER#{number}")
    number_key = index_key("by_number", "N#{number}")
    @access(index="by_number", partial=True)
    def numbered(*, number: int) -> None: ...
OTHER = object()
"""


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    (tmp_path / "depot").mkdir()
    (tmp_path / "depot/model.py").write_text(DECLARED)
    return tmp_path


@pytest.mark.slow
def test_a_table_named_by_its_string_is_the_one_that_is_declared(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_name = synthesized(lambda stack: ModelTable(stack, "Table", table="depot.model:SHOP", root=declared))
    assert "depot.model" not in sys.modules
    monkeypatch.setattr(sys, "path", [str(declared), *sys.path])
    table = importlib.import_module("depot.model").SHOP
    assert by_name.data == synthesized(lambda stack: ModelTable(stack, "Table", table=table)).data


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("depot.model:STORE", "has no STORE"),
        ("depot.nowhere:SHOP", "no module depot.nowhere"),
        ("depot.model:OTHER", "or a Table"),
        ("depot.model", "package.module:attribute"),
    ],
)
def test_what_is_not_the_name_of_a_table_is_refused(name: str, told: str, declared: Path) -> None:
    with pytest.raises(DeclarationError, match=told):
        synthesized(lambda stack: ModelTable(stack, "Table", table=name, root=declared))


def test_a_plain_table_and_its_indexes_scale_as_they_are_told() -> None:
    wide = Provisioned(Autoscaled(7, 70), 4)
    billing = Provisioned(5, Autoscaled(5, 50, target=60, seed=9), indexes={"by_age": wide})
    template = synthesized(lambda stack: ModelTable(stack, "Table", table=USERS, resource_type="AWS::DynamoDB::Table", billing=billing))
    found = template.one("AWS::DynamoDB::Table")
    assert found["BillingMode"] == "PROVISIONED"
    assert found["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 9}
    assert found["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == {"ReadCapacityUnits": 7, "WriteCapacityUnits": 4}
    targets = [one["Properties"] for one in template.all("AWS::ApplicationAutoScaling::ScalableTarget").values()]
    assert {one["ScalableDimension"]: (one["MinCapacity"], one["MaxCapacity"]) for one in targets} == {
        "dynamodb:table:WriteCapacityUnits": (5, 50),
        "dynamodb:index:ReadCapacityUnits": (7, 70),
    }
    policies = [one["Properties"] for one in template.all("AWS::ApplicationAutoScaling::ScalingPolicy").values()]
    assert sorted(one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for one in policies) == [60, 70]
