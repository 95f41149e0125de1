"""The pages that users read, and the code that stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
README = ROOT / "README.md"
DOCS = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "services").glob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
PAGES = [README, *DOCS]

_FENCE = re.compile(r"^ *```(?P<language>.*)\n(?P<text>(?:.*\n)*?) *```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: Where it stands.
        line: The line of its fence.
        language: What follows the fence.
        text: The lines between the fences.
        before: The paragraph before it.
    """

    page: Path
    line: int
    language: str
    text: str
    before: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def file(self) -> Path | None:
        """The example whose whole text this is."""
        return next(
            (path for path in sorted(EXAMPLES.rglob("*.*")) if path.is_file() and path.suffix in _SHOWN and _text(path) == self.text), None
        )


_SHOWN = {".py", ".json", ".toml", ".txt", ".ts"}


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """The blocks of a page, in their order."""
    text = _text(page)
    found = [
        Block(
            page,
            text.count("\n", 0, match.start()) + 1,
            match["language"],
            match["text"],
            text[: match.start()].rstrip().rpartition("\n\n")[2],
        )
        for match in _FENCE.finditer(text)
    ]
    return [block for block in found if language in (None, block.language)]


def all_blocks(language: str | None = None) -> list[Block]:
    """The blocks of all pages."""
    return [block for page in PAGES for block in blocks(page, language)]
