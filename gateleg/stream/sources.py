"""The filter patterns of an event source, made from those of its handlers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from gateleg.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateleg.model import Table
    from gateleg.stream.filters import Pattern
    from gateleg.stream.handlers import ChangeHandler

    Leaves = dict[tuple[str, ...], list[Any]]
    """A pattern by its leaves."""

MOST = 5
"""How many patterns an event source takes, unless its quota was raised: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html."""
_LONGEST = 4096
_EVENT = ("eventName",)


def source_filters(handlers: Sequence[ChangeHandler], table: Table) -> tuple[Pattern, ...]:
    """The patterns, of which one matches each record that a handler takes.

    Where the conditions are more patterns than Lambda takes, only kinds and events are asked: the handlers ask for the rest themselves.

    Raises:
        ExpressionError: A pattern is longer than Lambda takes.
    """
    found = _joined(pattern for handler in handlers for pattern in handler.patterns(table))
    if len(found) > MOST:
        found = _joined(pattern for handler in handlers for pattern in handler.unconditional.patterns(table))
    for pattern in found:
        if len(json.dumps(pattern)) > _LONGEST:
            message = f"a filter pattern has at most {_LONGEST} characters, and that of {pattern['eventName']} has {len(json.dumps(pattern))}; compare with fewer values"
            raise ExpressionError(message, path=table.name)
    return tuple(found)


def _joined(patterns: Iterable[Pattern]) -> list[Pattern]:
    """The patterns, without those that another covers, and those that differ in one leaf alone made one: kinds first, then events."""
    each = [dict(_leaves(pattern)) for pattern in patterns]
    for kept in (_EVENT, ()):
        each = _merged(each, kept)
    return [_pattern(leaves) for leaves in each]


def _merged(each: Sequence[Leaves], kept: tuple[str, ...]) -> list[Leaves]:
    done: list[Leaves] = []
    for leaves in each:
        for number, known in enumerate(done):
            if (both := _either(known, leaves, kept)) is not None:
                done[number] = both
                break
        else:
            done.append(leaves)
    return done if len(done) == len(each) else _merged(done, kept)


def _either(one: Leaves, other: Leaves, kept: tuple[str, ...]) -> Leaves | None:
    """One pattern that matches where one of two does, and nowhere else; `None` where there is none."""
    for wide, narrow in ((one, other), (other, one)):
        if all(name in narrow and all(value in values for value in narrow[name]) for name, values in wide.items()):
            return wide
    if one.keys() != other.keys():
        return None
    [*different] = [name for name in one if one[name] != other[name]]
    plain = all(isinstance(value, str) for name in different for value in (*one[name], *other[name]))
    if len(different) != 1 or different[0] == kept or not plain:
        return None
    [name] = different
    return {**one, name: [*one[name], *(value for value in other[name] if value not in one[name])]}


def _leaves(pattern: Pattern, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    for name, wanted in pattern.items():
        if isinstance(wanted, dict):
            yield from _leaves(cast("Pattern", wanted), (*path, name))
        else:
            yield (*path, name), wanted


def _pattern(leaves: Leaves) -> Pattern:
    whole: Pattern = {}
    for path, wanted in leaves.items():
        place = whole
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = wanted
    return whole
