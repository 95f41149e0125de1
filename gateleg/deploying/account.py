"""An account of AWS as a place where stacks are deployed, by the real CDK CLI in the user's own environment."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.template import TABLES
from gateleg.errors import DeployError
from gateleg.local.assembly import swapped_copy
from gateleg.local.walking import described

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gateleg.changes.assembly import AssembledStack
    from gateleg.changes.template import Json
    from gateleg.changes.walk import LiveTable
    from gateleg.local.assembly import Assembly
    from gateleg.local.cdk_cli import CdkCli

_ABSENT: Final = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
_PAUSE: Final = 5.0


class Account:
    """What is deployed in an account, asked by the user's own credentials.

    They need `cloudformation:DescribeStacks`, `GetTemplate` and `ListStackResources`, and `dynamodb:DescribeTable`.

    Args:
        cli: The CDK CLI.
        assembly: The assembly that is deployed.
        directory: Where the assembly of each update is written.
        stacks: The assembly's stacks.
        profile: The profile of the user's AWS configuration; what the environment says unless given.
        options: Further options of `cdk deploy`.
    """

    def __init__(
        self,
        cli: CdkCli,
        assembly: Assembly,
        directory: Path,
        stacks: Sequence[AssembledStack],
        *,
        profile: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self._cli = cli
        self._assembly = assembly
        self._directory = directory
        self._stacks = {stack.name: stack for stack in stacks}
        self._profile = profile
        self._options = list(options)
        self._client = cache(self._made_client)

    def template(self, stack: str) -> Json | None:
        """Return the template of a stack that stands, once no update of it is at work; `None` if there is none.

        Raises:
            DeployError: An update of it failed and was not rolled back.
        """
        while (status := self._status(stack)).endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            self.pause(_PAUSE)
        if not status or status in _ABSENT:
            return None
        if status.endswith("_FAILED"):
            message = f"stack {stack} is {status}; bring it to rest first: cdk rollback {self._stacks[stack].id}"
            raise DeployError(message, path=stack, value=status, code="deploy.stack_failed")
        body = self._formation(stack).get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
        template: Json = json.loads(body if isinstance(body, str) else json.dumps(body))
        return template

    def tables(self, stack: str) -> Mapping[str, Sequence[LiveTable]]:
        """Return the tables of a stack as they are in each region, by logical id."""
        return {logical_id: list(self._regions(stack, name)) for logical_id, name in self._held(stack)}

    def deploy(self, templates: Mapping[str, Json], stacks: Sequence[str]) -> None:
        """Deploy stacks, some of them with other templates than the assembly's.

        Raises:
            DeployError: The CLI failed; it said why.
        """
        made = swapped_copy(self._assembly, self._directory, templates)
        ids = [self._stacks[stack].id for stack in stacks]
        profile = ["--profile", self._profile] if self._profile else []
        self._cli.run_as_user(["deploy", *ids, "--app", str(made.path), "--exclusively", *profile, *self._options])

    def pause(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def _status(self, stack: str) -> str:
        formation = self._formation(stack)
        try:
            [found] = formation.describe_stacks(StackName=stack)["Stacks"]
        except formation.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return ""
            raise DeployError(f"stack {stack} cannot be asked for: {error}", path=stack, code="deploy.account") from error
        return str(found["StackStatus"])

    def _held(self, stack: str) -> Iterator[tuple[str, str]]:
        for page in self._formation(stack).get_paginator("list_stack_resources").paginate(StackName=stack):
            for resource in page["StackResourceSummaries"]:
                if resource["ResourceType"] in TABLES and "PhysicalResourceId" in resource:
                    yield resource["LogicalResourceId"], resource["PhysicalResourceId"]

    def _regions(self, stack: str, name: str) -> Iterator[LiveTable]:
        home = self._client("dynamodb", self._stacks[stack].environment.region)
        table = home.describe_table(TableName=name)["Table"]
        yield described(name, table)
        for replica in table.get("Replicas", ()):
            if (region := replica["RegionName"]) != home.meta.region_name:
                # While one region says that an index is ready, another may still fill it.
                yield described(f"{name} in {region}", self._client("dynamodb", region).describe_table(TableName=name)["Table"])

    def _formation(self, stack: str) -> Any:
        return self._client("cloudformation", self._stacks[stack].environment.region)

    def _made_client(self, service: str, region: str | None) -> Any:
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            session: Any = boto3.Session(profile_name=self._profile, region_name=region)
            return session.client(service)
        except BotoCoreError as error:
            message = f"there is no way to AWS: {error}; set AWS_PROFILE and AWS_REGION, or give --profile"
            raise DeployError(message, path=service, code="deploy.account") from error
