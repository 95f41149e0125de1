"""Writes docs/errors.md, the codes of all errors with their causes, and the lists of names in docs/reference/.

Read from the sources, without importing them. `tests/unit/test_reference.py` holds the pages to what this makes.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "errors.md"
REFERENCE = ROOT / "docs" / "reference"
PACKAGES = (
    "model",
    "store",
    "data",
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
HEAD = """# Errors and their codes

Every error of this library is a `GatelegError` with a `code`, which stays the same across releases; the text says what was wrong, what was given and what to write instead, and ends with the code in brackets. Catch classes, compare codes,
and read texts, which may change.

"""
SITE = "Signatures and whole docstrings follow on the site; `help(...)` and an editor show them, too."
UNKNOWN = "as the message says"
NARROWER = """
## Narrower codes

Some places of a class say more exactly what was wrong. `…` stands for what was given.

"""


def page() -> str:
    """The whole page."""
    files = sorted((ROOT / "gateleg" / "errors").glob("*.py"))
    classes = [node for file in files for node in _file(file).body if isinstance(node, ast.ClassDef)]
    causes = {_code(node): (f"`{node.name}`", (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")) for node in classes}
    narrower = {code: told for code, told in sorted(_narrower(), key=lambda row: (row[0], row[1][1] != UNKNOWN)) if code not in causes}
    return HEAD + _table(causes) + NARROWER + _table(narrower)


def listed(package: str) -> str:
    """The page of a package's reference with the list of its names, for whoever reads it without the site.

    Args:
        package: Below `gateleg`, such as `cdk.integrations`.
    """
    text = (REFERENCE / f"{package}.md").read_text(encoding="utf-8")
    module = f"gateleg.{package}"
    head, _, rest = text.partition("::: ")
    told = (ast.get_docstring(_parse(module)) or "").partition("\n\n")[0].replace("\n", " ")
    rows = [f"| `{name}` | {_cell(line)}{_fields(*_home(module, name))} |\n" for name, line in exported(module).items()]
    table = "".join(["| name | what it is |\n", "|---|---|\n", *rows])
    return f"{head.partition(chr(10))[0]}\n\n{told}\n\n{table}\n{SITE}\n\n::: {rest}"


def _fields(module: str, name: str) -> str:
    """The attributes that the docstring of a class lists, by name."""
    for node in _parse(module).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            _, _, attributes = (ast.get_docstring(node) or "").partition("Attributes:\n")
            names = re.findall(r"^    (\w+): ", attributes.partition("\n\n")[0], re.MULTILINE)
            return f"<br>Attributes: {', '.join(f'`{one}`' for one in names)}" if names else ""
    return ""


def _code(node: ast.ClassDef) -> str:
    """The code of a class; one that says none has its base's, which leads to it in the table."""
    said = [
        ast.literal_eval(part.value)
        for part in node.body
        if isinstance(part, ast.AnnAssign | ast.Assign) and part.value and "code" in ast.unparse(part)
    ]
    return str(said[0])


def _narrower() -> Iterator[tuple[str, tuple[str, str]]]:
    """Each code that is given where an error is made, with the class and the text."""
    for path in sorted((ROOT / "gateleg").rglob("*.py")):
        for node in ast.walk(_file(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
                codes = [word.value.value for word in node.keywords if word.arg == "code" and isinstance(word.value, ast.Constant)]
                yield from ((str(code), (f"`{node.func.id}`", _text(node.args[0]))) for code in codes if node.args)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else UNKNOWN


def _table(rows: Mapping[str, tuple[str, str]]) -> str:
    lines = [f"| `{code}` | {name} | {_plain(cause)} |\n" for code, (name, cause) in sorted(rows.items())]
    return "".join(["| code | error | cause |\n", "|---|---|---|\n", *lines])


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _cell(text: str) -> str:
    """The same for a line with code in it, in which signs stand as they are."""
    parts = text.split("`")
    return "`".join(part.replace("|", "\\|") if number % 2 else _plain(part) for number, part in enumerate(parts))


def exported(package: str) -> dict[str, str]:
    """What a package exports, by name, each with the first line of what it says; empty where it says nothing."""
    return {name: _first_line(*_home(package, name)) for name in _names(_parse(package))}


def _home(module: str, name: str) -> tuple[str, str]:
    """The module that makes what another exports, and what it is called there."""
    found = (
        (node.module, one.name)
        for node in ast.walk(_parse(module))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("gateleg.")
        for one in node.names
        if name == (one.asname or one.name)
    )
    home = next(found, None)
    return (module, name) if home is None else _home(*home)


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
    return _file(file)


def _file(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    for each in PACKAGES:
        (REFERENCE / f"{each}.md").write_text(listed(each), encoding="utf-8")
