"""What a handler needs where it runs: files of the repository and installed distributions, also those that it imports later."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import gateleg
from gateleg.describe.distributions import distribution_of, in_site, is_installed
from gateleg.describe.imports import imports_of
from gateleg.description.app import Needs
from gateleg.description.lambda_runtime import RUNTIME_DISTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.machinery import ModuleSpec

    from gateleg.describe.imports import Import

_OF_GATELEG = {
    "gateleg.expressions": "pydantic",
    "gateleg.model": "pydantic",
    "gateleg.model.ulid": "python-ulid",
    "gateleg.rest": "aws-lambda-powertools",
    "gateleg.store": "pydantic",
    "gateleg.stream": "aws-lambda-powertools",
    "gateleg.websocket": "pydantic",
}
"""What parts of gateleg import: the layer brings them without their dependencies."""


def needs_of(root: Path, handler_module: str, variables: Iterable[str] = (), opened: Iterable[str] = ()) -> Needs:
    """What the handler's modules need; call it in the process that has imported them, with `sys.path` as it was then.

    Files of the repository are those that are loaded, and those that one of them imports, also inside functions. One that is
    neither below the root nor installed is told by its path from there, `../shared/money.py`. Distributions are those that
    these files import from by name; theirs come by themselves.

    Args:
        root: The folder that handler modules are found from.
        handler_module: `package.module`.
        variables: The environment variables that the import could not do without.
        opened: The files that the import opened; what is hidden or lies elsewhere is not taken along.
    """
    walk = _Walk(root)
    walk.follow(handler_module)
    walk.add_loaded()
    walk.finish()
    walk.add_data(opened)
    return Needs(tuple(sorted(walk.files)), tuple(sorted(walk.distributions - RUNTIME_DISTRIBUTIONS)), tuple(sorted(set(variables))))


class _Walk:
    """Goes from module to module of the repository and notes what it meets."""

    def __init__(self, root: Path) -> None:
        # Paths are strings here: thousands of them are looked at. Links on the way to the root may stay in them.
        self._roots = (f"{os.path.abspath(root)}{os.sep}", f"{os.path.realpath(root)}{os.sep}")  # noqa: PTH100
        self._pending: list[tuple[str, str]] = []
        self._known: dict[str, list[tuple[str, str]]] = {}
        self.files: set[str] = set()
        self.distributions: set[str] = set()

    def add_loaded(self) -> None:
        """Note all modules below the root that are loaded, however they were found."""
        for name, module in list(sys.modules.items()):
            if self._is_below(str(getattr(module, "__file__", None))):
                self._note(found for found in self._files_of(name) if self._is_below(found[1]))

    def add_data(self, opened: Iterable[str]) -> None:
        """Note files below the root that are read beside modules, such as templates and schemas."""
        for file in filter(self._is_below, opened):
            path = self._path(file)
            if not path.endswith((".py", ".pyc")) and not any(part.startswith(".") for part in path.split("/")):
                self.files.add(path)

    def follow(self, name: str, *, optional: bool = False) -> None:
        """Note a module and its packages, or the distribution that they are of.

        Args:
            name: `package.module`, or that and the name of something in it.
            optional: Whether the importing module goes on without it.
        """
        found = self._files_of(name)
        self._note(one for one in found if self._is_of_the_repository(one[1]))
        if found and not optional and not self._is_below(file := found[-1][1]) and (owner := distribution_of(Path(file))) is not None:
            self.distributions.add(owner)

    def finish(self) -> None:
        """Follow the imports of all that was noted."""
        while self._pending:
            module, file = self._pending.pop()
            package = module if file.endswith(f"{os.sep}__init__.py") else module.rpartition(".")[0]
            # What did not happen at the top of a module that was imported here does not happen there either.
            for imported in imports_of(Path(file).read_bytes(), package) if file.endswith(".py") else ():
                if imported.lazy or module not in sys.modules or _happened(imported.name):
                    self._take(imported)

    def _take(self, imported: Import) -> None:
        if imported.name.partition(".")[0] != gateleg.__name__:
            self.follow(imported.name, optional=imported.optional)
        elif not imported.optional:
            self.distributions |= {_OF_GATELEG[prefix] for prefix in _prefixes(imported.name) if prefix in _OF_GATELEG}

    def _note(self, found: Iterable[tuple[str, str]]) -> None:
        for module, file in found:
            path = self._path(file)
            if path not in self.files:
                self.files.add(path)
                self._pending.append((module, file))

    def _path(self, file: str) -> str:
        """The file's path from the root."""
        base = next((root for root in self._roots if file.startswith(root)), self._roots[-1])
        return os.path.relpath(file, base).replace(os.sep, "/")

    def _is_below(self, file: str) -> bool:
        return file.startswith(self._roots) and not _is_elsewhere(file)

    def _is_of_the_repository(self, file: str) -> bool:
        return self._is_below(file) or not (_is_elsewhere(file) or is_installed(Path(file)))

    def _files_of(self, name: str) -> list[tuple[str, str]]:
        """The modules of a dotted name and their files, from the top package down, as far as there are such modules."""
        if name not in self._known:
            self._known[name] = [(spec.name, file) for spec in _specs(name) if (file := _file(spec)) is not None]
        return self._known[name]


def _specs(name: str) -> Iterator[ModuleSpec]:
    path: Iterable[str] | None = None
    for prefix in _prefixes(name):
        if (spec := _spec(prefix, path)) is None:
            return
        yield spec
        if (path := spec.submodule_search_locations) is None:
            return


def _spec(name: str, path: Iterable[str] | None) -> ModuleSpec | None:
    """The module's specification, found without importing it or its packages."""
    loaded: ModuleSpec | None = getattr(sys.modules.get(name), "__spec__", None)
    if loaded is not None:
        return loaded
    entries = None if path is None else list(path)
    found = (finder.find_spec(name, entries) for finder in sys.meta_path)
    return next((spec for spec in found if spec is not None), None)


def _file(spec: ModuleSpec) -> str | None:
    return os.path.abspath(spec.origin) if spec.has_location and spec.origin else None  # noqa: PTH100 (as above)


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: depth + 1]) for depth in range(len(parts))]


def _happened(name: str) -> bool:
    return name in sys.modules or name.rpartition(".")[0] in sys.modules


def _is_elsewhere(file: str) -> bool:
    """Whether a file comes with Python or gateleg, or lies where distributions are installed."""
    return file.startswith(_not_the_repository()) or in_site(file)


@cache
def _not_the_repository() -> tuple[str, ...]:
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    folders = {*standard, *map(os.path.realpath, standard), str(Path(gateleg.__file__).parent)}
    return tuple(f"{folder}{os.sep}" for folder in sorted(folders))
