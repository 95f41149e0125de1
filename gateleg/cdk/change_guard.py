"""What is deployed does not change unseen: synth compares the assembly with the committed lock, and fails on what would lose data or safety.

See `gateleg.changes` for the rules, and docs/changes.md for what to do.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from aws_cdk import Annotations, Stack
from constructs import Construct

from gateleg.cdk.arguments import a, check, filled
from gateleg.cdk.plugins import add_plugin, violation
from gateleg.changes.assembly import ACKNOWLEDGED, FORM, assembled_stacks
from gateleg.changes.judgement import judge_assembly
from gateleg.changes.lock import FILE, Lock
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk import PolicyViolation
    from constructs import IConstruct

    from gateleg.changes.assembly import AssembledStack
    from gateleg.changes.judgement import Judgement
    from gateleg.description import TableShape

PLANNED = "gateleg:changes"
"""The context by which commands that judge an assembly themselves say so: `judged`."""

STAGE = "gateleg:stage"
"""The context that names the stage, where stacks of one name are deployed to several places."""

_watched: WeakSet[IConstruct] = WeakSet()


def guard_changes(scope: Construct) -> None:
    """Let synth fail where what is deployed would lose data or safety by what the app declares now, as `gateleg.lock.json` knows it.

    `ModelTable` says it for its app; say it yourself where all tables are other constructs. The file is written by `gateleg lock` and
    `gateleg deploy`, never by synth; without it everything is let through.

    Args:
        scope: The app, or any construct of it.

    Raises:
        DeclarationError: The scope is no construct, or the context `gateleg:changes` or `gateleg:stage` is not what it may be.
    """
    check("guard_changes", scope=(scope, a("a construct", Construct)))
    root = scope.node.root
    if root in _watched:
        return
    _watched.add(root)
    told, stage = root.node.try_get_context(PLANNED), root.node.try_get_context(STAGE)
    if told not in (None, "judged"):
        raise DeclarationError(
            f"the context {PLANNED} is {told!r}; leave it out, commands of gateleg write 'judged'", path=PLANNED, value=told
        )
    if told is not None and PLANNED in _project_context():
        message = f"cdk.json says {PLANNED}={told!r}, by which no synth would look at the lock; take it out, commands of gateleg say it themselves"
        raise DeclarationError(message, path=PLANNED, value=told)
    if stage is not None and not (isinstance(stage, str) and stage.strip()):
        raise DeclarationError(f"the context {STAGE} is {stage!r}; write a name, such as 'prod'", path=STAGE, value=stage)
    if told is None and root.node.try_get_context("gateleg:target") != "local":
        add_plugin(root, "gateleg-changes", ["change"], partial(_violations, stage))
        if not Path(FILE).exists():
            note = f"there is no {FILE}: once this is deployed, run `gateleg lock` and commit it, and synth refuses changes that lose data"
            Annotations.of(scope).add_info_v2("gateleg:lock", note)


def acknowledge_change(scope: Construct, change: str, *, reason: str) -> None:
    """Say that one change of what is deployed is known and meant; synth then lets it through.

    It is for one change. Once that is made and the lock says so, the acknowledgement is of nothing, and synth fails until it is taken out.

    Args:
        scope: The stack that changes, or any construct of it.
        change: The change, as the message that refuses it names it: `protection:Table7ABB320E`.
        reason: Why it is meant; `gateleg plan` shows it.

    Raises:
        DeclarationError: The change is no such name, or there is no reason.
    """
    check("acknowledge_change", scope=(scope, a("a construct", Construct)), change=(change, filled), reason=(reason, filled))
    rule, colon, subject = change.partition(":")
    if not (rule and colon and subject) or "*" in change:
        message = f"acknowledge_change was given {change!r}; name the one change as its message does, such as 'protection:Table7ABB320E'"
        raise DeclarationError(message, path="acknowledge_change.change", value=change)
    guard_changes(scope)
    stack: Stack = _outermost(Stack.of(scope))
    stack.node.add_metadata(ACKNOWLEDGED, {"id": change, "reason": reason.strip()})


def keep_form(construct: Construct, table: Any, shape: TableShape) -> None:
    """Let the assembly say how the items of a table are stored, which its template does not, and guard the app's changes.

    Args:
        construct: The construct that declares it.
        table: Its L2.
        shape: What the declaration says.
    """
    guard_changes(construct)
    resource = table.node.default_child
    if resource is None:
        return  # a table that is there already, which no template of ours changes
    form: dict[str, Any] = {name: getattr(shape, name) for name in ("type_attribute", "default_type")}
    if shape.ttl is not None:
        form["ttl"] = shape.ttl
    if any(entity.version for entity in shape.entities.values()):
        form["schema_attribute"] = shape.schema_attribute
    if any(entity.unknown == "refuse" for entity in shape.entities.values()):
        form["keys"] = sorted(shape.key_types)
    form["shards"] = {index.name: index.sharded for index in shape.indexes if index.sharded > 1}
    form["entities"] = {name: asdict(entity) for name, entity in shape.entities.items()}
    where = Stack.of(construct).template_file
    resource.node.add_metadata(FORM, {"template": where, "id": resource.logical_id, "form": json.dumps(form)})


def _project_context() -> Any:
    try:
        return json.loads(Path("cdk.json").read_text(encoding="utf-8")).get("context", {})
    except (OSError, ValueError, AttributeError):
        return {}


def _outermost(stack: Stack) -> Stack:
    parent = stack.nested_stack_parent
    return stack if parent is None else _outermost(parent)


def _violations(stage: str | None, templates: Sequence[Path]) -> Iterator[PolicyViolation]:
    lock = Lock.read(Path(FILE))
    if lock is None or not templates:
        return
    top = min((path.parent for path in templates), key=lambda folder: len(folder.parts))
    found = {stack.file.resolve(): stack for stack in assembled_stacks(_root(top))}
    stacks = [stack for path in templates if (stack := found.get(path.resolve())) is not None]
    judgement = judge_assembly(lock, stacks, stage)
    yield from _told(judgement, {stack.name: stack for stack in stacks})


def _root(folder: Path) -> Path:
    """The whole assembly: that of a stage lies in its app's."""
    return folder.parent if folder.name.startswith("assembly-") and (folder.parent / "manifest.json").is_file() else folder


def _told(judgement: Judgement, stacks: dict[str, AssembledStack]) -> Iterator[PolicyViolation]:
    for change in (*judgement.refused, *judgement.waves):
        means = f"; if it is meant: acknowledge_change(stack, {change.id!r}, reason=...)" if change.verdict == "refused" else ""
        yield violation(change.id, change.message + means, change.subject, str(stacks[change.stack].file))
    for one in judgement.stale:
        text = f"{one.stack} acknowledges {one.id!r} ({one.reason}), and nothing of that changes; take the acknowledgement out"
        yield violation("lock", text, one.id, str(stacks[one.stack].file))
