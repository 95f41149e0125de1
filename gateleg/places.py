"""Where a mistake was made: the file and line in the code of whoever uses gateleg. Called once something is wrong, and not before."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from types import FrameType

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 (a text to compare)


def calling(member: str = "") -> str | None:
    """The line that is running in the code that called gateleg, as `/path/file.py:12`; `None` where only installed code is.

    Args:
        member: An attribute or method. Where the line begins a class that has one of the name, its own line is meant.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 (callers are found nowhere else)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else _running(frame.f_code.co_filename, frame.f_lineno, member)


def of_function(function: Any) -> str | None:
    """Where a function is defined, its decorators included; that which it wraps, if anything."""
    while (inner := getattr(function, "__wrapped__", None) or getattr(function, "func", None)) is not None:
        function = inner
    function = function if hasattr(function, "__code__") or hasattr(function, "__func__") else type(function).__call__
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return None if code is None else _place(code.co_filename, code.co_firstlineno)


def of_class(kind: type, member: str = "") -> str | None:
    """Where a class is declared, or an attribute or method of it."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    tree = None if file is None else _parsed(file)
    for name in kind.__qualname__.replace("<locals>.", "").split("."):
        tree = None if tree is None else next((node for node in _below(tree) if getattr(node, "name", "") == name), None)
    return None if file is None or tree is None else _place_of(file, tree, member) or _place(file, getattr(tree, "lineno", 1))


def of_name(name: str) -> str | None:
    """Where a module gives something its name: `package.module:app`."""
    module, _, attribute = name.partition(":")
    file = getattr(sys.modules.get(module), "__file__", None)
    tree = None if file is None else _parsed(file)
    return None if file is None or tree is None else _place_of(file, tree, attribute)


def of_failure(error: BaseException) -> str | None:
    """The line of a user's own code that an error was raised in, or came through last."""
    if isinstance(error, SyntaxError) and error.filename and is_users(error.filename):
        return _place(error.filename, error.lineno or 1)
    found, step = None, error.__traceback__
    while step is not None:
        if is_users(step.tb_frame.f_code.co_filename):
            found = _place(step.tb_frame.f_code.co_filename, step.tb_lineno)
        step = step.tb_next
    return found


def shown(place: str) -> str:
    """A place for messages: from the current directory, where it is below that."""
    try:
        here = os.getcwd() + os.sep  # noqa: PTH109 (a text to compare)
    except OSError:
        return place
    return place.removeprefix(here)


def is_users(file: str) -> bool:
    """Whether a file is neither gateleg's own, nor installed, nor made up."""
    return not (file.startswith(("<", _OWN)) or is_installed(os.path.abspath(file)))  # noqa: PTH100 (as above)


def is_installed(path: str) -> bool:
    """Whether a file belongs to the interpreter or to an installed distribution, which nobody edits."""
    return path.startswith(_installed_folders())


@cache
def _installed_folders() -> tuple[str, ...]:
    import site
    import sysconfig

    names = ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    variables: tuple[dict[str, str], ...] = ({}, {"base": sys.base_prefix, "platbase": sys.base_prefix, "installed_base": sys.base_prefix})
    found = {sysconfig.get_path(name, vars=given) for name in names for given in variables} | set(site.getsitepackages())
    return tuple(sorted({folder + os.sep for one in found for folder in (one, os.path.realpath(one))}))


def _running(file: str, line: int, member: str) -> str:
    import linecache

    begins_class = bool(member) and linecache.getline(file, line).lstrip().startswith("class ")
    tree = _parsed(file) if begins_class else None
    found = None if tree is None else next((node for node in _below(tree) if getattr(node, "lineno", 0) == line), None)
    return (None if found is None else _place_of(file, found, member)) or _place(file, line)


def _place(file: str, line: int) -> str:
    return f"{os.path.abspath(file)}:{line}"  # noqa: PTH100 (as above)


def _parsed(file: str) -> ast.AST | None:
    import ast
    import linecache

    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return None


def _below(node: ast.AST) -> Iterator[ast.AST]:
    """The classes and functions within a node, the nearest first."""
    import ast

    return (one for one in ast.walk(node) if one is not node and isinstance(one, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)))


def _place_of(file: str, owner: ast.AST, name: str) -> str | None:
    """Where a module or class gives something a name, for the last time."""
    body: list[ast.stmt] = getattr(owner, "body", [])
    line = next((statement.lineno for statement in reversed(body) if name in _names(statement)), None)
    return None if line is None else _place(file, line)


def _names(statement: ast.stmt) -> set[str]:
    """What a statement gives a name."""
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return {getattr(statement, "name", ""), *(getattr(target, "id", "") for target in targets)} - {""}
