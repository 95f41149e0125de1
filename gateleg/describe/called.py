"""Which resolvers a plain handler calls: requests that reach it reach their routes."""

from __future__ import annotations

import functools
import inspect
from contextlib import suppress
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Literal

from gateleg.describe.idle import is_idle
from gateleg.describe.loading import kind_of
from gateleg.description import App, Route
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator


def described(resolver: Any, name: str) -> App:
    """What an app answers and whom it asks for; of one that no API could have, a route that takes everything.

    Args:
        resolver: The app.
        name: The handler string of the function that it is in.
    """
    from gateleg.describe.rest import describe_rest

    kind: Any = kind_of(resolver)
    try:
        found = describe_rest(name, resolver)
    except DeclarationError:  # it may stand behind what is no API
        return everything(name, kind)
    return App(name, kind, found.routes, security=found.security, prefixes=found.prefixes)


def everything(name: str, kind: Literal["rest", "http"]) -> App:
    """An app of which nothing can be said."""
    return App(name, kind, (Route("ANY /", name), Route("ANY /{proxy+}", name)))


def resolvers_in(handler: Any, name: str) -> list[Any]:
    """The resolvers that a handler is, or names, and those that functions and objects of its own package name, as far as that can be seen.

    Args:
        handler: What Lambda calls.
        name: Its handler string.
    """
    package = name.partition(":")[0].partition(".")[0]
    pending, seen, found = [handler], set[int](), list[Any]()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        with suppress(Exception):  # a stand-in may raise whatever it is asked
            if kind_of(value) in {"rest", "http"}:
                found.append(value)
            elif value is handler or _is_of(value, package):
                pending += _named(value)
    return found


def check_calls(handler: Any, app: Any, name: str, app_name: str) -> None:
    """Refuse a handler that is seen to call other apps than the one whose routes it shall answer, or nothing at all.

    Args:
        handler: What Lambda calls.
        app: That app.
        name: The handler string.
        app_name: The app string.

    Raises:
        DeclarationError: It does.
    """
    found = [handler] if kind_of(handler) is not None else resolvers_in(handler, name) if kind_of(app) in {"rest", "http"} else []
    if found and not any(one is app for one in found):
        message = f"{name!r} answers with another app than {app_name!r}, whose routes it shall answer; name the app that it calls, or a handler that calls this one"
        raise DeclarationError(message, path="RestApp.handler", value=name, code="declaration.handler")
    if is_idle(handler):
        message = (
            f"{name!r} calls nothing, and so never {app_name!r}, whose routes it shall answer; write return app.resolve(event, context) in it, or name the "
            "handler that does"
        )
        raise DeclarationError(message, path="RestApp.handler", value=name, code="declaration.handler")


def _is_of(value: Any, package: str) -> bool:
    """Whether its own code may be of the package, or hold what is: a wrapper is of the library that makes it."""
    if inspect.isroutine(value) and (hasattr(value, "__wrapped__") or getattr(value, "__closure__", None)):
        return True
    of: Any = getattr(value, "__module__", None) or value.__class__.__module__
    return isinstance(value, functools.partial) or (isinstance(of, str) and of.partition(".")[0] == package)


def _named(value: Any) -> list[Any]:
    """What a callable names: what it wraps, holds, and finds in its module or in modules that it names."""
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    found = [getattr(value, "__wrapped__", None), getattr(value, "__self__", None), getattr(value, "__func__", None)]
    if (code := getattr(value, "__code__", None)) is not None:
        names, known = list(_names(code)), getattr(value, "__globals__", {})
        held = [known[name] for name in names if name in known]
        found += held
        found += [vars(module)[name] for module in held if issubclass(type(module), ModuleType) for name in names if name in vars(module)]
        found += [cell.cell_contents for cell in getattr(value, "__closure__", None) or () if _is_filled(cell)]
    elif not isinstance(value, type) and callable(value):
        found += [type(value).__call__, *getattr(value, "__dict__", {}).values()]
    return [one for one in found if one is not None]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
