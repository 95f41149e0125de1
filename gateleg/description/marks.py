"""What a handler says of itself: the operations it runs, and that it needs no authorizer.

Marks are plain attributes of the object that is marked, never of what it wraps: a function may stand behind several routes.
`functools.wraps` copies them to a wrapper, which is right, since what it wraps runs.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, update_wrapper
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from gateleg.errors import AuthorizerError, UsesError
from gateleg.places import of_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateleg.description.uses import Usable, Use

    _Handler = TypeVar("_Handler", bound=Callable[..., Any])

_USES = "__gateleg_uses__"
_PUBLISHES = "__gateleg_publishes__"
_PUBLIC = "__gateleg_public__"
_ASKS = "__gateleg_asks__"
_AUTHORIZES = "__gateleg_authorizes__"
_ORIGINALS = "__gateleg_originals__"
"""On a function that `public` made: the ids of what it was made from."""
_COPIED = "__gateleg_copied__"
"""On what `public` was given: its id, which tells it from a wrapper that took over its attributes."""


@dataclass(frozen=True)
class Asked:
    """A header that a middleware reads: its name, what it is, whether it must be there, and the methods that do without it."""

    header: str
    told: str
    required: bool
    except_for: frozenset[str]

    @property
    def parameter(self) -> dict[str, Any]:
        """The parameter object of OpenAPI."""
        return {"name": self.header, "in": "header", "required": self.required, "description": self.told, "schema": {"type": "string"}}


def uses(*usables: Usable) -> Callable[[_Handler], _Handler]:
    """Declare what a handler does to the tables; its function is granted exactly this.

    Args:
        usables: Operations (`Message.create`), access patterns (`Message.in_room`), or anything else with `declared_uses()`.
            A dependency (`Depends`) or middleware that reads a table can be marked in the same way.

    Returns:
        A decorator that returns the same function, and may stand on either side of the one that registers it.

    Raises:
        UsesError: Something else was given, such as an entity class without an operation, or what is marked is not a function.
    """
    declared = tuple(use for usable in usables for use in _declared(usable))
    publishes = any(getattr(usable, "publishes", False) for usable in usables)

    def mark(handler: _Handler) -> _Handler:
        if (problem := _unmarkable(handler)) is not None:
            raise UsesError(f"@uses marks a function, got {problem}", value=handler)
        # A bound method takes no attributes. Its function does for every instance what it does for this one.
        function = getattr(handler, "__func__", handler)
        known: tuple[Use, ...] = getattr(function, _USES, ())
        try:
            setattr(function, _USES, tuple(dict.fromkeys((*known, *declared))))
            setattr(function, _PUBLISHES, publishes or getattr(function, _PUBLISHES, False))
        except (AttributeError, TypeError):
            message = f"{handler!r} takes no attributes, so it cannot be marked; write a function that calls it, and mark that"
            raise UsesError(message, value=handler) from None
        return handler

    return mark


def asking(header: str, told: str, *, required: bool, except_for: frozenset[str]) -> Callable[[_Handler], _Handler]:
    """Declare that a middleware reads a header.

    Args:
        header: Its name.
        told: What it is, for callers.
        required: Whether requests without it are refused.
        except_for: The methods whose requests pass without it.
    """

    def mark(middleware: _Handler) -> _Handler:
        setattr(middleware, _ASKS, Asked(header, told, required, except_for))
        return middleware

    return mark


def authorizing(place: str, audience: str) -> Callable[[_Handler], _Handler]:
    """Declare where the function of an authorizer finds what it judges.

    Args:
        place: `querystring.NAME` of the request that opens a WebSocket, or `channel` for the token of a subscription.
        audience: Which API the tokens are for.
    """

    def mark(handler: _Handler) -> _Handler:
        setattr(handler, _AUTHORIZES, (place, audience))
        return handler

    return mark


def authorizes(handler: Any) -> tuple[str | None, str | None]:
    """Where the function of an authorizer finds what it judges, and its audience, as `authorizing` marked it; twice `None` for any other."""
    return getattr(handler, _AUTHORIZES, (None, None))


def public(reason: str) -> Callable[[_Handler], _Handler]:
    """Let a route be called without an authorizer.

    The route is public that registers what the decorator returns, and no other one of the same function: write it below
    `@app.get(...)`.

    Args:
        reason: Why that is right; kept in the API's description for whoever reviews it.

    Returns:
        A decorator that returns a function of its own, which does the same.

    Raises:
        AuthorizerError: No reason was given, or what is marked is not a function.
    """
    if not isinstance(reason, str) or not reason.strip():  # pyright: ignore[reportUnnecessaryIsInstance]: `@public` without its reason gives the function here
        raise AuthorizerError('a public route needs a reason; write @public("why anyone may call this")', value=reason)

    def mark(handler: _Handler) -> _Handler:
        if (problem := _unmarkable(handler)) is not None:
            raise AuthorizerError(f"@public marks a function, got {problem}", value=handler)
        function: Any = getattr(handler, "__func__", handler)
        own = _copy(function)
        setattr(own, _PUBLIC, reason.strip())
        setattr(own, _ORIGINALS, (*getattr(function, _ORIGINALS, ()), id(function)))
        with suppress(AttributeError, TypeError):
            setattr(function, _COPIED, id(function))
        return cast("_Handler", own if function is handler else MethodType(own, cast("MethodType", handler).__self__))

    return mark


def uses_of(handler: Any) -> tuple[Use, ...]:
    """The uses that a handler declares, and whatever it wraps or calls as what it is, in order, each once."""
    return tuple(dict.fromkeys(use for function in _running(handler) for use in getattr(function, _USES, ())))


def publishes(handler: Any) -> bool:
    """Whether a handler declares that it sends to WebSocket connections, or something that it wraps does."""
    return any(getattr(function, _PUBLISHES, False) for function in _running(handler))


def asked_by(handlers: Iterable[Any], method: str) -> list[Asked]:
    """The headers that functions of a route declare to read, each once.

    Args:
        handlers: The functions.
        method: The route's method.
    """
    found = [asked for handler in handlers for part in _running(handler) if (asked := getattr(part, _ASKS, None)) is not None]
    return list({asked.header.lower(): asked for asked in found if method not in asked.except_for}.values())


def public_reason_of(handler: Any) -> str | None:
    """Why the handler is public; `None` where it is not."""
    return getattr(handler, _PUBLIC, None)


def check_marks(registered: Iterable[tuple[str, Any]]) -> None:
    """Refuse marks that do not reach a route, and public ones of which nobody can say what they open.

    Args:
        registered: The path or route key of each route of an app, and the object that was registered. One object on several
            methods of a path was registered with a list of them.

    Raises:
        UsesError: A mark of uses stands above a wrapper of what is registered.
        AuthorizerError: A public mark stands above the registration, or on a function that several routes share.
    """
    routes = [(path, getattr(handler, "__func__", handler)) for path, handler in registered]
    functions = [function for _, function in routes]
    copied = {original for function in functions for original in getattr(function, _ORIGINALS, ())}
    first: dict[int, tuple[str, Any]] = {}
    for path, function in routes:
        _check_above(path, function, functions, copied)
        if public_reason_of(function) is not None:
            known = first.setdefault(id(_marked(function)), (path, function))
            if known != (path, function):
                message = (
                    f"one function that is marked @public stands behind {known[0]!r} and {path!r}, and which of them anyone may call cannot be told; "
                    'register a function of its own for each, such as app.get(path)(public("why")(function)) with the unmarked function'
                )
                raise AuthorizerError(message, path=path, value=function, place=of_function(function))


def _check_above(path: str, function: Any, registered: list[Any], copied: set[int]) -> None:
    """Refuse marks of the decorators above the one that registered a function, where those returned another object."""
    advice = f"stands above the registration of {path!r}, which it does not reach; write it below, next to the function"
    if getattr(function, _COPIED, None) == id(function) and id(function) not in copied:
        raise AuthorizerError(f"@public {advice}", path=path, value=function, place=of_function(function))
    # What the function's name stands for in its module, once all decorators have run.
    named = getattr(sys.modules.get(getattr(function, "__module__", "")), getattr(function, "__name__", ""), None)
    if function not in _chain(named) or any(named is other for other in registered):
        return
    if public_reason_of(named) not in {None, public_reason_of(function)}:
        raise AuthorizerError(f"@public {advice}", path=path, value=function, place=of_function(function))
    if not set(uses_of(named)) <= set(uses_of(function)):
        raise UsesError(f"@uses {advice}", path=path, value=function, place=of_function(function))


def _declared(usable: Any) -> tuple[Use, ...]:
    declare = getattr(usable, "declared_uses", None)
    if isinstance(usable, type) or not callable(declare):
        name = getattr(usable, "__name__", repr(usable))
        advice = f"@uses({name}.get) or one of its access patterns" if isinstance(usable, type) else "@uses(Message.get, Message.in_room)"
        raise UsesError(f"{name} is neither an operation nor an access pattern; write {advice}", value=usable)
    return cast("tuple[Use, ...]", declare())


def _unmarkable(handler: Any) -> str | None:
    if isinstance(handler, (staticmethod, classmethod)):
        kind = type(cast("object", handler)).__name__
        return f"a {kind}; write the mark below @{kind}"
    if isinstance(handler, type):
        return f"the class {handler.__name__}; write it above the method or the function that answers"
    return None if callable(handler) else f"{handler!r}; write it above the function that answers"


def _copy(function: Any) -> Any:
    """Another object that does the same: of a function its twin, of anything else a function that calls it."""
    if not isinstance(function, FunctionType):
        return update_wrapper(lambda *args, **kwargs: function(*args, **kwargs), function)  # noqa: PLW0108 (another object)
    twin = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    twin.__kwdefaults__ = function.__kwdefaults__
    update_wrapper(twin, function)
    # It wraps what the function wraps, if anything, not the function.
    del vars(twin)["__wrapped__"]
    vars(twin).update(vars(function))
    return twin


def _marked(function: Any) -> Any:
    """The object that was marked public: the function, or what it wraps and took the mark from."""
    return [part for part in _chain(function) if public_reason_of(part) is not None][-1]


def _running(handler: Any) -> Iterator[Any]:
    """The chain of a handler, with the function of a partial one and the method by which an object is called."""
    for part in _chain(handler):
        yield part
        if isinstance(part, partial):
            yield from _running(part.func)
        elif not isinstance(part, (FunctionType, type)):
            yield from _chain(_method_of(part))


def _method_of(called: Any) -> Any:
    return type(called).__call__


def _chain(handler: Any) -> Iterator[Any]:
    """The function and all that it wraps; bound methods stand for their function, since they take no attributes."""
    seen: set[int] = set()
    while handler is not None and id(handler) not in seen:
        seen.add(id(handler))
        yield getattr(handler, "__func__", handler)
        handler = getattr(handler, "__wrapped__", None)
