"""Which installed distribution a file is of, without reading the metadata of a whole environment.

See https://packaging.python.org/en/latest/specifications/recording-installed-packages/.
"""

from __future__ import annotations

import json
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_SITES = ("site-packages", "dist-packages")


def distribution_of(file: Path) -> str | None:
    """The normalized name of the distribution that installed a file; `None` where no one says so.

    Args:
        file: A module's file, also one that an editable installation only points to.
    """
    site = _site_of(file)
    return _installed(site, file) if site is not None else _pointed_to(file)


def is_installed(file: Path) -> bool:
    """Whether a file is of an installed distribution, known or not."""
    return in_site(file) or _pointed_to(file) is not None


def in_site(file: Path | str) -> bool:
    """Whether a file lies where distributions are installed."""
    return any(f"{os.sep}{site}{os.sep}" in str(file) for site in _SITES)


def normalized(name: str) -> str:
    """A distribution's name as PEP 503 compares it: `Foo.Bar_baz` is `foo-bar-baz`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _site_of(file: Path) -> Path | None:
    return next((parent for parent in file.parents if parent.name in _SITES), None)


def _installed(site: Path, file: Path) -> str | None:
    inside = file.relative_to(site)
    line = f"{inside.as_posix()},".encode()
    top = normalized(inside.parts[0].removesuffix(".py"))
    # Most are called like what they install, or nearly so, and one record is read instead of hundreds.
    likely = sorted(_records(site), key=lambda folder: top not in normalized(folder.name))
    return next((_name(folder) for folder in likely if _lists(folder, line)), None)


def _lists(folder: Path, line: bytes) -> bool:
    try:
        record = (folder / "RECORD").read_bytes()
    except OSError:
        return False
    return record.startswith(line) or b"\n" + line in record


def _pointed_to(file: Path) -> str | None:
    return next((name for folder, name in _editables() if folder in file.parents), None)


@cache
def _records(site: Path) -> tuple[Path, ...]:
    return tuple(sorted(site.glob("*.dist-info")))


@cache
def _editables() -> tuple[tuple[Path, str], ...]:
    """The folders of editable installations, the deepest first, with their distributions."""
    sites = (Path(entry) for entry in dict.fromkeys(sys.path) if Path(entry).name in _SITES)
    found = [(folder, _name(record)) for site in sites for record in _records(site) for folder in _folders(record)]
    return tuple(sorted(found, key=lambda pair: -len(pair[0].parts)))


def _folders(record: Path) -> Iterable[Path]:
    try:
        told: dict[str, Any] = json.loads((record / "direct_url.json").read_bytes())
        if told["dir_info"].get("editable"):
            yield Path(os.path.realpath(unquote(urlsplit(str(told["url"])).path)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return


def _name(record: Path) -> str:
    return normalized(record.name.split("-")[0])
