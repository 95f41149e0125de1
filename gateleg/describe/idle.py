"""Whether a handler is seen to call nothing, whatever it is sent: then it never calls its app.

It is said where everything that its code names, through functions of its own, is data or of the standard library. Whatever else is named, imported
or held, wrapped or filled in later, may call the app, and nothing is said.
"""

from __future__ import annotations

import dis
import logging
import re
import sys
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = (str, bytes, int, float, complex, re.Pattern, logging.Logger)
_HELD = (tuple, list, set, frozenset, dict)
_REACHING = frozenset(
    {"builtins", "code", "ctypes", "functools", "gc", "importlib", "inspect", "operator", "pickle", "pkgutil", "runpy", "sys"}
)
"""Modules of the standard library by which any other is found, or called."""
_FINDING = frozenset({"__import__", "compile", "eval", "exec", "globals", "locals", "vars"})
"""The same of built-in functions."""
_WRAPPERS = re.compile(r"aws_lambda_powertools\.(?:logging|tracing|metrics)\b.*")


def is_idle(handler: Any) -> bool:
    """Whether nothing that a handler names could call an app.

    Args:
        handler: What Lambda calls.
    """
    inner = _unwrapped(handler)
    pending, seen = [inner], set[int]()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) is FunctionType:
            pending += _named(value)
        elif value is inner or not _is_harmless(value):
            return False
    return True


def _unwrapped(handler: Any) -> Any:
    """What Powertools' decorators of handlers call in the end."""
    while _WRAPPERS.fullmatch(str(getattr(handler, "__globals__", {}).get("__name__"))) and hasattr(handler, "__wrapped__"):
        handler = handler.__wrapped__
    return handler


def _named(function: FunctionType) -> list[Any]:
    """What a function names and holds; what nobody knows is an object of its own kind."""
    known = function.__globals__
    found = [cell.cell_contents if _is_filled(cell) else object() for cell in function.__closure__ or ()]
    found += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for operation, name in _operations(function.__code__):
        if operation == "IMPORT_NAME":
            found.append(sys.modules.get(name, object()))
        elif name in known:
            found.append(known[name])
        elif name in _FINDING:
            found.append(object())
    return found


def _operations(code: CodeType) -> Iterator[tuple[str, str]]:
    for one in dis.get_instructions(code):
        if one.opname in {"LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME"}:
            yield one.opname, str(one.argval)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _operations(part)


def _is_harmless(value: Any) -> bool:
    """Whether a value is data, or of the standard library; what is empty, or `None`, may be filled in later."""
    if value.__class__ in _HELD:
        parts = [*value.items()] if value.__class__ is dict else [*value]
        return bool(parts) and all(map(_is_harmless, parts))
    if isinstance(value, (ModuleType, type, BuiltinFunctionType)):
        of = value.__name__ if isinstance(value, ModuleType) else str(value.__module__)
        root = of.partition(".")[0]
        return of == "builtins" or (root in sys.stdlib_module_names and root not in _REACHING)
    return isinstance(value, _PLAIN)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
