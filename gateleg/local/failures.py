"""What a failed command's output says to a person: the few lines that tell why."""

from __future__ import annotations

import re
from typing import Final

_MAX_LINES: Final = 14
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOISE: Final = re.compile(r"^\s*(?:at |\^+|~+|To continue, run)|[Ss]ubprocess exited|node:internal|jsii-kernel|@jsii/|^\s*$")
_EXCEPTION: Final = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Warning)(?::|$)")
_OURS: Final = re.compile(r"^gateleg\.errors\.\w+")
_LIBRARY: Final = re.compile(r"[/\\](?:site|dist)-packages[/\\]|[/\\]python3\.\d+[/\\](?!site-|dist-)|^<")
_PLACE: Final = re.compile(r"^\s+File \"(?P<file>[^\"]+)\", line \d+")
_TELLING: Final = re.compile(
    r"error|failed|❌|invalid|not (?:found|supported|authorized)|denied|exception|unrecognized|cannot|could not|refused|maximum|limit",
    re.IGNORECASE,
)


def telling_lines(output: str) -> str:
    """Return the lines of a failed command's output that say why, without repeats.

    After a Python traceback these are the exception with its whole message, and the last place in the project's own code;
    otherwise the lines that speak of a failure, or the last ones.
    """
    lines = [line.rstrip() for line in _ANSI.sub("", output).splitlines()]
    raised = _raised(lines)
    kept = list(dict.fromkeys(line for line in lines if not _NOISE.search(line)))
    told = raised or [line for line in kept if _TELLING.search(line)] or kept
    return "\n".join(told[-_MAX_LINES:]) or "it said nothing"


def _raised(lines: list[str]) -> list[str]:
    """Return the exception that ended a Python program, after the place that raised it."""
    starts = [index for index, line in enumerate(lines) if _EXCEPTION.match(line) and index and lines[index - 1].startswith(" ")]
    if not starts:
        return []
    ours = [index for index in starts if _OURS.match(lines[index])]
    start = (ours or starts)[-1]
    places = [line.strip() for line in lines[:start] if (found := _PLACE.match(line)) and not _LIBRARY.search(found["file"])]
    return [*places[-1:], *(line for line in lines[start:] if not _NOISE.search(line))]
