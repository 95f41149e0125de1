"""Exports of a table to S3: on demand, on a schedule, of all or of what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import Duration, RemovalPolicy, Stack
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import FLAG, a, check, filled, having, one_of, optional
from gateleg.cdk.management.encryption import key_of
from gateleg.cdk.model_table import ModelTable
from gateleg.cdk.tables.export_states import ExportStates
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_scheduler as scheduler
    from aws_cdk import aws_stepfunctions as stepfunctions

_LEAST, _MOST = Duration.minutes(15), Duration.hours(24)
_ONE_EXPORT = "The role may write below one prefix of one bucket, where DynamoDB names the objects, and look at exports of one table, whose names it makes."
_ITS_OWN_LOGS = "CloudWatch Logs has no permissions on single resources for the delivery of logs, and X-Ray none for traces."


class TableExport(Construct):
    """Exports of a table to a bucket, made by DynamoDB from its continuous backups, so that they take nothing of the table's throughput.

    A state machine begins an export, waits until it is written, and fails if it fails, which its metrics tell. Start it by hand for one on
    demand, with `{}`, or with `{"time": "2026-11-26T12:00:00Z"}` for the table as it was then; an incremental one takes `from` and `to`. With
    `every=` it is started so, by EventBridge Scheduler. Follows
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html.

    Args:
        scope: The parent construct.
        id: The construct's id.
        table: The table, with point in time recovery.
        bucket: The bucket.
        prefix: What the names of the objects begin with.
        format: `DYNAMODB_JSON` or `ION`.
        every: How often; whole minutes. On demand alone unless given.
        incremental: Whether an export holds what changed in the time before it, of `every=`, which is then 15 minutes to 24 hours. Where a
            period begins before the first second that can be restored, all of the table is exported in its place: the base of those to come.
        view: What an incremental export holds of each change.

    Attributes:
        state_machine: The state machine; its metrics and grants are at hand.
        schedule: What starts it; `None` for exports on demand alone.

    Raises:
        DeclarationError: An argument is not what it must be, or the table has no point in time recovery.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        table: ModelTable,
        bucket: s3.IBucket | s3.Bucket,
        prefix: str | None = None,
        format: Literal["DYNAMODB_JSON", "ION"] = "DYNAMODB_JSON",  # noqa: A002 (AWS's word)
        every: Duration | None = None,
        incremental: bool = False,
        view: Literal["NEW_AND_OLD_IMAGES", "NEW_IMAGE"] = "NEW_AND_OLD_IMAGES",
    ) -> None:
        check(
            "TableExport",
            table=(table, a("a ModelTable", ModelTable)),
            bucket=(bucket, having("a Bucket of aws_s3", "bucket_arn")),
            prefix=(prefix, optional(filled)),
            format=(format, one_of("DYNAMODB_JSON", "ION")),
            every=(every, optional(_minutes)),
            incremental=(incremental, FLAG),
            view=(view, one_of("NEW_AND_OLD_IMAGES", "NEW_IMAGE")),
        )
        if table.recoverable is False:
            message = (
                f"the table {table.node.id!r} has no point in time recovery, from which exports are made; write point_in_time_recovery=True"
            )
            raise DeclarationError(message, path="TableExport.table", value=table.node.path)
        if incremental:
            _check_period(every)
        super().__init__(scope, id)
        period = None if every is None or not incremental else int(every.to_seconds())
        place = f"{prefix.rstrip('/')}/" if prefix else ""
        calls = f"arn:{Stack.of(self).partition}:states:::aws-sdk:dynamodb:"
        arguments = {"TableArn": table.table.table_arn, "ExportFormat": format, **_target(bucket, place)}
        self.state_machine: stepfunctions.StateMachine = self._machine(ExportStates(calls, table.table.table_name, arguments, period, view))
        self._allow(table, bucket, place)
        self.schedule: scheduler.Schedule | None = None if every is None else self._scheduled(every, incremental=incremental)

    def _machine(self, states: ExportStates) -> stepfunctions.StateMachine:
        from aws_cdk import aws_logs as logs
        from aws_cdk import aws_stepfunctions as stepfunctions

        retention, group_key = logs.RetentionDays.ONE_MONTH, key_of(self)
        group = logs.LogGroup(self, "Logs", retention=retention, removal_policy=RemovalPolicy.DESTROY, encryption_key=group_key)
        return stepfunctions.StateMachine(
            self,
            "Resource",
            definition_body=stepfunctions.DefinitionBody.from_string(Stack.of(self).to_json_string(states.definition())),
            tracing_enabled=True,
            logs=stepfunctions.LogOptions(destination=group, level=stepfunctions.LogLevel.ALL, include_execution_data=False),
        )

    def _allow(self, table: ModelTable, bucket: Any, place: str) -> None:
        from aws_cdk import aws_iam as iam

        machine, arn = self.state_machine, table.table.table_arn
        allowed = {
            arn: ["dynamodb:ExportTableToPointInTime", "dynamodb:DescribeContinuousBackups"],
            f"{arn}/export/*": ["dynamodb:DescribeExport"],
            bucket.arn_for_objects(f"{place}*"): ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"],
        }
        for resource, actions in allowed.items():
            machine.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        if bucket.encryption_key is not None:
            actions = ["kms:Decrypt", "kms:GenerateDataKey"]
            machine.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[bucket.encryption_key.key_arn]))
        stack = Stack.of(self)
        shown = [
            f"AwsSolutions-IAM5[Resource::{_shown(stack.resolve(resource))}]"
            for resource in allowed
            if _shown(stack.resolve(resource)).endswith("*")
        ]
        acknowledge(machine.role, _ONE_EXPORT, *shown)
        acknowledge(machine.role, _ITS_OWN_LOGS, "AwsSolutions-IAM5[Resource::*]")

    def _scheduled(self, every: Duration, *, incremental: bool) -> scheduler.Schedule:
        from aws_cdk import aws_scheduler as scheduler
        from aws_cdk import aws_scheduler_targets as targets

        given = {"to": scheduler.ContextAttribute.scheduled_time} if incremental else {}
        machine: Any = self.state_machine
        target: Any = targets.StepFunctionsStartExecution(machine, input=scheduler.ScheduleTargetInput.from_object(given))
        return scheduler.Schedule(
            self,
            "Schedule",
            schedule=scheduler.ScheduleExpression.rate(every),
            target=target,
        )


