"""Items as files of Parquet, by Apache Arrow: a file for each entity, in typed columns."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateleg.data.columns import DECIMALS, REST, columns_of, item_of, row
from gateleg.data.files import PARQUET_SUFFIX, Read, unreadable_file
from gateleg.data.json_lines import JsonLines
from gateleg.errors import DataError
from gateleg.parts import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gateleg.data.columns import Column, Form
    from gateleg.data.scope import Scope
    from gateleg.model.items.layout import Layout
    from gateleg.model.kinds import TableBase
    from gateleg.model.values.wire import WireValue

_GROUP = 10_000
_OTHERS = "others.jsonl"


def check_part() -> None:
    """Check that Arrow is installed.

    Raises:
        PartMissingError: It is not.
    """
    require("parquet", "Parquet", "pyarrow")


class ParquetFile:
    """Writes the items of one entity.

    Args:
        path: The file.
        layout: The entity.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self._columns = columns_of(layout)
        self._arrow = _arrow()
        fields = [*((column.name, self._type(column.form)) for column in self._columns), (REST, self._arrow.string())]
        self._schema = self._arrow.schema(fields)
        self._file: Any = _parquet().ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def write(self, items: Sequence[Mapping[str, WireValue]]) -> int:
        """Write items, a row each, and give their number."""
        self._rows += [row(self._columns, item) for item in items]
        if len(self._rows) >= _GROUP:
            self._flush()
        return len(items)

    def close(self) -> None:
        """Write what is left, and the file's end."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        self._file.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def _type(self, form: Form) -> Any:
        arrow = self._arrow
        parts = [(name, self._type(part)) for name, part in form.parts]
        made: dict[str, Callable[[], Any]] = {
            "text": arrow.string,
            "json": arrow.string,
            "whole": arrow.int64,
            "real": arrow.float64,
            "exact": lambda: arrow.decimal128(*DECIMALS),
            "bytes": arrow.binary,
            "flag": arrow.bool_,
            "moment": lambda: arrow.timestamp("us", "UTC"),
            "day": arrow.date32,
            "list": lambda: arrow.list_(parts[0][1]),
            "map": lambda: arrow.map_(arrow.string(), parts[0][1]),
            "object": lambda: arrow.struct(parts),
        }
        return made[form.shape]()


class ParquetFolder:
    """Writes a file for each entity that has items, and JSON lines with the items of none.

    Args:
        folder: The folder.
        scope: The entities.
    """

    def __init__(self, folder: Path, scope: Scope) -> None:
        self._folder = folder
        self._scope = scope
        self._files: dict[str, ParquetFile] = {}
        self._others: JsonLines | None = None
        folder.mkdir()

    def write(self, items: Sequence[Mapping[str, WireValue]]) -> int:
        """Write items, each into its file, and give their number."""
        for item in items:
            layout = self._scope.layout(item)
            self._file(layout).write([item])
        return len(items)

    def close(self) -> None:
        """Write what is left, and the files' ends."""
        for file in self._files.values():
            file.close()
        if self._others is not None:
            self._others.close()

    def _file(self, layout: Layout | None) -> ParquetFile | JsonLines:
        if layout is None:
            self._others = self._others or JsonLines(self._folder / _OTHERS, packed=False)
            return self._others
        if layout.name not in self._files:
            self._files[layout.name] = ParquetFile(self._folder / f"{quote(layout.name, safe='')}{PARQUET_SUFFIX}", layout)
        return self._files[layout.name]


def read_rows(path: Path, table: TableBase) -> Iterator[Read]:
    """The items of a file, row by row; a row that holds none of the table has its error.

    Raises:
        DataError: The file cannot be read.
    """
    arrow, columns = _arrow(), dict[str, "dict[str, Column]"]()
    try:
        with _parquet().ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(batch_size=1_000):
                for cells in batch.to_pylist(maps_as_pydicts=None):
                    number += 1
                    yield _read(f"{path.name}:{number}", cells, table, columns)
    except (OSError, arrow.ArrowException) as error:
        raise unreadable_file(path, error) from error


def _read(where: str, cells: Mapping[str, Any], table: TableBase, columns: dict[str, dict[str, Column]]) -> Read:
    try:
        return Read(where, item_of(_columns(cells, table, columns), cells))
    except DataError as error:
        return Read(where, None, error, text=repr(dict(cells)))


def _columns(cells: Mapping[str, Any], table: TableBase, columns: dict[str, dict[str, Column]]) -> dict[str, Column]:
    """The columns of the entity that a row is of."""
    name = str(cells.get(table.type_attribute) or table.default_type)
    if name not in columns:
        entity = table.entities.get(name)
        if entity is None:
            message = f"the row is of {name!r}, which is no entity of table {table.name!r}; its {table.type_attribute!r} says which: {', '.join(table.entities)}"
            raise DataError(message, path=table.type_attribute, value=name, code="data.item")
        columns[name] = {column.name: column for column in columns_of(entity.__gateleg__)}
    return columns[name]


def _arrow() -> Any:
    return import_module("pyarrow")


def _parquet() -> Any:
    return import_module("pyarrow.parquet")
