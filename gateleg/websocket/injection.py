"""What a handler is given beside the message: the connection, and what its dependencies return.

A dependency is declared as in Powertools' REST resolvers, `Annotated[str, Depends(tenant)]`, with Powertools' own `Depends`. It is known by its
name: Powertools is imported where handlers import it, and nowhere else.
"""

from __future__ import annotations

import inspect
import typing
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any

from gateleg.errors import RouteError
from gateleg.websocket.invocation import CurrentConnection, current

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def wanted_of(hints: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are not read from the message, each with `CurrentConnection` or its `Depends`.

    Args:
        hints: A function's annotations, as `typing.get_type_hints` reads them with extras.
    """
    found = {name: _wanted(hint) for name, hint in hints.items() if name != "return"}
    return {name: wanted for name, wanted in found.items() if wanted is not None}


def refuse_generator(function: Callable[..., Any], what: str) -> None:
    """See that a function runs when it is called: one that yields waits for somebody who asks it, and nobody does.

    Raises:
        RouteError: It yields.
    """
    called: Any = function if inspect.isroutine(function) or isinstance(function, type) else getattr(function, "__call__", function)  # noqa: B004 (what is called, not whether it can be)
    if any(inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each) for each in (function, called)):
        name = f"{function.__module__}:{getattr(function, '__qualname__', type(function).__name__)}"
        raise RouteError(f"{what} {name} yields, so that calling it runs nothing; write a function that returns", path=name, value=function)


def check_dependencies(wanted: Mapping[str, Any], seen: frozenset[Any] = frozenset()) -> None:
    """See that dependencies can be called.

    Raises:
        RouteError: One takes what is no dependency and not the connection, its annotations cannot be read, it depends on itself, or it yields.
    """
    for function in [each.dependency for each in wanted.values() if each is not CurrentConnection]:
        name = f"{function.__module__}:{getattr(function, '__qualname__', type(function).__name__)}"
        if function in seen:
            raise RouteError(f"the dependency {name} depends on itself; leave that out", path=name, value=function)
        refuse_generator(function, "the dependency")
        own = _dependencies_of(function)
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is parameter.empty and parameter.name not in own and parameter.kind.name[:3] != "VAR":
                message = f"the dependency {name} takes {parameter.name!r}, and nothing says from where"
                instead = "write Annotated[..., Depends(...)], or CurrentConnection for the connection; what a client sends is a parameter of the handler"
                raise RouteError(f"{message}; {instead}", path=name, value=function)
        check_dependencies(own, seen | {function})


class Injector:
    """Calls dependencies for one event.

    Args:
        overrides: What is called in the place of a dependency, for tests.
    """

    def __init__(self, overrides: Mapping[Callable[..., Any], Callable[..., Any]]) -> None:
        self._overrides = overrides
        self._called: dict[Callable[..., Any], Any] = {}

    def arguments(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for what is wanted; whatever a dependency raises comes through."""
        return {name: self._value(each) for name, each in wanted.items()}

    def _value(self, wanted: Any) -> Any:
        if wanted is CurrentConnection:
            return current().connection
        function = self._overrides.get(wanted.dependency, wanted.dependency)
        if wanted.use_cache and function in self._called:
            return self._called[function]
        value = awaited(function(**self.arguments(_dependencies_of(function))))
        if wanted.use_cache:
            self._called[function] = value
        return value


def awaited(result: Any) -> Any:
    """The result of a function, also where that is an `async def`."""
    if not inspect.iscoroutine(result):
        return result
    import asyncio
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(result)
    # What is outside is a coroutine itself, such as a middleware, and a thread runs one event loop at a time.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(copy_context().run, asyncio.run, result).result()


@cache
def _dependencies_of(function: Callable[..., Any]) -> dict[str, Any]:
    annotated: Any = (
        function if inspect.isroutine(function) else getattr(function, "__init__" if isinstance(function, type) else "__call__")
    )
    try:
        hints = typing.get_type_hints(annotated, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        first = str(error).strip().partition("\n")[0]
        message = f"the annotations of the dependency {function!r} cannot be read ({first}); write types that are imported at run time"
        raise RouteError(message, value=function) from error
    return wanted_of(hints)


def _wanted(hint: Any) -> Any:
    parts = [part for part in typing.get_args(hint) if part is not NoneType]
    if NoneType in typing.get_args(hint) and len(parts) == 1:
        hint = parts[0]
    if hint is CurrentConnection:
        return hint
    return next((extra for extra in getattr(hint, "__metadata__", ()) if type(extra).__name__ == "Depends"), None)
