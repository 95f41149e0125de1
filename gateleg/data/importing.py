"""Writing the items of files into a table, each checked by its entity."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from gateleg.data.arguments import check_calls, check_flags, check_paths, check_rate, check_store
from gateleg.data.files import JSON_SUFFIXES, MANIFEST, PARQUET_SUFFIX
from gateleg.data.foretelling import Foretelling
from gateleg.data.json_lines import read_lines
from gateleg.data.progress import Progress, Tally
from gateleg.data.rate import Bucket, Rate
from gateleg.data.rejection import Rejection, told
from gateleg.data.scanning import sent
from gateleg.data.scope import Scope, is_of_the_item
from gateleg.errors import DataError, GatelegError
from gateleg.expressions.sizes import check_item_size
from gateleg.model.items.evolution import UNREADABLE
from gateleg.model.items.rewritten import rewritten
from gateleg.model.keys.schema import CLAIM_MARK
from gateleg.store.commands.stored import PutStored
from gateleg.store.patience import Patience
from gateleg.store.stored_programs import Became, restoring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gateleg.data.files import Read
    from gateleg.data.progress import Told
    from gateleg.data.rejection import Rejected
    from gateleg.model.items.layout import Layout
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store

_AT_ONCE = 10
_CHUNK = 500
_PATIENCE = Patience(attempts=10)


def import_items(
    store: Store,
    *files: Path,
    replace: bool = False,
    rate: Rate | None = None,
    dry_run: bool = False,
    rejected: Rejected | None = None,
    progress: Told | None = None,
) -> Progress:
    """Write the items of files into a table: what an export wrote, DynamoDB's own in `DYNAMODB_JSON` included.

    Each item is read by its entity, and stored as the present declaration stores it: with the keys of today's indexes and shards, and with claims of
    its unique values. Versions and times stay as they are in the file. An item that is in the table already, the very same, counts as unchanged, so
    that an import that was ended may be begun again.

    Args:
        store: The store of the table.
        files: Files of JSON lines, packed by gzip or not, and of Parquet; or folders of such files.
        replace: Whether an item of the same entity that is there already is replaced, whatever its version; otherwise it is told.
        rate: The capacity that it may take a second, of which `writes` counts, and `reads` for a dry run; without it as much as there is.
        dry_run: Whether nothing is written: all lines are read and checked, and compared with what the table holds and with each other, and the
            answer says what would be done, and the write units that it would take.
        rejected: Takes each line that holds no item of the table, or one that is not valid, or that differs from the one that is there; `None`
            to raise its error.
        progress: Is told each two seconds how far it has come.

    Returns:
        What was done.

    Raises:
        DataError: An argument is not what it must be, or a file cannot be read.
        PartMissingError: Parquet needs what `pip install 'gateleg[parquet]'` installs.
        GatelegError: The first line that is not taken, where `rejected` is not given.
    """
    check_store(store)
    check_rate(rate)
    check_flags(replace=replace, dry_run=dry_run)
    check_calls(rejected=rejected, progress=progress)
    scope = Scope.of(store, ())
    found = data_files(files)
    rate = rate or Rate()
    tally, bucket = Tally(progress), Bucket(rate.reads if dry_run else rate.writes)
    work = _Work(store, scope, bucket=bucket, rejected=rejected, tally=tally, replace=replace, dry_run=dry_run)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for path in found:
            reads = _reads(path, scope)
            while chunk := list(islice(reads, _CHUNK)):
                work.chunk(chunk, pool)
    return tally.sum


class _Work:
    """What is done to each line."""

    def __init__(
        self,
        store: Store,
        scope: Scope,
        *,
        bucket: Bucket,
        rejected: Rejected | None,
        tally: Tally,
        replace: bool,
        dry_run: bool,
    ) -> None:
        self._store = store
        self._scope = scope
        self._bucket = bucket
        self._rejected = rejected
        self._tally = tally
        self._replace = replace
        self._foretelling = Foretelling(store, replace=replace) if dry_run else None

    def chunk(self, reads: list[Read], pool: ThreadPoolExecutor) -> None:
        """Write the items of some lines, those of one key in their order."""
        by_key: dict[object, list[Read]] = {}
        for read in reads:
            by_key.setdefault(self._identity(read), []).append(read)
        list(pool.map(self._several, by_key.values()))

    def _several(self, reads: list[Read]) -> None:
        for read in reads:
            self._tally.add(self._one(read))

    def _one(self, read: Read) -> Progress:
        try:
            return self._written(read)
        except (GatelegError, *UNREADABLE) as error:
            if not is_of_the_item(error):
                raise
            told(self._rejected, Rejection(read.where, self._failure(read, error), read.item, read.text))
            return Progress(items=1, failed=1)

    def _written(self, read: Read) -> Progress:
        if read.error is not None:
            raise read.error
        given = read.item or {}
        if self._scope.table.type_of(given) == CLAIM_MARK:
            return Progress(items=1, skipped=1)
        layout = self._layout(given)
        item = rewritten(layout, given)
        check_item_size(item, read.where)
        key: Any = layout.key_of(layout.read(item))
        if self._foretelling is not None:
            foretold = self._foretelling.of(key, item)
            self._bucket.spend(foretold.read_units)
            return foretold
        became, units = sent(self._store, restoring(PutStored(key, item, new=not self._replace), _PATIENCE))
        self._bucket.spend(units)
        return Progress(items=1, written=became is Became.WRITTEN, unchanged=became is not Became.WRITTEN, write_units=units)

    def _failure(self, read: Read, error: Exception) -> GatelegError:
        if isinstance(error, GatelegError):
            return error
        layout = self._scope.layout(read.item or {})
        reason = f": {error}" if layout is None or not layout.hidden else ""
        return DataError(f"the item cannot be read ({type(error).__name__}{reason}); mend it", path=read.where, code="data.item")

    def _layout(self, item: Mapping[str, WireValue]) -> Layout:
        layout = self._scope.layout(item)
        if layout is None:
            table = self._scope.table
            name, known = table.type_of(item), ", ".join(sorted(self._scope.names))
            what = "of no entity" if name is None else f"of {name!r}, which is no entity"
            message = f"the item is {what} of table {table.name!r}; its {table.type_attribute!r} says which: {known}"
            raise DataError(message, path=table.type_attribute, value=name, code="data.item")
        return layout

    def _identity(self, read: Read) -> object:
        """What lines of one item have in common; of a line whose key is not written, itself."""
        item = read.item or {}
        found = tuple(str(item.get(name)) for name in self._scope.table.key_names)
        return found if "None" not in found else read.where


def data_files(files: Sequence[Path]) -> list[Path]:
    """The files, and those in folders, of which each has a name that says its format.

    Raises:
        DataError: None was given, one is not a path, is not there, or says no format.
    """
    for path in files:
        check_paths(needed=True, files=path)
    if not files:
        raise DataError("no file was given; name one or more that an export wrote", path="files", code="data.argument")
    found: list[Path] = []
    for path in files:
        inside = sorted(one for one in path.iterdir() if _is_data(one)) if path.is_dir() else [path]
        if not inside or not (path.is_dir() or (path.is_file() and _is_data(path))):
            message = f"{path} is {'a folder without' if path.is_dir() else 'not'} a file that ends with {', '.join((*JSON_SUFFIXES, PARQUET_SUFFIX))}"
            raise DataError(f"{message}; name one that is there", path="files", value=str(path), code="data.argument")
        found += inside
    if any(path.suffix == PARQUET_SUFFIX for path in found):
        from gateleg.data.parquet import check_part

        check_part()
    return found


def _is_data(path: Path) -> bool:
    return path.name.endswith((*JSON_SUFFIXES, PARQUET_SUFFIX)) and not path.name.startswith(MANIFEST)


def _reads(path: Path, scope: Scope) -> Iterator[Read]:
    if path.suffix != PARQUET_SUFFIX:
        return read_lines(path)
    from gateleg.data.parquet import read_rows

    return read_rows(path, scope.table)
