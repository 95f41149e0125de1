"""Judges the templates of an app as they are written, whatever aspects and overrides put into them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from aws_cdk import ConstructSelector, Mixins, Stack

from gateleg.cdk.body_check import INSTEAD
from gateleg.cdk.plugins import add_plugin, violation
from gateleg.cdk.template_rules import Templates, beside, circles, records, timeouts, types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aws_cdk import PolicyViolation
    from constructs import IConstruct, Node


_JUDGED = (
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
)
_RULES = ("circle", "timeout", "record", "type", "beside")
_RECORDS = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")


class Gateway(Protocol):
    """What is asked of a gateway, beside its `api`."""

    @property
    def node(self) -> Node:
        """Where it is in the tree."""
        ...


_watched: WeakKeyDictionary[IConstruct, list[Gateway]] = WeakKeyDictionary()


class _Judge:
    def __init__(self, gateways: Sequence[Gateway]) -> None:
        self._gateways = gateways

    def violations(self, given: Sequence[Path]) -> Iterator[PolicyViolation]:
        paths = self._paths(given)
        written = {name: json.loads(path.read_bytes()) for name, path in paths.items()}
        templates = Templates(written, self._apis(), self._accounts())
        found = [*circles(templates), *timeouts(templates), *records(templates), *beside(templates, INSTEAD)]
        found += types(templates, self._made(templates))
        for each in found:
            yield violation(each.rule, each.said, each.resource, str(paths[each.template]))

    def _paths(self, given: Sequence[Path]) -> dict[str, Path]:
        """The files by their names; CDK does not name those of nested stacks, which stand beside them."""
        paths = {path.name: path for path in given}
        folders = {path.parent for path in given}
        nested = {Stack.of(resource).template_file for resource in self._of_types(*_JUDGED, *_RECORDS)} - paths.keys()
        found = [folder / name for folder in folders for name in nested if (folder / name).is_file()]
        return paths | {path.name: path for path in found}

    def _apis(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for gateway in self._gateways:
            if (api := getattr(gateway, "api", None)) is None:  # its constructor raised, and somebody went on
                continue
            resource: Any = api.node.default_child
            stack = Stack.of(resource)
            found[f"${{{stack.template_file}.{stack.resolve(resource.logical_id)}}}"] = gateway.node.path
        return found

    def _accounts(self) -> dict[str, str]:
        """The accounts of the stacks that have records: zones of two accounts may have one name."""
        stacks = [Stack.of(record) for record in self._of_types(*_RECORDS)]
        return {stack.template_file: stack.account for stack in stacks}

    def _of_types(self, *kinds: str) -> list[Any]:
        return Mixins.of(self._gateways[0].node.root, ConstructSelector.resources_of_type(*kinds)).selected_constructs

    def _made(self, templates: Templates) -> Mapping[str, Mapping[str, str]]:
        """By the template and the logical id, the types of what constructs of API Gateway make."""
        kinds = {resource["Type"] for name in templates.by_name for resource in templates.resources(name).values()}
        resources = self._of_types(*_JUDGED, *(kind for kind in kinds - {*_JUDGED} if kind.startswith("AWS::ApiGateway")))
        made: dict[str, dict[str, str]] = {}
        for resource in resources:
            stack = Stack.of(resource)
            made.setdefault(stack.template_file, {})[stack.resolve(resource.logical_id)] = resource.cfn_resource_type
        return made


def judge_templates(gateway: Gateway) -> None:
    """Let synth fail where the templates of the app hold what AWS refuses, or what nobody judged.

    Args:
        gateway: A gateway of the app.
    """
    root = gateway.node.root
    if root not in _watched:
        _watched[root] = []
        add_plugin(root, "gateleg", _RULES, _Judge(_watched[root]).violations)
    _watched[root].append(gateway)
