"""What went wrong in a handler, in one line: read from what the function logged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

_PLACE: Final = re.compile(r'File "/var/task/(?P<file>[^"]+)", line (?P<line>\d+)')
_ANYWHERE: Final = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_RUNTIME: Final = re.compile(r"^\[ERROR\] (?P<said>\S.*)$", re.MULTILINE)
_PLAIN: Final = re.compile(r"^Traceback \(most recent call last\):\n(?P<frames>(?:[ \t].*\n)+)(?P<said>\S.*)", re.MULTILINE)
_TIMED_OUT: Final = re.compile(r"Task timed out after \S+ seconds|Runtime exited with error: .*")


@dataclass(frozen=True)
class Crash:
    """An exception that reached the log.

    Attributes:
        number: Counts the crashes of a run.
        function: The function's service name, or its own.
        said: The exception, with its message's first line.
        file: The file of the asset that raised it, or called what did; `None` if none did.
        line: Its line, counted from 1.
    """

    number: int
    function: str
    said: str
    file: str | None = None
    line: int | None = None


def crash_in(log: str, function: str, number: int) -> Crash | None:
    """Return the last exception that a log speaks of: of Lambda's runtime, of a structured logger or a printed traceback."""
    found = _runtime_error(log) or _structured(log) or _printed(log)
    if found is None:
        return None
    said, trace = found
    places = list(_PLACE.finditer(trace)) or list(_ANYWHERE.finditer(trace))
    if not places:
        return Crash(number, function, said)
    return Crash(number, function, said, places[-1]["file"], int(places[-1]["line"]))


def _runtime_error(log: str) -> tuple[str, str] | None:
    errors = list(_RUNTIME.finditer(log))
    if errors:
        return errors[-1]["said"], log[errors[-1].start() :]
    ended = _TIMED_OUT.findall(log)
    return (ended[-1], "") if ended else None


def _structured(log: str) -> tuple[str, str] | None:
    """Read lines as Powertools' Logger writes them: a JSON object whose `exception` is the traceback's text."""
    for line in reversed(log.splitlines()):
        entry = _entry(line)
        trace = entry.get("exception")
        if isinstance(trace, str) and trace.strip():
            return trace.strip().splitlines()[-1], trace
    return None


def _entry(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return entry


def _printed(log: str) -> tuple[str, str] | None:
    printed = list(_PLAIN.finditer(log))
    return (printed[-1]["said"], printed[-1]["frames"]) if printed else None
