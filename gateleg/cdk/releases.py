"""Versions of functions, an alias that is called in their place, and how a new version takes over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import FLAG, check, having, listing, number, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_codedeploy as codedeploy
    from constructs import Construct

    AnyAlarm = cloudwatch.IAlarm | cloudwatch.Alarm | cloudwatch.CompositeAlarm

_NAME = re.compile(r"(?!\d+$)[A-Za-z0-9_-]{1,128}")
_FAILING = 0.01
_MANAGED_REASON = (
    "AWS's own policy for CodeDeploy shifts aliases, reads alarms, and invokes hooks of its own name; it follows what CodeDeploy needs."
)


@dataclass(frozen=True)
class Release:
    """How a new version of a function takes over from the one before.

    Each change of the function publishes a version, and an alias leads to it. Gateways, queues, streams and schedules invoke the alias, so that a
    deployment is rolled back by leading the alias back, and what runs is never half new. `Release()` moves it at once; with `shift` CodeDeploy
    moves a part of the invocations first, and all of them back when an alarm rings.

    Follows https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html,
    https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html,
    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html and https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html.

    Args:
        alias: The alias.
        shift: How invocations move, such as `LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES` of `aws_codedeploy`; all at once unless given.
        alarms: What calls a shift off, beside an alarm of its own: one in a hundred invocations of the alias fails within a minute.
        provisioned_concurrency: How many environments are kept started; none unless given. They are billed by the hour, used or not.
        snap_start: Whether environments start from a snapshot of a started one. What is random, or connected, as a module is imported is then the same in all of
            them. Snapshots and their use are billed.

    Raises:
        DeclarationError: An argument is not what it must be, alarms have no shift to call off, or AWS has one of two only.
    """

    alias: str = "live"
    shift: codedeploy.ILambdaDeploymentConfig | codedeploy.LambdaDeploymentConfig | None = None
    alarms: Sequence[AnyAlarm] = ()
    provisioned_concurrency: int | None = None
    snap_start: bool = False

    def __post_init__(self) -> None:
        check(
            "Release",
            alias=(self.alias, _alias),
            shift=(self.shift, optional(having("a LambdaDeploymentConfig of aws_codedeploy", "deployment_config_name"))),
            alarms=(self.alarms, listing(having("an Alarm of aws_cloudwatch", "alarm_name"))),
            provisioned_concurrency=(self.provisioned_concurrency, optional(number(1, float("inf"), int))),
            snap_start=(self.snap_start, FLAG),
        )
        if self.alarms and self.shift is None:
            message = "Release was given alarms and no shift that they could call off; write shift=LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES, or leave alarms out"
            raise DeclarationError(message, path="Release.alarms", value=self.alarms)
        if self.snap_start and self.provisioned_concurrency is not None:
            message = f"a function starts from a snapshot or is kept started, and Release was given snap_start=True and provisioned_concurrency={self.provisioned_concurrency}; leave one of the two out"
            raise DeclarationError(message, path="Release.snap_start", value=self.provisioned_concurrency)

    def check_function(self, owner: str, runtime: lambda_.Runtime, reserved: int | None) -> None:
        """Check what the release asks of the function.

        Args:
            owner: The function, for messages.
            runtime: Its runtime.
            reserved: How many of it may run at once.

        Raises:
            DeclarationError: The runtime takes no snapshots, or more is provisioned than may run.
        """
        if self.snap_start and not runtime.supports_snap_start:
            message = f"{owner} runs on {runtime.name}, of which Lambda takes no snapshots; write runtime=lambda_.Runtime.PYTHON_3_13, or leave snap_start out"
            raise DeclarationError(message, path="Release.snap_start", value=runtime.name)
        if reserved is not None and (self.provisioned_concurrency or 0) > reserved:
            message = f"{owner} may run {reserved} times at once, and Release keeps {self.provisioned_concurrency} started; raise reserved_concurrency, or lower provisioned_concurrency"
            raise DeclarationError(message, path="Release.provisioned_concurrency", value=self.provisioned_concurrency)

    def properties(self) -> dict[str, Any]:
        """What the `Function` is told."""
        return {"snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS} if self.snap_start else {}

    def add_to(self, scope: Construct, function: lambda_.Function) -> lambda_.Alias:
        """Make the alias, and what shifts it.

        Args:
            scope: The construct of the function.
            function: The function.
        """
        version: Any = function.current_version
        alias = lambda_.Alias(
            scope,
            "Alias",
            alias_name=self.alias,
            version=version,
            provisioned_concurrent_executions=self.provisioned_concurrency,
        )
        if self.shift is not None:
            self._shift(scope, alias, self.shift)
        return alias

    def _shift(self, scope: Construct, alias: lambda_.Alias, shift: Any) -> None:
        from aws_cdk import aws_codedeploy as codedeploy  # heavy, and loaded already by whoever has a shift to give

        alarms: list[Any] = [_failing(scope, alias), *self.alarms]
        group = codedeploy.LambdaDeploymentGroup(
            scope,
            "Shift",
            alias=alias,
            deployment_config=shift,
            alarms=alarms,
            auto_rollback=codedeploy.AutoRollbackConfig(failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True),
        )
        acknowledge(
            group,
            _MANAGED_REASON,
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
        )


def release(value: Any) -> str | None:
    """The rule for a `Release`."""
    return None if isinstance(value, Release) else "a Release, such as Release(provisioned_concurrency=2)"


def _failing(scope: Construct, alias: lambda_.Alias) -> cloudwatch.Alarm:
    from aws_cdk import aws_cloudwatch as cloudwatch

    minute = Duration.minutes(1)
    metrics: Any = {"errors": alias.metric_errors(period=minute), "calls": alias.metric_invocations(period=minute)}
    share = cloudwatch.MathExpression(expression="errors / calls", label="Failed invocations (share)", using_metrics=metrics, period=minute)
    return cloudwatch.Alarm(
        scope,
        "Failing",
        metric=share,
        threshold=_FAILING,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description="A new version is called off where one in a hundred invocations fails.",
    )


def _alias(value: Any) -> str | None:
    fits = isinstance(value, str) and _NAME.fullmatch(value)
    return None if fits else "the name of an alias, of letters, digits, - and _ and not of digits alone, such as 'live'"
