"""Places a graph on paper: columns from left to right, cards below each other, few crossings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateleg.diagram.graph import Column
from gateleg.diagram.lines import Line, lines, shortened, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.diagram.graph import Edge, Graph, Node

LINE, PAD, HEAD = 17, 10, 19
_GAP_X, _GAP_Y, _MARGIN = 74, 18, 20
_LABELLED_GAP = 118
_CHAR, _CAPITAL, _BOLD = 6.7, 8.4, 1.2
_NARROWEST = 96
_SWEEPS = 6
_PORT = 15
_BEND = 40


@dataclass(frozen=True)
class Card:
    """A node on paper.

    Attributes:
        node: The node.
        rows: Its lines.
        x: Its left side, in pixels.
        y: Its top.
        width: How wide it is.
        height: How high it is.
    """

    node: Node
    rows: tuple[Line, ...]
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.y + self.height / 2

    def row(self, entry: str) -> float | None:
        """How far down the line of an entry is; `None` where it has none of its own."""
        found = next((number for number, line in enumerate(self.rows) if line.entry == entry), None)
        return None if found is None else self.y + heading(self.node) + LINE * (found + 0.5)


@dataclass(frozen=True)
class Wire:
    """An edge on paper, from the right side of a card to the left one of another, or back.

    Attributes:
        edge: The edge.
        start: Where it begins.
        end: Where it ends.
    """

    edge: Edge
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """A graph on paper; all sizes in pixels."""

    cards: Mapping[str, Card]
    wires: tuple[Wire, ...]
    width: float
    height: float


def heading(node: Node) -> float:
    """How high what stands above the lines of a card is."""
    return PAD + HEAD * bool(node.kind and node.column is not Column.ROUTES) + HEAD * bool(node.title) + HEAD * bool(node.detail)


def texts(node: Node) -> tuple[str, str]:
    """The title and the detail of a card as they are shown."""
    return shortened(sign(node.mark) + node.title), shortened(node.detail, 56)


def layout(graph: Graph) -> Layout:
    """Place a graph."""
    order = _ordered(graph)
    rows = {key: tuple(lines(node)) for key, node in graph.nodes.items()}
    cards: dict[str, Card] = {}
    x = float(_MARGIN)
    columns = [keys for keys in order if keys]
    for number, keys in enumerate(columns):
        width = max(_width(graph.nodes[key], rows[key]) for key in keys)
        for key in keys:
            node = graph.nodes[key]
            cards[key] = Card(node, rows[key], x, 0, width, heading(node) + LINE * len(rows[key]) + PAD)
        nexts = set(columns[number + 1]) if number + 1 < len(columns) else set[str]()
        labelled = any(edge.label and edge.target in nexts for edge in graph.edges)
        x += width + (_LABELLED_GAP if labelled else _GAP_X)
    _stack(graph, columns, cards)
    bottom = max(card.y + card.height for card in cards.values())
    right = max(card.x + card.width for card in cards.values())
    bends = _BEND * any(_turns(edge, cards) for edge in graph.edges)
    return Layout(cards, tuple(_wires(graph, cards)), right + _MARGIN + bends, bottom + _MARGIN)


def _turns(edge: Edge, cards: Mapping[str, Card]) -> bool:
    """Whether an edge leads back, around the right side of its card."""
    return cards[edge.source].x >= cards[edge.target].x


def _width(node: Node, rows: tuple[Line, ...]) -> float:
    title, detail = texts(node)
    longest = max((len(line.text) + (len(shortened(line.note)) + 2 if line.note else 0) for line in rows), default=0)
    return max(_NARROWEST, _BOLD * _span(title), _span(detail), _span(node.kind), _CHAR * longest) + 2 * PAD


def _span(text: str) -> float:
    """About how wide a text is, in the widest of the fonts that a reader may have."""
    return sum(_CAPITAL if sign_.isupper() or sign_ == "_" else _CHAR for sign_ in text)


def _ordered(graph: Graph) -> list[list[str]]:
    """The keys of each column, so that what belongs together stands at one height: each card by the mean place of its neighbours."""
    order = [[node.key for node in graph.of_column(column)] for column in Column]
    beside: dict[str, list[str]] = {key: [] for key in graph.nodes}
    for edge in graph.edges:
        if not edge.aside:
            beside[edge.source].append(edge.target)
            beside[edge.target].append(edge.source)
    place = {key: number / max(1, len(keys) - 1) for keys in order for number, key in enumerate(keys)}
    for sweep in range(_SWEEPS):
        for keys in order if sweep % 2 == 0 else reversed(order):
            wanted = {key: _mean([place[other] for other in beside[key]] or [place[key]]) for key in keys}
            keys.sort(key=wanted.__getitem__)
            place.update({key: number / max(1, len(keys) - 1) if len(keys) > 1 else wanted[key] for number, key in enumerate(keys)})
    return order


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _stack(graph: Graph, columns: list[list[str]], cards: dict[str, Card]) -> None:
    """Give each card its height on paper: the tallest column is stacked, the others stand at the middle of what they are joined to."""
    totals = [sum(cards[key].height + _GAP_Y for key in keys) for keys in columns]
    first = totals.index(max(totals))
    _place(cards, columns[first], {})
    for number in [*range(first + 1, len(columns)), *range(first - 1, -1, -1)]:
        placed = {key for other in (columns[first:number] if number > first else columns[number + 1 : first + 1]) for key in other}
        wanted: dict[str, float] = {}
        for key in columns[number]:
            joined = [end for edge in graph.edges if key in (ends := (edge.source, edge.target)) for end in ends if end in placed]
            if joined:
                wanted[key] = _mean([cards[other].middle for other in joined]) - cards[key].height / 2
        _place(cards, columns[number], wanted)


def _place(cards: dict[str, Card], keys: list[str], wanted: Mapping[str, float]) -> None:
    """Stack cards in their order, each as near to where it is wanted as those above it let it."""
    below = float(_MARGIN)
    for key in keys:
        top = max(below, wanted.get(key, below))
        card = cards[key]
        cards[key] = Card(card.node, card.rows, card.x, top, card.width, card.height)
        below = top + card.height + _GAP_Y


def _wires(graph: Graph, cards: Mapping[str, Card]) -> list[Wire]:
    """The edges, spread along the sides of the cards so that none hides another."""
    leaving: dict[str, list[Edge]] = {key: [] for key in cards}
    coming: dict[str, list[Edge]] = {key: [] for key in cards}
    for edge in graph.edges:
        leaving[edge.source].append(edge)
        coming[edge.target].append(edge)
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for key, card in cards.items():
        out = sorted(leaving[key], key=lambda edge: cards[edge.target].middle)
        starts.update(_ports(card, out, [None] * len(out)))
        into = sorted(coming[key], key=lambda edge: cards[edge.source].middle)
        ends.update(_ports(card, into, [card.row(edge.entry) if edge.entry else None for edge in into]))
    return [_wire(edge, cards, starts[id(edge)], ends[id(edge)]) for edge in graph.edges]


def _wire(edge: Edge, cards: Mapping[str, Card], start: float, end: float) -> Wire:
    source, target = cards[edge.source], cards[edge.target]
    right = target.x + target.width if _turns(edge, cards) else target.x
    return Wire(edge, (source.x + source.width, start), (right, end))


def _ports(card: Card, edges: list[Edge], rows: list[float | None]) -> dict[int, float]:
    """Where edges touch a side: at the line that they mean, or spread around the middle of what stands above the lines."""
    free = [edge for edge, row in zip(edges, rows, strict=True) if row is None]
    room = heading(card.node) if card.rows and any(row is not None for row in rows) else card.height
    step = min(_PORT, (room - 8) / max(1, len(free)))
    top = card.y + room / 2 - step * (len(free) - 1) / 2
    spread = iter(top + step * number for number in range(len(free)))
    return {id(edge): next(spread) if row is None else row for edge, row in zip(edges, rows, strict=True)}
