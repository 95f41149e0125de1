"""Requirements files with all that they include: https://pip.pypa.io/en/stable/reference/requirements-file-format/."""

from __future__ import annotations

import codecs
import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from gateleg.cdk.archives import content_hash, read_files, walk
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPTION = re.compile(r"(-r|--requirements?|-c|--constraints?|-e|--editable|-f|--find-links)(?:\s*=\s*|\s*)(.+)")
_NAME = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_MADE = re.compile(r"node_modules|cdk\.out.*|.*\.egg-info")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MADE_AT_THE_TOP = frozenset({"build", "dist"})


@dataclass(frozen=True)
class PathRequirement:
    """A requirement that stands in the repository: `./libs/money`, `-e ./libs/money`, `money @ file:///...`.

    Attributes:
        path: The folder, or the wheel.
        name: As the requirement or its `pyproject.toml` says it; `None` where neither does.
        extras: `[fast]`, or nothing.
        tail: The marker and the hashes as they are written, ` ; sys_platform == 'linux'`, or nothing.
        files: The contents of all its files, by their paths in it.
    """

    path: Path
    name: str | None
    extras: str
    tail: str
    files: dict[str, bytes]

    @property
    def told(self) -> str:
        """What tells it apart from others, wherever it stands."""
        return f"{self.extras}{self.tail};{content_hash(self.files)}"


@dataclass(frozen=True)
class Requirements:
    """What a requirements file and those that it includes say, without comments.

    Attributes:
        lines: In the order of reading, those of included files in their places.
        constraints: The lines of constraints files.
    """

    lines: tuple[str | PathRequirement, ...] = ()
    constraints: tuple[str, ...] = ()

    @classmethod
    def read(cls, file: Path, root: Path) -> Requirements:
        """Read a file and what it includes.

        Args:
            file: The requirements file.
            root: Where paths of requirements begin that do not begin at the file that holds them, as pip has it.

        Raises:
            PackagingError: A file or folder that is named is not there, or a package of the repository builds on another one
                that is not named.
        """
        reading = _Reading(root)
        found = cls(tuple(reading.lines(file)), tuple(reading.constraints))
        found._refuse_strangers(file)
        return found

    @property
    def paths(self) -> tuple[PathRequirement, ...]:
        """The requirements that stand in the repository."""
        return tuple(line for line in self.lines if isinstance(line, PathRequirement))

    @property
    def are_hashed(self) -> bool:
        """Whether a requirement has a hash, so that all must have one."""
        return any("--hash=" in (line if isinstance(line, str) else line.tail) for line in self.lines)

    @property
    def digest(self) -> str:
        """A hash of all that is said, and of the content of what stands in the repository."""
        told = [_told(line) if isinstance(line, str) else line.told for line in self.lines]
        return hashlib.sha256("\n".join([*told, "", *self.constraints]).encode()).hexdigest()

    def brings(self) -> frozenset[str] | None:
        """The normalized names of what is required, and of what that requires by the metadata of this environment.

        `None` where that cannot be told, because one of them is not installed here.
        """
        pending, known = list(self._named()), set[tuple[str, str]]()
        while pending:
            name, extras = pending.pop()
            if name is None:
                return None
            for extra in ("", *extras):
                if (name, extra) not in known:
                    known.add((name, extra))
                    try:
                        pending += _required(name, extra)
                    except metadata.PackageNotFoundError:
                        return None
        return frozenset(name for name, _ in known)

    def _refuse_strangers(self, file: Path) -> None:
        """Refuse what would be looked up in the index although it stands in the repository."""
        known = {normalized(path.name) for path in self.paths if path.name is not None}
        for path in self.paths:
            sources = _table(path.path, "tool", "uv", "sources")
            local = {normalized(name) for name, source in sources.items() if _stands_here(source)}
            if missing := sorted(local & _asked_for(path.path) - known):
                message = f"{path.path} builds on {', '.join(missing)} of this repository by its tool.uv.sources, and {file} does not name that; write its path there too, ./path/to/{missing[0]}"
                raise PackagingError(message, path=str(file), value=tuple(missing))

    def _named(self) -> Iterator[tuple[str | None, tuple[str, ...]]]:
        for line in self.lines:
            if isinstance(line, PathRequirement):
                yield line.name and normalized(line.name), _extras(line.extras.strip("[]"))
            elif (match := _NAME.match(line)) is not None:
                yield normalized(match[1]), _extras(match[2])


def normalized(name: str) -> str:
    """A distribution's name as PEP 503 compares it: `Foo.Bar_baz` is `foo-bar-baz`."""
    return re.sub(r"[-_.]+", "-", name).lower()


