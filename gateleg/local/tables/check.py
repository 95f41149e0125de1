"""Refusing, before anything is deployed, a change of a table that AWS would refuse or answer with an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.changes.table_changes import table_changes
from gateleg.errors import DeployError
from gateleg.local.deployed import deployed_templates
from gateleg.local.tables.exports import exports_in_use
from gateleg.local.tables.live import Declared, LiveTables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateleg.changes.table_changes import TableChange
    from gateleg.local.assembly import Assembly
    from gateleg.local.template import Json, Target


def check_tables(assembly: Assembly, target: Target, *, stacks: Sequence[str], report: Callable[[str], None], waves: bool = False) -> None:
    """Compare the tables of an assembly with those that are deployed.

    Args:
        assembly: The assembly as it was synthesized.
        target: The embedded AWS.
        stacks: Names or patterns of the stacks to deploy; all if there are none.
        report: Takes a line for each change that AWS makes and that somebody should know of.
        waves: Whether several index changes are deployed one at a time.

    Raises:
        DeployError: AWS would refuse a change, or it would put items out of reach; nothing was deployed.
    """
    declared = Declared(assembly, target, stacks)
    live = LiveTables(target, declared.templates)
    found = table_changes(live.tables, declared.tables, declared.paths)
    changes = [change for change in found if not (waves and _walked(change))]
    standing = {**deployed_templates(target), **live.templates}
    refused = list(dict.fromkeys([*_refused(changes, live, declared, standing), *_returned(live, declared)]))
    if refused:
        raise DeployError("\n".join(refused), code="local.table_refused")
    for change in changes:
        report(told(change) if change.answer == "told" else f"{change.said}; it was empty")


def told(change: TableChange) -> str:
    """What a change is answered with here, where a run may start empty."""
    if _walked(change):
        return f"{change.message}, or run: gateleg local up --waves"
    return f"{change.message}, or start empty with: gateleg local up --fresh" if change.anew else change.message


def _walked(change: TableChange) -> bool:
    """Whether updates after each other make it; a nested stack is deployed with its parent."""
    return change.rule == "index-count" and len(change.table.stack) == 1


def _refused(changes: Sequence[TableChange], live: LiveTables, declared: Declared, standing: Mapping[str, Json]) -> Iterator[str]:
    for change in changes:
        place = (change.table.stack, change.table.logical_id)
        if change.answer == "refused" or (change.answer == "emptied" and live.holds_items(live.names.get(place))):
            yield told(change)
        elif change.renewed and len(change.table.stack) == 1:
            for said in exports_in_use(change.table.stack[0], change.table.logical_id, change.renewed, standing, declared.templates):
                yield f"{change.table} changes what another stack imports, and AWS answers {said!r}; take the import out in a deploy of its own first"


def _returned(live: LiveTables, declared: Declared) -> Iterator[str]:
    """Yield what is to be said of each table whose name another one has that holds items: the emulator would make it anew, empty."""
    for table in declared.tables:
        name = live.physical_name(table)
        if name == live.names.get((table.stack, table.logical_id)) or not live.holds_items(name):
            continue
        if table.name is not None:
            said = f"Resource of type '{table.kind}' with identifier '{name}' already exists."
            yield f"{table} takes the name of a table that holds items, and AWS answers {said!r}; give it another name"
        else:
            yield (
                f"{table} was declared before, and its items stayed behind: AWS makes a new, empty one beside them, and the embedded AWS has one "
                f"name for both, {name}; give its construct another id, or start empty with: gateleg local up --fresh"
            )
