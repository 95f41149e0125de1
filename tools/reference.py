"""Writes docs/reference.md: what the packages of gateleg export, with the first line that each name says of itself.

Read from the sources, without importing them. `tests/unit/test_reference.py` holds the page to what this makes.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference.md"
PACKAGES = (
    "model",
    "store",
    "rest",
    "websocket",
    "stream",
    "client",
    "cdk",
    "cdk.integrations",
    "testing",
    "changes",
    "deploying",
    "local",
    "project",
    "errors",
    "deprecation",
    "describe",
    "description",
    "expressions",
)
PLUGIN = "gateleg.testing.plugin"
HEAD = """# Reference

What may be imported, package by package; all modules below them are private and may change with any release. Each name's docstring says the rest: shapes, units, errors.
The command is documented by `gateleg --help`. This page is written by `make docs`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for package in PACKAGES for line in _section(f"gateleg.{package}")), *_fixtures()])


def exported(package: str) -> dict[str, str]:
    """What a package exports, by name, each with the first line of what it says; empty where it says nothing."""
    tree = _parse(package)
    homes = {
        name.asname or name.name: (node.module, name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("gateleg.")
        for name in node.names
    }
    return {name: _first_line(*homes.get(name, (package, name))) for name in _names(tree)}


def _section(package: str) -> list[str]:
    names = exported(package)
    return [f"## {package}", "", (ast.get_docstring(_parse(package)) or "").partition("\n")[0], "", *_table(names)]


def _fixtures() -> list[str]:
    """The fixtures of the pytest plugin."""
    fixtures = {
        node.name: (ast.get_docstring(node) or "").partition("\n")[0]
        for node in _parse(PLUGIN).body
        if isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)
    }
    return ["## Fixtures for pytest", "", "There with `gateleg[testing]` installed, without an import.", "", *_table(fixtures)]


def _table(rows: dict[str, str]) -> list[str]:
    return ["| name | |", "|---|---|", *(f"| `{name}` | {text.replace('|', chr(92) + '|')} |" for name, text in rows.items()), ""]


def _names(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def _first_line(module: str, name: str) -> str:
    body = _parse(module).body
    said = (_said(node, after, name) for node, after in zip(body, [*body[1:], None], strict=True))
    return next(filter(None, said), "").partition("\n")[0]


def _said(node: ast.stmt, after: ast.stmt | None, name: str) -> str | None:
    """The docstring of a definition, or the text below an assignment; overloads have none."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return ast.get_docstring(node) if node.name == name else None
    if _assigns(node, name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        return inspect.cleandoc(str(after.value.value))
    return None


def _assigns(node: ast.stmt, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return name in {ast.unparse(target) for target in targets}


def _parse(module: str) -> ast.Module:
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
