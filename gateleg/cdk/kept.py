"""What gateleg keeps below `.gateleg/` from one synth to the next: each file whole, or not there at all."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Generator

_NAME = ".gateleg"
_FULL = {errno.ENOSPC, errno.EDQUOT}


def kept_place(root: Path, *parts: str) -> Path:
    """Where that folder is or would be.

    Args:
        root: The folder that handler modules are found from.
        parts: The names below `.gateleg`.
    """
    return root.joinpath(_NAME, *parts)


def kept_folder(root: Path, *parts: str) -> Path:
    """A folder below `.gateleg/` of the root, made unless it is there; version control ignores it from the start.

    Args:
        root: The folder that handler modules are found from.
        parts: The names below `.gateleg`.

    Raises:
        PackagingError: The disk is full or cannot be written.
    """
    base, folder = kept_place(root), kept_place(root, *parts)
    with writing(base):
        folder.mkdir(parents=True, exist_ok=True)
    if not (base / ".gitignore").is_file():
        write_whole(base / ".gitignore", b"*\n")
    return folder


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file in one step: readers see the old one or the new one, and a failure leaves neither half nor temporary file.

    Args:
        path: The file, in a folder that is there.
        content: All of it.
        mode: Who may read and write it.

    Raises:
        PackagingError: The disk is full or cannot be written.
    """
    with writing(path.parent):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            made = Path(name)
            made.chmod(mode)
            made.replace(path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108 (a name, not a Path)
            raise


@contextmanager
def writing(folder: Path) -> Generator[None]:
    """Tell what the disk refuses meanwhile as one error that names the folder.

    Args:
        folder: Where the context writes.

    Raises:
        PackagingError: The disk is full or cannot be written.
    """
    try:
        yield
    except OSError as error:
        advice = "free some space there" if error.errno in _FULL else "let this user write there"
        message = (
            f"gateleg cannot write below {folder.absolute()} ({error.strerror or error}); {advice}, or remove the folder and run again"
        )
        raise PackagingError(message, path=str(folder), value=error.errno, code="declaration.packaging.disk") from None
