"""A graph as a Mermaid flowchart, which GitHub and many wikis draw where it stands in a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.diagram.graph import Column, Mark
from gateleg.diagram.lines import lines, shortened, sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.diagram.graph import Edge, Graph, Node

_SHAPES = {
    "table": ('[("', '")]'),
    "bucket": ('[("', '")]'),
    "queue": ('[["', '"]]'),
    "topic": ('>"', '"]'),
    "authorizer": ('{{"', '"}}'),
    "public": ('{{"', '"}}'),
}
_CLASSES = (
    "classDef public fill:#fff3c4,stroke:#9a6700,color:#3b2300,stroke-width:3px",
    "classDef added fill:#dafbe1,stroke:#1a7f37,color:#04260f,stroke-width:3px",
    "classDef removed fill:#ffebe9,stroke:#cf222e,color:#4c0519,stroke-dasharray:6 4",
    "classDef changed fill:#ddf4ff,stroke:#0969da,color:#031d3d,stroke-width:3px",
    "classDef routes text-align:left",
)
_WIDE = '%%{init: {"flowchart": {"wrappingWidth": 480}}}%%'
_NOTE = 60


def mermaid(graph: Graph) -> str:
    """The text of the flowchart, with a newline at its end."""
    ids = {key: f"n{number}" for number, key in enumerate(graph.nodes)}
    return "\n".join([_WIDE, "flowchart LR", *_body(graph, ids), *(f"  {line}" for line in _CLASSES), *_link_styles(graph)]) + "\n"


def _body(graph: Graph, ids: dict[str, str]) -> Iterator[str]:
    for node in graph.nodes.values():
        yield f"  {ids[node.key]}{_shape(node)}"
    for edge in graph.edges:
        yield f"  {ids[edge.source]} {_arrow(edge)} {ids[edge.target]}"
    for name, members in _classes(graph).items():
        if members:
            yield f"  class {','.join(ids[key] for key in members)} {name}"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES.get(node.kind, ('["', '"]'))
    head = [f"<small>{_escaped(node.kind)}</small>"] if node.column is not Column.ROUTES else []
    title = [f"<b>{_escaped(sign(node.mark) + node.title)}</b>"] if node.title else []
    detail = [_escaped(shortened(node.detail, _NOTE))] if node.detail else []
    told = [_escaped(line.text + (f" · {shortened(line.note, _NOTE)}" if line.note else "")) for line in lines(node)]
    return opening + "<br/>".join([*head, *title, *detail, *told]) + closing


def _arrow(edge: Edge) -> str:
    label = _escaped(sign(edge.mark) + ": ".join(part for part in (edge.entry, edge.label) if part))
    arrow = "-.->" if edge.aside or edge.mark is Mark.REMOVED else "-->"
    return f'{arrow}|"{label}"|' if label else arrow


def _classes(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"public": [], **{mark.value: [] for mark in Mark if mark}, "routes": []}
    for node in graph.nodes.values():
        if node.column is Column.ROUTES:
            found["routes"].append(node.key)
        if node.mark is not Mark.SAME:
            found[node.mark.value].append(node.key)
        elif node.public:
            found["public"].append(node.key)
    return found


def _link_styles(graph: Graph) -> Iterator[str]:
    colours = {Mark.ADDED: "#1a7f37", Mark.REMOVED: "#cf222e", Mark.CHANGED: "#0969da"}
    for mark, colour in colours.items():
        if numbers := [str(number) for number, edge in enumerate(graph.edges) if edge.mark is mark]:
            yield f"  linkStyle {','.join(numbers)} stroke:{colour},stroke-width:3px"


def _escaped(text: str) -> str:
    """Mermaid reads `#` as the beginning of a character's code, and its labels as HTML."""
    for sign_, code in (("&", "#amp;"), ("<", "#lt;"), (">", "#gt;"), ('"', "#quot;"), ("`", "#96;")):
        text = text.replace(sign_, code) if sign_ != "&" else text.replace("#", "#35;").replace("&", "#amp;")
    return text