class _Reading:
    """Reads one file after the other."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: set[Path] = set()
        self._constraining: set[Path] = set()
        self.constraints: list[str] = []

    def lines(self, file: Path) -> Iterator[str | PathRequirement]:
        for line in _logical_lines(file, self._seen):
            match = _OPTION.fullmatch(line)
            option, value = (match[1].lstrip("-")[0], match[2].strip()) if match else ("", line)
            if option == "r":
                yield from self.lines(file.parent / value)
            elif option == "c":
                self.constraints += self._constraints(file.parent / value)
            elif option == "f":
                yield f"--find-links {value if '://' in value else (file.parent / value).resolve()}"
            else:
                yield self._path_requirement(value, file) or line

    def _constraints(self, file: Path) -> Iterator[str]:
        for line in _logical_lines(file, self._constraining):
            match = _OPTION.fullmatch(line)
            if match is not None and match[1].lstrip("-")[0] in "rc":
                yield from self._constraints(file.parent / match[2].strip())
            else:
                yield line

    def _path_requirement(self, text: str, file: Path) -> PathRequirement | None:
        body, tail = re.split(r"\s*(?=;|\s--)", f"{text};", maxsplit=1)
        name, at, location = (part.strip() for part in body.partition("@"))
        named = _NAME.fullmatch(name) if at else None
        match = re.fullmatch(r"(.+?)(\[[^\]]*\])?", location if named else body)
        if match is None or not (place := _place(match[1], named=named is not None)):
            return None
        path = self._found(place, file)
        extras = f"[{named[2]}]" if named and named[2] else match[2] or ""
        tail = f" {tail.removesuffix(';').strip()}".rstrip()
        return PathRequirement(path, named[1] if named else _declared_name(path), extras, tail, _contents(path))

    def _found(self, place: str, file: Path) -> Path:
        for base in (file.parent, self._root):
            if (path := base / place).exists():
                return path.resolve()
        message = (
            f"{file} requires {place}, and it is neither beside that file nor in {self._root.resolve()}; write its path from one of them"
        )
        raise PackagingError(message, path=str(file), value=place)


def _logical_lines(file: Path, seen: set[Path]) -> Iterable[str]:
    """The lines with their continuations and without comments; of a file that was seen before, none."""
    if not file.is_file():
        message = f"there is no requirements file {file}; name one that is there, or leave `requirements` out to have it found"
        raise PackagingError(message, path=str(file), value=str(file))
    if file.resolve() in seen:
        return ()
    seen.add(file.resolve())
    text = re.sub(r"\\\r?\n", " ", _decoded(file))
    return [bare for line in text.splitlines() if (bare := re.sub(r"(^|\s)#.*", "", line).strip())]


def _decoded(file: Path) -> str:
    """The text of a file, read by its byte order mark as pip reads it: PowerShell's `pip freeze > requirements.txt` writes UTF-16."""
    content = file.read_bytes()
    encoding = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"{file} is not {encoding.removesuffix('-sig').upper()} at byte {error.start}; save it as UTF-8"
        raise PackagingError(message, path=str(file), value=error.start) from error


def _place(location: str, *, named: bool) -> str:
    """The path that a requirement names; nothing where it names something else."""
    if location.startswith("file:"):
        return unquote(urlsplit(location).path)
    if location.startswith("-") or "://" in location:
        return ""
    return location if named or location.startswith(".") or "/" in location else ""


def _contents(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return read_files({path.name: path})
    made = {path / name for name in _MADE_AT_THE_TOP}  # further down these are names of packages as any other
    files = walk(path, skip=lambda found: found in made or _MADE.fullmatch(found.name) is not None)
    return read_files({file.relative_to(path).as_posix(): file for file in files})


def _told(line: str) -> str:
    """A line as it reads wherever the repository stands: of a folder of wheels what is in it, not where it is."""
    option, _, place = line.partition(" ")
    if option != "--find-links" or "://" in place:
        return line
    files = [Path(place)] if Path(place).is_file() else walk(Path(place))
    return "\n".join([option, *(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)])


def _declared_name(path: Path) -> str | None:
    if path.suffix == ".whl":
        return path.name.split("-")[0]
    name = _table(path, "project").get("name")
    return name if isinstance(name, str) else None


def _table(folder: Path, *names: str) -> dict[str, Any]:
    """A table of a folder's `pyproject.toml`; an empty one where there is none."""
    try:
        table: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    for name in names:
        table = table.get(name, {})
    return table


def _stands_here(source: dict[str, Any] | list[dict[str, Any]]) -> bool:
    """Whether a source of uv, which may be a list for several platforms, is a folder of the repository."""
    return any(one.keys() & {"path", "workspace"} for one in (source if isinstance(source, list) else [source]))


def _asked_for(folder: Path) -> frozenset[str]:
    """The normalized names of what a package requires, in extras too."""
    project = _table(folder, "project")
    lines = [*project.get("dependencies", ()), *(line for extra in project.get("optional-dependencies", {}).values() for line in extra)]
    return frozenset(normalized(match[1]) for line in lines if (match := _NAME.match(line)) is not None)


def _extras(text: str | None) -> tuple[str, ...]:
    return tuple(normalized(extra.strip()) for extra in (text or "").split(",") if extra.strip())


@cache
def _required(name: str, extra: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a distribution asks for. Markers of platforms are not judged: what may be asked for counts."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for line in metadata.requires(name) or ():
        needed, _, marker = line.partition(";")
        asked = {normalized(one) for one in _EXTRA.findall(marker)}
        if (match := _NAME.match(needed)) is not None and (extra in asked if asked else not extra):
            found.append((normalized(match[1]), _extras(match[2])))
    return tuple(found)
