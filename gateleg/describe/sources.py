"""Imports what people edit from its source, whatever byte code lies beside it.

Python takes byte code for current by the source's time and size, which an edit may keep; and Lambda gets no byte code of ours.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from os.path import isdir
from typing import TYPE_CHECKING, Any, NoReturn

from gateleg.places import is_installed

if TYPE_CHECKING:
    from collections.abc import Generator


class _SourceLoader(SourceFileLoader):
    """Reads the source, and nothing else."""

    def path_stats(self, path: str) -> NoReturn:
        # By the protocol of `SourceLoader`, byte code is then neither read nor written.
        raise OSError(path)


@contextmanager
def only_sources() -> Generator[None]:
    """Import modules that are not installed from their source for as long as the context lasts."""
    loaders: Any = (
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (_SourceLoader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )

    def find(folder: str) -> FileFinder:
        if not isdir(folder) or is_installed(f"{folder}/"):  # noqa: PTH112 (called for each folder of the module path)
            raise ImportError(folder)
        return FileFinder(folder, *loaders)

    before = dict(sys.path_importer_cache)
    sys.path_hooks.insert(0, find)
    sys.path_importer_cache.clear()
    try:
        yield
    finally:
        sys.path_hooks.remove(find)
        sys.path_importer_cache.clear()
        sys.path_importer_cache.update(before)
