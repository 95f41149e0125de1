"""The emulator's CloudFormation makes tables and indexes, and forgets the rest; its DynamoDB is told the rest after a deploy."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gateleg.changes.intrinsics import undecided
from gateleg.changes.tables import GLOBAL, expiry, text, true
from gateleg.changes.template import TABLES
from gateleg.local.tables.live import LiveTables
from gateleg.local.template import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.changes.tables import DeclaredTable
    from gateleg.local.template import Target


def settle_tables(stacks: Iterable[str], target: Target) -> None:
    """Give every deployed table the expiry, protection, backups, class, insights and tags that its template says.

    What a template leaves to the deploy stays as it is, and so does a table that somebody deleted.

    Args:
        stacks: Names of the stacks; those that are not deployed are passed over.
        target: The embedded AWS.
    """
    live = LiveTables(target, stacks)
    for table in live.tables:
        with contextlib.suppress(live.dynamodb.exceptions.ResourceNotFoundException):
            settings = _Settings(live.dynamodb, table, live.names[table.stack, table.logical_id])
            settings.expiry()
            settings.protection_and_class()
            settings.backups()
            settings.insights()
            settings.tags()


class _Settings:
    """The settings of one table; each method brings about what is not so already."""

    def __init__(self, dynamodb: Any, table: DeclaredTable, name: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._name = name
        self._live = dynamodb.describe_table(TableName=name)["Table"]

    def expiry(self) -> None:
        if undecided(self._table.properties.get("TimeToLiveSpecification")):
            return
        found = self._dynamodb.describe_time_to_live(TableName=self._name)["TimeToLiveDescription"]
        was = found.get("AttributeName") if found["TimeToLiveStatus"] == "ENABLED" else None
        wanted = expiry(self._table)
        for attribute, enabled in ((was, False), (wanted, True)):
            if was != wanted and attribute is not None:
                specification = {"Enabled": enabled, "AttributeName": attribute}
                self._dynamodb.update_time_to_live(TableName=self._name, TimeToLiveSpecification=specification)

    def protection_and_class(self) -> None:
        protected, kind = self._table.home.get("DeletionProtectionEnabled"), self._table.home.get("TableClass", "STANDARD")
        found = self._live.get("TableClassSummary", {}).get("TableClass", "STANDARD")
        changed = {
            **({"DeletionProtectionEnabled": true(protected)} if true(protected) != self._live["DeletionProtectionEnabled"] else {}),
            **({"TableClass": kind} if kind != found else {}),
        }
        if changed and not undecided([protected, kind]):
            self._dynamodb.update_table(TableName=self._name, **changed)

    def backups(self) -> None:
        given = self._table.home.get("PointInTimeRecoverySpecification", {})
        found = self._dynamodb.describe_continuous_backups(TableName=self._name)["ContinuousBackupsDescription"]
        wanted = true(given.get("PointInTimeRecoveryEnabled"))
        if not undecided(given) and wanted != (found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"):
            specification = {"PointInTimeRecoveryEnabled": wanted}
            self._dynamodb.update_continuous_backups(TableName=self._name, PointInTimeRecoverySpecification=specification)

    def insights(self) -> None:
        owners = [(None, self._table.home), *((text(index.get("IndexName")), index) for index in listed(self._table.home, GLOBAL))]
        summaries = self._dynamodb.list_contributor_insights(TableName=self._name)["ContributorInsightsSummaries"]
        found = {summary.get("IndexName") for summary in summaries if summary["ContributorInsightsStatus"].startswith("ENABL")}
        for index, owner in owners:
            given = owner.get("ContributorInsightsSpecification", {})
            if not undecided(given) and true(given.get("Enabled")) != (index in found):
                action = {"ContributorInsightsAction": "ENABLE" if true(given.get("Enabled")) else "DISABLE"}
                self._dynamodb.update_contributor_insights(TableName=self._name, **({"IndexName": index} if index else {}), **action)

    def tags(self) -> None:
        """Those of a global table alone; the emulator knows the others' itself, and the stack's."""
        if self._table.kind != TABLES[0] or undecided(self._table.home.get("Tags")):
            return
        arn = self._live["TableArn"]
        wanted = {tag["Key"]: text(tag["Value"]) for tag in listed(self._table.home, "Tags")}
        found = {tag["Key"]: tag["Value"] for tag in self._dynamodb.list_tags_of_resource(ResourceArn=arn).get("Tags", ())}
        if gone := [key for key in found if key not in wanted]:
            self._dynamodb.untag_resource(ResourceArn=arn, TagKeys=gone)
        if wanted != {key: value for key, value in found.items() if key in wanted}:
            self._dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in wanted.items()])
