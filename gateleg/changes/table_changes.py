"""What AWS answers to a change of a deployed table: an update in place, a refusal, or a new, empty table.

Follows https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html and the errors that
DynamoDB and CloudFormation give. The emulator would take nearly all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from gateleg.changes.table_rules import BIRTH_RULES, FORM_RULES, UPDATE_RULES
from gateleg.changes.tables import LOCAL, expiry, key_names, projection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gateleg.changes.table_rules import FormRule
    from gateleg.changes.tables import DeclaredTable, StackPath

Answer = Literal["refused", "emptied", "told"]
"""AWS refuses; the items would be out of reach, so only an empty table may go this way; AWS does it, and it is worth a line."""

_ANEW: Final = "declare a second table and copy the items"
_ALL: Final = frozenset({"Ref", "Arn", "StreamArn"})


@dataclass(frozen=True)
class TableChange:
    """One change of a table and what AWS answers to it.

    Attributes:
        answer: What is to be done.
        table: The table as it is deployed, or as it would be made.
        rule: The rule that found it, such as `replaced`.
        said: What was given, and what AWS answers.
        instead: What to do instead; empty where nothing is in the way.
        anew: Whether it asks for an empty table.
        renewed: The values of the table that other ones take the place of: `Ref` and attributes.
    """

    answer: Answer
    table: DeclaredTable
    rule: str
    said: str
    instead: str = ""
    anew: bool = False
    renewed: frozenset[str] = frozenset()

    @property
    def message(self) -> str:
        """What was given, what AWS answers, and what to do instead."""
        return f"{self.said}; {self.instead}" if self.instead else self.said


def table_changes(before: Iterable[DeclaredTable], after: Iterable[DeclaredTable], stacks: Collection[StackPath]) -> list[TableChange]:
    """Return every change of a table that AWS does not simply make, and every new table that it refuses.

    Args:
        before: The deployed tables of the stacks that are deployed again.
        after: The tables that these stacks declare now.
        stacks: These stacks, with the nested ones that they have now.
    """
    old, new = ({(table.stack, table.logical_id): table for table in tables} for tables in (before, after))
    gone = [table for place, table in old.items() if place not in new]
    fresh = [table for place, table in new.items() if place not in old]
    return [
        *(change for place in old if place in new for change in _changed(old[place], new[place])),
        *_moved(gone, fresh, stacks),
        *(change for table in fresh for change in _malformed(table, BIRTH_RULES)),
        *_taken(old.values(), new.values()),
    ]


def _changed(old: DeclaredTable, new: DeclaredTable) -> Iterator[TableChange]:
    if old.kind != new.kind:
        answer = f"AWS answers {'Update of resource type is not permitted'!r}"
        yield TableChange("refused", old, "type", f"{old} changes its type from {old.kind} to {new.kind}, and {answer}", _ANEW, anew=True)
    elif reasons := list(_lifelong(old, new)):
        yield _replaced(old, new, " and ".join(reasons))
        yield from _malformed(new, BIRTH_RULES)
    else:
        for name, rule in UPDATE_RULES.items():
            for message in rule(old, new):
                yield _of_rule(name, old, message)
        yield from _malformed(new, FORM_RULES)
        yield from _told(old, new)


def _of_rule(rule: str, table: DeclaredTable, message: str) -> TableChange:
    said, _, instead = message.rpartition("; ")
    return TableChange("refused", table, rule, f"{table}: {said}", instead)


def _malformed(table: DeclaredTable, rules: Mapping[str, FormRule]) -> Iterator[TableChange]:
    for name, rule in rules.items():
        for message in rule(table):
            yield _of_rule(name, table, message)


def _lifelong(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    """Yield what changes of the things that a table keeps for life."""
    if old.keys != new.keys:
        yield f"its keys change from {', '.join(old.keys)} to {', '.join(new.keys)}"
    if _local(old) != _local(new):
        yield f"its local indexes change from {', '.join(_local(old)) or 'none'} to {', '.join(_local(new)) or 'none'}"
    if old.name != new.name:
        yield f"its name changes from {old.name or 'none'} to {new.name or 'none'}"
    if old.properties.get("ImportSourceSpecification") != new.properties.get("ImportSourceSpecification"):
        yield "its import source changes"


def _local(table: DeclaredTable) -> list[str]:
    return sorted(
        f"{name} ({', '.join((*(f'{key} {table.types.get(key)}' for key in key_names(index)), *projection(index)))})"
        for name, index in table.indexes(LOCAL).items()
    )


def _replaced(old: DeclaredTable, new: DeclaredTable, reason: str) -> TableChange:
    if old.name is not None and old.name == new.name:
        said = f"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {old.name} and update the stack again."
        return TableChange("refused", old, "replaced", f"{old}: {reason}, and AWS answers {said!r}", _ANEW, anew=True)
    message = f"{old}: {reason}, for which AWS makes a new, empty table and {_left(new, 'UpdateReplacePolicy')}"
    return TableChange("emptied", old, "replaced", message, _ANEW, anew=True, renewed=_ALL)


def _left(table: DeclaredTable, policy: str) -> str:
    return "leaves this one behind with its items" if table.retained(policy) else "deletes this one with its items"


def _moved(gone: Iterable[DeclaredTable], fresh: Iterable[DeclaredTable], stacks: Collection[StackPath]) -> Iterator[TableChange]:
    """Pair the tables that leave with new ones of the same keys: it is one table to its author, and two to AWS."""
    unpaired = sorted(fresh, key=lambda table: (table.stack, table.logical_id))
    for table in gone:
        twins = [twin for twin in unpaired if twin.keys == table.keys]
        twin = min(twins, key=lambda twin: twin.stack != table.stack, default=None)
        if twin is not None:
            unpaired.remove(twin)
            yield _renamed(table, twin)
        elif table.stack in stacks:
            stays = "stays behind, in no stack" if table.retained() else "is deleted, with its items"
            yield TableChange("told", table, "leaves", f"{table} is no longer declared: it {stays}")
        else:
            rest = "which AWS would leave behind" if table.retained() else "as AWS would"
            message = f"{table} leaves with its nested stack, and the embedded AWS deletes it with its items, {rest}"
            yield TableChange("emptied", table, "leaves", message, _ANEW, anew=True)


def _renamed(table: DeclaredTable, twin: DeclaredTable) -> TableChange:
    where = "" if twin.stack == table.stack else f" of stack {'/'.join(twin.stack)}"
    keep = f"write override_logical_id({table.logical_id!r}) on its L1 construct" if not where else "leave it in its stack"
    said = f"{table} gives way to {twin.logical_id}{where}, for which AWS makes a new, empty table and {_left(table, 'DeletionPolicy')}"
    instead = f"if it is the same table, {keep}; if it is another one, deploy without either first"
    return TableChange("emptied", table, "renamed", said, instead, anew=True)


def _taken(old: Iterable[DeclaredTable], new: Iterable[DeclaredTable]) -> Iterator[TableChange]:
    owners = {table.name: table for table in old}
    for table in new:
        owner = owners.setdefault(table.name, table)
        if table.name is not None and (owner.stack, owner.logical_id) != (table.stack, table.logical_id):
            said = f"Resource of type '{table.kind}' with identifier '{table.name}' already exists."
            yield TableChange(
                "refused", table, "name-taken", f"{table} takes the name of {owner}, and AWS answers {said!r}", "give it another name"
            )


def _told(old: DeclaredTable, new: DeclaredTable) -> Iterator[TableChange]:
    was, now = expiry(old), expiry(new)
    if was is None and now is not None:
        yield TableChange("told", new, "ttl-on", f"{new}: items whose {now} has passed are deleted from now on")
    if was is not None and "TimeToLiveSpecification" not in new.properties:
        message = f"{new}: its TTL is off now; AWS may leave it on until a deploy says Enabled: false with the attribute {was}"
        yield TableChange("told", new, "ttl-off", message)
    views = [table.properties.get("StreamSpecification", {}).get("StreamViewType") for table in (old, new)]
    if None not in views and views[0] != views[1]:
        message = f"{new}: its stream has {views[1]} now; AWS makes a new stream for that, and what was not read of the old one is lost to its consumers"
        yield TableChange("told", new, "stream-view", message, renewed=frozenset({"StreamArn"}))
