"""All of a change to a gateway, or nothing of it: what refuses it leaves the gateway as it was."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, MutableSequence

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


def _kept(value: Any, seen: set[int]) -> Iterator[Callable[[], None]]:
    """What sets an object, and what it holds, to what they are now."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, list):
        several = cast("MutableSequence[Any]", value)
        yield partial(several.__setitem__, slice(None), list(several))
        yield from _each(several, seen)
    elif isinstance(value, dict) or _changes(value.__class__):
        named = cast("dict[str, Any]", value if isinstance(value, dict) else vars(value))
        yield partial(_set, named, dict(named))
        yield from _each(named.values(), seen)


def _set(named: dict[str, Any], before: dict[str, Any]) -> None:
    for name in named.keys() - before.keys():
        del named[name]
    named.update(before)


def _each(values: Iterable[Any], seen: set[int]) -> Iterator[Callable[[], None]]:
    for value in values:
        if not isinstance(value, Construct):  # others than the gateway itself
            yield from _kept(value, seen)


@cache
def _changes(kind: type[Any]) -> bool:
    """Whether objects of a class keep something of a gateway: they are ours, and not frozen."""
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return (kind.__module__.startswith(_OURS) or issubclass(kind, Construct)) and not frozen and hasattr(kind, "__dict__")
