"""What functions and integrations may do on the resources of templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.diagram.graph import Column, Edge, Entry, Node
from gateleg.errors import TemplateMismatchError
from gateleg.template import policies, routed
from gateleg.template.table import TABLE_TYPES, TableView
from gateleg.template.target import ResourceTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateleg.template.known import Known
    from gateleg.template.policies import Statement
    from gateleg.template.stack_template import Resource, StackTemplate
    from gateleg.template.table import PolicyTarget

EVENT_API_TYPE = "AWS::AppSync::Api"
# The kind of a resource for readers, and what changing it is called.
_KINDS = {
    **dict.fromkeys(TABLE_TYPES, ("table", "writes")),
    "AWS::SQS::Queue": ("queue", "sends"),
    "AWS::SNS::Topic": ("topic", "publishes"),
    "AWS::Events::EventBus": ("event bus", "puts"),
    "AWS::S3::Bucket": ("bucket", "writes"),
    "AWS::StepFunctions::StateMachine": ("state machine", "starts"),
    "AWS::SecretsManager::Secret": ("secret", "writes"),
    "AWS::Kinesis::Stream": ("stream", "puts"),
    EVENT_API_TYPE: ("Event API", "publishes"),
    routed.API_TYPE: ("connections", "posts"),
}
_READS = (
    "Get",
    "BatchGet",
    "Query",
    "Scan",
    "List",
    "Describe",
    "ConditionCheck",
    "Receive",
    "Head",
    "PartiQLSelect",
    "EventConnect",
    "EventSubscribe",
)
# What goes with a permission and says nothing of a flow.
_ASIDE = frozenset({"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ChangeMessageVisibility", "secretsmanager:DescribeSecret"})


@dataclass(frozen=True)
class Caller:
    """A function or an integration.

    Attributes:
        view: The template that it stands in.
        roles: Read the statements of its roles; `TemplateMismatchError` where one is elsewhere.
    """

    view: StackTemplate
    roles: list[Callable[[], Iterable[Statement]]] = field(default_factory=list["Callable[[], Iterable[Statement]]"])


def resource_nodes(known: Known) -> Iterator[Node]:
    """Every resource of a kind that is drawn; indexes are lines of their table."""
    for resource in _drawn(known):
        kind, _ = _KINDS[resource.type]
        entries = tuple(map(Entry, resource.indexes)) if isinstance(resource, TableView) else ()
        yield Node(_key(known, resource), Column.RESOURCE, kind, known.name(resource), entries=entries)


def grants(known: Known, key: str, caller: Caller) -> Iterator[Edge]:
    """What a caller may do, an edge for each resource and index."""
    try:
        statements = tuple(dict.fromkeys(statement for role in caller.roles for statement in role()))
    except TemplateMismatchError:
        return
    for resource in _drawn(known):
        for entry, target in _targets(resource):
            actions = _allowed(statements, target, caller.view) - _ASIDE
            if actions:
                label = _label(actions, _KINDS[resource.type][1])
                yield Edge(key, _key(known, resource), entry, label, ", ".join(sorted(actions)))


def _drawn(known: Known) -> list[Resource]:
    return [found for found in known.of_type(*_KINDS) if found.type != routed.API_TYPE or routed.protocol(found) == "WEBSOCKET"]


def _key(known: Known, resource: Resource) -> str:
    """An API is a source as well, and its connections are something else."""
    return f"{known.key(resource)} connections" if resource.type == routed.API_TYPE else known.key(resource)


def _targets(resource: Resource) -> Iterator[tuple[str, PolicyTarget]]:
    if not isinstance(resource, TableView):
        yield "", ResourceTarget(resource)
        return
    yield "", resource
    for name in resource.indexes:
        yield name, resource.index(name)


def _allowed(statements: tuple[Statement, ...], target: PolicyTarget, view: StackTemplate) -> frozenset[str]:
    try:
        return policies.allowed_actions(statements, target, view)
    except TemplateMismatchError:  # a parameter decides what is meant, and may decide for this
        return frozenset({"a parameter decides"})


def _label(actions: frozenset[str], changes: str) -> str:
    names = {action.partition(":")[2] for action in actions}
    if any("*" in action or "except" in action for action in actions):
        return "may do anything" if actions & {"*"} or any(name == "*" for name in names) else "by pattern"
    reads = any(name.startswith(_READS) for name in names)
    writes = any(not name.startswith(_READS) for name in names)
    return ", ".join([*(["reads"] if reads else []), *([changes] if writes else [])])
