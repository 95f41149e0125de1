"""What an operation on many items could not read, or not write: told one by one, and kept beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from gateleg.data.item_json import to_json
from gateleg.errors import DataError, GatelegError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from gateleg.model.values.wire import WireValue


@dataclass(frozen=True)
class Rejection:
    """An item that was left as it is, or a line that was not taken.

    Attributes:
        where: The file and line, as `posts.jsonl:3`; or the item's key.
        error: Why.
        item: The item in wire form; `None` where there is none.
        text: The line, where it holds no item.
    """

    where: str
    error: GatelegError
    item: Mapping[str, WireValue] | None = None
    text: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Itself as a line of a file of rejects, which an import takes once the item is mended."""
        told: dict[str, Any] = {"where": self.where, "code": self.error.code, "reason": self.error.message}
        if self.text is not None:
            told["text"] = self.text
        return {"Rejected": told} if self.item is None else {"Item": to_json(self.item), "Rejected": told}


Rejected: TypeAlias = Callable[[Rejection], object]
"""Is called with each item or line that was not taken, from any thread."""


def told(rejected: Rejected | None, rejection: Rejection) -> None:
    """Tell a rejection.

    Raises:
        GatelegError: Nobody takes it.
    """
    if rejected is None:
        raise rejection.error
    rejected(rejection)


class RejectsFile:
    """Writes rejections into a file of JSON lines, which is there only where there is one.

    Args:
        path: The file; what it holds already stays before.
        told: Who is told of each, too.
    """

    def __init__(self, path: Path, told: Rejected) -> None:
        self._path = path
        self._told = told
        self._lock = Lock()
        self.count: int = 0

    def __call__(self, rejection: Rejection) -> None:
        """Write a rejection.

        Raises:
            DataError: The file cannot be written.
        """
        line = json.dumps(rejection.as_json(), ensure_ascii=False)
        with self._lock:
            self.count += 1
            try:
                # Half of a surrogate pair is no UTF-8, and in JSON its escape is the same text.
                with self._path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(f"{line}\n")
            except OSError as error:
                raise _unwritable(self._path, error) from error
            self._told(rejection)


@contextmanager
def rejects_read(path: Path, told: Rejected, *, dry_run: bool) -> Generator[Rejected]:
    """What takes the rejections of an import that reads its own file of rejects: it is another one while it is read.

    The new one takes its place in one step once all was done, and holds what is still rejected. An import that fails, or is a dry run, leaves it as it was.

    Args:
        path: The file of rejects, which is there.
        told: Who is told of each.
        dry_run: Whether nothing was written, so that each line is still to be taken.

    Raises:
        DataError: The file cannot be written.
    """
    own = path.resolve()
    beside = own.with_name(f"{own.name}.part")
    try:
        beside.unlink(missing_ok=True)
        new = RejectsFile(beside, told)
        yield told if dry_run else new
        if new.count:
            beside.replace(own)
        elif not dry_run:
            own.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> DataError:
    message = f"the rejects cannot be written to {path} ({error.strerror}); give another file"
    return DataError(message, path=str(path))
