"""Which files of a project matter to a watch: those of `watch` in `cdk.json`, or all but what tools make."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_ASIDE: Final = ("tests/**", "docs/**", "benchmarks/**", "**/*.md")


class WatchedFiles:
    """The files of a project that stacks or handlers can depend on.

    Follows `cdk watch`: `include` and `exclude` of `watch` in `cdk.json` are globs from the project's directory, and an excluded
    directory is excluded with all that it holds. Without them, tests, docs, benchmarks and Markdown are left aside.

    Args:
        root: The directory of `cdk.json`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        given = _watch_section(root / "cdk.json")
        self._include = [_pattern(glob) for glob in _listed(given.get("include", "**"))]
        self._exclude = [_pattern(glob) for glob in _listed(given.get("exclude", () if given else _ASIDE))]

    def holds(self, path: Path) -> bool:
        """Return whether a file is one of them."""
        inside = path.relative_to(self._root)
        places = [inside.as_posix(), *(parent.as_posix() for parent in inside.parents)]
        return (
            not any(ignored(part) for part in inside.parts)
            and any(pattern.fullmatch(place) for pattern in self._include for place in places)
            and not any(pattern.fullmatch(place) for pattern in self._exclude for place in places)
        )

    def since(self, moment: float) -> list[Path]:
        """Return those that were saved after a moment, in seconds since the epoch."""
        return [path for path in project_files(self._root) if path.stat().st_mtime > moment and self.holds(path)]


def project_files(root: Path) -> Iterator[Path]:
    """Yield the files of a project, without what tools keep there."""
    waiting = [root]
    while waiting:
        for entry in waiting.pop().iterdir():
            if ignored(entry.name):
                continue
            if entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
            elif entry.is_file():
                yield entry


def ignored(name: str) -> bool:
    """Return whether a file or directory of this name is made by tools and never written by hand."""
    made = name in {"node_modules", "__pycache__", "dist", "build", "test-results", "cdk.context.json"}
    return made or name.startswith((".", "cdk.out")) or name.endswith((".pyc", ".log", "~"))


def _watch_section(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("watch", {}) if path.is_file() else {}
    return found


def _listed(globs: str | Iterable[str]) -> list[str]:
    return [globs] if isinstance(globs, str) else list(globs)


def _pattern(glob: str) -> re.Pattern[str]:
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(pieces.get(part, re.escape(part)) for part in parts))
