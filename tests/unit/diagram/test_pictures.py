"""What is drawn is well formed, says what the graph says, and tells what changed."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from gateleg import cli
from gateleg.diagram.difference import changes, difference
from gateleg.diagram.drawing import drawn
from gateleg.diagram.flows import flows
from gateleg.diagram.graph import Graph, Mark
from gateleg.diagram.layout import layout
from gateleg.diagram.mermaid import mermaid
from gateleg.diagram.svg import svg
from gateleg.errors import TemplateError
from tests.unit.diagram.samples import RESOURCES, api, function, operation, table, template

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '</text><script>alert("1")</script> & #35; `x`'
BEFORE = api(_a={"get": operation("F"), "post": operation("F")}) | function("F", {"Table": ["dynamodb:Query"]}) | table()
AFTER = (
    api(_a={"get": operation("F", public="opened"), "post": operation("F")}, _b={"get": operation("F")})
    | function("F", {"Table": ["dynamodb:Query", "dynamodb:PutItem"]})
    | table("by_author")
)


def graph(resources: RESOURCES) -> Graph:
    return flows([template(resources)])


def big() -> Graph:
    paths = {f"_part{part}_{number}": {"get": operation(f"F{part % 4}")} for part in range(20) for number in range(5)}
    functions = [function(f"F{number}", {"Table": ["dynamodb:Query"]}) for number in range(4)]
    return graph(api(**paths) | table() | functions[0] | functions[1] | functions[2] | functions[3])


def test_the_svg_is_xml_and_tells_every_route() -> None:
    text = svg(big())
    told = "".join(ET.fromstring(text).itertext())  # noqa: S314  # made above

    assert all(f"GET /part{part}/{number}" in told for part in range(20) for number in range(5))


def test_no_card_covers_another_and_all_are_on_the_paper() -> None:
    placed = layout(big())
    for one, other in combinations(placed.cards.values(), 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y
    assert all(card.x + card.width <= placed.width and card.y + card.height <= placed.height for card in placed.cards.values())


def test_what_routes_are_called_is_text_and_nothing_else() -> None:
    resources = api(_a={"get": operation("F", public=HOSTILE)}) | function("F")
    text = svg(graph(resources))

    assert "<script" not in text
    assert HOSTILE in "".join(ET.fromstring(text).itertext())  # noqa: S314  # made above
    label = next(line for line in mermaid(graph(resources)).splitlines() if "GET" in line)
    assert "<script" not in label
    assert label.count('"') == 2
    assert "#35;35#59;" in label or "#35;35;" in label


def test_a_difference_shows_what_opened_what_came_and_what_may_be_done_now() -> None:
    both = difference(graph(BEFORE), graph(AFTER))
    entries = {(node.public, entry.text): entry.mark for node in both.nodes.values() for entry in node.entries}

    assert entries == {
        (False, "GET /a"): Mark.REMOVED,
        (False, "POST /a"): Mark.SAME,
        (True, "GET /a"): Mark.ADDED,
        (False, "GET /b"): Mark.ADDED,
        (False, "by_author"): Mark.ADDED,
    }
    [edge] = [edge for edge in both.edges if edge.target == "Table"]
    assert (edge.mark, edge.label) == (Mark.CHANGED, "reads → reads, writes")
    assert edge.detail == "dynamodb:Query → dynamodb:PutItem, dynamodb:Query"


def test_a_difference_is_told_without_colours() -> None:
    both = difference(graph(BEFORE), graph(AFTER))
    for text in (svg(both), mermaid(both)):
        assert "+ GET /a" in text
        assert "- GET /a" in text
        assert "~ reads → reads, writes" in text


def test_an_action_that_is_told_in_the_same_word_is_a_change_too() -> None:
    after = table() | api(_a={"get": operation("F"), "post": operation("F")}) | function("F", {"Table": ["dynamodb:Scan"]})
    [edge] = [edge for edge in difference(graph(BEFORE), graph(after)).edges if edge.target == "Table"]

    assert (edge.mark, edge.label, edge.detail) == (Mark.CHANGED, "reads", "dynamodb:Query → dynamodb:Scan")


def test_a_function_that_grows_is_told() -> None:
    after = json.loads(json.dumps(BEFORE))
    after["F"]["Properties"]["MemorySize"] = 1024
    node = difference(graph(BEFORE), graph(after)).nodes["F"]

    assert (node.mark, node.detail) == (Mark.CHANGED, "512 MB · 9 s → 1024 MB · 9 s")


def test_names_that_one_template_alone_knows_are_no_change() -> None:
    known = json.loads(json.dumps(BEFORE))
    known["Table"]["Metadata"] = {"aws:cdk:path": "Chat/Store/Table/Resource"}

    assert changes(difference(graph(known), graph(BEFORE))) == 0


def test_what_is_the_same_has_no_changes() -> None:
    assert changes(difference(graph(BEFORE), graph(BEFORE))) == 0


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "before.json", tmp_path / "after.json"
    for path, resources in zip(paths, (BEFORE, AFTER), strict=True):
        path.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    return paths


def test_the_command_prints_mermaid_and_writes_what_a_name_says(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    before, after = map(str, files)
    assert cli.main(["diagram", after]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "flowchart LR"

    target = files[0].with_name("flows.svg")
    assert cli.main(["diagram", after, "--since", before, "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == drawn(after, since=before, form="svg")


def test_a_name_that_says_no_format_is_refused_and_what_is_advised_works(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    target = files[0].with_name("flows.png")
    assert cli.main(["diagram", str(files[0]), "-o", str(target)]) == 1
    assert "call it flows.svg or flows.mmd, or add --format svg" in capsys.readouterr().err
    assert cli.main(["diagram", str(files[0]), "-o", str(target), "--format", "svg"]) == 0
    assert cli.main(["diagram", str(files[0]), "-o", str(target.with_suffix(".mmd"))]) == 0


def test_what_cannot_be_written_is_one_message(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diagram", str(files[0]), "-o", str(files[0] / "no" / "x.svg")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_nothing_that_changed_is_told(files: tuple[Path, Path]) -> None:
    with pytest.raises(TemplateError, match=r"no flow changed.*leave out --since"):
        drawn(files[0], since=files[0])
    assert drawn(files[0])


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "cannot be read"), ("a: b", "is no template"), ("[]", "is no template"), ('{"Resources": {}}', "has no resources")],
)
def test_what_is_no_template_is_refused(tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "it.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match=told):
        drawn(path)


def test_a_folder_that_is_no_assembly_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        TemplateError,
        match=r"has no manifest.json, so synth did not write it, or stopped before the end; run cdk synth, or give the folder",
    ):
        drawn(tmp_path)
