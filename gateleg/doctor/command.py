"""The subcommand `gateleg doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.template import TEMPLATE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from gateleg.doctor.need import Need


def add_parser(commands: Any, write: Callable[[str], None]) -> None:
    """Add `gateleg doctor` to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    parser = commands.add_parser("doctor", help="list what an account needs before a template is deployed and launched")
    parser.add_argument("template", nargs="?", default="cdk.out", metavar="TEMPLATE", help=TEMPLATE)
    parser.add_argument("--region", help="where it is deployed to (default: what the stack says)")
    parser.add_argument("--json", action="store_true", help="as JSON")

    def run(given: argparse.Namespace) -> int:
        return _doctor(given, write)

    parser.set_defaults(run=run)


def _doctor(given: argparse.Namespace, write: Callable[[str], None]) -> int:
    """Write the needs; 1 where AWS would refuse the template."""
    import json
    from dataclasses import asdict
    from itertools import groupby

    from gateleg.doctor.examination import examined
    from gateleg.doctor.need import When
    from gateleg.template.inputs import templates

    needs = examined(templates(given.template), region=given.region)
    if given.json:
        named = [{**asdict(need), "when": need.when.name.lower()} for need in needs]
        write(json.dumps({"version": 1, "needs": named}, indent=2))
    else:
        for when, group in groupby(needs, key=lambda need: need.when):
            write(f"{when}:")
            for need in group:
                _write(need, write)
    return int(any(need.when is When.REFUSED for need in needs))


def _write(need: Need, write: Callable[[str], None]) -> None:
    write(f"  [{need.id}] {need.title}")
    told = {"why": need.reason, "of": ", ".join(need.resources), "check": need.check, "do": need.do, "see": need.page}
    for name, text in told.items():
        if text:
            write(f"      {name:<6}{text}")
    write("")
