"""Writing the items of a table into files: JSON lines, or Parquet."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING, Any

from gateleg.data.arguments import check_calls, check_flags, check_paths, check_rate, check_segments, check_store
from gateleg.data.files import JSON_SUFFIXES, MANIFEST, PARQUET_SUFFIX, whole
from gateleg.data.json_lines import JsonLines
from gateleg.data.progress import Progress, Tally
from gateleg.data.rate import Bucket, Rate
from gateleg.data.scanning import Walk, at_once, sent
from gateleg.data.scope import Scope
from gateleg.errors import DataError
from gateleg.store.commands.describe import DescribeTable
from gateleg.store.programs import once

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from gateleg.data.files import Sink
    from gateleg.data.progress import Told
    from gateleg.model import Entity
    from gateleg.store import Store

_READ_UNIT = 4096


def export_items(
    store: Store,
    to: Path,
    *entities: type[Entity],
    segments: int = 4,
    rate: Rate | None = None,
    consistent: bool = False,
    dry_run: bool = False,
    progress: Told | None = None,
) -> Progress:
    """Write the items of a table into a file, or a folder of files; the file is there whole, or not at all.

    `posts.jsonl` and `posts.jsonl.gz` (or `.json`) hold each item as it is stored, in the lines of DynamoDB's own exports to S3, so that DynamoDB's
    imports take them. `posts.parquet` holds the items of one entity in typed columns, and a folder (a name without a suffix) such a file for each
    entity, and `others.jsonl` with the items of none. What was stored comes back from either, to the last digit.

    It is not of one moment: what is written meanwhile may be in it or not. `TableExport` of `gateleg.cdk` makes exports that are, to S3.

    Args:
        store: The store of the table.
        to: The file or folder.
        entities: Whose items, and those of their subclasses; none for every item of the table, claims of unique values included.
        segments: In how many parts the table is read, ten of them at once.
        rate: The capacity that it may take a second, of which `reads` counts; without it as much as there is.
        consistent: Whether writes that ended before are surely seen, at twice the price.
        dry_run: Whether nothing is read or written: the answer says about how many items there are, and the read units that it would take, as
            DynamoDB counted them some hours ago.
        progress: Is told each two seconds how far it has come.

    Returns:
        How many items were read, and written.

    Raises:
        DataError: An argument is not what it must be; the file is there already, or cannot be written.
        ExpressionError: An entity lives in another table.
        PartMissingError: Parquet needs what `pip install 'gateleg[parquet]'` installs.
    """
    check_store(store)
    check_segments(segments)
    check_rate(rate)
    check_flags(consistent=consistent, dry_run=dry_run)
    check_calls(progress=progress)
    check_paths(needed=True, to=to)
    scope = Scope.of(store, entities)
    _check_name(to, scope)
    rate = rate or Rate()
    if dry_run:
        return _estimate(store, consistent=consistent)
    tally, bucket, lock = Tally(progress), Bucket(rate.reads), Lock()
    with ExitStack() as files:
        sink = _sink(to, scope, files)

        def walk(segment: int, stopping: Event) -> None:
            pages = Walk(store, scope, segment, segments, bucket=bucket, rate=rate.reads, consistent=consistent)
            while not stopping.is_set() and (found := pages.page()) is not None:
                page, units = found
                items = [item for item in page.items if not scope.asked or scope.layout(item) is not None]
                with lock:
                    written = sink.write(items)
                tally.add(Progress(items=page.scanned, written=written, skipped=page.scanned - written, read_units=units))

        try:
            at_once(walk, range(segments))
        finally:
            sink.close()
    return tally.sum


def _check_name(to: Path, scope: Scope) -> None:
    if to.exists():
        raise DataError(f"{to} is there already; give another name, or remove it", path=str(to), code="data.exists")
    if to.name.startswith(MANIFEST):
        message = f"{to.name!r} begins as the manifests of DynamoDB's exports do, which an import leaves out; give another name"
        raise DataError(message, path="to", value=str(to), code="data.argument")
    if to.name.endswith(JSON_SUFFIXES):
        return
    if to.suffix not in {PARQUET_SUFFIX, ""}:
        message = f"{to.name!r} says no format; write a name that ends with {', '.join(JSON_SUFFIXES)} or .parquet, or one without a suffix for a folder"
        raise DataError(message, path="to", value=str(to), code="data.argument")
    from gateleg.data.parquet import check_part

    check_part()
    if to.suffix == PARQUET_SUFFIX and len(scope.names) != 1:
        names = ", ".join(sorted(scope.names))
        message = f"one file of Parquet holds one entity, and these would be in {to.name}: {names}; name one, or write a folder: {to.stem}"
        raise DataError(message, path="to", value=str(to), code="data.argument")


def _sink(to: Path, scope: Scope, files: ExitStack) -> Sink:
    if to.name.endswith(JSON_SUFFIXES):
        return JsonLines(files.enter_context(whole(to)), packed=to.suffix == ".gz")
    from gateleg.data.parquet import ParquetFile, ParquetFolder

    if to.suffix == PARQUET_SUFFIX:
        [name] = scope.names
        layout: Any = scope.table.entities[name].__gateleg__
        return ParquetFile(files.enter_context(whole(to)), layout)
    return ParquetFolder(files.enter_context(whole(to)), scope)


def _estimate(store: Store, *, consistent: bool) -> Progress:
    described, _ = sent(store, once(DescribeTable()))
    count, size = int(described.get("ItemCount", 0)), int(described.get("TableSizeBytes", 0))
    units = max(1, -(-size // _READ_UNIT)) / (1 if consistent else 2)
    return Progress(items=count, written=count, read_units=units)
