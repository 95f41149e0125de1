"""Backups of tables by AWS Backup, in a vault that outlives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Names, RemovalPolicy
from aws_cdk import aws_events as events
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import a, check, having, listing, optional
from gateleg.cdk.management.encryption import key_of
from gateleg.cdk.model_table import ModelTable
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_backup as backup

_COLD_DAYS = 90
_BY_AWS = "The policy is that of AWS Backup for its own service, which takes the permissions that each of its features needs."
_MANAGED = "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]"


class TableBackups(Construct):
    """A plan of AWS Backup for tables, with a vault that is kept when it leaves the stack.

    Beside point in time recovery, which ends 35 days ago and with the table. Cold storage takes the account's opt-in to AWS Backup's
    features for DynamoDB. Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorksAWS.html.

    Args:
        scope: The parent construct.
        id: The construct's id.
        tables: The tables.
        schedule: When; each night at five, UTC, unless given.
        keep: For how long; 35 days unless given, at least 90 more than before cold storage.
        to_cold_after: After how many days backups go to cold storage; never unless given.
        vault: The vault; one of its own, encrypted as the scope is, unless given.
        copy_to: A vault that gets a copy of each backup, as in another account or region.

    Attributes:
        plan: The `BackupPlan`.
        vault: The vault.

    Raises:
        DeclarationError: An argument is not what it must be, or backups would go to cold storage for less than 90 days.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        tables: Sequence[ModelTable],
        schedule: events.Schedule | None = None,
        keep: Duration | None = None,
        to_cold_after: Duration | None = None,
        vault: backup.IBackupVault | backup.BackupVault | None = None,
        copy_to: backup.IBackupVault | backup.BackupVault | None = None,
    ) -> None:
        is_vault = having("a BackupVault of aws_backup", "backup_vault_arn")
        check(
            "TableBackups",
            tables=(tables, listing(a("a ModelTable", ModelTable))),
            schedule=(schedule, optional(_cron)),
            keep=(keep, optional(_days)),
            to_cold_after=(to_cold_after, optional(_days)),
            vault=(vault, optional(is_vault)),
            copy_to=(copy_to, optional(is_vault)),
        )
        if not tables:
            raise DeclarationError("TableBackups(tables=[]) names no table; write those that are to be kept", path="TableBackups.tables")
        kept = Duration.days(35) if keep is None else keep
        if to_cold_after is not None and kept.to_days() < to_cold_after.to_days() + _COLD_DAYS:
            least = int(to_cold_after.to_days() + _COLD_DAYS)
            message = f"backups stay in cold storage for {_COLD_DAYS} days at least, and keep is {int(kept.to_days())} days; write keep=Duration.days({least})"
            raise DeclarationError(message, path="TableBackups.keep", value=kept.to_days())
        super().__init__(scope, id)
        from aws_cdk import aws_backup as backup

        self.vault: Any = vault or backup.BackupVault(self, "Vault", encryption_key=key_of(self), removal_policy=RemovalPolicy.RETAIN)
        copies = None if copy_to is None else [backup.BackupPlanCopyActionProps(destination_backup_vault=copy_to, delete_after=kept)]
        night = events.Schedule.cron(hour="5", minute="0")
        rule = backup.BackupPlanRule(
            rule_name="Tables",
            backup_vault=self.vault,
            schedule_expression=schedule or night,
            delete_after=kept,
            move_to_cold_storage_after=to_cold_after,
            copy_actions=copies,
        )
        self.plan: backup.BackupPlan = backup.BackupPlan(
            self, "Resource", backup_plan_name=Names.unique_resource_name(self, max_length=50), backup_plan_rules=[rule]
        )
        chosen = self.plan.add_selection("Tables", resources=[backup.BackupResource.from_arn(table.table.table_arn) for table in tables])
        acknowledge(chosen, _BY_AWS, _MANAGED)


def _cron(value: Any) -> str | None:
    fits = isinstance(value, events.Schedule) and value.expression_string.startswith("cron(")
    return None if fits else "a Schedule.cron(...) of aws_events, such as Schedule.cron(hour='5', minute='0')"


def _days(value: Any) -> str | None:
    whole = isinstance(value, Duration) and not value.is_unresolved() and value.to_milliseconds() % Duration.days(1).to_milliseconds() == 0
    return None if whole and value.to_days() >= 1 else "a Duration of whole days, such as Duration.days(35)"
