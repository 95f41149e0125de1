"""Judges the templates of an app as they are written, whatever aspects and overrides put into them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from aws_cdk import ConstructSelector, Mixins, NestedStack, Stack

from gateleg.cdk.body_check import INSTEAD
from gateleg.cdk.plugins import add_plugin, violation
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.template_doors import open_doors
from gateleg.cdk.template_rules import beside, circles, records, timeouts, types
from gateleg.cdk.written_templates import Templates
from gateleg.description import lambda_handler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aws_cdk import PolicyViolation
    from constructs import IConstruct, Node

    from gateleg.cdk.written_templates import Place, Violation


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
_RULES = ("circle", "timeout", "record", "type", "beside", "door")
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
        nested = self._nested()
        paths = _paths(given, nested)
        written = {name: json.loads(path.read_bytes()) for name, path in paths.items()}
        templates = Templates(written, self._apis(), self._accounts(), {name: place for name, place in nested.items() if name in paths})
        # What waits for itself has no end to be read to.
        for each in list(circles(templates)) or self._found(templates):
            yield violation(each.rule, each.said, each.resource, str(paths[each.template]), each.severity)

    def _found(self, templates: Templates) -> list[Violation]:
        found = [
            *timeouts(templates),
            *records(templates),
            *beside(templates, INSTEAD),
            *open_doors(templates, lambda: self._guarded(templates)),
        ]
        return [*found, *types(templates, self._made(templates))]

    def _nested(self) -> dict[str, Place]:
        """The files of the templates of nested stacks, each with the resource that it is of its parent."""
        found: dict[str, Place] = {}
        for resource in self._of_types("AWS::CloudFormation::Stack"):
            holder = resource.node.scope.node  # NestedStack has its resource beside itself, in a construct that is named after it
            made = None if holder.scope is None else holder.scope.node.try_find_child(holder.id.removesuffix(".NestedStack"))
            if isinstance(made, NestedStack):
                parent = Stack.of(resource)
                found[made.template_file] = parent.template_file, parent.resolve(resource.logical_id)
        return found

    def _apis(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for gateway in self._gateways:
            if (api := getattr(gateway, "api", None)) is None:  # its constructor raised, and somebody went on
                continue
            resource: Any = api.node.default_child
            stack = Stack.of(resource)
            found[f"${{{stack.template_file}.{stack.resolve(resource.logical_id)}}}"] = gateway.node.path
        return found

    def _guarded(self, templates: Templates) -> Mapping[Place, str]:
        """The functions whose apps ask who calls, each with a route that does."""
        functions = {
            (Stack.of(one).template_file, str(Stack.of(one).resolve(one.logical_id))): one
            for one in self._of_types("AWS::Lambda::Function")
        }
        owners = {place: owner for place, one in functions.items() if isinstance(owner := _owner(one), ServiceFunction)}
        apps = {place: (*owner.apps, *owner.beside) for place, owner in owners.items()}
        by_handler = {lambda_handler(name): apps[place] for place, owner in owners.items() for name in (owner.handler, *_names(owner))}
        for place in functions.keys() - owners.keys():
            name, logical_id = place
            handler = templates.resources(name).get(logical_id, {}).get("Properties", {}).get("Handler")
            apps[place] = by_handler.get(str(handler), ())
        asking = {
            place: [route for app in found for route in map(app.asking, app.routes) if route.public is None]
            for place, found in apps.items()
        }
        return {place: f"{routes[0].key} of {routes[0].handler}" for place, routes in asking.items() if routes}

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


def _owner(resource: Any) -> Any:
    """What made a function, or an L1 stands in."""
    scope = resource.node.scope
    return scope if scope is None else scope.node.scope


def _names(function: ServiceFunction) -> list[str]:
    """The handler strings by which another function would run an app of a function."""
    return [app.name for app in function.apps]


def _paths(given: Sequence[Path], nested: Mapping[str, Place]) -> dict[str, Path]:
    """The files by their names; CDK does not name those of nested stacks, which stand beside them."""
    folders = {path.parent for path in given}
    found = [folder / name for folder in folders for name in nested if (folder / name).is_file()]
    return {path.name: path for path in (*given, *found)}


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
