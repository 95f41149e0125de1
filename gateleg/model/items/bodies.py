"""What a function does, as a short text that is the same under every Python: a comment more, or another layout of its lines, changes nothing."""

from __future__ import annotations

import ast
import inspect
import json
from datetime import date, time, timedelta
from decimal import Decimal
from hashlib import sha256
from textwrap import dedent
from types import FunctionType
from typing import Any
from uuid import UUID

_PLAIN = (type(None), bool, int, float, str, bytes, Decimal, date, time, timedelta, UUID)
_SILENT = {"annotation", "ctx", "kind", "returns", "type_comment"}
"""What of a tree says nothing of what is done."""
_LENGTH = 12


def body_digest(function: Any) -> str:
    """A digest of what a function does, what it reads of its own package included; empty where nothing tells, as of a lambda or what is built in."""
    told = _function(function, ())
    return "" if told is None else sha256(json.dumps(told).encode()).hexdigest()[:_LENGTH]


def _function(function: Any, met: tuple[Any, ...]) -> Any:
    function = inspect.unwrap(function) if callable(function) else function
    node = _definition(function) if isinstance(function, FunctionType) else None
    if node is None or function in met:
        return None
    found = inspect.getclosurevars(function)
    read = {**found.globals, **found.nonlocals}
    package = _package(function)
    told = {name: _value(one, package, (*met, function)) for name, one in sorted(read.items())}
    return [_tree(node.args), [_tree(part) for part in _without_docstring(node.body)], told]


def _definition(function: Any) -> ast.FunctionDef | None:
    try:
        [node] = ast.parse(dedent(inspect.getsource(function))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return None
    # Of a lambda `inspect` gives the statement that it stands in.
    return node if isinstance(node, ast.FunctionDef) and node.name == function.__code__.co_name else None


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if is_text else body


def _tree(node: Any) -> Any:
    # `ast.dump` writes empty fields or not, as the version of Python has it.
    if isinstance(node, ast.AST):
        fields = [(name, part) for name, part in ast.iter_fields(node) if name not in _SILENT and part not in (None, [])]
        return [type(node).__name__, [[name, _tree(part)] for name, part in fields]]
    return [_tree(part) for part in _any(node)] if isinstance(node, list) else repr(node)


def _value(given: Any, package: str, met: tuple[Any, ...]) -> Any:
    """What a name stands for: another version of a library, and what shows itself in many words, does not count."""
    if isinstance(given, _PLAIN):
        return repr(given)
    if isinstance(given, (list, tuple)):
        return [_value(part, package, met) for part in _any(given)]
    if isinstance(given, dict):
        return [[_value(part, package, met) for part in pair] for pair in _any(given).items()]
    if isinstance(given, (set, frozenset)):
        return sorted((_value(part, package, met) for part in _any(given)), key=json.dumps)
    if isinstance(given, FunctionType):
        return _function(given, met) if _package(given) == package else f"{given.__module__}.{given.__qualname__}"
    return None


def _package(function: FunctionType) -> str:
    return function.__module__.partition(".")[0]


def _any(given: Any) -> Any:
    """The same, of which a check of its class has left type checkers with parts that they do not know."""
    return given
