"""Judges the templates of an app as they are written, whatever aspects and overrides put into them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from aws_cdk import ConstructSelector, Mixins, NestedStack, Stack

from gateleg.cdk.acknowledgements import unexplained
from gateleg.cdk.body_check import INSTEAD
from gateleg.cdk.body_rules import RestApi
from gateleg.cdk.body_rules.reading import DOMAINS, MAPPINGS
from gateleg.cdk.plugins import add_plugin, violation
from gateleg.cdk.template_domains import domains
from gateleg.cdk.template_doors import open_doors
from gateleg.cdk.template_pools import scopes, sign_ups
from gateleg.cdk.template_roles import open_roles
from gateleg.cdk.template_rules import beside, circles, records, timeouts, types, written_keys
from gateleg.cdk.template_stages import stages
from gateleg.cdk.written_functions import WrittenFunctions
from gateleg.cdk.written_templates import Templates, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aws_cdk import PolicyViolation
    from constructs import IConstruct, Node

    from gateleg.cdk.written_templates import Place


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
_RULES = ("circle", "timeout", "record", "domain", "type", "beside", "open", "door", "stage", "key", "scope", "sign_up")
_PLACED = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup", *DOMAINS, *MAPPINGS)


class Gateway(Protocol):
    """What is asked of a gateway, beside its `api`."""

    @property
    def node(self) -> Node:
        """Where it is in the tree."""
        ...


class Opened(Protocol):
    """Says what a gateway's body opens, in sentences."""

    def __call__(self, api: RestApi, template: str, functions: WrittenFunctions, /) -> Iterable[str]:
        """Ask of the API as its template has it."""
        ...


_watched: WeakKeyDictionary[IConstruct, dict[Gateway, Opened]] = WeakKeyDictionary()


