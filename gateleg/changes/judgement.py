"""An assembly judged by a lock: what changes, what of it is acknowledged, and acknowledgements of nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateleg.changes.change import Change
from gateleg.changes.judge import judged, unanswered
from gateleg.changes.template import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from gateleg.changes.assembly import AssembledStack
    from gateleg.changes.change import Acknowledgement
    from gateleg.changes.lock import Entry, Lock

    Pair = tuple[AssembledStack, Entry]


@dataclass(frozen=True)
class Judgement:
    """What is to be said of an assembly.

    Attributes:
        changes: What changes and is not acknowledged, what is refused first.
        acknowledged: What changes and is known and meant, with its reason.
        stale: What is acknowledged and does not change.
        unknown: The addresses of stacks that the lock does not have.
    """

    changes: tuple[Change, ...] = ()
    acknowledged: tuple[tuple[Change, Acknowledgement], ...] = ()
    stale: tuple[Acknowledgement, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def refused(self) -> list[Change]:
        """What may not be made."""
        return [change for change in self.changes if change.verdict == "refused"]

    @property
    def waves(self) -> list[Change]:
        """What is made in several updates."""
        return [change for change in self.changes if change.verdict == "waves"]


def judge_assembly(
    lock: Lock | None,
    stacks: Sequence[AssembledStack],
    stage: str | None = None,
    *,
    beside: Iterable[AssembledStack] = (),
    now: datetime | None = None,
) -> Judgement:
    """Judge the stacks of an assembly by what a lock says is deployed.

    Args:
        lock: The lock; `None` if there is none yet.
        stacks: The stacks.
        stage: The stage that they are of.
        beside: Other stacks of the assembly, which are left as they are.
        now: The present moment, unless it is now.
    """
    pairs = [(stack, entry) for stack in stacks for entry in _entries(lock, stack, stage)]
    paired = {stack.id for stack, _ in pairs}
    changes = [change for pair in _together(pairs) for change in _judged(pair, now)]
    there = {stack.address(stage) for stack in (*stacks, *beside)}
    for stack in stacks:
        if stack.id not in paired:
            changes += [*unanswered(stack.shape), *_renamed(lock, stack, stage, there)]
    meant = {(one.stack, one.id): one for stack in stacks for one in stack.acknowledged}
    found_ids = {(change.stack, change.id) for change in changes}
    stale = [one for key, one in meant.items() if key not in found_ids and not _elsewhere(lock, stacks, one)]
    return Judgement(
        tuple(dict.fromkeys(change for change in changes if (change.stack, change.id) not in meant)),
        tuple(dict.fromkeys((change, meant[change.stack, change.id]) for change in changes if (change.stack, change.id) in meant)),
        tuple(one for one in stale if any(stack.name == one.stack for stack in stacks if stack.id in paired)),
        tuple(stack.address(stage) for stack in stacks if stack.id not in paired),
    )


def _renamed(lock: Lock | None, stack: AssembledStack, stage: str | None, there: Collection[str]) -> Iterator[Change]:
    """Yield that a new stack has the tables of one that the app has no longer, in the same place."""
    own = {name for name, resource in stack.shape.resources.items() if resource["Type"] in TABLES}
    place = stack.address(stage).partition("@")[2]
    for address, entry in lock.entries.items() if lock else ():
        same = own & entry.shape.resources.keys()
        if same and address not in there and address.partition("@")[2] == place:
            said = (
                f"stack {stack.name} is new and has what {address} has, which the app has no longer ({', '.join(sorted(same))}): AWS makes new, "
                "empty tables, and the old stack stays with its items"
            )
            instead = (
                f"keep the stack's name, Stack(..., stack_name={entry.shape.name!r}); a new stage is acknowledged, or named by --stage"
            )
            yield Change("stack-renamed", stack.name, stack.name, "refused", said, instead)
            return


def _together(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Return the stacks that may pass tables to each other and take each other's names: those of one place, where that is known."""
    places: dict[object, list[Pair]] = {}
    for number, (stack, entry) in enumerate(pairs):
        place = stack.environment
        alone = None in (place.account, place.region) or any(stack is other for other, _ in places.get(place, ()))
        places.setdefault(number if alone else place, []).append((stack, entry))
    return list(places.values())


def _judged(pairs: Sequence[Pair], now: datetime | None) -> list[Change]:
    before, after = [entry.shape for _, entry in pairs], [stack.shape for stack, _ in pairs]
    return judged(before, after, {entry.shape.name: entry.times for _, entry in pairs}, now)


def _entries(lock: Lock | None, stack: AssembledStack, stage: str | None) -> Iterable[Entry]:
    """Return what is deployed of a stack: its own entry, or those of its name where it was, or is, deployed to no place that is said."""
    if lock is None:
        return ()
    own = lock.entries.get(stack.address(stage))
    if own is not None or stage is not None:
        return (own,) if own else ()
    alike = {address: entry for address, entry in lock.entries.items() if entry.shape.name == stack.name}
    if stack.address() == stack.name:
        return alike.values()
    return (alike[stack.name],) if stack.name in alike else ()


def _elsewhere(lock: Lock | None, stacks: Sequence[AssembledStack], one: Acknowledgement) -> bool:
    """Whether a change is still to be made where the same is deployed too: the lock knows all stages, and a synth may have one of them."""
    shapes = [stack.shape for stack in stacks if stack.name == one.stack]
    for shape in shapes:
        for entry in lock.entries.values() if lock else ():
            if entry.shape.resources.keys() & shape.resources.keys():
                alike = type(shape)(entry.shape.name, shape.resources, shape.forms, shape.routes, entry.shape.region)
                if any(change.id == one.id for change in judged([entry.shape], [alike])):
                    return True
    return False
