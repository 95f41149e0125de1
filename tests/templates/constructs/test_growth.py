"""The resources of a REST API that uses every feature are as many for 300 routes as for ten."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import everything_sample
from benchmarks.everything_gateleg import Everything, made
from gateleg import description as said
from gateleg.cdk import FunctionOptions, HandlerCode
from gateleg.description import Body, Route

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
OWNER = {"name": "owner", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 80}}
MODEL = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}, "required": ["name", "size"]}


def app(routes: int) -> said.App:
    """What the handlers of the benchmark say, without asking them."""
    keys = [(key, guard) for key, guard in everything_sample.routes_of(routes) if guard != "asked"]
    return said.App("things.rest:app", "rest", tuple(_route(key, guard) for key, guard in keys), validates=True)


def _route(key: str, guard: str) -> Route:
    operation: dict[str, Any] = {"summary": key, "responses": {"200": {"description": "done"}}}
    if guard == "people":
        operation["parameters"] = [OWNER]
    body = Body(MODEL) if guard in {"judge", "aws"} else None
    return Route(key, "things.rest:app", security=({guard: []},), operation=operation, body=body)


def test_resources_do_not_grow_with_routes(tmp_path: Path) -> None:
    everything_sample.write(tmp_path, 10)
    options = FunctionOptions(code=HandlerCode(tmp_path))
    kinds = {routes: _kinds(routes, options) for routes in (10, 300)}
    assert kinds[10] == kinds[300]
    assert {"AWS::ApiGateway::UsagePlan", "AWS::SQS::Queue", "AWS::ApiGateway::Stage"} <= kinds[300].keys()


def _kinds(routes: int, options: FunctionOptions) -> Counter[str]:
    whole = made()
    stack = Everything(whole, routes=routes, described=app(routes), options=options)
    template = whole.synth().get_stack_by_name(stack.stack_name).template
    [api] = (resource for resource in template["Resources"].values() if resource["Type"] == "AWS::ApiGateway::RestApi")
    answered = [method for item in api["Properties"]["Body"]["paths"].values() for method in item if method in {"get", "post", "put"}]
    assert len(answered) == routes
    return Counter(resource["Type"] for resource in template["Resources"].values())
