"""A REST API that uses every feature, at 10, 100 and 300 routes: gateleg beside L2s, Solutions Constructs and Chalice, in one run, as ratios.

Each side builds the service of `everything_sample.py`, as far as it can say it, in a process of its own, in turn, several times: the least is taken. Solutions Constructs and Chalice live in
environments of their own, of locked versions. "A test" is one pytest run with one test of one route's caller, synth included. The CDK's template validator and bundling are off for all.

    python benchmarks/everything.py [--routes 10 100 300] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import everything_sample  # noqa: E402  # a script's own folder is on the path, its package is not
from benchmarks.data import environment  # noqa: E402
from benchmarks.measure import Cost, adopt_orphans, run  # noqa: E402

OWN = "gateleg"
SIDES = {
    OWN: ("everything_gateleg.py",),
    "L2": ("everything_l2.py",),
    "Solutions Constructs": ("everything_l2.py", "solutions"),
}
CHALICE = "Chalice"
LOCKED = {"Solutions Constructs": "solutions", CHALICE: "chalice"}
TESTS = {
    OWN: """
        from benchmarks.everything_gateleg import Everything


        def test_route(synth):
            view = synth(lambda app: Everything(app, routes={routes}))
            assert view.route("GET /things0/{{item}}").api_key
    """,
    "L2": """
        from aws_cdk.assertions import Template
        from benchmarks.everything_l2 import Everything, made


        def test_route():
            template = Template.from_stack(Everything(made(), routes={routes}))
            template.has_resource_properties("AWS::ApiGateway::Method", {{"HttpMethod": "GET", "ApiKeyRequired": True}})
    """,
}


@dataclass
class Result:
    """The least of the costs, and what came out.

    Attributes:
        synth: Of a synth.
        test: Of a test; none where the side has no test of templates.
        resources: In the template.
        size: Of the template, in bytes.
    """

    synth: Cost
    test: Cost | None
    resources: int
    size: int


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--routes", type=int, nargs="+", default=[10, 100, 300])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    pythons = {side: environment(LOCKED.get(side, side)) for side in (*SIDES, CHALICE)}
    adopt_orphans()
    print(
        "| routes | side | resources | template bytes | synth, CPU times gateleg | a test, CPU times gateleg |\n|---|---|--:|--:|--:|--:|"
    )
    for routes in given.routes:
        results = measured(routes, given.rounds, {side: python for side, python in pythons.items() if python is not None})
        for side, found in results.items():
            print(f"| {routes} | {side} | {found.resources} | {found.size:,} | {' | '.join(ratios(found, results[OWN]))} |", flush=True)


def ratios(found: Result, own: Result) -> list[str]:
    """The cells of the costs, in times of gateleg's."""
    test = "–" if found.test is None or own.test is None else f"{found.test.cpu / own.test.cpu:.2f}"  # noqa: RUF001 (no figure)
    return [f"{found.synth.cpu / own.synth.cpu:.2f}", test]


def measured(routes: int, rounds: int, pythons: dict[str, Path]) -> dict[str, Result]:
    """Every side at one number of routes, interleaved; the first round warms the caches and is not counted."""
    with tempfile.TemporaryDirectory(prefix="gateleg-bench-") as folder:
        project = Path(folder)
        everything_sample.write(project, routes)
        for side, text in TESTS.items():
            (project / f"test_{side.lower()}.py").write_text(dedent(text).format(routes=routes), encoding="utf-8")
        synths: dict[str, list[Cost]] = {side: [] for side in pythons}
        tests: dict[str, list[Cost]] = {side: [] for side in TESTS}
        for number in range(rounds + 1):
            for side, python in pythons.items():
                cost = synth(project, side, python, routes)
                synths[side] += [cost] if number else []
            for side, costs in tests.items():
                cost = within(project, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_{side.lower()}.py"])
                costs += [cost] if number else []  # noqa: PLW2901 (the list itself is kept)
            print(f"routes {routes}, round {number} of {rounds}", file=sys.stderr)
        return {side: summed_up(project, side, synths[side], tests.get(side, [])) for side in pythons}


def synth(project: Path, side: str, python: Path, routes: int) -> Cost:
    """One synth of one side."""
    if side == CHALICE:
        return within(
            project / "chalice", [str(python.parent / "chalice"), "package", "--stage", "live", "--template-format", "json", "out"]
        )
    script, *options = SIDES[side]
    return within(project, [str(python), str(HERE / script), str(routes), str(project / side), *options])


def within(folder: Path, command: list[str]) -> Cost:
    """One run in a folder."""
    os.chdir(folder)
    path = os.pathsep.join([str(folder), str(HERE.parent)])
    more = {"CDK_VALIDATION": "false", "AWS_DEFAULT_REGION": "eu-west-1", "overrideWarningsEnabled": "false"}
    return run(command, {"PYTHONPATH": path, **more})


def summed_up(project: Path, side: str, synths: list[Cost], tests: list[Cost]) -> Result:
    """The least costs and the template."""
    file = project / "chalice/out/sam.json" if side == CHALICE else project / side / "Things.template.json"
    text = file.read_text(encoding="utf-8")
    return Result(least(synths), least(tests) if tests else None, len(json.loads(text)["Resources"]), len(text.encode()))


def least(costs: list[Cost]) -> Cost:
    """The least of each."""
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs))


if __name__ == "__main__":
    main()
