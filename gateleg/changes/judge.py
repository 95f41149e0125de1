"""Two shapes of the same stacks compared: what changes, and whether it may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.change import Change, Verdict
from gateleg.changes.forms import form_changes
from gateleg.changes.routes import route_changes
from gateleg.changes.stateful import stateful_changes
from gateleg.changes.table_changes import TableChange, table_changes
from gateleg.changes.table_losses import losses
from gateleg.changes.tables import GLOBAL, LOCAL, projection, text
from gateleg.changes.template import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateleg.changes.shape import StackShape
    from gateleg.changes.tables import DeclaredTable
    from gateleg.changes.template import Json

Times = dict[str, dict[str, list[str]]]
"""By the logical id of a table and a property, when it changed; in ISO form."""

_LOST: Final = {
    "leaves": "keep it declared until its items are moved; to let it go, take its protection off in a deploy of its own first",
    "stream-view": "let the consumers read all there is while nothing is written, and acknowledge it",
}
"""What AWS does and whoever has items on it must not meet unprepared."""

_WAVES: Final = ", or run: gateleg deploy --waves"


def judged(
    before: Sequence[StackShape], after: Sequence[StackShape], times: Mapping[str, Times] | None = None, now: datetime | None = None
) -> list[Change]:
    """Return what changes and is worth a word, what is refused first.

    Args:
        before: The stacks as they are deployed.
        after: The same stacks as they are declared now.
        times: By the name of a stack, when what AWS lets change only so often changed.
        now: The present moment, unless it is now.
    """
    old, new = ({shape.name: shape for shape in shapes} for shapes in (before, after))
    for name in old.keys() & new.keys():
        old[name], new[name] = old[name].within(new[name].region), new[name].within(old[name].region)
    moment = now or datetime.now(UTC)
    found = [*_of_tables(old.values(), new.values())]
    for name in old.keys() & new.keys():
        was, is_ = old[name], new[name]
        tables = {_subject(table): table for table in is_.tables}
        for table in was.tables:
            if (same := tables.get(_subject(table))) is not None and same.kind == table.kind:
                found += losses(table, same, (times or {}).get(name, {}).get(_subject(table), {}), moment)
        found += stateful_changes(name, was.resources, is_.resources)
        for subject in was.forms.keys() & is_.forms.keys():
            found += form_changes(name, subject, was.forms[subject], is_.forms[subject])
        found += route_changes(name, was.routes, is_.routes)
    found += [change for shape in after for change in unanswered(shape)]
    order: tuple[Verdict, ...] = ("refused", "waves", "told")
    return sorted(dict.fromkeys(found), key=lambda change: (order.index(change.verdict), change.stack, change.subject))


def unanswered(shape: StackShape) -> Iterator[Change]:
    """Yield the access patterns that the indexes of a template do not answer, however that came about."""
    for table in shape.tables:
        indexes = {**table.indexes(GLOBAL), **table.indexes(LOCAL)}
        form = shape.forms.get(_subject(table), {})
        for name, entity in form.get("entities", {}).items():
            for pattern, index in entity.get("patterns", {}).items():
                needed = () if pattern in entity.get("partial", ()) else (*entity.get("attributes", {}), form.get("type_attribute"))
                if index is not None and (lacking := _lacking(table, indexes.get(index), needed)):
                    said = f"{name}.{pattern} reads the index {index} of {table}, which {lacking}"
                    instead = f"leave Index({index!r}, ...) as it is declared, or take the access pattern out first"
                    yield Change("pattern", shape.name, f"{_subject(table)}/{name}.{pattern}", "refused", said, instead)


def _lacking(table: DeclaredTable, index: Json | None, needed: Iterable[Any]) -> str:
    if index is None:
        return "is not there"
    held = projection(index)
    keys = {text(key.get("AttributeName")) for node in (table.properties, index) for key in listed(node, "KeySchema")}
    lacking = [] if held[0] == "ALL" else sorted({*needed} - keys - set(held[1:]))
    return f"does not hold {', '.join(lacking)}" if lacking else ""


def _of_tables(before: Iterable[StackShape], after: Iterable[StackShape]) -> Iterator[Change]:
    old, new = ([table for shape in shapes for table in shape.tables] for shapes in (before, after))
    for change in table_changes(old, new, {table.stack for table in (*old, *new)}):
        verdict = _verdict(change)
        instead = change.instead or _LOST.get(change.rule, "")
        yield Change(
            change.rule,
            change.table.stack[0],
            _subject(change.table),
            verdict,
            change.said,
            f"{instead}{_WAVES if verdict == 'waves' else ''}",
        )


def _verdict(change: TableChange) -> Verdict:
    if change.rule == "index-count" and len(change.table.stack) == 1:
        return "waves"  # the template of a nested stack is deployed with its parent's alone
    return "told" if change.answer == "told" and change.rule not in _LOST else "refused"


def _subject(table: DeclaredTable) -> str:
    return "/".join((*table.stack[1:], table.logical_id))
