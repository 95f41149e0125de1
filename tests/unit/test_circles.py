"""No circle of files: files that know each other are one file, or a third file below both is missing.

Every import counts: those for type checkers and those inside functions too, and so does a package that hands on what a file of it defines.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Graph = Mapping[str, Collection[str]]

pytestmark = pytest.mark.slow

PACKAGE = Path(__file__).parents[2] / "gateleg"


def imports(package: Path) -> Graph:
    """What each file of a package imports of it, by the names of modules."""
    files = {_module(path.relative_to(package.parent)): path for path in sorted(package.rglob("*.py"))}
    return {name: sorted({found for found in _imported(path, name, files) if found != name}) for name, path in files.items()}


def circle(graph: Graph) -> list[str]:
    """One circle, in which each file imports the next; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]
    return []


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, name: str, files: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            whole = (f"{source}.{alias.name}" for alias in node.names)
            yield from (found for one in whole if (found := one if one in files else source) in files)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return imports(PACKAGE)


def test_no_files_import_each_other_in_a_circle(graph: Graph) -> None:
    assert " -> ".join(circle(graph)) == ""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "tiny" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "tiny"


@pytest.mark.parametrize(
    "back",
    [
        "import tiny.a",
        "from tiny import a",
        "from tiny.a import A",
        "from . import a",
        "from .a import A",
        "if TYPE_CHECKING:\n    from tiny.a import A",
        "def later() -> None:\n    from tiny.a import A",
        "from tiny import A",
    ],
)
def test_a_circle_of_two_files_is_found_however_they_import(tmp_path: Path, back: str) -> None:
    package = write(tmp_path, {"__init__": "from tiny.a import A", "a": "from tiny.b import B", "b": back})

    assert {"tiny.a", "tiny.b"} <= set(circle(imports(package)))


def test_a_circle_is_told_in_the_order_of_its_imports(tmp_path: Path) -> None:
    package = write(tmp_path, {"a": "import tiny.b", "b": "import tiny.c", "c": "import tiny.a"})

    assert circle(imports(package)) in (
        ["tiny.a", "tiny.b", "tiny.c", "tiny.a"],
        ["tiny.b", "tiny.c", "tiny.a", "tiny.b"],
        ["tiny.c", "tiny.a", "tiny.b", "tiny.c"],
    )


def test_files_above_each_other_are_no_circle(tmp_path: Path) -> None:
    above = {
        "__init__": "from tiny.a import A",
        "a": "import json\nfrom tiny.b import B\nfrom tiny import c",
        "b": "import tiny.c",
        "c": "",
    }

    assert circle(imports(write(tmp_path, above))) == []
