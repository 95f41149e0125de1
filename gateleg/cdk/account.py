"""The CloudWatch role of API Gateway, which an account has once in each region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from aws_cdk import RemovalPolicy, Stack, Stage
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge

if TYPE_CHECKING:
    from constructs import IConstruct

_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
_REASON = "AWS documents this managed policy as the one for API Gateway's logging role, and the role can be assumed by API Gateway alone."


@dataclass
class _Parties:
    """The accounts and the stages with logs of one tree."""

    accounts: list[ApiGatewayAccount] = field(default_factory=list["ApiGatewayAccount"])
    stages: list[IConstruct] = field(default_factory=list["IConstruct"])


_trees: WeakKeyDictionary[IConstruct, _Parties] = WeakKeyDictionary()


class ApiGatewayAccount(Construct):
    """Lets API Gateway write the logs of every API of this account and region.

    Stages with logs cannot be made without it; those of gateways in the same `App` or `Stage` of CDK wait for it, whichever stack they
    stand in. It is a setting of the account, not of an API: make it once, in a stack of its own. It stays when the stack goes, since other stacks' APIs rely on it.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html.

    Args:
        scope: The parent construct.
        id: The construct's id.

    Attributes:
        role: The role that API Gateway assumes to write logs.
    """

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002 (the construct grammar of CDK)
        super().__init__(scope, id)
        self.role: iam.Role = iam.Role(
            self,
            "Role",
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("apigateway.amazonaws.com")),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_POLICY)],
        )
        self.role.apply_removal_policy(RemovalPolicy.RETAIN)
        acknowledge(self.role, _REASON, f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_POLICY}]")
        account = apigateway.CfnAccount(self, "Resource", cloud_watch_role_arn=self.role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
        parties = _parties(self)
        parties.accounts.append(self)
        for stage in parties.stages:
            _let_wait(stage, self)


def wait_for_account(stage: IConstruct) -> None:
    """Let a stage with logs wait for the account's role, where that is or will be in the same assembly.

    Args:
        stage: The stage.
    """
    parties = _parties(stage)
    parties.stages.append(stage)
    for account in parties.accounts:
        _let_wait(stage, account)


def _parties(construct: IConstruct) -> _Parties:
    return _trees.setdefault(construct.node.root, _Parties())


def _let_wait(stage: IConstruct, account: ApiGatewayAccount) -> None:
    # CDK orders no stacks of two assemblies; what deploys them does.
    one, other = Stage.of(stage), Stage.of(account)
    together = one is not None and other is not None and one.node.path == other.node.path
    if together and Stack.of(stage).environment == Stack.of(account).environment:
        stage.node.add_dependency(account)
