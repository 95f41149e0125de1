"""Synth of one REST API: gateleg's constructs beside idiomatic L2s, in one run, as ratios.

Each side builds the same service (`sample.py`) in a process of its own, in turn, several times: the best runs are compared, since whatever else the machine does can only add. The CDK's
template validator and bundling are off for all. Only ratios of one run mean anything; no time is asserted.

    python benchmarks/synth.py [--routes 10 100 300] [--rounds 5] [--functions]

`--functions` measures gateleg alone, by how many functions answer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import sample  # noqa: E402  # a script's own folder is on the path, its package is not
from benchmarks.measure import Cost, adopt_orphans, run  # noqa: E402

SIDES = {
    "gateleg": ("synth_gateleg.py",),
    "gateleg, described before": ("synth_gateleg.py", "described"),
    "L2": ("synth_l2.py",),
    "L2, tuned": ("synth_l2.py", "tuned"),
    "empty stack": ("synth_empty.py",),
}
OWN = "gateleg"
GROUPINGS = {OWN: ("synth_gateleg.py",), **{f'gateleg, functions="{word}"': ("synth_gateleg.py", word) for word in ("route", "all")}}


@dataclass(frozen=True)
class Result:
    """What one side came to at one number of routes: the least costs, and the template's size.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of work, of the process and its descendants.
        resources: In the template.
        api: Those of them that are the API's: `AWS::ApiGateway::*`, and the permissions to be called by it.
        size: Of the template, in bytes.
    """

    wall: float
    cpu: float
    resources: int
    api: int
    size: int


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--routes", type=int, nargs="+", default=[10, 100, 300])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--functions", action="store_true")
    given = parser.parse_args()
    adopt_orphans()
    sides = GROUPINGS if given.functions else SIDES
    results = {routes: measured(routes, given.rounds, sides) for routes in given.routes}
    print(table(results, given.rounds))


def measured(routes: int, rounds: int, sides: Mapping[str, tuple[str, ...]]) -> dict[str, Result]:
    """Every side at one number of routes, interleaved; the first round warms the caches and is not counted."""
    with tempfile.TemporaryDirectory(prefix="gateleg-bench-") as folder:
        project = Path(folder)
        sample.write(project, routes)
        describe(project)
        costs: dict[str, list[Cost]] = {side: [] for side in sides}
        for number in range(rounds + 1):
            for side, (script, *options) in sides.items():
                cost = once(project, script, routes, options)
                costs[side] += [cost] if number else []
            print(f"routes {routes}, round {number} of {rounds}", file=sys.stderr)
        return {side: summed_up(project, script, options, costs[side]) for side, (script, *options) in sides.items()}


def describe(project: Path) -> None:
    """Write the description of the handlers."""
    python(project, "-m", "gateleg.describe", "things.rest:app", "-o", "things.json")


def once(project: Path, script: str, routes: int, options: list[str]) -> Cost:
    """One run of one side, in the project's folder."""
    return python(project, str(HERE / script), str(routes), str(output(project, script, options)), *options)


def python(project: Path, *arguments: str) -> Cost:
    """One run of Python in the project's folder."""
    os.chdir(project)
    path = os.pathsep.join([str(project), str(HERE.parent)])
    return run([sys.executable, *arguments], {"PYTHONPATH": path, "CDK_VALIDATION": "false"})


def output(project: Path, script: str, options: list[str]) -> Path:
    """The folder of a side's assembly."""
    return project / "-".join([script.removesuffix(".py"), *options])


def summed_up(project: Path, script: str, options: list[str], costs: list[Cost]) -> Result:
    """The best run's costs and the template's size."""
    text = (output(project, script, options) / "Things.template.json").read_text(encoding="utf-8")
    types = [resource["Type"] for resource in json.loads(text).get("Resources", {}).values()]
    api = sum(kind.startswith("AWS::ApiGateway::") or kind == "AWS::Lambda::Permission" for kind in types)
    return Result(min(cost.wall for cost in costs), min(cost.cpu for cost in costs), len(types), api, len(text.encode()))


def table(results: dict[int, dict[str, Result]], rounds: int) -> str:
    """The figures as a markdown table: each side in times of gateleg's, sizes as they are."""
    lines = [
        f"| routes | side | wall, times gateleg | CPU, times gateleg | resources | of them the API's | template bytes | (best of {rounds} rounds) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for routes, sides in results.items():
        own = sides[OWN]
        for side, found in sides.items():
            cells = [str(routes), side, f"{found.wall / own.wall:.2f}", f"{found.cpu / own.cpu:.2f}", "0", "0", "-", ""]
            if found.resources:
                cells[4:] = [str(found.resources), str(found.api), f"{found.size:,}", ratios(found, own)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def ratios(found: Result, own: Result) -> str:
    """What a side deploys, in times of gateleg's."""
    resources, api, size = found.resources / own.resources, found.api / own.api, found.size / own.size
    return f"{resources:.1f}x resources, {api:.1f}x the API's, {size:.1f}x bytes"


if __name__ == "__main__":
    main()
