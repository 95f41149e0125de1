"""What is drawn: nodes in columns, and what flows between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Column(IntEnum):
    """Where a node stands, from left to right."""

    SOURCE = 0
    GATE = 1
    ROUTES = 2
    FUNCTION = 3
    RESOURCE = 4
    FED = 5
    """What only resources call or fill."""


class Mark(StrEnum):
    """What became of something from one template to the other."""

    SAME = ""
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Entry:
    """A line of a node: a route, or an index.

    Attributes:
        text: `GET /rooms/{room}`, `by_author`.
        note: What is said beside it, such as why it is public.
        mark: What became of it.
    """

    text: str
    note: str = ""
    mark: Mark = Mark.SAME


@dataclass(frozen=True)
class Node:
    """Something that is drawn as a card.

    Attributes:
        key: What it is known by in both templates of a difference.
        column: Where it stands.
        kind: What it is, for readers: `REST API`, `function`, `table`.
        title: Its name.
        detail: What else is said of it, in one line.
        entries: Its lines.
        public: Whether anyone may call what is here.
        mark: What became of it.
    """

    key: str
    column: Column
    kind: str
    title: str
    detail: str = ""
    entries: tuple[Entry, ...] = ()
    public: bool = False
    mark: Mark = Mark.SAME


@dataclass(frozen=True)
class Edge:
    """What flows from one node to another.

    Attributes:
        source: The key of the node that calls.
        target: The key of the node that is called.
        entry: The text of the target's line that is meant, such as an index; the node itself without it.
        label: What happens, in a word or two.
        detail: The same exactly: the actions that are allowed.
        aside: Whether it is beside the way of a request, as the question to an authorizer's function is.
        mark: What became of it.
    """

    source: str
    target: str
    entry: str = ""
    label: str = ""
    detail: str = ""
    aside: bool = False
    mark: Mark = Mark.SAME


@dataclass(frozen=True)
class Graph:
    """What a picture shows.

    Attributes:
        nodes: By their keys, in the order of the template.
        edges: In the order of the template.
        title: What the picture is called.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict[str, Node])
    edges: tuple[Edge, ...] = ()
    title: str = ""

    def of_column(self, column: Column) -> list[Node]:
        """The nodes of a column."""
        return [node for node in self.nodes.values() if node.column is column]


def graph_of(nodes: Iterable[Node], edges: Iterable[Edge], title: str) -> Graph:
    """A graph without the edges that lead nowhere, and without resources and functions that no edge touches."""
    by_key = {node.key: node for node in nodes}
    kept = tuple(dict.fromkeys(edge for edge in edges if edge.source in by_key and edge.target in by_key))
    touched = {key for edge in kept for key in (edge.source, edge.target)}
    return Graph({key: node for key, node in by_key.items() if key in touched or node.column is Column.SOURCE}, kept, title)
