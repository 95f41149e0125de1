"""Deploying an adapted assembly: what the CDK CLI needs before, and what the emulator leaves undone after."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from gateleg.local.assembly import Assembly
from gateleg.local.clients import client
from gateleg.local.tables import settle_tables
from gateleg.local.validators import attach_validators
from gateleg.local.walking import deploy_in_waves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateleg.local.cdk_cli import CdkCli
    from gateleg.local.state import StateDirectory
    from gateleg.local.template import Target


_FIRST_REGION: Final = "us-east-1"
"""The one region that S3 wants no location constraint for."""


def deploy(
    cli: CdkCli,
    source: Assembly,
    target: Target,
    directory: StateDirectory,
    *,
    stacks: Sequence[str],
    waves: Callable[[str], None] | None = None,
) -> None:
    """Deploy an adapted assembly with the CDK CLI.

    Args:
        cli: The CDK CLI.
        source: The assembly as it was synthesized, which the validators are read from.
        target: The embedded AWS.
        directory: Holds the adapted copy of the assembly.
        stacks: Names or patterns of stacks; all if there are none.
        waves: Takes lines of progress where several index changes are deployed one at a time; otherwise there is one update.

    Raises:
        DeployError: The CLI failed.
        ChangeRefusedError: The indexes of a table do not fit together in between.
    """
    adapted = Assembly(directory.adapted)
    _make_buckets(adapted, target)
    if waves is None:
        cli.deploy(directory.adapted, stacks, target)
    else:
        deploy_in_waves(cli, adapted, directory.wave, target, waves, stacks=stacks)
    for stack in source.stacks():
        attach_validators(stack.name, stack.template, target)
    settle_tables([stack.name for stack in source.stacks()], target)


def _make_buckets(assembly: Assembly, target: Target) -> None:
    names = {bucket for asset in assembly.file_assets() for bucket in asset.buckets}
    s3 = client("s3", target)
    where = {} if target.region == _FIRST_REGION else {"CreateBucketConfiguration": {"LocationConstraint": target.region}}
    for name in sorted(names):
        with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket=resolved(name, target), **where)


def resolved(text: str, target: Target) -> str:
    """Return a manifest's text with its placeholders for account, region and partition filled in."""
    values = {"AWS::AccountId": target.account, "AWS::Region": target.region, "AWS::Partition": "aws"}
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text
