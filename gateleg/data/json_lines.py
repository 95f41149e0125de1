"""Items as JSON lines, one `{"Item": {...}}` each: what DynamoDB's exports to S3 write in `DYNAMODB_JSON`, and what its imports take."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from typing import TYPE_CHECKING, Any, cast

from gateleg.data.files import Read, unreadable_file
from gateleg.data.item_json import from_json, to_json
from gateleg.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gateleg.model.values.wire import WireValue

_PACKED = b"\x1f\x8b"
_KNOWN = {"Item", "Rejected"}


class JsonLines:
    """Writes items as JSON lines.

    Args:
        path: The file.
        packed: Whether it is packed by gzip; then it says nothing of when and under which name it was written.
    """

    def __init__(self, path: Path, *, packed: bool) -> None:
        self._file = path.open("wb")
        self._lines: Any = gzip.GzipFile(filename="", fileobj=self._file, mode="wb", mtime=0) if packed else self._file

    def write(self, items: Sequence[Mapping[str, WireValue]]) -> int:
        """Write items, a line each, and give their number."""
        lines = (json.dumps({"Item": to_json(item)}, ensure_ascii=False, separators=(",", ":")) for item in items)
        self._lines.write("".join(f"{line}\n" for line in lines).encode())
        return len(items)

    def close(self) -> None:
        """See to it that all of it is on disk."""
        if self._lines is not self._file:
            self._lines.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def read_lines(path: Path) -> Iterator[Read]:
    """The items of a file of JSON lines, packed or not, line by line; a line that holds none has its error.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == _PACKED
            lines: Any = gzip.GzipFile(fileobj=raw) if packed else raw
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read(f"{path.name}:{number}", line)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable_file(path, error) from error


def _read(where: str, line: bytes) -> Read:
    try:
        text = line.decode()
        given: Any = json.loads(text, object_pairs_hook=_object, parse_constant=_refused_constant)
        if (inner := _rejected_text(given)) is not None:
            return _read(where, inner.encode(errors="surrogatepass"))
        return Read(where, _item(given))
    except DataError as error:
        return Read(where, None, error, line.decode(errors="replace").rstrip("\n"))
    except (ValueError, RecursionError) as error:
        message = f"the line is not JSON ({error}); each line is one " + '{"Item": {...}}'
        return Read(where, None, DataError(message, path=where, code="data.line"), line.decode(errors="replace").rstrip("\n"))


def _rejected_text(given: Any) -> str | None:
    """The line that a line of rejects tells of, where that held no item; so a line that is rejected again does not grow."""
    parts: dict[str, Any] = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    about: Any = parts["Rejected"] if parts.keys() == {"Rejected"} else None
    text = cast("dict[str, Any]", about).get("text") if isinstance(about, dict) else None
    return text if isinstance(text, str) else None


def _item(given: Any) -> dict[str, WireValue]:
    parts: dict[str, Any] = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    if "Item" not in parts or not parts.keys() <= _KNOWN:
        told = f"holds {', '.join(map(repr, parts))}" if parts else "is no object"
        advice = "; of an incremental export import the full one" if "NewImage" in parts or "Keys" in parts else ""
        message = f"the line {told}; each line is one " + '{"Item": {...}}, as exports of a whole table have them' + advice
        raise DataError(message, code="data.line")
    return from_json(parts["Item"])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, of which JSON in Python would keep the last of two entries of one name."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{twice!r} stands twice in one object; leave one out", path=twice, code="data.line")
    return found


def _refused_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
