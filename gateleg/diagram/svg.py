"""A graph as SVG: one file that needs nothing beside it, light or dark as its reader's screen is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gateleg.diagram.graph import Column, Mark
from gateleg.diagram.layout import HEAD, LINE, PAD, heading, layout, texts
from gateleg.diagram.lines import shortened, sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.diagram.graph import Graph
    from gateleg.diagram.layout import Card, Wire

_STYLE = """
svg{--paper:#fff;--card:#f6f8fa;--line:#b5bec8;--text:#1f2328;--quiet:#57606a;--wire:#7b858f;--public:#fff3c4;--publicline:#9a6700;
--added:#1a7f37;--addedcard:#dafbe1;--removed:#cf222e;--removedcard:#ffebe9;--changed:#0969da;--changedcard:#ddf4ff}
@media(prefers-color-scheme:dark){svg{--paper:#0d1117;--card:#161b22;--line:#454d57;--text:#f0f6fc;--quiet:#9aa4ae;--wire:#77828e;
--public:#3b2e08;--publicline:#e3b341;--added:#3fb950;--addedcard:#0f2d19;--removed:#f85149;--removedcard:#3a1518;--changed:#58a6ff;--changedcard:#0c2743}}
text{font:12px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:var(--text)}
.paper{fill:var(--paper)}.card{fill:var(--card);stroke:var(--line)}
.kind,.detail,.note{fill:var(--quiet)}.kind{font-size:11px}.title{font-weight:600;font-size:13px}
.row{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:11px;white-space:pre}
.wire{fill:none;stroke:var(--wire);stroke-width:1.4}.aside{stroke-dasharray:4 4}
.label{font-size:11px;fill:var(--quiet);stroke:var(--paper);stroke-width:4px;paint-order:stroke;text-anchor:end}
.public .card{fill:var(--public);stroke:var(--publicline);stroke-width:2.5}.public .kind{fill:var(--publicline);font-weight:700}
.wire.public{stroke:var(--publicline);stroke-width:2.2}
.added .card{fill:var(--addedcard);stroke:var(--added);stroke-width:2.5}.removed .card{fill:var(--removedcard);stroke:var(--removed);stroke-dasharray:6 4}
.changed .card{fill:var(--changedcard);stroke:var(--changed);stroke-width:2.5}
text.added,.added .title{fill:var(--added)}text.changed,.changed .title{fill:var(--changed)}
text.removed,.removed .title{fill:var(--removed);text-decoration:line-through}
.wire.added{stroke:var(--added);stroke-width:2.4}.wire.removed{stroke:var(--removed);stroke-dasharray:6 4}.wire.changed{stroke:var(--changed);stroke-width:2.4}
"""
_REACH = 60
_HEADS = {"": "wire", "public": "publicline", "added": "added", "removed": "removed", "changed": "changed"}


def svg(graph: Graph) -> str:
    """The text of the file, with a newline at its end."""
    placed = layout(graph)
    width, height = round(placed.width), round(placed.height)
    public = {card.node.key for card in placed.cards.values() if card.node.public}
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(_told(graph))}">',
            f"<title>{escape(graph.title)}</title>",
            f"<style>{_STYLE}</style>",
            f"<defs>{''.join(_arrow_head(name, colour) for name, colour in _HEADS.items())}</defs>",
            '<rect class="paper" width="100%" height="100%"/>',
            *(_wire(wire, public=wire.edge.target in public or wire.edge.source in public) for wire in placed.wires),
            *(part for card in placed.cards.values() for part in _card(card)),
            *(_label(wire) for wire in placed.wires if wire.edge.label),
            "</svg>",
            "",
        ]
    )


def _told(graph: Graph) -> str:
    """What a reader who sees no picture is told."""
    routes = [(node.public, len(node.entries)) for node in graph.of_column(Column.ROUTES)]
    open_ = sum(number for public, number in routes if public)
    return f"Flows of {graph.title}: {sum(number for _, number in routes)} routes, {open_} of them public"


def _arrow_head(name: str, colour: str) -> str:
    return (
        f'<marker id="to{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" style="fill:var(--{colour})"/></marker>'
    )


def _wire(wire: Wire, *, public: bool) -> str:
    (x1, y1), (x2, y2) = wire.start, wire.end
    back = x2 <= x1
    reach = _REACH if back else min(_REACH, (x2 - x1) / 2)
    around = max(x1, x2) + reach if back else x2 - reach
    kind = wire.edge.mark.value or (
        "public" if public and wire.edge.mark is Mark.SAME and not wire.edge.aside and not wire.edge.label else ""
    )
    classes = " ".join(name for name in ("wire", "aside" if wire.edge.aside else "", kind) if name)
    path = f"M{x1:.0f} {y1:.1f}C{max(x1 + reach, around) if back else x1 + reach:.0f} {y1:.1f} {around:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
    told = " ".join(part for part in (wire.edge.entry, wire.edge.label, f"({wire.edge.detail})" if wire.edge.detail else "") if part)
    title = f"<title>{escape(told)}</title>" if told else ""
    return f'<path class="{classes}" d="{path}" marker-end="url(#to{kind})">{title}</path>'


def _label(wire: Wire) -> str:
    (x1, _), (x2, y2) = wire.start, wire.end
    x, anchor = (x2 + 10, ' style="text-anchor:start"') if x2 <= x1 else (x2 - 10, "")
    kind = f" {wire.edge.mark.value}" if wire.edge.mark else ""
    return f'<text class="label{kind}" x="{x:.0f}" y="{y2 - 3:.1f}"{anchor}>{escape(sign(wire.edge.mark) + wire.edge.label)}</text>'


def _card(card: Card) -> Iterator[str]:
    node = card.node
    kind = node.mark.value or ("public" if node.public else "")
    yield f'<g class="{kind or "same"}"><rect class="card" x="{card.x:.0f}" y="{card.y:.1f}" width="{card.width:.0f}" height="{card.height:.0f}" rx="6"/>'
    title, detail = texts(node)
    shown = [("kind", node.kind.upper() if node.public else node.kind) if node.column is not Column.ROUTES else ("kind", "")]
    shown += [("title", title if node.title else ""), ("detail", detail)]
    y = card.y + PAD + 12
    for name, text in shown:
        if text:
            yield f'<text class="{name}" x="{card.x + PAD:.0f}" y="{y:.1f}">{escape(text)}</text>'
            y += HEAD
    yield from _rows(card)
    yield "</g>"


def _rows(card: Card) -> Iterator[str]:
    top = card.y + heading(card.node)
    for number, line in enumerate(card.rows):
        note = f'<tspan class="note">  {escape(shortened(line.note))}</tspan>' if line.note else ""
        kind = f" {line.mark.value}" if line.mark else ""
        title = f"<title>{escape(line.note)}</title>" if line.note != shortened(line.note) else ""
        yield f'<text class="row{kind}" x="{card.x + PAD:.0f}" y="{top + LINE * number + 12:.1f}">{title}{escape(line.text)}{note}</text>'
