"""The committed lock: what is deployed of each stack, as it was when somebody said so last."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.shape import StackShape
from gateleg.changes.table_losses import TIMED
from gateleg.changes.tables import OPEN
from gateleg.changes.template import TABLES, is_array, is_object
from gateleg.errors import LockError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.changes.judge import Times
    from gateleg.changes.template import Json

FILE: Final = "gateleg.lock.json"
"""Beside `cdk.json`."""

FORMAT: Final = 1
_LINE: Final = 100
_KEEP: Final = timedelta(days=30)
"""As long as any of AWS's limits counts."""


@dataclass(frozen=True)
class Entry:
    """What is deployed of one stack.

    Attributes:
        shape: Its shape.
        times: When what AWS lets change only so often changed.
    """

    shape: StackShape
    times: Times = field(default_factory=dict[str, dict[str, list[str]]], hash=False)


@dataclass(frozen=True)
class Lock:
    """The entries of a lock file, by the address of a stack: `Chat`, `Chat@prod`, `Chat@123456789012/eu-north-1`."""

    entries: Mapping[str, Entry] = field(default_factory=dict[str, Entry], hash=False)

    @classmethod
    def read(cls, path: Path) -> Lock | None:
        """Read a lock file; `None` if there is none.

        Raises:
            LockError: It is not a lock, or one of another format.
        """
        try:
            data: Any = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise LockError(f"{path} is not a lock: {error}; take the committed one back", path=str(path)) from error
        given = data.get("format") if is_object(data) else None
        if type(given) is not int or given != FORMAT:
            raise LockError(f"{path} {_other_format(given)}", path=str(path), value=given)
        try:
            return cls({address: _entry(one) for address, one in data["stacks"].items()})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise LockError(f"{path} is not a lock ({error!r}); take the committed one back", path=str(path)) from error

    def write(self, path: Path) -> None:
        """Write the file in one step, so that there is the old one or the new one.

        Raises:
            LockError: The disk is full, or the folder cannot be written.
        """
        stacks = {address: _data(entry) for address, entry in sorted(self.entries.items())}
        text = _laid_out({"format": FORMAT, "stacks": stacks}) + "\n"
        draft = ""
        try:
            descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(draft).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            Path(draft).replace(path)
        except OSError as error:
            raise LockError(f"cannot write {path}: {error.strerror}; make room or mend it", path=str(path)) from error
        finally:
            if draft:
                Path(draft).unlink(missing_ok=True)

    def with_shapes(self, shapes: Mapping[str, StackShape], now: datetime | None = None) -> Lock:
        """Return the lock with new shapes of some stacks.

        Args:
            shapes: By address.
            now: When they were deployed, unless it is now.
        """
        moment = now or datetime.now(UTC)
        fresh = {address: _renewed(self.entries.get(address), shape.kept(), moment) for address, shape in shapes.items()}
        return replace(self, entries={**self.entries, **fresh})


def _other_format(given: Any) -> str:
    if type(given) is int and given > FORMAT:
        what = f"has format {given}, and this release reads {FORMAT}: a later release wrote it; install that one: pip install -U gateleg"
        return f"{what}; or remove the file and write it anew where the app is as it is deployed: gateleg lock"
    return f"is not a lock that a release wrote (format {given!r}); take the committed one back"


def _renewed(old: Entry | None, shape: StackShape, now: datetime) -> Entry:
    times: Times = {}
    for name, resource in shape.resources.items():
        was: Json = {} if old is None else old.shape.resources.get(name, {})
        before: dict[str, list[str]] = {} if old is None else old.times.get(name, {})
        if resource["Type"] in TABLES:
            kept = {part: _recent(before.get(part, []), was, resource, part, now) for part in TIMED}
            times |= {name: found} if (found := {part: moments for part, moments in kept.items() if moments}) else {}
    return Entry(shape, times)


def _recent(before: list[str], was: Json, now_: Json, part: str, now: datetime) -> list[str]:
    changed = bool(was) and _timed(was, part) != _timed(now_, part)
    return [
        *(given for given in before if datetime.fromisoformat(given) > now - _KEEP),
        *([now.isoformat(timespec="seconds")] if changed else ()),
    ]


def _timed(resource: Json, part: str) -> Any:
    properties = resource.get("Properties", {})
    return [properties.get(part), *(replica.get(part) for replica in properties.get("Replicas", ()))]


def _data(entry: Entry) -> Json:
    shape = entry.shape
    parts = {"resources": shape.resources, "stored": _pruned(shape.forms), "routes": shape.routes, "changed": entry.times}
    region = {} if shape.region == OPEN else {"region": shape.region}
    return {"name": shape.name, **region, **{name: part for name, part in parts.items() if part}}


def _entry(data: Json) -> Entry:
    shape = StackShape(data["name"], data.get("resources", {}), data.get("stored", {}), data.get("routes", {}), data.get("region", OPEN))
    list(shape.tables)  # it raises where a resource is none
    return Entry(shape, data.get("changed", {}))


def _laid_out(node: Any, indent: str = "", before: int = 0) -> str:
    """Return JSON of which a line says one thing: what fits on a line stands on one."""
    flat = json.dumps(node, ensure_ascii=False)
    inner = f"{indent}  "
    if before + len(flat) <= _LINE or not node or not (is_object(node) or is_array(node)):
        return flat
    if is_object(node):
        names = [(json.dumps(name, ensure_ascii=False), part) for name, part in node.items()]
        lines = [f"{inner}{name}: {_laid_out(part, inner, len(inner) + len(name) + 2)}" for name, part in names]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_laid_out(part, inner, len(inner))}" for part in node) + f"\n{indent}]"


def _pruned(node: Any) -> Any:
    """Return forms without what says nothing, so that their differences are read."""
    if is_object(node):
        # In the schema of a value 0 and false say something.
        told = {name: part for name, part in node.items() if part not in (None, "", [], (), {}, False, 0)}
        return {name: part if name == "schema" else _pruned(part) for name, part in told.items()}
    return node
