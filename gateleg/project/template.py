"""The files of a project, made from the template.

A line `# [table]` of the template begins what only projects with a table have, `# [no table]` what the others have, and `# [end]` ends it;
at the end of a line such a mark speaks of that line. A file of which nothing is left is not written.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_STARTER = Path(__file__).with_name("_starter")
_MARK = re.compile(r"(?P<line>.*?) *# \[(?P<no>no )?(?P<part>rest|websocket|table|end)\]\n")


class Part(StrEnum):
    """What a project may have or not."""

    REST = "rest"
    WEBSOCKET = "websocket"
    TABLE = "table"


def project_files(parts: Collection[Part], spellings: Mapping[str, str]) -> dict[str, str]:
    """The contents of a project's files by their paths in it.

    Args:
        parts: What the project has.
        spellings: What stands in them for each whole word of the template.
    """
    words = re.compile(rf"\b({'|'.join(sorted(spellings, key=len, reverse=True))})\b")

    def spelled(text: str) -> str:
        return words.sub(lambda found: spellings[found[0]], text)

    made = {spelled(path): spelled(render(text, parts)) for path, text in _template_files()}
    return {path: text for path, text in made.items() if text}


def render(text: str, parts: Collection[str]) -> str:
    """What projects with these parts have of a file.

    Args:
        text: The file's text in the template.
        parts: The parts.
    """
    kept: list[str] = []
    blocks: list[bool] = []
    for line in text.splitlines(keepends=True):
        mark = _MARK.fullmatch(line)
        if mark is None:
            wanted, shown = True, line
        elif mark["part"] == "end":
            blocks.pop()
            continue
        else:
            wanted, shown = (mark["part"] in parts) is not bool(mark["no"]), f"{mark['line']}\n"
            if not mark["line"]:
                blocks.append(wanted)
                continue
        if wanted and all(blocks):
            kept.append(shown)
    return "".join(kept)


def _template_files() -> Iterator[tuple[str, str]]:
    for path in sorted(_STARTER.rglob("*")):
        # Installers compile what ends in .py.
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(_STARTER).as_posix(), path.read_text(encoding="utf-8")
