"""What a description was read from, so that it can be kept for as long as all of that stays as it was.

Standard library only: written by `gateleg.describe`, judged by the constructs.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any

from gateleg.places import is_installed

if TYPE_CHECKING:
    from collections.abc import Mapping

Stamp = str | None
"""What tells one state of a file or folder from another; `None` if it is not there."""


_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120 (a text to compare)


def stamp(path: str) -> Stamp:
    """The content of a file, or the names in a folder that an import or an app may see: none that begin with a dot, and no byte code."""
    return _stamp_once(path) if is_installed(path) or path.startswith(_OWN) else _stamp(path)


@cache
def state(path: str) -> Stamp:
    """The inode, size and times of a file, which spare reading it: that of its last change of any kind is set by the system alone.

    It also changes when a package manager links the file elsewhere, so that another one only asks for a look at the content.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 (hundreds of them at each synth)
    except OSError:
        return None
    return f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def edited_at(path: str) -> int:
    """When a file was last edited, in nanoseconds since the epoch; 0 if it is not there."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 (as above)
    except OSError:
        return 0


@cache
def _stamp_once(path: str) -> Stamp:
    """The stamp of what this process has imported, too, and goes on with as it was."""
    return _stamp(path)


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


def _stamp(path: str) -> Stamp:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 (as above)
        if S_ISDIR(mode):
            names = sorted(name for name in os.listdir(path) if not name.startswith(".") and name != "__pycache__")  # noqa: PTH208 (as above)
            return _hash("/".join(names).encode("utf-8", "surrogateescape"))
        if not S_ISREG(mode):
            return "no file"
        with open(path, "rb") as stream:  # noqa: PTH123 (as above)
            return _hash(stream.read())
    except OSError:
        return None


@dataclass(frozen=True)
class Provenance:
    """What a process looked at while it described a function.

    Attributes:
        paths: The files and folders that it read, with their stamps.
        states: The states of the installed files among them.
        doubts: What it did whose result may differ another time, such as a connection; with any, nothing is kept.
    """

    paths: dict[str, Stamp]
    states: dict[str, Stamp]
    doubts: tuple[str, ...] = ()

    def holds(self) -> bool:
        """Whether everything is as it was."""
        return not self.doubts and all(self._is_as_it_was(path, value) for path, value in self.paths.items())

    def _is_as_it_was(self, path: str, value: Stamp) -> bool:
        return (path in self.states and self.states[path] == state(path)) or value == stamp(path) or value == _stamp(path)

    def to_dict(self) -> dict[str, Any]:
        """The provenance as plain data; `from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """Read what `to_dict` gave."""
        return cls(dict(data["paths"]), dict(data["states"]), tuple(data["doubts"]))
