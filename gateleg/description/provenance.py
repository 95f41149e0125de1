"""What a description was read from, so that it can be kept for as long as all of that stays as it was.

Standard library only: written by `gateleg.describe`, judged by the constructs.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Stamp = str | None
"""What tells one state of a file or folder from another; `None` if it is not there."""


_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120 (a text to compare)


def stamp(path: str) -> Stamp:
    """The state of a file or folder.

    Of a folder, the names count that an import or an app may see: none that begin with a dot, and no byte code. Of a file that the
    interpreter or an installer wrote, the inode, size and times count: that of its last change of any kind (`st_ctime`) is set by
    the system alone, so that no edit keeps it. Of any other file, the content counts.
    """
    return _stamp_once(path) if is_installed(path) or path.startswith(_OWN) else _stamp(path)


@cache
def _stamp_once(path: str) -> Stamp:
    """The stamp of what this process has imported, too, and goes on with as it was."""
    return _stamp(path)


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 (hundreds of them at each synth)
        if S_ISDIR(found.st_mode):
            names = sorted(name for name in os.listdir(path) if not name.startswith(".") and name != "__pycache__")  # noqa: PTH208 (as above)
            return _hash("/".join(names).encode("utf-8", "surrogateescape"))
        if is_installed(path):
            return f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"
        if not S_ISREG(found.st_mode):
            return "no file"
        with open(path, "rb") as stream:  # noqa: PTH123 (as above)
            return stamp_of(stream.read())
    except OSError:
        return None


def stamp_of(content: bytes) -> str:
    """The state of a file that is not installed, by what was read from it."""
    return _hash(content)


def changed_at(path: str) -> int:
    """When a file was last changed in any way, in nanoseconds since the epoch; 0 if it is not there."""
    try:
        return os.stat(path).st_ctime_ns  # noqa: PTH116 (as above)
    except OSError:
        return 0


def is_installed(path: str) -> bool:
    """Whether a file belongs to the interpreter or to an installed distribution, which nobody edits."""
    return path.startswith(_installed_folders())


@cache
def _installed_folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    variables: tuple[dict[str, str], ...] = ({}, {"base": sys.base_prefix, "platbase": sys.base_prefix, "installed_base": sys.base_prefix})
    found = {sysconfig.get_path(name, vars=given) for name in names for given in variables} | set(site.getsitepackages())
    return tuple(sorted({folder + os.sep for one in found for folder in (one, os.path.realpath(one))}))


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


@dataclass(frozen=True)
class Provenance:
    """What a process looked at while it described a function.

    Attributes:
        paths: The files and folders that it read, with their stamps.
        doubts: What it did whose result may differ another time, such as a connection; with any, nothing is kept.
    """

    paths: dict[str, Stamp]
    doubts: tuple[str, ...] = ()

    def holds(self) -> bool:
        """Whether everything is as it was."""
        return not self.doubts and all(value == stamp(path) or value == _stamp(path) for path, value in self.paths.items())

    def to_dict(self) -> dict[str, Any]:
        """The provenance as plain data; `from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """Read what `to_dict` gave."""
        return cls(dict(data["paths"]), tuple(data["doubts"]))
