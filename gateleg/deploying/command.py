"""The subcommands `gateleg plan`, `gateleg lock` and `gateleg deploy`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from gateleg.deploying.project import DeployProject


def add_parsers(commands: Any, write: Callable[[str], None]) -> None:
    """Add the subcommands to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    plan = _add(
        commands, "plan", "show what a deploy would change of what holds data, and of who may call", lambda given: _plan(given, write)
    )
    plan.add_argument("--deployed", action="store_true", help="compare with what CloudFormation says is deployed, and not with the lock")
    lock = _add(
        commands,
        "lock",
        "once it is deployed: write what the app declares into gateleg.lock.json, to be committed; AWS is not asked",
        lambda given: _lock(given, write),
    )
    lock.add_argument("--deployed", action="store_true", help="write what CloudFormation says is deployed, whatever the app declares")
    deploy = _add(
        commands,
        "deploy",
        "deploy to AWS by the CDK CLI what the plan does not refuse, then write the lock",
        lambda given: _deploy(given, write),
    )
    deploy.add_argument("--waves", action="store_true", help="deploy index changes of a table one at a time, and wait for each")
    deploy.add_argument("options", nargs="*", metavar="-- OPTIONS", help="further options of cdk deploy, after --")


def _add(commands: Any, name: str, summary: str, run: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary)
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="the directory of cdk.json (default: this one)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--app", metavar="COMMAND", help="the app command, in place of cdk.json's")
    source.add_argument("--assembly", type=Path, metavar="DIR", help="a directory that cdk synth wrote, in place of synthesizing")
    parser.add_argument("--stack", action="append", default=[], metavar="NAME", dest="stacks", help="this stack only; may be repeated")
    parser.add_argument(
        "--stage", metavar="NAME", help="the stage, where stacks of one name are deployed to several places; the context gateleg:stage"
    )
    parser.add_argument("--profile", metavar="NAME", help="the profile of your AWS configuration")
    parser.set_defaults(run=run)
    return parser


def _project(given: argparse.Namespace, write: Callable[[str], None]) -> DeployProject:
    from gateleg.deploying.project import DeployProject

    return DeployProject(
        given.project,
        app=given.app,
        assembly=given.assembly,
        stacks=given.stacks,
        stage=given.stage,
        profile=given.profile,
        report=write,
    )


def _plan(given: argparse.Namespace, write: Callable[[str], None]) -> int:
    lines, refused = _project(given, write).plan(deployed=given.deployed)
    for line in lines:
        write(line)
    return int(refused)


def _lock(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    _project(given, write).lock(deployed=given.deployed)


def _deploy(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    _project(given, write).deploy(waves=given.waves, options=given.options)
