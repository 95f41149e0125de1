import json
from typing import Any

import pytest

from gateleg.errors import TemplateMismatchError
from gateleg.testing import Synth, TemplateView

from .conftest import Mutated

TABLE_ARN = {"Fn::GetAtt": ["Table", "Arn"]}
BY_AUTHOR = {"Fn::Join": ["", [TABLE_ARN, "/index/by_author"]]}


def statement(action: object, resource: object, effect: str = "Allow", **more: object) -> dict[str, object]:
    return {"Action": action, "Resource": resource, "Effect": effect, **more}


def function_with(*statements: dict[str, Any], table: dict[str, Any] | None = None, role: dict[str, Any] | None = None) -> TemplateView:
    policy = {"PolicyDocument": {"Statement": list(statements)}, "Roles": [{"Ref": "Role"}]}
    indexes = [{"IndexName": name} for name in ("by_author", "by_day")]
    return TemplateView(
        {
            "Resources": {
                "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"GlobalSecondaryIndexes": indexes, **(table or {})}},
                "Other": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
                "Key": {"Type": "AWS::SecretsManager::Secret", "Properties": {}},
                "Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}},
                "Role": {"Type": "AWS::IAM::Role", "Properties": role or {}},
                "Policy": {"Type": "AWS::IAM::Policy", "Properties": policy},
                "Handler": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
            }
        },
        stack_name="Notes",
    )


def allowed(view: TemplateView, index: str | None = None) -> frozenset[str]:
    table = view.table("Table")
    return view.function("Handler").allowed_actions(on=table if index is None else table.index(index))


