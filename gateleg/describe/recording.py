"""Notes what describing looks at: files, folders, and what cannot be repeated."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from time import time_ns
from typing import TYPE_CHECKING, Any

from gateleg.description.provenance import Provenance, Stamp, edited_at, stamp, state
from gateleg.places import is_installed

if TYPE_CHECKING:
    from collections.abc import Generator

_READ = {"open", "os.listdir", "os.scandir"}
_DOUBTFUL = {"socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "sqlite3.connect"}
_ELSEWHERE = ("/dev/", "/proc/", "/sys/")
_TICK = 20_000_000
"""In nanoseconds, more than the clock of a file system is coarse."""


class Recorder:
    """Listens to the interpreter's audit events (https://docs.python.org/3/library/audit_events.html).

    Only what happens inside `recording()` counts. A hook of the interpreter cannot be taken back, so there is one for a process.

    Args:
        began: When this process began to import what it has imported so far, in nanoseconds since the epoch.
        home: The folder of the function's own, which nothing is read from.
    """

    def __init__(self, began: int, home: str) -> None:
        self._elsewhere = (*_ELSEWHERE, home)
        self._began = dict.fromkeys(files_of_modules(), began)
        self._since = time_ns()
        self._active = False
        self._stamps: dict[str, Stamp] = {}
        self._doubts: set[str] = set()
        # Known before anything is heard: a file that is opened while Python still reads its own paths would ask for them half read.
        is_installed(home)
        sys.addaudithook(self._heard)

    @contextmanager
    def recording(self) -> Generator[None]:
        """Note what is looked at while the context lasts."""
        self._active = True
        try:
            yield
        finally:
            self._active = False

    def provenance(self) -> Provenance:
        """What was looked at so far."""
        others = files_of_modules() - self._stamps.keys()
        edited = {f"an edit of {path}" for path in others if edited_at(path) > self._began.get(path, self._since) - _TICK}
        stamps = self._stamps | {path: stamp(path) for path in others}
        kept = {path: stamps[path] for path in sorted(stamps) if not path.startswith(self._elsewhere)}
        return Provenance(kept, {path: state(path) for path in kept if is_installed(path)}, tuple(sorted(self._doubts | edited)))

    def opened(self) -> set[str]:
        """The files that were opened to be read and were there."""
        return {path for path, found in self._stamps.items() if found is not None and os.path.isfile(path)}  # noqa: PTH113 (hundreds)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active:
            return
        if event in _READ and arguments and isinstance(path := arguments[0], (str, bytes)):
            if event != "open" or not arguments[2] & os.O_WRONLY:
                self._look(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 (called for every file)
        elif event in _DOUBTFUL:
            self._doubts.add(event)

    def _look(self, path: str) -> None:
        """Note the state before it is read, so that an edit meanwhile makes another one."""
        # Byte code is written beside the sources after they were read.
        if path not in self._stamps and "__pycache__" not in path:
            # What is looked at here is not looked at by the app.
            self._active = False
            try:
                self._stamps[path] = stamp(path)
            finally:
                self._active = True


def files_of_modules() -> set[str]:
    """The files of all modules that this process has imported."""
    # A module with valid byte code is read from there, and its source only asked for its date.
    return {file for module in list(sys.modules.values()) if isinstance(file := getattr(module, "__file__", None), str)}
