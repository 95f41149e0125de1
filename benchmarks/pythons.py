"""Finds Pythons that are here, for `make matrix` and for peers that need a later one than the project's. Nothing is downloaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LATEST = (3, 20)


def python_for(least: tuple[int, int], *, below: tuple[int, int] = _LATEST) -> Path | None:
    """A Python of at least this version: the project's own, one on `PATH`, one that uv or pyenv knows; `None` where there is none."""
    if least <= sys.version_info[:2] < below:
        return Path(sys.executable)
    return next((path for path in _candidates(least, below) if path.exists() and _runs(path, least, below)), None)


def _candidates(least: tuple[int, int], below: tuple[int, int]) -> Iterator[Path]:
    names = [f"python{least[0]}.{minor}" for minor in range(least[1], below[1])]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield from (Path(folder) / name for name in names)
    command = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", f">={least[0]}.{least[1]},<{below[0]}.{below[1]}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if found:
        yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (path for name in names for path in sorted(root.glob(f"versions/*/bin/{name}")))


def _runs(path: Path, least: tuple[int, int], below: tuple[int, int]) -> bool:
    # A version manager's stand-ins are on the path, and fail where the version is not chosen.
    done = subprocess.run(
        [path, "-c", f"import sys; sys.exit(not {least} <= sys.version_info[:2] < {below})"], capture_output=True, check=False
    )
    return done.returncode == 0
