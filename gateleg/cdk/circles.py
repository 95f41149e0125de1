"""Resources that wait for each other: AWS finds them when a stack is deployed, and here they are found in the template that was made."""

from __future__ import annotations

import json
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Validations,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

_ADVICE = (
    "take one of them out; a function that an API calls finds the address in the request (app.current_event.request_context.domain_name), and its "
    "policy may name the API by a '*'"
)
_NAMED = re.compile(r'"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|\$\{(\w+)[.}]')

_watched: WeakSet[IConstruct] = WeakSet()


@jsii.implements(IPolicyValidationPlugin)
class _Circles:
    @property
    def name(self) -> str:
        return "gateleg"

    @property
    def version(self) -> str:
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        return ["circle"]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        found = [violation for path in context.template_paths if (violation := _violation(path)) is not None]
        return PolicyValidationPluginReport(success=not found, violations=found)


def refuse_circles(construct: IConstruct) -> None:
    """Let synth fail where resources of a stack wait for each other; between stacks CDK itself finds it.

    Args:
        construct: Any construct of the app.
    """
    root = construct.node.root
    if root not in _watched:
        _watched.add(root)
        plugin: Any = _Circles()
        Validations.of(root).add_plugins(plugin)


def circle(resources: dict[str, Any]) -> list[str]:
    """The logical ids of resources of which each waits for the next, and the last for the first; none where there is no circle.

    Args:
        resources: Those of a template.
    """
    waits = {name: {other for other in _names(resource) if other in resources} for name, resource in resources.items()}
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[:0:-1]
    return []


def _names(resource: dict[str, Any]) -> Iterator[str]:
    """What a resource names by `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`."""
    # Searched as text: an OpenAPI body has thousands of parts, and few of them name anything.
    for names in _NAMED.findall(json.dumps(resource, separators=(",", ":"))):
        yield from filter(None, names)
    first = resource.get("DependsOn", ())
    yield from [first] if isinstance(first, str) else first


def _violation(path: str) -> PolicyViolation | None:
    resources = json.loads(Path(path).read_bytes()).get("Resources", {})
    ids = circle(resources)
    if not ids:
        return None
    told = [resources[name].get("Metadata", {}).get("aws:cdk:path", name) for name in ids]
    text = f"{told[0]} waits for {' which waits for '.join([*told[1:], told[0]])}: CloudFormation can make none of them first; {_ADVICE}"
    first = PolicyViolatingResource(resource_logical_id=ids[0], template_path=path, locations=["Properties"])
    return PolicyViolation(rule_name="circle", description=text, violating_resources=[first])
