"""How handlers of changes are declared."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from gateleg.errors import DeclarationError
from gateleg.model import Entity
from gateleg.model.items.streams import Event
from gateleg.stream.filters import patterns_of
from gateleg.stream.handlers import HELD, NEEDED, OF_EVENT, ChangeHandler, check_view
from gateleg.stream.registration import Registration

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Change, Table
    from gateleg.model.paths.conditions import ConditionOf
    from gateleg.stream.filters import Pattern
    from gateleg.stream.handlers import Gives, Image

    E = TypeVar("E", bound=Entity)
    R = TypeVar("R")

EVENTS: tuple[Event, ...] = get_args(Event)
"""What may happen to an item."""


class Declaring:
    """The handlers of a table's changes, in the order of their declaration.

    Args:
        table: The table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._handlers: list[ChangeHandler] = []
        self._default: Callable[[Change[Any]], Any] | None = None

    def on_insert(self, entity: type[E], *, new: ConditionOf[E] | None = None) -> Registration[[E]]:
        """Register a handler of new items: `def placed(order: Order) -> None`.

        Args:
            entity: Of which entity, or of a subclass.
            new: What must hold of the item, of what a filter pattern can say: `Order.status == "paid"`.

        Raises:
            DeclarationError: The stream does not hold new images.
            ExpressionError: No filter pattern says the condition.
        """
        return self._registering(entity, ("INSERT",), "new", NewImage=new)

    def on_modify(self, entity: type[E], *, old: ConditionOf[E] | None = None, new: ConditionOf[E] | None = None) -> Registration[[E, E]]:
        """Register a handler of items that were changed: `def moved(old: Order, new: Order) -> None`.

        Args:
            entity: Of which entity, or of a subclass.
            old: What must have held of the item: `Order.status != "paid"`.
            new: What must hold of it.

        Raises:
            DeclarationError: The stream does not hold both images.
            ExpressionError: No filter pattern says a condition.
        """
        return self._registering(entity, ("MODIFY",), "both", OldImage=old, NewImage=new)

    def on_remove(self, entity: type[E], *, old: ConditionOf[E] | None = None, expired: bool | None = None) -> Registration[[E]]:
        """Register a handler of items that are gone: `def gone(order: Order) -> None`.

        Args:
            entity: Of which entity, or of a subclass.
            old: What must have held of the item.
            expired: Whether only those are taken that DynamoDB removed because their time was over, or only the others.

        Raises:
            DeclarationError: The stream does not hold old images.
            ExpressionError: No filter pattern says the condition.
        """
        return self._registering(entity, ("REMOVE",), "old", expired=expired, OldImage=old)

    def on_change(self, entity: type[E]) -> Registration[[Change[E]]]:
        """Register a handler of every change, as far as the stream holds an image of it: `def any(change: Change[Order]) -> None`.

        Args:
            entity: Of which entity, or of a subclass.

        Raises:
            DeclarationError: The stream holds no images.
        """
        return self._registering(entity, EVENTS, "change")

    def on_default(self) -> Callable[[Callable[[Change[Any]], R]], Callable[[Change[Any]], R]]:
        """Register a handler of all changes that no other takes: of kinds without an entity, or of a stream of keys alone.

        With it, Lambda is told no filter, and the function is called for every change of the table.

        Raises:
            DeclarationError: There is one already, or this one yields.
        """

        def register(handler: Callable[[Change[Any]], R]) -> Callable[[Change[Any]], R]:
            if self._default is not None:
                message = f"on_default is declared twice, by {name_of(self._default)} and by {name_of(handler)}; leave one of them out"
                raise DeclarationError(message, path="on_default", value=handler)
            _refuse_generator(handler)
            self._default = handler
            return handler

        return register

    def _registering(
        self,
        entity: type[Any],
        events: tuple[Event, ...],
        gives: Gives,
        *,
        expired: bool | None = None,
        **conditions: ConditionOf[Any] | None,
    ) -> Registration[...]:
        label = {"new": "on_insert", "both": "on_modify", "old": "on_remove", "change": "on_change"}[gives]
        if not (isinstance(entity, type) and issubclass(entity, Entity) and getattr(entity, "__gateleg__", None) is not None):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
            message = f"@app.{label} takes an entity of the table, got {entity!r}; write @app.{label}(Order)"
            raise DeclarationError(message, path=label, value=entity)
        entity.__gateleg__.check_table(self.table)
        if expired is not None and not isinstance(expired, bool):  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
            raise DeclarationError(f"@app.{label}(expired=...) takes True or False, got {expired!r}; leave it out for both", value=expired)
        check_view(self.table, NEEDED[gives] or self._any_image, f"@app.{label}({entity.__name__})")
        images: dict[Any, tuple[Pattern, ...]] = {
            name: patterns_of(asked, entity) for name, asked in conditions.items() if asked is not None
        }
        held: tuple[Event, ...] = tuple(event for event in events if set(OF_EVENT[event]) & HELD[self.table.stream])

        def register(function: Callable[..., Any]) -> None:
            if not callable(function) or isinstance(function, type):  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
                raise DeclarationError(f"@app.{label}({entity.__name__}) stands above a function, got {function!r}", value=function)
            _refuse_generator(function)
            handler = ChangeHandler(function, entity, held, gives, images, expired)
            name = f"{name_of(function)} {handler.key}"
            # Lambdas have one name, and a function may stand for several.
            alike = sum(known.name.partition(" #")[0] == name for known in self._handlers)
            self._handlers.append(replace(handler, name=f"{name} #{alike}" if alike else name))

        return Registration(f"@app.{label}({entity.__name__})", register, self._seconds_left)

    def _seconds_left(self) -> float | None:
        """The seconds that Lambda leaves for the batch that is being taken; `None` where nobody says."""
        return None

    @property
    def _any_image(self) -> tuple[Image, ...]:
        return tuple(sorted(HELD[self.table.stream])) or ("NewImage",)


def name_of(handler: Callable[..., Any]) -> str:
    """The name of a handler, which tells it from the others of an app."""
    return f"{handler.__module__}:{getattr(handler, '__qualname__', type(handler).__name__)}"


def _refuse_generator(handler: Callable[..., Any]) -> None:
    """See that a handler runs when it is called: of one that yields nothing would be done, and its changes would be reported as taken."""
    for function in (handler, getattr(handler, "__call__", handler)):  # noqa: B004 (what is called, not whether it can be)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            message = f"{name_of(handler)} yields, so that calling it does nothing; write a function that returns"
            raise DeclarationError(message, path=name_of(handler), value=handler)
