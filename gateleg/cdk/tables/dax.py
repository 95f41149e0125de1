"""A DAX cluster before tables, with its network and its role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import a, check, filled, having, listing, number, optional
from gateleg.cdk.model_table import ModelTable
from gateleg.cdk.uses import by_table, flatten
from gateleg.description.names import DAX_VARIABLE
from gateleg.description.uses import ACTIONS
from gateleg.errors import DeclarationError, UsesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_dax as dax
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_lambda as lambda_

    from gateleg.cdk.uses import AnyUse

_TLS_PORT = 9111
_MOST_NODES = 11
_ITEMS = ("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
_EVERY_INDEX = "The cluster reads each index of its tables for the functions before it, of which each may do what its own policy says."
_KEY_ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


class DaxCluster(Construct):
    """A cluster of DynamoDB Accelerator, which keeps items and answers of queries for a while, in the subnets of a VPC.

    Stored and sent encrypted. Functions that use it are in the VPC and send by `gateleg.store.DaxTransport`; strongly consistent reads and
    transactions go through it to the tables. It costs by node and hour. Follows
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.html.

    Args:
        scope: The parent construct.
        id: The construct's id.
        tables: The tables.
        vpc: The VPC.
        subnets: Its subnets; those without a way in unless given.
        node_type: The type of its nodes; `dax.r` for steady load.
        nodes: How many nodes, 1 to 11; three survive the loss of a zone.
        item_ttl: How long an item is kept; five minutes unless given.
        query_ttl: How long the answer of a query or scan is kept; five minutes unless given.

    Attributes:
        cluster: The `CfnCluster`; CDK has no other class.
        security_group: Its security group.
        role: The role by which it reaches the tables.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        tables: Sequence[ModelTable],
        vpc: ec2.IVpc | ec2.Vpc,
        subnets: ec2.SubnetSelection | None = None,
        node_type: str = "dax.t3.small",
        nodes: int = 3,
        item_ttl: Duration | None = None,
        query_ttl: Duration | None = None,
    ) -> None:
        from aws_cdk import aws_ec2 as ec2

        check(
            "DaxCluster",
            tables=(tables, listing(a("a ModelTable", ModelTable))),
            vpc=(vpc, having("a Vpc of aws_ec2", "vpc_id", "select_subnets")),
            subnets=(subnets, optional(a("a SubnetSelection of aws_ec2", ec2.SubnetSelection))),
            node_type=(node_type, _node_type),
            nodes=(nodes, number(1, _MOST_NODES, int)),
            item_ttl=(item_ttl, optional(a("a Duration", Duration))),
            query_ttl=(query_ttl, optional(a("a Duration", Duration))),
        )
        if not tables:
            raise DeclarationError("DaxCluster(tables=[]) names no table; write those that it stands before", path="DaxCluster.tables")
        super().__init__(scope, id)
        self._tables = list(tables)
        self.security_group: ec2.SecurityGroup = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="A DAX cluster", allow_all_outbound=False
        )
        self.role: iam.Role = self._role()
        self.cluster: dax.CfnCluster = self._cluster(vpc, subnets, node_type, nodes, _parameters(item_ttl, query_ttl))

    def connect(self, function: lambda_.Function, *uses: AnyUse) -> None:
        """Let a function in the VPC use the cluster, and tell it where that is: its network, its rights, its variable.

        A right of DAX is of an operation on all tables of the cluster: AWS has no narrower one.

        Args:
            function: The function, such as `ServiceFunction(..., vpc=vpc).function`.
            uses: What it does to the tables, as it declares them.

        Raises:
            DeclarationError: The function is in no VPC.
            UsesError: A use is of another table, or DAX does not have it.
        """
        check("DaxCluster.connect", function=(function, having("a Function of aws_lambda", "function_arn", "add_environment")))
        if not function.is_bound_to_vpc:
            message = f"{function.node.path} is in no VPC, and a cluster is reached from its own alone; make the function with vpc="
            raise DeclarationError(message, path=function.node.path)
        flat = flatten(uses)
        by_table(flat, self._tables, "DaxCluster.connect()")
        actions = sorted({action.replace("dynamodb:", "dax:") for use in flat for action in ACTIONS[use.operation]})
        if unknown := [action for action in actions if action.removeprefix("dax:") not in _ITEMS]:
            message = (
                f"DAX has no {unknown[0].removeprefix('dax:')}; let what takes it go to the table itself, by a store with another transport"
            )
            raise UsesError(message, path=function.node.path, value=unknown[0])
        if not actions:
            raise UsesError("DaxCluster.connect() was given no uses; pass operations, such as Message.get", path=function.node.path)
        from aws_cdk import aws_ec2 as ec2

        port = ec2.Port.tcp(_TLS_PORT)
        function.connections.allow_to(self.security_group, port, "Items by DAX")
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[self.cluster.attr_arn]))
        function.add_environment(DAX_VARIABLE, self.cluster.attr_cluster_discovery_endpoint_url)

    def _role(self) -> iam.Role:
        service: Any = iam.ServicePrincipal("dax.amazonaws.com")
        role = iam.Role(self, "Role", assumed_by=service)
        arns = [arn for table in self._tables for arn in (table.table.table_arn, f"{table.table.table_arn}/index/*")]
        actions = ["dynamodb:DescribeTable", *(f"dynamodb:{action}" for action in _ITEMS)]
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=arns))
        for key in {table.node.path: table.encryption_key for table in self._tables}.values():
            if key is not None:
                role.add_to_policy(iam.PolicyStatement(actions=list(_KEY_ACTIONS), resources=[key.key_arn]))
        names = [self._logical_id(table) for table in self._tables]
        acknowledge(role, _EVERY_INDEX, *(f"AwsSolutions-IAM5[Resource::<{name}.Arn>/index/*]" for name in names))
        return role

    @staticmethod
    def _logical_id(table: ModelTable) -> str:
        from aws_cdk import CfnElement, Stack

        child: Any = table.table.node.default_child
        return "" if child is None else str(Stack.of(table).resolve(cast("CfnElement", child).logical_id))

    def _cluster(self, vpc: Any, subnets: Any, node_type: str, nodes: int, parameters: dict[str, str]) -> dax.CfnCluster:
        from aws_cdk import aws_dax as dax
        from aws_cdk import aws_ec2 as ec2

        chosen = (
            vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) if subnets is None else vpc.select_subnets(**_given(subnets))
        )
        group = dax.CfnSubnetGroup(self, "Subnets", subnet_ids=chosen.subnet_ids)
        settings = dax.CfnParameterGroup(self, "Parameters", parameter_name_values=parameters) if parameters else None
        cluster = dax.CfnCluster(
            self,
            "Resource",
            iam_role_arn=self.role.role_arn,
            node_type=node_type,
            replication_factor=nodes,
            cluster_endpoint_encryption_type="TLS",
            sse_specification=dax.CfnCluster.SSESpecificationProperty(sse_enabled=True),
            subnet_group_name=group.ref,
            parameter_group_name=None if settings is None else settings.ref,
            security_group_ids=[self.security_group.security_group_id],
        )
        # DAX takes the role for its first look at the tables, and gives up where it may not yet.
        cluster.node.add_dependency(self.role)
        return cluster


def _given(subnets: ec2.SubnetSelection) -> dict[str, Any]:
    names = ("availability_zones", "one_per_az", "subnet_filters", "subnet_group_name", "subnets", "subnet_type")
    found = {name: getattr(subnets, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _parameters(item_ttl: Duration | None, query_ttl: Duration | None) -> dict[str, str]:
    given = {"record-ttl-millis": item_ttl, "query-ttl-millis": query_ttl}
    return {name: str(int(value.to_milliseconds())) for name, value in given.items() if value is not None}


def _node_type(value: Any) -> str | None:
    return None if filled(value) is None and value.startswith("dax.") else "a type of nodes, such as 'dax.r5.large'"
