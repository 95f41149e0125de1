"""Crashes of handlers as a person reads them: what was raised, in which file and line of the project."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from gateleg.errors import LocalError
from gateleg.local.watched_files import project_files

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gateleg.local.local_aws import LocalAws

_POLL_SECONDS: Final = 0.5
_PLACE: Final = re.compile(r'File "/var/task/(?P<file>[^"]+)", line (?P<line>\d+)')


def tell_crashes(aws: LocalAws, write: Callable[[str], None], ended: threading.Event) -> None:
    """Write a line for each crash, until the event is set; set it when the embedded AWS was ended by another command.

    Args:
        aws: The running project, which handlers' files are told from.
        write: Takes one line.
        ended: Ends it.
    """
    last = 0
    while not ended.wait(_POLL_SECONDS):
        try:
            crashes = aws.control.crashes(last)
        except LocalError:
            if aws.stopped:
                ended.set()
            continue
        except OSError:
            continue
        for crash in crashes:
            last = crash["number"]
            write(
                f"{crash['function']} failed: {_located(crash['said'], crash['file'], crash['line'], aws.project)} (all of it: gateleg local logs {crash['function']})"
            )


def failure_line(failure: Mapping[str, Any], project: Path) -> str:
    """Return what a failed import came to, in one line.

    Args:
        failure: `errorType`, `errorMessage` and `log` of the import.
        project: The directory that handlers' files are told from.
    """
    places = list(_PLACE.finditer(str(failure.get("log", ""))))
    said = f"{failure['errorType']}: {failure['errorMessage']}"
    return _located(said, places[-1]["file"], int(places[-1]["line"]), project) if places else said


def _located(said: str, file: str | None, line: int | None, project: Path) -> str:
    if file is None:
        return said
    return f"{_of_project(file, project)}:{line}: {said}"


def _of_project(file: str, project: Path) -> str:
    """Return where a function's file lies in the project, if there is only one that it can be: an asset may be any directory."""
    if (project / file).is_file():
        return file
    parts = PurePosixPath(file).parts
    found = [path for path in project_files(project) if path.parts[-len(parts) :] == parts]
    return found[0].relative_to(project).as_posix() if len(found) == 1 else file
