"""Zip archives that are the same for the same files, wherever and whenever they are made, and are kept for the next synth."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.cdk.kept import write_whole, writing
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
# Whatever a file is, Lambda may read and run it: which ones are programs is not known of what is only bytes here.
_MODE = 0o755 << 16
MAX_BYTES = 250 * 1024 * 1024
"""What AWS Lambda takes, unpacked."""


@dataclass(frozen=True)
class Archive:
    """An archive that is kept.

    Attributes:
        path: Where it is.
        content: The hash of what is in it, by `content_hash`.
    """

    path: Path
    content: str

    def names(self) -> list[str]:
        """The names of the files in it."""
        with zipfile.ZipFile(self.path) as opened:
            return opened.namelist()


def read_files(files: Mapping[str, Path]) -> dict[str, bytes]:
    """Read what goes into an archive, each file once: what is hashed is what is packed, also when it is edited meanwhile.

    Args:
        files: The name in the archive, and where the file is now.

    Raises:
        PackagingError: AWS Lambda would refuse the archive for its size, or a link leads nowhere.
    """
    try:
        return _read(files)
    except FileNotFoundError as error:
        message = f"{error.filename} cannot be packed, because it is a link that leads nowhere; remove the link, or let it lead somewhere"
        raise PackagingError(message, path=str(error.filename), code="declaration.packaging.link") from None


def _read(files: Mapping[str, Path]) -> dict[str, bytes]:
    if (size := sum(path.stat().st_size for path in files.values())) > MAX_BYTES:
        message = f"the package has {size // 2**20} MiB and AWS Lambda takes {MAX_BYTES // 2**20} MiB; list only what handlers import, in a requirements file beside them"
        raise PackagingError(message, value=size, code="declaration.packaging.size")
    return {name: path.read_bytes() for name, path in files.items()}


def content_hash(files: Mapping[str, bytes]) -> str:
    """A hash of names and contents, blind to times, modes and the compressor.

    Args:
        files: The contents by their names in an archive.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def kept_archive(folder: Path, key: str) -> Archive | None:
    """The archive that is kept under a key; one that was cut, emptied or exchanged is removed and counts for nothing.

    Args:
        folder: Where archives are kept.
        key: What `keep_archive` was given.

    Raises:
        PackagingError: A spoiled archive cannot be removed.
    """
    for path in sorted(folder.glob(f"{key}-*.zip")):
        content, _, written = path.stem.removeprefix(f"{key}-").partition("-")
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == written:
            return Archive(path, content)
        with writing(folder):
            path.unlink(missing_ok=True)
    return None


def keep_archive(folder: Path, key: str, files: Mapping[str, bytes]) -> Archive:
    """Pack files and keep the archive, with the hashes of its content and of its bytes in its name.

    Args:
        folder: Where archives are kept.
        key: The hash of all that the files were made from.
        files: The contents by their names in the archive.

    Raises:
        PackagingError: The disk is full or cannot be written.
    """
    content, archive = content_hash(files), packed(files)
    path = folder / f"{key}-{content}-{hashlib.sha256(archive).hexdigest()}.zip"
    write_whole(path, archive)
    return Archive(path, content)


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive, the same for the same files.

    Args:
        files: The contents by their names in the archive.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr, info.compress_type, info.create_system = _MODE, zipfile.ZIP_DEFLATED, 3
            archive.writestr(info, files[name])
    return stream.getvalue()


def walk(folder: Path, *, skip: Callable[[Path], bool] = lambda _: False, hidden: bool = False) -> Iterator[Path]:
    """The files below a folder, in order, without compiled ones and what links lead back to.

    Args:
        folder: Where to begin.
        skip: Whether a folder or file is left out.
        hidden: Whether those whose names begin with a dot are there, too.
    """

    def is_taken(path: Path) -> bool:
        return (hidden or not path.name.startswith(".")) and not skip(path)

    for base, folders, names in os.walk(folder, followlinks=True):
        inner = (Path(base, name) for name in sorted(folders) if name != "__pycache__")
        folders[:] = [path.name for path in inner if is_taken(path) and not _leads_back(path)]
        for name in sorted(names):
            if not name.endswith((".pyc", ".pyo")) and is_taken(path := Path(base, name)):
                yield path


def _leads_back(folder: Path) -> bool:
    """Whether a folder is a link to one on the way to it."""
    return folder.is_symlink() and folder.resolve() in {parent.resolve() for parent in folder.parents}
