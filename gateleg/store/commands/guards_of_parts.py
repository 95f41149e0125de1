"""What updates of parts demand of the list or map that gets more parts by them, or fewer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, islice
from typing import TYPE_CHECKING

from gateleg.model.paths.place import Place
from gateleg.model.paths.updates import DeleteElements, Remove, Update
from gateleg.store.commands.constraints import HOLDS, rules_of
from gateleg.store.commands.guard import Guard, all_of, call, length_of, size, stored_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Comparator, Condition
    from gateleg.model.values.wire import WireValue

_MOST_CASES = 16
"""As many as four parts have; a condition takes up to 300 operators and functions, and 4 KB."""


@dataclass(frozen=True)
class _Case:
    """A size that the whole may have where these parts are there, or are not; `None` where it may have any."""

    length: int | None
    parts: tuple[Place, ...]


def guards_of_parts(layout: Layout, updates: Sequence[Update]) -> Iterable[Guard]:
    """The demands of all updates that are of parts, one or two for each whole that has a constraint on its length."""
    by_whole: dict[tuple[str, tuple[str | int, ...]], list[Update]] = {}
    for update in updates:
        if update.path.steps and not isinstance(update, DeleteElements):
            by_whole.setdefault((update.path.attribute.name, update.path.steps[:-1]), []).append(update)
    for parts in by_whole.values():
        whole = Place(parts[0].path.attribute, parts[0].path.steps[:-1])
        rules = rules_of(layout, whole)
        gone = [update.path for update in parts if isinstance(update, Remove)]
        come = [update.path for update in parts if not isinstance(update, Remove)]
        if rules.longest is not None and come:
            yield _guard(whole, come, gone, "<=", rules.longest)
        if rules.shortest and gone:
            yield _guard(whole, gone, come, ">=", rules.shortest)


def _guard(whole: Place, own: Sequence[Place], other: Sequence[Place], operator: Comparator, limit: int) -> Guard:
    """A limit is kept, as each part that is set and is there adds none, and each that is removed and is there makes room for one.

    Args:
        whole: The list or map.
        own: The parts by which the limit may be passed: those that are set for the highest length, those that are removed for the lowest.
        other: The other parts.
        operator: How the length is compared with the limit.
        limit: The limit.
    """
    there = operator == "<="
    function = "attribute_exists" if there else "attribute_not_exists"
    subsets = (parts for count in range(len(own) + 1) for parts in combinations((*own, *other), count))
    every = list(islice(subsets, _MOST_CASES + 1))
    coarse = len(every) > _MOST_CASES
    cases = [_case(parts, len(own), limit, there=there) for parts in ([(), tuple(own)] if coarse else every)]

    def kept(item: Mapping[str, WireValue]) -> bool:
        length = Decimal(length_of(stored_at(item, whole)))
        return any(
            (case.length is None or HOLDS[operator](length, case.length))
            and all(bool(stored_at(item, part)) == there for part in case.parts)
            for case in cases
        )

    first, *rest = [_demand(whole, case, operator, function) for case in cases if case.length is None or case.length >= 0]
    for condition in rest:
        first |= condition
    return Guard(whole, first, kept, coarse=coarse)


def _case(parts: tuple[Place, ...], most: int, limit: int, *, there: bool) -> _Case:
    # Of as many parts as could pass the limit nothing needs to be known about the size: it is kept already.
    left = most - len(parts)
    return _Case((limit - left if there else limit + left) if left else None, parts)


def _demand(whole: Place, case: _Case, operator: Comparator, function: str) -> Condition:
    demanded: list[Condition] = [call(function, part) for part in case.parts]
    if case.length is not None:
        demanded.insert(0, size(whole, operator, case.length))
    return all_of(demanded)
