"""What a description was read from, so that it can be kept for as long as all of that stays as it was.

Standard library only: written by `gateleg.describe`, judged by the constructs.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


Stamp = list[int] | str | None
"""A file's time of change in nanoseconds and its size, the hash of a folder's names, or nothing."""


def stamp(path: str) -> Stamp:
    """What tells one state of a file or folder from another; `None` if it is not there.

    Of a folder, the names count that an import or an app may see: none that begin with a dot, and no byte code.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 (hundreds of them at each synth)
        if not S_ISDIR(found.st_mode):
            return [found.st_mtime_ns, found.st_size]
        names = sorted(name for name in os.listdir(path) if not name.startswith(".") and name != "__pycache__")  # noqa: PTH208 (as above)
    except OSError:
        return None
    return sha256("/".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True)
class Provenance:
    """What a process looked at while it described its apps.

    Attributes:
        paths: The files and folders that it read, with their stamps.
        environment: The variables that it read, with their values before it set any; `None` where there was none.
        doubts: What it did whose result may differ another time, such as a connection; with any, nothing is kept.
    """

    paths: dict[str, Stamp]
    environment: dict[str, str | None]
    doubts: tuple[str, ...] = ()

    def holds(self, environment: Mapping[str, str]) -> bool:
        """Whether everything is as it was.

        Args:
            environment: The variables that a new process would get.
        """
        return (
            not self.doubts
            and all(environment.get(name) == value for name, value in self.environment.items())
            and all(stamp(path) == value for path, value in self.paths.items())
        )

    def to_json(self) -> str:
        """The provenance as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Provenance:
        """Read what `to_json` wrote."""
        return cls(data["paths"], data["environment"], tuple(data["doubts"]))
