"""All of a change to a gateway, or nothing of it: what refuses it leaves the gateway as it was."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

_OURS = "gateleg."


@contextmanager
def whole(gateway: Construct) -> Generator[None]:
    """Take back what a change did to a gateway before it was refused: resources below it, and what it keeps of them.

    What the change did to constructs of others stays, so that checks belong before it.

    Args:
        gateway: The gateway.
    """
    undo = list(_kept(gateway, set()))
    before = len(gateway.node.children)
    try:
        yield
    except BaseException:
        for child in gateway.node.children[before:]:
            gateway.node.try_remove_child(child.node.id)
        for each in undo:
            each()
        raise


def _kept(value: object, seen: set[int]) -> Iterator[Callable[[], None]]:
    """What sets an object, what it holds, and the objects in that, to what they are now; data within data are not changed, but exchanged."""
    seen.add(id(value))
    had: dict[str, Any] = vars(value)
    yield partial(_set, had, dict(had))
    for held in had.values():
        parts: Iterable[Any] = ()
        kind: type[Any] = held.__class__
        if issubclass(kind, list):
            several = cast("list[Any]", held)
            yield partial(several.__setitem__, slice(None), list(several))
            parts = several
        elif issubclass(kind, dict):
            named = cast("dict[str, Any]", held)
            yield partial(_set, named, dict(named))
            parts = named.values()
        elif id(held) not in seen and _changes(held.__class__):
            yield from _kept(held, seen)
        for part in parts:
            if id(part) not in seen and _changes(part.__class__):
                yield from _kept(part, seen)


def _set(named: dict[str, Any], before: dict[str, Any]) -> None:
    for name in named.keys() - before.keys():
        del named[name]
    named.update(before)


@cache
def _changes(kind: type[Any]) -> bool:
    """Whether objects of a class keep something of a gateway: they are ours, and neither frozen nor constructs, which the tree has."""
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return kind.__module__.startswith(_OURS) and not frozen and not issubclass(kind, Construct) and hasattr(kind, "__dict__")
