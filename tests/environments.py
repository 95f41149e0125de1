"""Environments that lack something which this one has."""

from __future__ import annotations

import site
import venv
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def environment_without(folder: Path, is_missing: Callable[[str], bool]) -> Path:
    """The Python of an environment with links to all that is installed here, without some distributions and their commands.

    Args:
        folder: An empty folder for it.
        is_missing: Whether a distribution, by its normalized name, is left out.
    """
    venv.EnvBuilder(symlinks=True).create(folder)
    [there] = map(Path, site.getsitepackages())
    [here] = (folder / "lib").glob("python*/site-packages")
    left_out: set[str] = set()
    for distribution in distributions(path=[str(there)]):
        if is_missing(distribution.metadata["Name"].lower().replace("_", "-")):
            left_out |= {file.parts[0] for file in distribution.files or ()}
    for entry in there.iterdir():
        if entry.name not in left_out | {"__pycache__"}:
            (here / entry.name).symlink_to(entry)
    return folder / "bin" / "python"
