"""The embedded AWS as a place where several index changes are walked one at a time, as AWS wants it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.walk import LiveTable, walk
from gateleg.local.assembly import Assembly, swapped_copy
from gateleg.local.clients import client
from gateleg.local.deployed import deployed_templates
from gateleg.local.tables.live import LiveTables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gateleg.local.cdk_cli import CdkCli
    from gateleg.local.template import Json, Target

_PAUSE: Final = 0.05


def deploy_in_waves(
    cli: CdkCli, adapted: Assembly, directory: Path, target: Target, report: Callable[[str], None], *, stacks: Sequence[str]
) -> None:
    """Deploy stacks of an adapted assembly, one index change an update.

    Args:
        cli: The CDK CLI.
        adapted: The adapted assembly.
        directory: Where the assembly of each update is written.
        target: The embedded AWS.
        report: Takes one short line of progress at a time.
        stacks: Names or patterns of stacks; all if there are none.

    Raises:
        DeployError: The CLI failed.
        ChangeRefusedError: The indexes in between do not fit together.
    """
    targets = {stack.name: stack.template for stack in adapted.stacks(stacks)}
    walk(_EmbeddedSite(cli, adapted, directory, target), targets, report)


class _EmbeddedSite:
    def __init__(self, cli: CdkCli, adapted: Assembly, directory: Path, target: Target) -> None:
        self._cli = cli
        self._adapted = adapted
        self._directory = directory
        self._target = target
        self._dynamodb: Any = client("dynamodb", target)
        self._formation: Any = client("cloudformation", target)

    def template(self, stack: str) -> Json | None:
        # A run that was killed may have left the CLI behind, at work.
        while self._status(stack).endswith("_IN_PROGRESS"):
            self.pause(_PAUSE)
        return deployed_templates(self._target).get(stack)

    def _status(self, stack: str) -> str:
        pages = self._formation.get_paginator("describe_stacks").paginate()
        return next((found["StackStatus"] for page in pages for found in page["Stacks"] if found["StackName"] == stack), "")

    def tables(self, stack: str) -> Mapping[str, Sequence[LiveTable]]:
        live = LiveTables(self._target, [stack])
        return {"/".join((*path[1:], name)): [self._table(physical)] for (path, name), physical in live.names.items()}

    def deploy(self, templates: Mapping[str, Json], stacks: Sequence[str]) -> None:
        made = swapped_copy(self._adapted, self._directory, templates)
        self._cli.deploy(made.path, [stack.id for stack in made.stacks() if stack.name in stacks], self._target, alone=True)

    def pause(self, seconds: float) -> None:
        time.sleep(min(seconds, _PAUSE))

    def _table(self, name: str) -> LiveTable:
        return described(name, self._dynamodb.describe_table(TableName=name)["Table"])


def described(name: str, table: Mapping[str, Any]) -> LiveTable:
    """Return a table from what `DescribeTable` says; the emulator leaves out the status of an index that is ready."""
    indexes = table.get("GlobalSecondaryIndexes", ())
    return LiveTable(
        name,
        table["TableStatus"],
        {index["IndexName"]: index.get("IndexStatus", "ACTIVE") for index in indexes},
        frozenset(index["IndexName"] for index in indexes if index.get("Backfilling")),
    )
