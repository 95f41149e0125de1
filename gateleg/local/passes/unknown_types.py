"""The emulator refuses a whole template for one resource type that it does not know; the rest of the stack can still run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.local.passes.known_types import KNOWN_TYPES, PROVISIONED_TYPES
from gateleg.local.template import is_array, is_object, resources, rewrite

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target

UNNEEDED = frozenset(
    {
        "AWS::ApiGatewayV2::Deployment",
        "AWS::ApiGatewayV2::IntegrationResponse",
        "AWS::ApiGatewayV2::RouteResponse",
        "AWS::CloudWatch::Alarm",
        "AWS::Logs::QueryDefinition",
    }
)
"""Types whose work the emulator does by itself, or for which there is nothing to do where no metrics are: no caller misses them."""


def unknown_types(template: Json) -> dict[str, str]:
    """Return logical id and type of each resource that the emulator cannot provision."""
    return {name: kind for name, resource in resources(template) if not _known(kind := str(resource.get("Type", "")), resource)}


def leave_out_unknown_types(template: Json, target: Target) -> Json:
    """Drop resources of unknown types; what refers to one gets the text `left-out-<logical id>` in place of its value."""
    del target
    dropped = frozenset(unknown_types(template))
    if not dropped:
        return template

    def replace(node: Any) -> Any:
        return _replaced(node, dropped) if is_object(node) else node

    kept = {name: resource for name, resource in template["Resources"].items() if name not in dropped}
    adapted: Json = rewrite({**template, "Resources": kept}, replace)
    return adapted


def _known(kind: str, resource: Json) -> bool:
    if kind == "AWS::CloudWatch::Alarm" and "Metrics" in resource.get("Properties", {}):
        return False  # the emulator takes alarms on one metric alone
    return kind in KNOWN_TYPES | PROVISIONED_TYPES or kind.startswith("Custom::")


def _replaced(node: Json, dropped: frozenset[str]) -> Any:
    named = node.get("Ref") or node.get("Fn::GetAtt")
    name = named[0] if is_array(named) else str(named).split(".", 1)[0]
    if len(node) == 1 and name in dropped:
        return f"left-out-{name}"
    if "Fn::Sub" in node:
        return {**node, "Fn::Sub": _without_variables(node["Fn::Sub"], dropped)}
    if "DependsOn" in node and "Type" in node:
        given = [node["DependsOn"]] if isinstance(node["DependsOn"], str) else node["DependsOn"]
        return {**node, "DependsOn": [name for name in given if name not in dropped]}
    return node


def _without_variables(sub: Any, dropped: frozenset[str]) -> Any:
    def constant(match: re.Match[str]) -> str:
        name = match[1].split(".", 1)[0]
        return f"left-out-{name}" if name in dropped else match[0]

    if is_array(sub):
        return [re.sub(r"\$\{([^!}][^}]*)\}", constant, sub[0]), *sub[1:]]
    return re.sub(r"\$\{([^!}][^}]*)\}", constant, sub)
