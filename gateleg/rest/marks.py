"""What a handler says of itself: the operations it runs, and that it needs no authorizer.

Both marks are plain attributes of the function. They are put on every function of a `functools.wraps` chain, so it does
not matter on which side of Powertools' own decorators they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from gateleg.description.names import PUBLIC_MARK, USES_MARK
from gateleg.errors import AuthorizerError, UsesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.description.uses import Usable, Use

    _Handler = TypeVar("_Handler", bound=Callable[..., Any])


def uses(*usables: Usable) -> Callable[[_Handler], _Handler]:
    """Declare what a handler does to the tables; its function is granted exactly this.

    Args:
        usables: Operations (`Message.create`), access patterns (`Message.in_room`), or anything else with `declared_uses()`.
            A dependency (`Depends`) or middleware that reads a table can be marked in the same way.

    Returns:
        A decorator that returns the same function.

    Raises:
        UsesError: Something else was given, such as an entity class without an operation.
    """
    declared = tuple(use for usable in usables for use in _declared(usable))

    def mark(handler: _Handler) -> _Handler:
        for function in _chain(handler):
            known: tuple[Use, ...] = getattr(function, USES_MARK, ())
            setattr(function, USES_MARK, tuple(dict.fromkeys((*known, *declared))))
        return handler

    return mark


def public(reason: str) -> Callable[[_Handler], _Handler]:
    """Let a route be called without an authorizer.

    Args:
        reason: Why that is right; kept in the API's description for whoever reviews it.

    Returns:
        A decorator that returns the same function.

    Raises:
        AuthorizerError: No reason was given.
    """
    if not isinstance(reason, str) or not reason.strip():  # pyright: ignore[reportUnnecessaryIsInstance]: `@public` without its reason gives the function here
        raise AuthorizerError('a public route needs a reason; write @public("why anyone may call this")', value=reason)

    def mark(handler: _Handler) -> _Handler:
        for function in _chain(handler):
            setattr(function, PUBLIC_MARK, reason.strip())
        return handler

    return mark


def uses_of(handler: Any) -> tuple[Use, ...]:
    """The uses that a handler declares, in order, each once."""
    return tuple(dict.fromkeys(use for function in _chain(handler) for use in getattr(function, USES_MARK, ())))


def public_reason_of(handler: Any) -> str | None:
    """Why the handler is public; `None` where it is not."""
    return next((reason for function in _chain(handler) if (reason := getattr(function, PUBLIC_MARK, None))), None)


def _declared(usable: Any) -> tuple[Use, ...]:
    declare = getattr(usable, "declared_uses", None)
    if isinstance(usable, type) or not callable(declare):
        name = getattr(usable, "__name__", repr(usable))
        advice = f"@uses({name}.get) or one of its access patterns" if isinstance(usable, type) else "@uses(Message.get, Message.in_room)"
        raise UsesError(f"{name} is no operation and no access pattern; write {advice}", value=usable)
    return cast("tuple[Use, ...]", declare())


def _chain(handler: Any) -> Iterator[Any]:
    """The function and all that it wraps; bound methods stand for their function, since they take no attributes."""
    seen: set[int] = set()
    while handler is not None and id(handler) not in seen:
        seen.add(id(handler))
        yield getattr(handler, "__func__", handler)
        handler = getattr(handler, "__wrapped__", None)
