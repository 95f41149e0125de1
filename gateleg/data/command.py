"""The subcommands `gateleg backfill`, `gateleg export`, `gateleg import` and `gateleg seed`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from gateleg.data.progress import Progress
    from gateleg.data.rejection import Rejected, Rejection
    from gateleg.model import Table

_TABLE = "the table's declaration, such as lambdas.chat.model:CHAT"


def add_parsers(commands: Any, write: Callable[[str], None]) -> None:
    """Add the subcommands to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    backfill = _add(
        commands, "backfill", "write stored items as the present declaration stores them", lambda given: _backfill(given, write)
    )
    backfill.add_argument("table", metavar="TABLE", help=_TABLE)
    _add_entities(backfill)
    backfill.add_argument("--change", metavar="FUNCTION", help="what makes the entity to store of the one that is read: module:function")
    _add_segments(backfill)
    _add_pace(backfill, reads="take so many read units a second at most", writes=True)
    backfill.add_argument("--state", type=Path, metavar="FILE", help="keep in it how far it has come, and go on there")
    backfill.add_argument("--fresh", action="store_true", help="begin at the beginning, whatever the state says")
    _add_rejects(backfill)
    export = _add(commands, "export", "write the items of a table into a file", lambda given: _export(given, write))
    export.add_argument("table", metavar="TABLE", help=_TABLE)
    export.add_argument("to", type=Path, metavar="TO", help="chat.jsonl, chat.jsonl.gz, chat.parquet, or a folder for Parquet by entity")
    _add_entities(export)
    _add_segments(export)
    _add_pace(export, reads="take so many read units a second at most")
    export.add_argument("--consistent", action="store_true", help="surely see writes that ended before, at twice the price")
    imported = _add(
        commands, "import", "write the items of files into a table, each checked by its entity", lambda given: _import(given, write)
    )
    imported.add_argument("table", metavar="TABLE", help=_TABLE)
    imported.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what gateleg export or DynamoDB's export to S3 wrote")
    imported.add_argument("--replace", action="store_true", help="replace items that are there and differ")
    _add_pace(imported, reads="with --dry-run, take so many read units a second at most", writes=True)
    _add_rejects(imported)
    seeded = _add(commands, "seed", "create the entities that a table is to have", lambda given: _seed(given, write))
    seeded.add_argument("seeds", metavar="SEEDS", help="their declaration, such as lambdas.chat.seeds:DEMO")
    seeded.add_argument("--replace", action="store_true", help="let items that say otherwise say what the seeds say")
    seeded.add_argument("--account", metavar="ID", help="the account that the table is in, where it is on AWS")
    _add_rejects(seeded)


def _add(commands: Any, name: str, summary: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary)
    _add_where(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done and what it would take; nothing is written")
    parser.set_defaults(run=run)
    return parser


def _add_where(parser: argparse.ArgumentParser) -> None:
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--table-name", metavar="NAME", help="the table's name in the account (default: what GATELEG_TABLE_... says)")
    place.add_argument("--local", action="store_true", help="the table of the embedded AWS that gateleg local up runs")
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="with --local, the directory of cdk.json")
    parser.add_argument("--profile", metavar="NAME", help="the profile of your AWS configuration")
    parser.add_argument("--region", metavar="NAME", help="the region of the table")