class _Judge:
    def __init__(self, gateways: Mapping[Gateway, Opened]) -> None:
        self._gateways = gateways

    def violations(self, given: Sequence[Path]) -> Iterator[PolicyViolation]:
        nested = self._nested()
        paths = _paths(given, nested)
        written = {name: json.loads(path.read_bytes()) for name, path in paths.items()}
        templates = Templates(
            written,
            {ref: gateway.node.path for ref, (gateway, _) in self._made_apis().items()},
            *self._environments(),
            _stacks(given),
            {name: place for name, place in nested.items() if name in paths},
        )
        # What waits for itself has no end to be read to.
        for each in list(circles(templates)) or self._found(templates):
            yield violation(each.rule, each.said, each.resource, str(paths[each.template]), each.severity)

    def _found(self, templates: Templates) -> list[Violation]:
        functions = WrittenFunctions(self._root, templates)
        found = [
            *self._open(templates, functions),
            *timeouts(templates),
            *records(templates),
            *domains(templates),
            *stages(templates),
            *written_keys(templates),
            *scopes(templates),
            *sign_ups(templates),
            *beside(templates, INSTEAD),
            *open_doors(templates, functions.guarded, functions.guarded_sockets),
            *open_roles(templates, lambda: {**functions.guarded_sockets(), **functions.guarded()}),
        ]
        found += types(templates, self._made(templates))
        return [*found, *self._unexplained(templates, found)]

    def _unexplained(self, templates: Templates, found: Sequence[Violation]) -> Iterator[Violation]:
        """Findings that are acknowledged for no reason."""
        asked = dict.fromkeys((one.template, one.resource, one.rule) for one in found if one.severity != "fatal")
        kinds = {str(templates.resources(name)[logical_id].get("Type")) for name, logical_id, _ in asked}
        made = self._of_types(*kinds) if kinds else []
        by_place = {(Stack.of(one).template_file, str(Stack.of(one).resolve(one.logical_id))): one for one in made}
        for name, logical_id, rule in asked:
            resource, own = by_place.get((name, logical_id)), f"gateleg::{rule}"
            if resource is not None and (where := unexplained(resource, own)) is not None:
                said = f"{where} acknowledges {own!r} and says no reason; write why it is meant, Acknowledgment(id={own!r}, reason='...')"
                yield Violation(rule, name, logical_id, said, "fatal")

    @property
    def _root(self) -> IConstruct:
        return next(iter(self._gateways)).node.root

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

    def _open(self, templates: Templates, functions: WrittenFunctions) -> Iterator[Violation]:
        made = [
            (templates.read(name, stage.get("RestApiId", stage.get("ApiId"))), {"Type": kind, "Properties": stage})
            for kind in ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
            for name, _, stage in templates.each(kind)
        ]
        for ref, (gateway, (name, logical_id)) in self._made_apis().items():
            properties = templates.resources(name).get(logical_id, {}).get("Properties", {})
            api = RestApi(properties, [stage for of, stage in made if of == ref])
            for said in self._gateways[gateway](api, name, functions):
                yield Violation("open", name, logical_id, f"{gateway.node.path}: {said}", "fatal")

    def _made_apis(self) -> dict[str, tuple[Gateway, Place]]:
        found: dict[str, tuple[Gateway, Place]] = {}
        for gateway in self._gateways:
            if (api := getattr(gateway, "api", None)) is None:  # its constructor raised, and somebody went on
                continue
            resource: Any = api.node.default_child
            name, logical_id = Stack.of(resource).template_file, str(Stack.of(resource).resolve(resource.logical_id))
            found[f"${{{name}.{logical_id}}}"] = gateway, (name, logical_id)
        return found

    def _environments(self) -> tuple[dict[str, str], dict[str, str]]:
        """The accounts and the regions of the stacks that have records or domains: two accounts may have zones, two regions domains of one name."""
        stacks = [Stack.of(one) for one in self._of_types(*_PLACED)]
        return {stack.template_file: stack.account for stack in stacks}, {stack.template_file: stack.region for stack in stacks}

    def _of_types(self, *kinds: str) -> list[Any]:
        return Mixins.of(self._root, ConstructSelector.resources_of_type(*kinds)).selected_constructs

    def _made(self, templates: Templates) -> Mapping[str, Mapping[str, str]]:
        """By the template and the logical id, the types of what constructs of API Gateway make."""
        kinds = {resource["Type"] for name in templates.by_name for resource in templates.resources(name).values()}
        resources = self._of_types(*_JUDGED, *(kind for kind in kinds - {*_JUDGED} if kind.startswith("AWS::ApiGateway")))
        made: dict[str, dict[str, str]] = {}
        for resource in resources:
            stack = Stack.of(resource)
            made.setdefault(stack.template_file, {})[stack.resolve(resource.logical_id)] = resource.cfn_resource_type
        return made


def _paths(given: Sequence[Path], nested: Mapping[str, Place]) -> dict[str, Path]:
    """The files by their names; CDK does not name those of nested stacks, which stand beside them."""
    folders = {path.parent for path in given}
    found = [folder / name for folder in folders for name in nested if (folder / name).is_file()]
    return {path.name: path for path in (*given, *found)}


def _stacks(given: Sequence[Path]) -> dict[str, list[str]]:
    """The templates of the stacks by their names, as the manifests beside them have it."""
    found: dict[str, list[str]] = {}
    for manifest in {path.parent / "manifest.json" for path in given}:
        artifacts: dict[str, Any] = json.loads(manifest.read_bytes())["artifacts"] if manifest.is_file() else {}
        for artifact, said in artifacts.items():
            if said.get("type") == "aws:cloudformation:stack":
                found.setdefault(said["properties"].get("stackName", artifact), []).append(said["properties"]["templateFile"])
    return found


def judge_templates(gateway: Gateway, opened: Opened) -> None:
    """Let synth fail where the templates of the app hold what AWS refuses, or what nobody judged.

    Args:
        gateway: A gateway of the app.
        opened: Says what its body opens.
    """
    root = gateway.node.root
    if root not in _watched:
        _watched[root] = {}
        add_plugin(root, "gateleg", _RULES, _Judge(_watched[root]).violations)
    _watched[root][gateway] = opened
