"""What a function behind a route is called and what it uses, its dependencies included."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, cast

from gateleg.rest.marks import uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateleg.description.uses import Use


def name_of(function: Any) -> str:
    """The function's name for messages: `lambdas.chat.rest:list_messages`."""
    inner: Any = getattr(function, "func", function)
    named: Any = inner if hasattr(inner, "__qualname__") else cast("Any", type(inner))
    return f"{named.__module__}:{named.__qualname__.replace('<locals>.', '')}"


def uses_with_dependencies(function: Any) -> Iterator[Use]:
    """The uses of a function and of all that Powertools' `Depends` calls for it."""
    pending, seen = [function], set[int]()
    while pending:
        current = pending.pop(0)
        if id(current) not in seen:
            seen.add(id(current))
            yield from uses_of(current)
            pending.extend(_dependencies(current))


def sorted_uses(uses: Iterable[Use]) -> tuple[Use, ...]:
    """The uses, each once, sorted."""
    return tuple(sorted(set(uses), key=lambda use: (use.table, use.entity, use.operation, use.index or "")))


def _dependencies(function: Any) -> Iterator[Any]:
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 (an annotation that cannot be read is told with the route's schema)
        return
    for hint in hints.values():
        for part in (hint, *typing.get_args(hint)):
            yield from (extra.dependency for extra in getattr(part, "__metadata__", ()) if type(extra).__name__ == "Depends")