def _add_entities(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--entity", action="append", default=[], metavar="NAME", dest="entities", help="this entity only; may be repeated")


def _add_segments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--segments", type=int, default=4, metavar="NUMBER", help="read in so many parts at once (default: 4)")


def _add_pace(parser: argparse.ArgumentParser, *, reads: str, writes: bool = False) -> None:
    parser.add_argument("--reads", type=float, metavar="UNITS", help=reads)
    if writes:
        parser.add_argument("--writes", type=float, metavar="UNITS", help="take so many write units a second at most")


def _add_rejects(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rejects", type=Path, metavar="FILE", help="what is not done, one a line (default: rejects.jsonl)", default=Path("rejects.jsonl")
    )


def _backfill(given: argparse.Namespace, write: Callable[[str], None]) -> int:
    from gateleg.data.backfilling import backfill
    from gateleg.data.rate import Rate
    from gateleg.data.rejection import RejectsFile
    from gateleg.data.where import store_at
    from gateleg.describe.loading import named

    table = _table(given.table)
    entities: list[Any] = [_entity(table, name) for name in given.entities]
    done = backfill(
        store_at(given, table),
        *entities,
        change=None if given.change is None else named(given.change),
        segments=given.segments,
        rate=Rate(given.reads, given.writes),
        state=given.state,
        fresh=given.fresh,
        dry_run=given.dry_run,
        rejected=RejectsFile(given.rejects, _tell),
        progress=_progress,
    )
    return _end(given, done, write)


def _export(given: argparse.Namespace, write: Callable[[str], None]) -> int:
    from gateleg.data.exporting import export_items
    from gateleg.data.rate import Rate
    from gateleg.data.where import store_at

    table = _table(given.table)
    done = export_items(
        store_at(given, table),
        given.to,
        *(_entity(table, name) for name in given.entities),
        segments=given.segments,
        rate=Rate(given.reads),
        consistent=given.consistent,
        dry_run=given.dry_run,
        progress=_progress,
    )
    return _end(given, done, write)


def _import(given: argparse.Namespace, write: Callable[[str], None]) -> int:
    from gateleg.data.importing import import_items
    from gateleg.data.rate import Rate
    from gateleg.data.where import store_at

    with _rejects(given) as rejected:
        done = import_items(
            store_at(given, _table(given.table)),
            *given.files,
            replace=given.replace,
            rate=Rate(given.reads, given.writes),
            dry_run=given.dry_run,
            rejected=rejected,
            progress=_progress,
        )
    return _end(given, done, write)


def _rejects(given: argparse.Namespace) -> AbstractContextManager[Rejected]:
    """What takes the rejections of an import, whose own file of rejects may be among those that it reads."""
    from gateleg.data.importing import data_files
    from gateleg.data.rejection import RejectsFile, rejects_read

    path: Path = given.rejects
    if path.exists() and any(path.samefile(one) for one in data_files(given.files)):
        return rejects_read(path, _tell, dry_run=given.dry_run)
    return nullcontext(RejectsFile(path, _tell))


def _seed(given: argparse.Namespace, write: Callable[[str], None]) -> int:
    from gateleg.data.rejection import RejectsFile
    from gateleg.data.seeds import Seeds, seed
    from gateleg.data.where import check_account, store_at
    from gateleg.describe.loading import named
    from gateleg.errors import DataError

    seeds = named(given.seeds)
    if not isinstance(seeds, Seeds):
        message = f"{given.seeds!r} is a {type(seeds).__name__}; name the declaration of seeds: DEMO = Seeds(CHAT, [...])"
        raise DataError(message, path="SEEDS", value=given.seeds, code="data.seed")
    store = store_at(given, seeds.table)
    if not given.dry_run:
        check_account(store, given.account)
    rejected = RejectsFile(given.rejects, _tell)
    done = seed(store, seeds, replace=given.replace, dry_run=given.dry_run, rejected=rejected, progress=_progress)
    return _end(given, done, write)


def _end(given: argparse.Namespace, done: Progress, write: Callable[[str], None]) -> int:
    write(f"{'dry run, nothing was written; it would be ' if given.dry_run else ''}{done}")
    if done.failed:
        sys.stderr.write(f"gateleg: {done.failed} were not done; {given.rejects} says which, and why\n")
    return int(done.failed > 0)


def _progress(done: Progress) -> None:
    sys.stderr.write(f"{done}\n")
    sys.stderr.flush()


def _tell(rejection: Rejection) -> None:
    sys.stderr.write(f"{rejection.where}: {rejection.error}\n")


def _table(name: str) -> Table:
    from gateleg.describe.loading import named
    from gateleg.errors import DataError
    from gateleg.model import Table

    found = named(name)
    if not isinstance(found, Table):
        message = f"{name!r} is a {type(found).__name__}; name the declaration of a table, such as lambdas.chat.model:CHAT"
        raise DataError(message, path="TABLE", value=name, code="data.argument")
    return found


def _entity(table: Table, name: str) -> Any:
    from gateleg.errors import DataError

    if name not in table.entities:
        message = f"table {table.name!r} has no entity {name!r}; its entities: {', '.join(table.entities)}"
        raise DataError(message, path="--entity", value=name, code="data.argument")
    return table.entities[name]
