"""The subcommand `gateleg cost`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.template import TEMPLATE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from gateleg.cost.bill import Bill


def add_parser(commands: Any, write: Callable[[str], None]) -> None:
    """Add `gateleg cost` to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    parser = commands.add_parser("cost", help="estimate the monthly bill of a template under a load")
    parser.add_argument("template", nargs="?", default="cdk.out", metavar="TEMPLATE", help=TEMPLATE)
    parser.add_argument(
        "--load", type=Path, metavar="FILE", help="what a month brings, in TOML or JSON; without it only what costs without a load"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")

    def run(given: argparse.Namespace) -> None:
        _cost(given, write)

    parser.set_defaults(run=run)


def _cost(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    from gateleg.cost.bill import bill
    from gateleg.cost.load import Load, load
    from gateleg.template.inputs import templates

    made = bill(templates(given.template), load(given.load) if given.load else Load())
    if given.json:
        _write_json(made, write)
    else:
        _write(made, write)


def _write_json(made: Bill, write: Callable[[str], None]) -> None:
    import json
    from dataclasses import asdict

    write(json.dumps({"version": 1, "total": str(made.total), **asdict(made)}, indent=2, default=str))


def _write(made: Bill, write: Callable[[str], None]) -> None:
    write(f"a month in {made.region}, list prices of {made.checked} in US dollars, without free tiers and taxes\n")
    width = max((len(line.resource) for line in made.lines), default=0)
    for line in made.lines:
        per = f" per {line.per:,}" if line.per > 1 else ""
        quantity = f"{line.quantity:,.4f}".rstrip("0").rstrip(".")
        write(f"  {line.amount:>12,.4f}  {line.resource:<{width}}  {quantity} {line.unit} at ${line.price}{per} ({line.why})")
    write(f"  {made.total:>12,.2f}  in all\n")
    _list("not counted, for the load says nothing of it; write these keys into the load:", made.lacking, write)
    _list("not priced, and not in the sum:", made.not_priced, write)
    _list("of these prices:", made.notes, write)


def _list(title: str, parts: tuple[str, ...], write: Callable[[str], None]) -> None:
    if parts:
        write(title)
        for part in parts:
            write(f"  {part}")
        write("")
