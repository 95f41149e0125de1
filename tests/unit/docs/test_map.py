"""CONTRIBUTING.md knows every folder, and no file that is not there."""

from __future__ import annotations

import re

from tests.unit.docs.pages import ROOT

MAP = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", MAP))
MADE = re.compile(r"\..*|__.*|node_modules|cdk\.out.*|dist|site|build|test-results")


def test_every_folder_is_on_the_map() -> None:
    packages = {f"gateleg/{path.parent.name}/" for path in ROOT.glob("gateleg/*/__init__.py")}
    folders = {f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and not MADE.fullmatch(path.name)}

    assert packages | folders - {"gateleg/"} <= NAMED


def test_every_path_on_the_map_is_there() -> None:
    assert [path for path in NAMED if not (ROOT / path).exists()] == []


def test_every_kind_of_test_is_named() -> None:
    kinds = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not MADE.fullmatch(path.name)}
    [row] = [line for line in MAP.splitlines() if line.startswith("| `tests/`")]

    assert {kind for kind in kinds if f"`{kind}`" not in row} == set()