def _target(bucket: Any, place: str) -> dict[str, Any]:
    """Where an export goes, and by which key."""
    key = bucket.encryption_key
    encrypted = {"S3SseAlgorithm": "AES256"} if key is None else {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": key.key_arn}
    return {"S3Bucket": bucket.bucket_name, **({"S3Prefix": place.rstrip("/")} if place else {}), **encrypted}


def _minutes(value: Any) -> str | None:
    whole = (
        isinstance(value, Duration) and not value.is_unresolved() and value.to_milliseconds() % Duration.minutes(1).to_milliseconds() == 0
    )
    return None if whole and value.to_minutes() >= 1 else "a Duration of whole minutes, such as Duration.hours(1)"


def _check_period(every: Duration | None) -> None:
    if every is None or not _LEAST.to_minutes() <= every.to_minutes() <= _MOST.to_minutes():
        given = None if every is None else every.to_minutes()
        message = (
            f"an incremental export holds the changes of 15 minutes to 24 hours, and every={given} minutes; write every=Duration.hours(1)"
        )
        raise DeclarationError(message, path="TableExport.every", value=given)


def _shown(resource: Any) -> str:
    """A resource as cdk-nag names it in a finding."""
    if isinstance(resource, str):
        return resource
    [(function, argument)] = resource.items()
    if function == "Fn::Join":
        return "".join(map(_shown, argument[1]))
    return f"<{'.'.join(argument)}>" if function == "Fn::GetAtt" else f"<{argument}>"
