"""The lines of a card: routes of one path share one, however many methods they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateleg.diagram.graph import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.diagram.graph import Entry, Node

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
_SIGNS = {Mark.SAME: "", Mark.ADDED: "+ ", Mark.REMOVED: "- ", Mark.CHANGED: "~ "}
_LONGEST = 46
_MOST_TOGETHER = 16


@dataclass(frozen=True)
class Line:
    """One line of a card.

    Attributes:
        text: What is shown.
        note: What is shown beside it, quieter.
        mark: What became of it.
        entry: The text of its one entry, where an edge may end; empty for a line of several.
    """

    text: str
    note: str
    mark: Mark
    entry: str = ""


def lines(node: Node) -> list[Line]:
    """The lines of a node, in the order of their paths."""
    shared: dict[tuple[str, str, Mark], list[Entry]] = {}
    for entry in node.entries:
        shared.setdefault((entry.text.partition(" ")[2] or entry.text, entry.note, entry.mark), []).append(entry)
    found = [_line(path, note, mark, entries) for (path, note, mark), entries in shared.items()]
    return found if len(found) <= _MOST_TOGETHER else list(_parted(found, [_part(path) for path, _, _ in shared]))


def sign(mark: Mark) -> str:
    """What stands before something that is not as it was, so that nobody needs to see colours."""
    return _SIGNS[mark]


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text, its middle left out where it is long."""
    half = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"


def _parted(found: list[Line], parts: list[str]) -> Iterator[Line]:
    """The lines with an empty one wherever another first part of the paths begins."""
    for number, line in enumerate(found):
        if number and parts[number] != parts[number - 1]:
            yield Line("", "", Mark.SAME)
        yield line


def _part(path: str) -> str:
    return path.split("/")[1] if "/" in path else ""


def _line(path: str, note: str, mark: Mark, entries: list[Entry]) -> Line:
    methods = sorted((entry.text.partition(" ")[0] for entry in entries if " " in entry.text), key=_order)
    return Line(sign(mark) + " ".join([*methods, path]), note, mark, entries[0].text if len(entries) == 1 else "")


def _order(method: str) -> int:
    return _METHODS.index(method) if method in _METHODS else len(_METHODS)
