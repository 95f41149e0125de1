"""Writes a project: all of it, or nothing."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from gateleg.description.lambda_runtime import runtime_of
from gateleg.errors import ProjectError
from gateleg.project.lock import lock
from gateleg.project.template import Part, project_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.project.names import ProjectName


_REPOSITORY = ".git"


@dataclass(frozen=True)
class Project:
    """A new project.

    Attributes:
        name: Its name.
        parts: What it has: at least one of `Part.REST` and `Part.WEBSOCKET`, and `Part.TABLE` or not.
    """

    name: ProjectName
    parts: frozenset[Part]

    def files(self) -> dict[str, str]:
        """The contents of its files by their paths, without the lock files.

        Raises:
            ProjectError: It has no API.
        """
        if not self.parts & {Part.REST, Part.WEBSOCKET}:
            raise ProjectError("a project has an API; write --api rest, --api websocket or both", path="--api", code="project.api")
        return project_files(self.parts, {**self.name.spellings(), "VERSION": _installed(), "RUNTIME": runtime_of()})

    def write(self, folder: Path, report: Callable[[str], None]) -> None:
        """Write it into a folder that is not there yet, or holds at most a repository's `.git`; it appears there when it is whole.

        Args:
            folder: The folder.
            report: Takes one short line of progress.

        Raises:
            ProjectError: There is something in the folder, or it cannot be written; nothing was. With the code `project.not_locked`:
                it is written, and its requirements could not be locked, which `make lock` does later.
        """
        files = self.files()
        _require_free(folder)
        report(f"writing {folder}, and locking its requirements")
        try:
            # On the same file system in any case, also where an empty folder is the root of another one.
            with tempfile.TemporaryDirectory(dir=folder if folder.is_dir() else folder.parent, prefix=f".{self.name.kebab}-") as place:
                made = Path(place, self.name.kebab)
                for path, text in files.items():
                    (made / path).parent.mkdir(parents=True, exist_ok=True)
                    (made / path).write_text(text, encoding="utf-8", newline="\n")
                problem = lock(made)
                _move(made, folder)
        except OSError as error:
            message = f"cannot write the project into {folder}: {error.strerror}; name another folder with --directory"
            raise ProjectError(message, path="--directory", value=str(folder), code="project.folder") from error
        if problem:
            message = f"{folder} is written, but its requirements are not locked: {problem}; run later: make -C {quote(str(folder))} lock"
            raise ProjectError(message, path="requirements.txt", value=problem, code="project.not_locked")


def _installed() -> str:
    """The version of the package that runs, which is what the project asks for."""
    try:
        return version("gateleg")
    except PackageNotFoundError:
        raise ProjectError("gateleg is not installed; run: pip install gateleg", code="project.version") from None


def _require_free(folder: Path) -> None:
    if not folder.parent.is_dir():
        message = f"there is no folder {folder.parent} to write the project into; make it, or name another with --directory"
    elif folder.is_dir() and any(entry.name != _REPOSITORY for entry in folder.iterdir()):
        message = f"{folder} is there already and not empty; choose another name, or name an empty folder with --directory"
    elif os.path.lexists(folder) and not folder.is_dir():
        message = f"{folder} is there already and no folder; choose another name, or name an empty folder with --directory"
    else:
        return
    raise ProjectError(message, path="--directory", value=str(folder), code="project.folder")


def _move(made: Path, folder: Path) -> None:
    """In one step where there is no folder yet; into an empty one, which may be somebody's current directory, entry by entry."""
    if not folder.exists():
        made.rename(folder)
        return
    entries = sorted(made.iterdir())
    try:
        for entry in entries:
            entry.rename(folder / entry.name)
    except BaseException:
        for entry in entries:
            if (moved := folder / entry.name).exists():
                moved.rename(entry)
        raise
