"""What a module imports, by its source: at its top and inside functions, without running any of it."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LAMBDA = SimpleNamespace(version_info=sys.version_info, platform="linux")
"""What conditions read of `sys` on Lambda."""
_CAUGHT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_DYNAMIC = {"import_module", "__import__"}


@dataclass(frozen=True)
class Import:
    """One name that a module imports.

    Attributes:
        name: `package.module`, or `package.module.name` where only an import could tell whether the last part is a module.
        lazy: It stands in a function.
        optional: The module goes on without it.
    """

    name: str
    lazy: bool = False
    optional: bool = False


def imports_of(source: bytes, package: str) -> list[Import]:
    """The imports that can happen where the module runs; what only a type checker, a script, another Python or another system reads is left out.

    Args:
        source: The module's source; one that is not Python imports nothing.
        package: The package that its relative imports begin from.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    return list(_of_nodes(tree.body, package, lazy=False, optional=False))


def _of_nodes(nodes: Iterable[ast.AST], package: str, *, lazy: bool, optional: bool) -> Iterator[Import]:
    for node in nodes:
        inner = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        guarded, rest = _parts(node)
        yield from (Import(name, lazy, optional) for name in _names(node, package))
        yield from _of_nodes(guarded, package, lazy=inner, optional=True)
        yield from _of_nodes(rest, package, lazy=inner, optional=optional)


def _parts(node: ast.AST) -> tuple[Iterable[ast.AST], Iterable[ast.AST]]:
    """What a failed import does not stop, and the rest of what may run."""
    match node:
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final) if any(map(_goes_on, handlers)):
            return [*body, *handlers], [*orelse, *final]
        case ast.With(items=[ast.withitem(context_expr=ast.Call(func=called, args=caught))], body=body):
            suppressed = "suppress" in _read(called) and any(_read(one) & _CAUGHT for one in caught)
            return (body, ()) if suppressed else ((), body)
        case ast.If():
            return (), _branches(node)
        case _:
            return (), ast.iter_child_nodes(node)


def _names(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = ".".join(filter(None, [_ancestor(package, level), module]))
            return [base if alias.name == "*" else f"{base}.{alias.name}" for alias in names] if base else []
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(value=str(name)), *_]):
            return [found] if called in _DYNAMIC and (found := _absolute(name, package)) else []
        case _:
            return []


def _absolute(name: str, package: str) -> str:
    """The name that `import_module(".name", __package__)` imports."""
    bare = name.lstrip(".")
    return ".".join(filter(None, [_ancestor(package, len(name) - len(bare)), bare]))


def _ancestor(package: str, level: int) -> str:
    parts = package.split(".")
    return ".".join(parts[: len(parts) - level + 1]) if level else ""


def _branches(node: ast.If) -> Iterable[ast.AST]:
    if "TYPE_CHECKING" in _read(node.test) or any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)):
        return node.body if isinstance(node.test, ast.UnaryOp) else node.orelse
    if (decided := _decided(node.test)) is not None:
        return node.body if decided else node.orelse
    return ast.iter_child_nodes(node)


def _decided(condition: ast.expr) -> bool | None:
    """What a condition says on Lambda that asks `sys` alone; `None` for any other."""
    if {part.id for part in ast.walk(condition) if isinstance(part, ast.Name)} != {"sys"}:
        return None
    try:
        return bool(eval(compile(ast.Expression(condition), "condition", "eval"), {"__builtins__": {}, "sys": _LAMBDA}))  # noqa: S307 (of the code that is described)
    except Exception:  # noqa: BLE001 (it asks for something else of `sys`)
        return None


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the code goes on after an import that failed."""
    caught = {"Exception"} if handler.type is None else _read(handler.type)
    return bool(caught & _CAUGHT) and not any(isinstance(statement, ast.Raise) for statement in handler.body)


def _read(expression: ast.AST) -> set[str]:
    """The last names that an expression reads: of `typing.TYPE_CHECKING` also `TYPE_CHECKING`."""
    return {str(getattr(part, "attr", getattr(part, "id", ""))) for part in ast.walk(expression)} - {""}