def test_the_grants_of_real_constructs_are_told_exactly(notes: TemplateView) -> None:
    table = notes.table("notes")
    reader, writer = notes.function("notes-reader"), notes.function("notes-writer")
    assert reader.allowed_actions(on=table) == frozenset()
    assert reader.allowed_actions(on=table.index("by_author")) == {"dynamodb:Query"}
    assert reader.allowed_actions(on=table.index("by_day")) == frozenset()
    assert writer.allowed_actions(on=table) == {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert writer.allowed_actions(on=table.index("by_author")) == frozenset()
    assert reader.permissions == {f"${{{table.logical_id}.Arn}}/index/by_author": {"dynamodb:Query"}}


@pytest.mark.parametrize(
    "resource",
    [
        TABLE_ARN,
        {"Fn::Sub": "${Table.Arn}"},
        {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}"},
        {"Fn::Sub": "arn:aws:dynamodb:eu-west-1:123456789012:table/${Table}"},
        {"Fn::Sub": ["${Arn}", {"Arn": TABLE_ARN}]},
        {"Fn::If": ["Prod", TABLE_ARN, "arn:aws:dynamodb:eu-west-1:123456789012:table/elsewhere"]},
        "arn:aws:dynamodb:*:*:table/*",
        "arn:aws:dynamodb:*",
        {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/Notes-*"},
        "*",
    ],
)
def test_every_way_to_name_the_table_counts(resource: object) -> None:
    assert allowed(function_with(statement("dynamodb:Query", resource))) == {"dynamodb:Query"}


@pytest.mark.parametrize(
    "resource",
    [
        {"Fn::GetAtt": ["Other", "Arn"]},
        {"Fn::Sub": "${Table.Arn}/index/*"},
        {"Fn::Sub": "${Table.Arn}/stream/*"},
        {"Fn::Sub": "${Table.Arn}x"},
        "arn:aws:dynamodb:eu-west-1:123456789012:table/notes",
        "arn:aws:s3:::table/*",
        {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/Orders-*"},
    ],
)
def test_other_resources_do_not_count_for_the_table(resource: object) -> None:
    assert allowed(function_with(statement("dynamodb:Query", resource))) == frozenset()


@pytest.mark.parametrize("resource", [BY_AUTHOR, {"Fn::Sub": "${Table.Arn}/index/by_author"}, {"Fn::Sub": "${Table.Arn}/index/by_*"}, "*"])
def test_every_way_to_name_an_index_counts(resource: object) -> None:
    assert allowed(function_with(statement("dynamodb:Query", resource)), "by_author") == {"dynamodb:Query"}


def test_the_table_alone_does_not_reach_its_index() -> None:
    assert allowed(function_with(statement("dynamodb:Query", TABLE_ARN)), "by_author") == frozenset()
    assert allowed(function_with(statement("dynamodb:Query", BY_AUTHOR)), "by_day") == frozenset()


def test_the_table_with_everything_below_reaches_its_indexes_and_stream() -> None:
    view = function_with(statement(["dynamodb:Query", "dynamodb:GetRecords"], [TABLE_ARN, {"Fn::Sub": "${Table.Arn}/*"}]))
    assert allowed(view, "by_day") == {"dynamodb:Query", "dynamodb:GetRecords"}
    assert view.function("Handler").may("dynamodb:GetRecords", on=view.table("Table").stream)


def test_a_named_table_is_known_by_its_name() -> None:
    view = function_with(statement("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/notes"), table={"TableName": "notes"})
    assert allowed(view) == {"dynamodb:Query"}
    assert view.table("notes").logical_id == "Table"


def test_actions_of_other_services_on_everything_are_not_the_table_s() -> None:
    assert allowed(function_with(statement(["xray:PutTraceSegments", "dynamodb:Query"], "*"))) == {"dynamodb:Query"}


@pytest.mark.parametrize("action", ["*", "dynamodb:*", "dynamodb:Get*", "d*:*"])
def test_a_wildcard_stays_a_wildcard_so_that_no_exact_set_equals_it(action: str) -> None:
    view = function_with(statement(action, TABLE_ARN))
    assert allowed(view) == {action}
    assert view.function("Handler").may("dynamodb:GetItem", on=view.table("Table"))


def test_case_of_actions_does_not_matter() -> None:
    view = function_with(statement("DynamoDB:query", TABLE_ARN))
    assert view.function("Handler").may("dynamodb:Query", on=view.table("Table"))
    assert allowed(view) == {"DynamoDB:query"}


def test_not_action_allows_everything_else_and_says_so() -> None:
    view = function_with({"Effect": "Allow", "NotAction": ["dynamodb:DeleteTable"], "Resource": "*"})
    handler, table = view.function("Handler"), view.table("Table")
    assert allowed(view) == {"* except dynamodb:DeleteTable"}
    assert handler.may("dynamodb:Scan", on=table)
    assert not handler.may("dynamodb:DeleteTable", on=table)


def test_not_resource_allows_everywhere_else() -> None:
    view = function_with({"Effect": "Allow", "Action": "dynamodb:Scan", "NotResource": TABLE_ARN})
    assert allowed(view) == frozenset()
    assert allowed(view, "by_author") == {"dynamodb:Scan"}


def test_a_denial_takes_away_what_it_covers() -> None:
    view = function_with(statement(["dynamodb:Query", "dynamodb:Scan", "dynamodb:*"], TABLE_ARN), statement("dynamodb:Scan", "*", "Deny"))
    handler, table = view.function("Handler"), view.table("Table")
    assert allowed(view) == {"dynamodb:Query", "dynamodb:*"}
    assert not handler.may("dynamodb:Scan", on=table)
    assert handler.may("dynamodb:PutItem", on=table)


@pytest.mark.parametrize(
    "denial",
    [
        statement("dynamodb:Query", TABLE_ARN, "Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        statement("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:123456789012:table/*", "Deny"),
        statement("dynamodb:Query", {"Fn::GetAtt": ["Other", "Arn"]}, "Deny"),
    ],
)
def test_a_denial_that_may_not_apply_takes_nothing_away(denial: dict[str, Any]) -> None:
    assert allowed(function_with(statement("dynamodb:Query", TABLE_ARN), denial)) == {"dynamodb:Query"}


def test_inline_attached_and_managed_policies_all_count() -> None:
    view = function_with(
        statement("dynamodb:Query", TABLE_ARN),
        role={
            "Policies": [{"PolicyName": "inline", "PolicyDocument": {"Statement": statement("dynamodb:GetItem", TABLE_ARN)}}],
            "ManagedPolicyArns": [{"Ref": "Managed"}, "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
        },
    )
    managed = {"PolicyDocument": {"Statement": [statement("dynamodb:Scan", TABLE_ARN)]}}
    lone = {"RoleName": {"Ref": "Role"}, "PolicyDocument": {"Statement": [statement("dynamodb:PutItem", TABLE_ARN)]}}
    more = {
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed},
        "Lone": {"Type": "AWS::IAM::RolePolicy", "Properties": lone},
    }
    full = TemplateView({"Resources": {**view.json["Resources"], **more}})
    assert allowed(full) == {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:Scan", "dynamodb:PutItem"}


def test_a_policy_of_another_role_does_not_count() -> None:
    view = function_with(statement("dynamodb:Query", TABLE_ARN))
    resources = dict(view.json["Resources"])
    resources["Policy"] = {"Type": "AWS::IAM::Policy", "Properties": {**resources["Policy"]["Properties"], "Roles": [{"Ref": "Somebody"}]}}
    assert allowed(TemplateView({"Resources": resources})) == frozenset()


def test_a_managed_policy_that_nobody_can_read_counts_as_everything() -> None:
    arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AmazonDynamoDBFullAccess"]]}
    view = function_with(statement("dynamodb:Query", TABLE_ARN), role={"ManagedPolicyArns": [arn]})
    assert allowed(view) == {"dynamodb:Query", "* of arn:${AWS::Partition}:iam::aws:policy/AmazonDynamoDBFullAccess"}
    assert view.function("Handler").may("dynamodb:DeleteTable", on=view.table("Table"))


def test_the_table_s_own_policy_counts_for_the_role_that_it_names() -> None:
    own = {"Statement": [{**statement("dynamodb:Scan", "*"), "Principal": {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}}]}
    other = {"Statement": [{**statement("dynamodb:Scan", "*"), "Principal": {"AWS": "arn:aws:iam::1:role/other"}}]}
    query = statement("dynamodb:Query", TABLE_ARN)
    assert allowed(function_with(query, table={"ResourcePolicy": {"PolicyDocument": own}})) == {"dynamodb:Query", "dynamodb:Scan"}
    assert allowed(function_with(query, table={"Replicas": [{"ResourcePolicy": {"PolicyDocument": own}}]})) >= {"dynamodb:Scan"}
    assert allowed(function_with(query, table={"ResourcePolicy": {"PolicyDocument": other}})) == {"dynamodb:Query"}


@pytest.mark.parametrize(
    ("target", "resource", "action"),
    [
        ("Key", {"Ref": "Key"}, "secretsmanager:GetSecretValue"),
        ("Key", "arn:aws:secretsmanager:*:*:secret:*", "secretsmanager:GetSecretValue"),
        (
            "Socket",
            {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Socket}/live/POST/@connections/*"},
            "execute-api:ManageConnections",
        ),
    ],
)
def test_any_resource_can_be_asked_about(target: str, resource: object, action: str) -> None:
    view = function_with(statement([action, "dynamodb:Query"], resource))
    handler = view.function("Handler")
    assert handler.allowed_actions(on=view.resource(target)) == {action}
    elsewhere = "Socket" if target == "Key" else "Key"
    assert handler.allowed_actions(on=view.resource(elsewhere)) == frozenset()


@pytest.mark.parametrize("role", ["arn:aws:iam::123456789012:role/imported", {"Ref": "RoleArnParameter"}, None])
def test_a_role_that_is_elsewhere_is_said_and_not_taken_as_no_permission(role: object) -> None:
    view = function_with(statement("dynamodb:Query", TABLE_ARN))
    resources = {**view.json["Resources"], "Handler": {"Type": "AWS::Lambda::Function", "Properties": {"Role": role}}}
    with pytest.raises(TemplateMismatchError, match="so its permissions cannot be told"):
        allowed(TemplateView({"Resources": resources}))


@pytest.mark.parametrize("action", ["Query", "dynamodb:*", "s3:GetObject", "dynamodb:"])
def test_may_takes_one_action_of_the_thing_s_own_service(action: str) -> None:
    view = function_with(statement("dynamodb:Query", TABLE_ARN))
    with pytest.raises(TemplateMismatchError, match="not a single action of dynamodb"):
        view.function("Handler").may(action, on=view.table("Table"))


def test_a_table_of_another_synth_is_refused(notes: TemplateView) -> None:
    view = function_with(statement("dynamodb:Query", "*"))
    with pytest.raises(TemplateMismatchError, match="is of another synth"):
        notes.function("notes-reader").allowed_actions(on=view.table("Table"))


def test_a_wider_grant_is_seen(notes: TemplateView, mutated: Mutated) -> None:
    policy = next(found for found in notes.resources("AWS::IAM::Policy") if "Reader" in found.logical_id)

    def widen(resources: dict[str, Any]) -> None:
        resources[policy.logical_id]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"

    view = mutated(widen)
    assert view.function("notes-reader").allowed_actions(on=view.table("notes")) == {"dynamodb:Query"}


def test_a_resource_that_only_a_parameter_knows_is_said_and_not_taken_as_another() -> None:
    view = function_with(statement("dynamodb:Query", {"Ref": "TableArn"}))
    template = {**view.json, "Parameters": {"TableArn": {"Type": "String"}}}
    with pytest.raises(TemplateMismatchError, match=r"allows dynamodb:Query on \$\{TableArn\}, and nothing here tells"):
        allowed(TemplateView(template))
    full = TemplateView(template)
    assert full.function("Handler").allowed_actions(on=full.resource("Key")) == frozenset(), "no action of another service is at stake"


@pytest.mark.parametrize("references", ["strong", "weak"])
def test_references_between_stacks_and_nested_stacks_are_followed(plain_synth: Synth, references: str) -> None:
    from aws_cdk import App, NestedStack, Stack, aws_dynamodb, aws_lambda

    def function(scope: Stack) -> aws_lambda.Function:
        return aws_lambda.Function(
            scope, "Reader", runtime=aws_lambda.Runtime.PYTHON_3_13, handler="index.handler", code=aws_lambda.Code.from_inline("x = 1")
        )

    def make(app: App) -> None:
        data, api = Stack(app, "Data"), Stack(app, "Api")
        key = aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING)
        table, other = (aws_dynamodb.TableV2(data, name, partition_key=key) for name in ("Table", "Other"))
        for scope, granted in ((api, table), (NestedStack(api, "Inner"), other), (NestedStack(data, "Near"), table)):
            granted.grant(function(scope), "dynamodb:Query")

    assembly = plain_synth.assembly(make, context={"@aws-cdk/core:defaultCrossStackReferences": references})
    used = "Fn::GetStackOutput" if references == "weak" else "Fn::ImportValue"
    assert used in json.dumps(assembly.stack("Api").json)
    data = assembly.stack("Data")
    for stack, own, foreign in (("Api", "Table", "Other"), ("Api/Inner", "Other", "Table"), ("Data/Near", "Table", "Other")):
        reader = assembly.stack(stack).function("Reader")
        assert reader.allowed_actions(on=data.table(own)) == {"dynamodb:Query"}, stack
        assert reader.allowed_actions(on=data.table(foreign)) == frozenset(), stack


@pytest.mark.parametrize("role", ["Role", "Fn", "arn:aws:iam::123456789012:role/Role"])
def test_a_text_that_reads_like_a_logical_id_names_no_role(role: str) -> None:
    view = function_with(statement("dynamodb:Query", TABLE_ARN))
    view.json["Resources"]["Handler"]["Properties"]["Role"] = role
    with pytest.raises(TemplateMismatchError, match="its permissions cannot be told"):
        allowed(view)
