"""What a backfill keeps of how far it has come, so that it goes on there: a hint, which is used where it is of the very same work."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gateleg.data.item_json import from_json, to_json
from gateleg.data.progress import Progress
from gateleg.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from gateleg.data.progress import Tally
    from gateleg.model.values.wire import WireValue

_VERSION = 1


@dataclass
class Position:
    """How far a segment has come.

    Attributes:
        start: The keys to go on from; `None` for the beginning.
        done: Whether all of it is done.
    """

    start: dict[str, WireValue] | None = None
    done: bool = False


class StateFile:
    """Keeps positions on disk, whole or not at all.

    Args:
        path: The file; `None` to keep nothing.
        work: What the positions are of, as JSON: table, declaration, arguments.
    """

    def __init__(self, path: Path | None, work: object) -> None:
        self._path = path
        self._of = _digest(work)

    def read(self, segments: int, tally: Tally) -> list[Position]:
        """The positions that were kept; those of a beginning where nothing was kept.

        Args:
            segments: How many there are.
            tally: Gets what was done until then.

        Raises:
            DataError: The file is of other work, or not whole.
        """
        if self._path is None or not self._path.exists():
            return [Position() for _ in range(segments)]
        kept = self._kept(self._path)
        if len(kept["segments"]) != segments:
            message = (
                f"the state in {self._path} is of {len(kept['segments'])} segments, and segments={segments} was given; give it the same"
            )
            raise DataError(message, path="segments", value=segments, code="data.state")
        tally.add(Progress(**kept["progress"]))
        return [Position(None if one["start"] is None else from_json(one["start"]), one["done"]) for one in kept["segments"]]

    def write(self, positions: list[Position], progress: Progress) -> None:
        """Keep positions, in place of those before.

        Raises:
            DataError: The file cannot be written.
        """
        if self._path is None:
            return
        segments = [{"start": None if one.start is None else to_json(one.start), "done": one.done} for one in positions]
        content = {"version": _VERSION, "of": self._of, "segments": segments, "progress": asdict(progress)}
        beside = self._path.with_name(f"{self._path.name}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8") as file:
                json.dump({**content, "sha256": _digest(content)}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            message = f"the state cannot be written to {self._path} ({error.strerror}); give another file"
            raise DataError(message, path=str(self._path)) from error

    def remove(self) -> None:
        """Forget the positions."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _kept(self, path: Path) -> dict[str, Any]:
        advice = f"remove {path}, or begin anew with fresh=True (--fresh)"
        try:
            kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            whole = kept.pop("sha256") == _digest(kept)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise DataError(f"the state in {path} cannot be read; {advice}", path=str(path), code="data.state") from error
        if not whole or kept["version"] != _VERSION:
            raise DataError(f"the state in {path} is not what a backfill wrote there; {advice}", path=str(path), code="data.state")
        if kept["of"] != self._of:
            message = (
                f"the state in {path} is of another backfill: the table, its declaration or the arguments are not those of now; {advice}"
            )
            raise DataError(message, path=str(path), code="data.state")
        return kept


def _digest(content: object) -> str:
    return sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
