"""Archives as folders: the code of functions and layers, and what Lambda itself brings."""

from __future__ import annotations

import io
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath

from gateleg.description.lambda_runtime import RUNTIME_DISTRIBUTIONS


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack an archive with the permissions that its files have.

    Args:
        archive: A zip file.
        folder: Where to; it is made.
    """
    folder.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for entry in opened.infolist():
            made = Path(opened.extract(entry, folder))
            mode = (entry.external_attr >> 16) & 0o777
            if mode and made.is_file():
                made.chmod(mode | 0o400)


def link_runtime(folder: Path) -> Path:
    """Make a folder with links to the installed distributions that Lambda brings, and return it.

    Args:
        folder: Where to; it is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_DISTRIBUTIONS:
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        tops = {PurePosixPath(str(file)).parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
        for top in tops:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(distribution.locate_file(top))).resolve())
    return folder
