"""What a function behind a route is called and what it uses, its dependencies included."""

from __future__ import annotations

import os
import typing
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from gateleg import places
from gateleg.description.marks import publishes, uses_of
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from gateleg.description.uses import Use


def name_of(function: Any) -> str:
    """The function's name for messages: `lambdas.chat.rest:list_messages`."""
    inner: Any = getattr(function, "func", function)
    named: Any = inner if hasattr(inner, "__qualname__") else cast("Any", type(inner))
    return f"{named.__module__}:{named.__qualname__.replace('<locals>.', '')}"


def place_of(function: Any) -> str:
    """Where a function of the app is declared, from the working directory, as Lambda's is the root; empty for one from elsewhere."""
    found = places.shown(places.of_function(function) or "")
    return "" if found.startswith(os.sep) else found


@contextmanager
def declaring(function: Any) -> Generator[None]:
    """Let what is wrong with a function be told with the place where it is declared."""
    try:
        yield
    except DeclarationError as error:
        error.place = places.of_function(function) or error.place
        raise


def declared(functions: Iterable[Any], implied: Iterable[Use] = ()) -> dict[str, Any]:
    """What functions declare that they do, they and all that Powertools' `Depends` calls for them, as fields of a `Route`.

    Args:
        functions: What runs for a route.
        implied: What is done beside that.
    """
    called = list(_with_dependencies(functions))
    uses = {*implied, *(use for function in called for use in uses_of(function))}
    ordered = sorted(uses, key=lambda use: (use.table, use.entity, use.operation, use.index or ""))
    return {"uses": tuple(ordered), "publishes": any(map(publishes, called))}


def _with_dependencies(functions: Iterable[Any]) -> Iterator[Any]:
    pending, seen = list(functions), set[int]()
    while pending:
        current = pending.pop(0)
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            pending.extend(_dependencies(current))


def _dependencies(function: Any) -> Iterator[Any]:
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 (an annotation that cannot be read is told with the route's schema)
        return
    for hint in hints.values():
        for part in (hint, *typing.get_args(hint)):
            yield from (extra.dependency for extra in getattr(part, "__metadata__", ()) if type(extra).__name__ == "Depends")
