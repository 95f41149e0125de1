"""Names and policies by which tables keep their items on the emulator, and what a template says by itself."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import pytest

from gateleg.changes.intrinsics import evaluated, undecided
from gateleg.local.passes.tables import keep_tables, made_name
from gateleg.local.template import Target

Json = dict[str, Any]
TARGET = Target(port=4600, account="111111111111", region="eu-west-1")
KINDS = ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"]


def key(name: str, role: str = "HASH") -> Json:
    return {"AttributeName": name, "KeyType": role}


def index(name: str, *attributes: str, of: str = "g") -> Json:
    projection: Json = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(attributes)} if attributes else {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": [key("pk"), key(of, "RANGE")], "Projection": projection}


def table(kind: Any = KINDS[0], **properties: Any) -> Json:
    types = {"pk": "S", "sk": "S", "g": "S", **properties.pop("types", {})}
    definitions = [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]
    return {"Type": kind, "Properties": {"KeySchema": [key("pk"), key("sk", "RANGE")], "AttributeDefinitions": definitions, **properties}}


def kept(resource: Json, name: str = "Table", **sections: Json) -> Json:
    template = {**sections, "Resources": {name: resource, "Other": {"Type": "AWS::SQS::Queue"}}}
    before = copy.deepcopy(template)
    adapted = keep_tables(template, TARGET)
    assert template == before
    assert adapted["Resources"]["Other"] == template["Resources"]["Other"]
    found: Json = adapted["Resources"][name]
    return found


def name_of(resource: Json, name: str = "Table") -> str:
    made = made_name(kept(resource, name)["Properties"]["TableName"], name, "Stack")
    assert made is not None
    return made


class TestNames:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_table_without_a_name_gets_one_of_its_stack_and_logical_id(self, kind: str) -> None:
        assert name_of(table(kind)).startswith("Stack-Table-")

    @pytest.mark.parametrize(
        "name",
        [
            "orders",
            {"Ref": "Name"},
            {"Fn::Sub": "${AWS::StackName}-orders"},
            {"Fn::Join": ["-", {"Ref": "Parts"}]},
            {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "Table", "0123456789ABC"]]},
        ],
    )
    def test_a_name_that_is_given_stays(self, name: Any) -> None:
        assert kept(table(TableName=name))["Properties"]["TableName"] == name
        assert made_name(name, "Table") is None

    def test_no_value_in_place_of_a_name_is_no_name(self) -> None:
        name = {"Fn::If": ["Named", "orders", {"Ref": "AWS::NoValue"}]}
        assert kept(table(TableName=name))["Properties"]["TableName"] == {
            "Fn::If": ["Named", "orders", kept(table())["Properties"]["TableName"]]
        }

    @pytest.mark.parametrize(
        "changed",
        [
            {"GlobalSecondaryIndexes": [index("one")]},
            {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
            {"TimeToLiveSpecification": {"AttributeName": "exp", "Enabled": True}},
            {"BillingMode": "PAY_PER_REQUEST"},
            {"Replicas": [{"Region": "eu-west-1", "DeletionProtectionEnabled": True, "Tags": [{"Key": "a", "Value": "b"}]}]},
            {"types": {"h": "N"}},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_it_stays_the_same_through_a_change_that_is_made_in_place(self, changed: Json) -> None:
        assert name_of(table(**changed)) == name_of(table())

    @pytest.mark.parametrize(
        "changed",
        [
            {"KeySchema": [key("pk")]},
            {"types": {"pk": "N"}},
            {"LocalSecondaryIndexes": [index("one")]},
            {"ImportSourceSpecification": {"InputFormat": "CSV"}},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_it_is_another_for_what_a_table_keeps_for_life(self, changed: Json) -> None:
        assert name_of(table(**changed)) != name_of(table())

    def test_it_is_another_for_another_type_of_a_local_indexs_key(self) -> None:
        one, other = (name_of(table(types={"g": kind}, LocalSecondaryIndexes=[index("one")])) for kind in ("S", "N"))
        assert one != other

    def test_long_logical_ids_that_begin_alike_have_names_apart_and_within_the_limit(self) -> None:
        stack = "-".join(["S" * 30, *["NestedNestedStackNestedNestedStackResource01234567-01234567-012"] * 3])
        names = {made_name(kept(table(), "T" * 200 + end)["Properties"]["TableName"], "T" * 200 + end, stack) for end in "ab"}
        assert len(names) == 2
        assert all(name is not None and len(name) <= 255 for name in names)

    def test_a_template_without_tables_is_the_same(self) -> None:
        template: Json = {"Resources": {"Other": {"Type": "AWS::SQS::Queue"}}}
        assert keep_tables(template, TARGET) is template


class TestOrder:
    @pytest.mark.parametrize("kind", ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"])
    def test_indexes_and_what_they_include_stand_in_one_order(self, kind: str) -> None:
        one = kept(table(**{kind: [index("b", "x", "a"), index("a")]}))
        other = kept(table(**{kind: [index("a"), index("b", "a", "x")]}))
        assert one == other
        assert [found["IndexName"] for found in one["Properties"][kind]] == ["a", "b"]

    def test_definitions_stand_in_one_order_and_keys_keep_theirs(self) -> None:
        given = table(KeySchema=[key("sk", "RANGE"), key("pk")])
        properties = kept(given)["Properties"]
        assert [found["AttributeName"] for found in properties["AttributeDefinitions"]] == ["g", "pk", "sk"]
        assert properties["KeySchema"] == given["Properties"]["KeySchema"]


class TestRetained:
    @pytest.mark.parametrize(
        "properties", [{"DeletionProtectionEnabled": "true"}, {"Replicas": [{"Region": "eu-west-1", "DeletionProtectionEnabled": True}]}]
    )
    def test_a_protected_table_is_retained_for_aws_could_not_delete_it(self, properties: Json) -> None:
        found = kept({**table(**properties), "DeletionPolicy": "Delete"})
        assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("Retain", "Retain")

    def test_another_way_of_retaining_stays(self) -> None:
        found = kept({**table(DeletionProtectionEnabled=True), "DeletionPolicy": "RetainExceptOnCreate"})
        assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")

    @pytest.mark.parametrize("protected", [False, "false", {"Fn::If": ["Live", True, False]}])
    def test_a_table_without_protection_keeps_its_policy(self, protected: Any) -> None:
        conditions = {"Live": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
        assert "DeletionPolicy" not in kept(table(DeletionProtectionEnabled=protected), Conditions=conditions)

    def test_a_condition_decides_about_protection(self) -> None:
        conditions = {"Live": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
        protected = table(DeletionProtectionEnabled={"Fn::If": ["Live", True, False]})
        assert kept(protected, Conditions=conditions)["DeletionPolicy"] == "Retain"


class TestEvaluated:
    TEMPLATE: ClassVar[Json] = {
        "Parameters": {
            "Stage": {"Type": "String", "Default": "prod"},
            "Open": {"Type": "String"},
            "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path"},
        },
        "Conditions": {
            "Yes": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
            "Unknown": {"Fn::Equals": [{"Ref": "Open"}, "x"]},
            "Reversed": {"Fn::Equals": ["x", {"Ref": "Open"}]},
            "Either": {"Fn::Or": [{"Condition": "Unknown"}, {"Condition": "Yes"}]},
            "Both": {"Fn::And": [{"Condition": "Unknown"}, {"Condition": "No"}]},
            "Perhaps": {"Fn::And": [{"Condition": "Unknown"}, {"Condition": "Yes"}]},
            "NotUnknown": {"Fn::Not": [{"Condition": "Unknown"}]},
            "All": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "Flag"}]},
            "Flag": {"Fn::Equals": [True, "true"]},
        },
    }

    def value(self, node: Any, **given: Any) -> Any:
        template = {**self.TEMPLATE, "Resources": {"R": {"Properties": {"Value": node, "Rest": 1}}}}
        return evaluated(template, TARGET, given)["Resources"]["R"]["Properties"].get("Value", "nothing")

    @pytest.mark.parametrize(
        ("node", "value"),
        [
            ({"Ref": "Stage"}, "prod"),
            ({"Ref": "AWS::Region"}, "eu-west-1"),
            ({"Ref": "AWS::AccountId"}, "111111111111"),
            ({"Ref": "AWS::NoValue"}, "nothing"),
            ([1, {"Ref": "AWS::NoValue"}, {"Ref": "Stage"}], [1, "prod"]),
            ({"Fn::If": ["Yes", {"Ref": "Stage"}, 2]}, "prod"),
            ({"Fn::If": ["No", 1, {"a": {"Ref": "Stage"}}]}, {"a": "prod"}),
            ({"Fn::If": ["Either", 1, 2]}, 1),
            ({"Fn::If": ["Both", 1, 2]}, 2),
            ({"Fn::If": ["Flag", 1, 2]}, 1),
            ({"Fn::If": ["All", 1, 2]}, 1),
        ],
    )
    def test_what_the_template_decides_gives_way_to_its_value(self, node: Any, value: Any) -> None:
        assert self.value(node) == value

    @pytest.mark.parametrize(
        "node",
        [
            {"Ref": "Open"},
            {"Ref": "Version"},
            {"Ref": "Other"},
            {"Fn::GetAtt": ["Other", "Arn"]},
            {"Fn::If": ["Unknown", 1, 2]},
            {"Fn::If": ["Perhaps", 1, 2]},
            {"Fn::If": ["Reversed", 1, 2]},
            {"Fn::If": ["NotUnknown", 1, 2]},
            {"Fn::If": ["Undeclared", 1, 2]},
        ],
    )
    def test_what_only_a_deploy_tells_stays(self, node: Any) -> None:
        assert self.value(node) == node
        assert undecided({"in": [node]})
        assert not undecided({"in": [1, "Ref", {"a": "Fn::If"}]})

    def test_a_parent_stack_says_what_a_parameter_is(self) -> None:
        assert self.value({"Ref": "Open"}, Open="x") == "x"
        assert self.value({"Fn::If": ["Yes", 1, 2]}, Stage="dev") == 2
        assert self.value({"Ref": "Stage"}, Stage={"Fn::GetAtt": ["Other", "Name"]}) == {"Fn::GetAtt": ["Other", "Name"]}

    def test_resources_whose_condition_is_false_are_left_out(self) -> None:
        template = {**self.TEMPLATE, "Resources": {name: {"Condition": name} for name in ("Yes", "No", "Unknown")} | {"Plain": {}}}
        assert list(evaluated(template, TARGET)["Resources"]) == ["Yes", "Unknown", "Plain"]
