"""A DAX cluster before tables: its network, its role, and what a function that is connected may do."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import DaxCluster, ModelTable
from gateleg.description import Use
from gateleg.description.names import DAX_VARIABLE
from gateleg.errors import DeclarationError, UsesError
from gateleg.model import Table
from tests.templates.constructs.samples import Template, synthesized

GAMES = Table("games", partition_key="pk")
GET, CREATE = Use("games", "Game", "get"), Use("games", "Game", "create")


def network(stack: Stack) -> Any:
    inside = ec2.SubnetConfiguration(name="In", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(stack, "Vpc", subnet_configuration=[inside])


def function(stack: Stack, vpc: Any) -> lambda_.Function:
    placed: dict[str, Any] = (
        {} if vpc is None else {"vpc": vpc, "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)}
    )
    code = lambda_.Code.from_inline("handler = print")
    return lambda_.Function(stack, "Play", runtime=lambda_.Runtime.PYTHON_3_13, code=code, handler="index.handler", **placed)


@pytest.fixture(scope="module")
def template() -> Template:
    def build(stack: Stack) -> None:
        vpc = network(stack)
        table = ModelTable(stack, "Table", table=GAMES, encryption_key=kms.Key(stack, "Key"))
        cluster = DaxCluster(stack, "Dax", tables=[table], vpc=vpc, item_ttl=Duration.minutes(1))
        cluster.connect(function(stack, vpc), GET, CREATE)

    return synthesized(build, region="eu-west-1", account="111122223333")


def test_a_cluster_is_encrypted_and_survives_the_loss_of_a_zone(template: Template) -> None:
    found = template.one("AWS::DAX::Cluster")
    assert (found["ReplicationFactor"], found["NodeType"]) == (3, "dax.t3.small")
    assert (found["SSESpecification"], found["ClusterEndpointEncryptionType"]) == ({"SSEEnabled": True}, "TLS")
    assert found["SubnetGroupName"] == {"Ref": template.id_of("AWS::DAX::SubnetGroup")}
    assert len(template.one("AWS::DAX::SubnetGroup")["SubnetIds"]) == 3
    assert found["ParameterGroupName"] == {"Ref": template.id_of("AWS::DAX::ParameterGroup")}
    assert template.one("AWS::DAX::ParameterGroup")["ParameterNameValues"] == {"record-ttl-millis": "60000"}


def test_its_role_reaches_its_tables_and_their_key_alone(template: Template) -> None:
    [role] = [name for name in template.all("AWS::IAM::Role") if name.startswith("DaxRole")]
    assert template.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "Service": "dax.amazonaws.com"
    }
    items, key = template.statements(role)
    table = {"Fn::GetAtt": [template.id_of("AWS::DynamoDB::GlobalTable"), "Arn"]}
    assert items["Resource"] == [table, {"Fn::Join": ["", [table, "/index/*"]]}]
    assert "dynamodb:*" not in items["Action"]
    assert "dynamodb:DescribeTable" in items["Action"]
    assert key["Resource"] == {"Fn::GetAtt": [template.id_of("AWS::KMS::Key"), "Arn"]}


def test_a_function_that_is_connected_may_do_what_it_declares(template: Template) -> None:
    cluster = template.id_of("AWS::DAX::Cluster")
    [role] = [name for name in template.all("AWS::IAM::Role") if name.startswith("Play")]
    [statement] = [one for one in template.statements(role) if "dax:" in str(one["Action"])]
    assert (statement["Action"], statement["Resource"]) == (["dax:GetItem", "dax:PutItem"], {"Fn::GetAtt": [cluster, "Arn"]})
    variables = template.one("AWS::Lambda::Function")["Environment"]["Variables"]
    assert variables == {DAX_VARIABLE: {"Fn::GetAtt": [cluster, "ClusterDiscoveryEndpointURL"]}}


def test_only_that_function_reaches_the_cluster_by_one_port(template: Template) -> None:
    [group] = [name for name in template.all("AWS::EC2::SecurityGroup") if name.startswith("Dax")]
    [rule] = [one["Properties"] for one in template.all("AWS::EC2::SecurityGroupIngress").values()]
    assert rule["GroupId"] == {"Fn::GetAtt": [group, "GroupId"]}
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (9111, 9111, "tcp")
    assert str(rule["SourceSecurityGroupId"]).startswith("{'Fn::GetAtt': ['Play")
    assert "SecurityGroupIngress" not in template.resources[group]["Properties"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"tables": []}, "names no table"),
        ({"tables": [GAMES]}, "a list of which each is a ModelTable"),
        ({"vpc": "vpc-1"}, "a Vpc of aws_ec2"),
        ({"nodes": 12}, "a whole number from 1 to 11"),
        ({"node_type": "t3.small"}, "such as 'dax.r5.large'"),
        ({"item_ttl": 60}, "a Duration"),
        ({"subnets": ["subnet-1"]}, "a SubnetSelection of aws_ec2"),
    ],
)
def test_clusters_that_aws_would_refuse_are_refused(arguments: dict[str, Any], told: str) -> None:
    stack = Stack(None, "Test")
    given: dict[str, Any] = {"tables": [ModelTable(stack, "Table", table=GAMES)], "vpc": network(stack)} | arguments
    with pytest.raises(DeclarationError, match=told):
        DaxCluster(stack, "Dax", **given)


@pytest.mark.parametrize(
    ("inside", "uses", "told"),
    [
        (False, (GET,), "is in no VPC, .*make the function with vpc="),
        (True, (), "was given no uses"),
        (True, (Use("games", "Game", "partiql_select"),), "DAX has no PartiQLSelect; let what takes it go to the table itself"),
        (True, (Use("other", "Game", "get"),), "'other'"),
    ],
)
def test_functions_that_could_not_use_it_are_told(
    inside: bool,  # noqa: FBT001 (a case)
    uses: tuple[Use, ...],
    told: str,
) -> None:
    stack = Stack(None, "Test")
    vpc = network(stack)
    cluster = DaxCluster(stack, "Dax", tables=[ModelTable(stack, "Table", table=GAMES)], vpc=vpc)
    with pytest.raises((DeclarationError, UsesError), match=told):
        cluster.connect(function(stack, vpc if inside else None), *uses)


def test_what_is_no_function_is_refused() -> None:
    stack = Stack(None, "Test")
    cluster = DaxCluster(stack, "Dax", tables=[ModelTable(stack, "Table", table=GAMES)], vpc=network(stack))
    with pytest.raises(DeclarationError, match="a Function of aws_lambda"):
        cluster.connect(cast("Any", "play"), GET)
