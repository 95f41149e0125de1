"""Environments that lack something which this one has."""

from __future__ import annotations

import site
import venv
from importlib.metadata import distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable


def environment_of(folder: Path, is_there: Callable[[str], bool]) -> Path:
    """The Python of an environment with links to what is installed here, as far as it is to be there.

    Args:
        folder: An empty folder for it.
        is_there: Whether a distribution, by its normalized name, is in the environment.
    """
    venv.EnvBuilder(symlinks=True).create(folder)
    [there] = map(Path, site.getsitepackages())
    [here] = (folder / "lib").glob("python*/site-packages")
    tops = {file.parts[0] for one in distributions(path=[str(there)]) if is_there(_name(one.name)) for file in one.files or ()}
    for top in tops - {"..", "__pycache__"}:
        (here / top).symlink_to(there / top)
    return folder / "bin" / "python"


def with_requirements(*requirements: str) -> set[str]:
    """The normalized names of distributions, and of all that they need here: `with_requirements("gateleg[cdk]", "pytest")`."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        found.add(_name(wanted.name))
        needed = [Requirement(text) for text in distribution(wanted.name).requires or ()]
        extras = ["", *wanted.extras]
        waiting += [one for one in needed if _applies(one, extras) and (one.extras or _name(one.name) not in found)]
    return found


def _applies(requirement: Requirement, extras: list[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def _name(name: str) -> str:
    return str(canonicalize_name(name))
