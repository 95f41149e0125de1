"""The pictures of docs/diagrams, held to what is synthesized."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.diagram.difference import difference
from gateleg.diagram.flows import flows
from gateleg.diagram.svg import svg

if TYPE_CHECKING:
    import pytest

    from gateleg.testing import TemplateView

FOLDER = Path(__file__).parents[2] / "docs" / "diagrams"


def check_picture(name: str, view: TemplateView, request: pytest.FixtureRequest, *, since: TemplateView | None = None) -> None:
    """Compare a file of docs/diagrams with the template, or write it where pytest was told `--snapshot-update`."""
    __tracebackhide__ = True
    graph = flows([view]) if since is None else difference(flows([since]), flows([view]))
    file, text = FOLDER / f"{name}.svg", svg(graph)
    if request.config.getoption("update_snapshots"):
        file.write_text(text, encoding="utf-8")
    test = request.node.nodeid.partition("[")[0]
    there = file.read_text(encoding="utf-8") if file.is_file() else ""
    assert there == text, f"docs/diagrams/{name}.svg is not what {view.name} is today; run: pytest '{test}' --snapshot-update"
