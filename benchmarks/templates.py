"""Twenty template tests over an API of 100 routes, as users write them: gateleg.testing beside `aws_cdk.assertions`.

All test the same stack and ask the same of each of twenty routes: who guards it and which function answers. A way is where the template
comes from: made anew in each test, once for a module, or once for a session by gateleg's `synth` fixture. Each is one pytest run in a
process of its own, in turn, several times; the best runs are compared, and only ratios of one run mean anything.

    python benchmarks/templates.py [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from textwrap import dedent

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import sample  # noqa: E402  # a script's own folder is on the path, its package is not
from benchmarks.measure import Cost, adopt_orphans, run  # noqa: E402

ROUTES = 100
TESTS = 20
_STACK = """
    import pytest
    from aws_cdk import App, Stack
    from aws_cdk.assertions import Match, Template

    from benchmarks.synth_gateleg import Things
    from gateleg.testing import TemplateView

    NUMBERS = range({tests})

    def things(app=None):
        return Things(app or App(context={{"aws:cdk:bundling-stacks": []}}))

    def ask_view(view, number):
        route = view.route(f"GET /things{{number}}")
        assert route.authorizer == "session"
        assert route.function.handler == "things.rest.app"

    def ask_template(template, number):
        operation = {{
            "security": [{{"session": []}}],
            "x-amazon-apigateway-integration": {{"uri": {{"Fn::Sub": Match.string_like_regexp("ApiThingsRest.*Arn")}}}},
        }}
        paths = {{f"/things{{number}}": {{"get": Match.object_like(operation)}}}}
        body = Match.object_like({{"paths": Match.object_like(paths)}})
        template.has_resource_properties("AWS::ApiGateway::RestApi", {{"Body": body}})
        template.has_resource_properties("AWS::Lambda::Function", {{"Handler": "things.rest.app"}})
"""
_ONCE = """
    @pytest.fixture(scope="module")
    def found():
        return {made}

    @pytest.mark.parametrize("number", NUMBERS)
    def test_route(found, number):
        {ask}(found, number)
"""
_EACH = """
    @pytest.mark.parametrize("number", NUMBERS)
    def test_route(number):
        {ask}({made}, number)
"""
_FIXTURE = """
    @pytest.mark.parametrize("number", NUMBERS)
    def test_route(synth, number):
        ask_view(synth(things), number)
"""
_VIEW = {"made": "TemplateView.from_stack(things())", "ask": "ask_view"}
_TEMPLATE = {"made": "Template.from_stack(things())", "ask": "ask_template"}
WAYS = {
    "gateleg, the `synth` fixture": _FIXTURE,
    "gateleg, a view in a module's fixture": _ONCE.format(**_VIEW),
    "gateleg, a view in each test": _EACH.format(**_VIEW),
    "aws_cdk.assertions, a template in a module's fixture": _ONCE.format(**_TEMPLATE),
    "aws_cdk.assertions, a template in each test": _EACH.format(**_TEMPLATE),
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="gateleg-bench-") as folder:
        project = Path(folder)
        sample.write(project, ROUTES)
        for number, text in enumerate(WAYS.values()):
            (project / f"test_way{number}.py").write_text(dedent(_STACK).format(tests=TESTS) + dedent(text), encoding="utf-8")
        os.chdir(project)
        costs = measured(project, given.rounds)
    own = next(iter(costs.values()))
    print(f"| {TESTS} tests, {ROUTES} routes | wall, times the first | CPU, times the first |\n|---|---|---|")
    for way, cost in costs.items():
        print(f"| {way} | {cost.wall / own.wall:.2f} | {cost.cpu / own.cpu:.2f} |")


def measured(project: Path, rounds: int) -> dict[str, Cost]:
    """The best run of each way; the first round warms the caches and is not counted."""
    environment = {"PYTHONPATH": os.pathsep.join([str(project), str(HERE.parent)]), "CDK_VALIDATION": "false"}
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for round_ in range(rounds + 1):
        for number, way in enumerate(WAYS):
            cost = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_way{number}.py"], environment)
            costs[way] += [cost] if round_ else []
            print(f"{way}, round {round_} of {rounds}", file=sys.stderr)
    return {way: Cost(min(cost.wall for cost in found), min(cost.cpu for cost in found)) for way, found in costs.items()}


if __name__ == "__main__":
    main()
