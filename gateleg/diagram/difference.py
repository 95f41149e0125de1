"""The difference of two graphs, as one graph whose parts say what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from gateleg.diagram.graph import Edge, Entry, Graph, Mark, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


def difference(before: Graph, after: Graph) -> Graph:
    """Everything of both graphs; what stands in the later one alone is added, what stands in the earlier one alone is removed."""
    nodes = _merged(before.nodes, after.nodes, _whole_node, _node)
    edges = _merged(_edges(before), _edges(after), lambda edge, mark: replace(edge, mark=mark), _edge)
    return Graph(nodes, tuple(edges.values()), after.title)


def changes(graph: Graph) -> int:
    """How many nodes, lines and edges of a difference are not as they were."""
    entries = [entry for node in graph.nodes.values() for entry in node.entries]
    marks = [part.mark for parts in (graph.nodes.values(), entries, graph.edges) for part in parts]
    return sum(mark is not Mark.SAME for mark in marks)


def _merged(before: Mapping[str, T], after: Mapping[str, T], alone: Callable[[T, Mark], T], both: Callable[[T, T], T]) -> dict[str, T]:
    found = {key: both(before[key], part) if key in before else alone(part, Mark.ADDED) for key, part in after.items()}
    return found | {key: alone(part, Mark.REMOVED) for key, part in before.items() if key not in after}


def _whole_node(node: Node, mark: Mark) -> Node:
    return replace(node, mark=mark, entries=tuple(replace(entry, mark=mark) for entry in node.entries))


def _node(before: Node, after: Node) -> Node:
    # A title may be a construct path, which one of the two templates knows and the other does not.
    same = (before.detail, before.kind) == (after.detail, after.kind)
    old, new = ({entry.text: entry for entry in node.entries} for node in (before, after))
    entries = _merged(old, new, lambda entry, mark: replace(entry, mark=mark), _entry)
    detail = _told(before.detail, after.detail)
    return replace(after, detail=detail, mark=Mark.SAME if same else Mark.CHANGED, entries=tuple(entries.values()))


def _entry(before: Entry, after: Entry) -> Entry:
    return after if before.note == after.note else replace(after, note=_told(before.note, after.note), mark=Mark.CHANGED)


def _edges(graph: Graph) -> Mapping[str, Edge]:
    return {"\0".join([edge.source, edge.target, edge.entry, str(edge.aside)]): edge for edge in graph.edges}


def _edge(before: Edge, after: Edge) -> Edge:
    if (before.label, before.detail) == (after.label, after.detail):
        return after
    return replace(after, label=_told(before.label, after.label), detail=_told(before.detail, after.detail), mark=Mark.CHANGED)


def _told(before: str, after: str) -> str:
    return after if before == after else f"{before or 'nothing'} → {after or 'nothing'}"
