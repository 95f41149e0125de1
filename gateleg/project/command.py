"""The subcommand `gateleg init`."""

from __future__ import annotations

import argparse
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from gateleg.errors import ProjectError
from gateleg.project.names import ProjectName
from gateleg.project.project import Project
from gateleg.project.template import Part

if TYPE_CHECKING:
    from collections.abc import Callable

_APIS = (Part.REST, Part.WEBSOCKET)


def add_parser(commands: Any, write: Callable[[str], None]) -> None:
    """Add `gateleg init` to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    parser = commands.add_parser("init", help="write a new project")
    parser.add_argument("name", metavar="NAME", help="such as order-book; the folder that is made is called so")
    parser.add_argument("--api", default="rest", metavar="APIS", help="rest, websocket, or rest,websocket (default: rest)")
    parser.add_argument(
        "--table", action=argparse.BooleanOptionalAction, default=True, help="whether there is a DynamoDB table (default: yes)"
    )
    parser.add_argument("--directory", type=Path, metavar="DIR", help="write into this folder (default: ./NAME)")

    def run(given: argparse.Namespace) -> None:
        _init(given, write)

    parser.set_defaults(run=run)


def _init(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    project = Project(ProjectName.of(given.name), _parts(given.api, table=given.table))
    folder = Path(given.name) if given.directory is None else given.directory
    project.write(folder, write)
    write(f"  cd {quote(str(folder))}")
    write("  make run     # serve it on an embedded AWS, until Ctrl-C")
    write("  make test    # check it")


def _parts(apis: str, *, table: bool) -> frozenset[Part]:
    """What the arguments choose.

    Raises:
        ProjectError: There is no such API.
    """
    named = [word.strip() for word in apis.split(",")]
    if unknown := [word for word in named if word not in _APIS]:
        message = f"there is no API {', '.join(map(repr, unknown))}; write --api rest, --api websocket or --api rest,websocket"
        raise ProjectError(message, path="--api", value=apis, code="project.api")
    return frozenset(map(Part, [*named, "table"] if table else named))
