"""Files that are written whole or not at all, and what an operation reads from files."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from shutil import rmtree
from typing import TYPE_CHECKING, Protocol

from gateleg.errors import DataError, GatelegError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from gateleg.model.values.wire import WireValue

JSON_SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz")
PARQUET_SUFFIX = ".parquet"
PACKED = ".gz"
MANIFEST = "manifest-"
"""How names of files begin that tell of an export to S3, and hold no items."""


@dataclass(frozen=True)
class Read:
    """What was read of one line or row.

    Attributes:
        where: The file and line, as `posts.jsonl:3`.
        item: The item in wire form; `None` where there is none.
        error: What is wrong with the line; `None` for nothing.
        text: The line, where it holds no item.
    """

    where: str
    item: Mapping[str, WireValue] | None
    error: GatelegError | None = None
    text: str | None = None


class Sink(Protocol):
    """Takes items from several threads, one call at a time."""

    def write(self, items: Sequence[Mapping[str, WireValue]]) -> int:
        """Write items, and give how many of them are taken."""
        ...

    def close(self) -> None:
        """Write what is left."""
        ...


@contextmanager
def whole(path: Path) -> Generator[Path]:
    """A file beside a path, which takes its name once the block has ended well, and goes where it has not.

    Raises:
        DataError: There is something under the path already, or the file cannot be written.
    """
    if path.exists():
        message = f"{path} is there already; give another name, or remove it"
        raise DataError(message, path=str(path), code="data.exists")
    beside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(beside)
        yield beside
        beside.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    if path.is_dir():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> DataError:
    """The error of a file that cannot be written."""
    return DataError(f"{path} cannot be written ({error.strerror or error}); give another file", path=str(path), value=str(path))


def unreadable_file(path: Path, error: Exception) -> DataError:
    """The error of a file that cannot be read."""
    reason = getattr(error, "strerror", None) or error
    return DataError(f"{path} cannot be read ({reason}); give a file that an export wrote", path=str(path), value=str(path))
