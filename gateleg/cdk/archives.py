"""Zip archives that are the same for the same files, wherever and whenever they are made."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_MAX_BYTES = 250 * 1024 * 1024


def content_hash(files: Mapping[str, Path]) -> str:
    """A hash of names and contents, blind to times, modes and the compressor.

    Args:
        files: What goes into an archive: the name there, and where it is now.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(files[name].read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def write_archive(files: Mapping[str, Path], target: Path) -> None:
    """Write an archive, whole or not at all.

    Raises:
        PackagingError: AWS Lambda would refuse it for its size.
    """
    if (size := sum(path.stat().st_size for path in files.values())) > _MAX_BYTES:
        message = f"the package has {size // 2**20} MiB and AWS Lambda takes {_MAX_BYTES // 2**20} MiB; list only what handlers import, in a requirements file beside them"
        raise PackagingError(message, path=str(target), value=size, code="declaration.packaging.size")
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    with os.fdopen(descriptor, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(files):
            info = zipfile.ZipInfo(entry, _EPOCH)
            info.external_attr, info.compress_type, info.create_system = _MODE, zipfile.ZIP_DEFLATED, 3
            archive.writestr(info, files[entry].read_bytes())
    Path(name).chmod(0o644)
    Path(name).replace(target)


def walk(folder: Path, *, skip: frozenset[str]) -> Iterator[Path]:
    """The files below a folder, in order, without hidden ones, compiled ones and the folders to skip.

    Args:
        folder: Where to begin.
        skip: Names of folders that are left out.
    """
    for base, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in skip and name != "__pycache__" and not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith((".pyc", ".pyo")):
                yield Path(base, name)
