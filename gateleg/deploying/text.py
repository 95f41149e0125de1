"""A judgement as a person reads it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from gateleg.changes.waves import waves
from gateleg.errors import ChangeRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateleg.changes.assembly import AssembledStack
    from gateleg.changes.judgement import Judgement
    from gateleg.changes.lock import Lock

_WIDTH: Final = 110
_HEADS: Final = {"refused": "refused", "waves": "in waves", "told": "note"}


def plan_lines(judgement: Judgement, stacks: Sequence[AssembledStack], lock: Lock, source: str, stage: str | None) -> Iterator[str]:
    """Yield what changes stack by stack, and in which order it is made.

    Args:
        judgement: What is to be said.
        stacks: The stacks of the assembly.
        lock: What is deployed.
        source: Where that is said, such as `gateleg.lock.json`.
        stage: The stage.
    """
    for stack in stacks:
        address = stack.address(stage)
        yield f"{address}: " + (f"not in {source}, all of it is new" if address in judgement.unknown else f"compared with {source}")
        found = [change for change in judgement.changes if change.stack == stack.name]
        for change in found:
            yield from _entry(_HEADS[change.verdict], change.said, change.instead, change.id)
        for change, meant in judgement.acknowledged:
            if change.stack == stack.name:
                yield from _entry("meant", change.said, f"acknowledged: {meant.reason}", change.id)
        for one in judgement.stale:
            if one.stack == stack.name:
                yield from _entry("stale", f"{one.id} is acknowledged ({one.reason}), and nothing of that changes", "take it out", "")
        yield from _order(stack, lock, stage)
        if not (found or address in judgement.unknown or any(change.stack == stack.name for change, _ in judgement.acknowledged)):
            yield "  nothing that holds data, and nobody's access, changes"
    if judgement.unknown:
        yield "once it is deployed, run `gateleg lock` and commit gateleg.lock.json"


def _entry(head: str, said: str, instead: str, name: str) -> Iterable[str]:
    yield f"  {head}: {name}" if name else f"  {head}"
    yield from textwrap.wrap(said, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    if instead:
        yield from textwrap.wrap(f"-> {instead}", _WIDTH, initial_indent="    ", subsequent_indent="       ", break_on_hyphens=False)


def _order(stack: AssembledStack, lock: Lock, stage: str | None) -> Iterator[str]:
    """Yield the updates in their order, where there is more than one."""
    entry = lock.entries.get(stack.address(stage))
    if entry is None:
        return
    now = {name: resource for name, resource in stack.shape.resources.items() if name in entry.shape.resources}
    try:
        found = waves({"Resources": entry.shape.resources}, {"Resources": now})
    except ChangeRefusedError as error:
        yield from _entry("refused", error.message, "", "")
        return
    if len(found) > 1:
        yield "  updates, one after the other (gateleg deploy --waves):"
        yield from (f"    {number}. {wave.said}" for number, wave in enumerate(found, 1))
