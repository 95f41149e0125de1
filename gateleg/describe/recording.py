"""Notes what describing looks at: files, folders, environment variables, and what cannot be repeated."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gateleg.provenance import Provenance, stamp

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_READ = {"open", "os.listdir", "os.scandir"}
_DOUBTFUL = {"socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "sqlite3.connect"}
_ELSEWHERE = ("/dev/", "/proc/", "/sys/")


class Recorder:
    """Listens to the interpreter's audit events (https://docs.python.org/3/library/audit_events.html) and to `os.environ`.

    Only what happens inside `recording()` counts. A hook of the interpreter cannot be taken back, so there is one for a process.
    """

    def __init__(self) -> None:
        self._before = dict(os.environ)
        self._active = False
        self._paths: set[str] = set()
        self._variables: set[str] = set()
        self._doubts: set[str] = set()
        sys.addaudithook(self._heard)

    @contextmanager
    def recording(self) -> Generator[None]:
        """Note what is looked at while the context lasts."""
        kind: Any = type(os.environ)
        get_item, iterate = kind.__getitem__, kind.__iter__

        def noted_item(environment: Any, name: str) -> str:
            self._variables.add(name)
            value: str = get_item(environment, name)
            return value

        def noted_all(environment: Any) -> Iterator[str]:
            self._variables.update(self._before)
            names: Iterator[str] = iterate(environment)
            return names

        kind.__getitem__, kind.__iter__ = noted_item, noted_all
        self._active = True
        try:
            yield
        finally:
            self._active = False
            kind.__getitem__, kind.__iter__ = get_item, iterate

    def provenance(self) -> Provenance:
        """What was looked at so far, with today's stamps."""
        # A module with valid byte code is read from there, and its source only asked for its date.
        sources = {file for module in list(sys.modules.values()) if isinstance(file := getattr(module, "__file__", None), str)}
        # New byte code is written beside the sources after they were read.
        paths = {path for path in self._paths | sources if "__pycache__" not in path and not path.startswith(_ELSEWHERE)}
        return Provenance(
            {path: stamp(path) for path in sorted(paths)},
            {name: self._before.get(name) for name in sorted(self._variables)},
            tuple(sorted(self._doubts)),
        )

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active:
            return
        if event in _READ and arguments and isinstance(path := arguments[0], (str, bytes)):
            self._paths.add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 (an audit hook must not open anything itself)
        elif event in _DOUBTFUL:
            self._doubts.add(event)
