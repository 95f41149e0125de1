"""What resources call or fill by themselves: streams, queues, topics, rules, dead letters, Event APIs; and what therefore stands behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateleg.diagram.grants import EVENT_API_TYPE
from gateleg.diagram.graph import Column, Edge, Node
from gateleg.template.canonical import canonical, listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateleg.template.known import Known
    from gateleg.template.stack_template import Resource


def fed(known: Known, nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[list[Node], list[Edge]]:
    """The graph with the events in it; what is reached by events alone stands in a column of its own."""
    rules = [_rule_node(known, rule) for rule in known.of_type("AWS::Events::Rule") if "ScheduleExpression" in rule.properties]
    events = list(_events(known))
    routed = {edge.target for edge in edges}
    behind = {edge.target for edge in events if edge.source not in {rule.key for rule in rules}} - routed
    moved = [replace(node, column=Column.FED) if node.key in behind and node.column > Column.ROUTES else node for node in nodes]
    return [*moved, *rules], [*edges, *events]


def _events(known: Known) -> Iterator[Edge]:
    for mapped in known.of_type("AWS::Lambda::EventSourceMapping"):
        yield from _edges(known, mapped, "EventSourceArn", mapped.properties.get("FunctionName"), "invokes")
    for told in known.of_type("AWS::SNS::Subscription"):
        yield from _edges(known, told, "TopicArn", told.properties.get("Endpoint"), "sends to")
    for queue in known.of_type("AWS::SQS::Queue"):
        letters = mapping(queue.properties.get("RedrivePolicy")).get("deadLetterTargetArn")
        yield from _to(known, queue, known.key(queue), letters, "dead letters")
    for rule in known.of_type("AWS::Events::Rule"):
        yield from _of_rule(known, rule)
    for api in known.of_type(EVENT_API_TYPE):
        for provider in map(mapping, listing(mapping(api.properties.get("EventConfig")).get("AuthProviders"))):
            asked = mapping(provider.get("LambdaAuthorizerConfig")).get("AuthorizerUri")
            yield from _to(known, api, known.key(api), asked, "asks")


def _edges(known: Known, holder: Resource, source: str, target: Any, label: str) -> Iterator[Edge]:
    text = canonical(holder.properties.get(source, ""), holder.view.bindings)
    for found in known.named(text, holder.view):
        yield from _to(known, holder, known.key(found), target, label)


def _to(known: Known, holder: Resource, source: str, target: Any, label: str) -> Iterator[Edge]:
    text = canonical(target or "", holder.view.bindings)
    function = known.function(text, holder.view)
    for found in [function] if function else known.named(text, holder.view):
        yield Edge(source, known.key(found), label=label)


def _of_rule(known: Known, rule: Resource) -> Iterator[Edge]:
    buses = known.named(canonical(rule.properties.get("EventBusName", ""), rule.view.bindings), rule.view)
    sources = [known.key(rule)] if "ScheduleExpression" in rule.properties else [known.key(bus) for bus in buses]
    for source in sources:
        for target in map(mapping, listing(rule.properties.get("Targets"))):
            yield from _to(known, rule, source, target.get("Arn"), "sends to")


def _rule_node(known: Known, rule: Resource) -> Node:
    when = canonical(rule.properties["ScheduleExpression"], rule.view.bindings)
    return Node(known.key(rule), Column.SOURCE, "schedule", known.name(rule), when)
