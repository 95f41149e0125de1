"""The `gateleg` command."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from gateleg.errors import GatelegError

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: The command line without the program's name; the process's own by default.

    Returns:
        0; 1 after a `GatelegError`, which is one message on stderr; 130 after Ctrl-C. A wrong command line exits with 2.
    """
    given = _parser().parse_args(arguments)
    try:
        status = given.run(given)
    except GatelegError as error:
        if given.debug:
            raise
        print(f"gateleg: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("gateleg: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return int(status or 0)


class _Parser(argparse.ArgumentParser):
    """Refuses what it does not know itself: otherwise a subcommand's unknown option is refused with the usage of the whole command."""

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        """Parse, and leave nothing over."""
        found, unknown = super().parse_known_args(*given, **named)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def _parser() -> _Parser:
    from gateleg.browser.command import add_parser as add_client
    from gateleg.cost.command import add_parser as add_cost
    from gateleg.data import command as data
    from gateleg.deploying import command as deploying
    from gateleg.describe.documents import add_parsers as add_documents
    from gateleg.diagram.command import add_parser as add_diagram
    from gateleg.doctor.command import add_parser as add_doctor
    from gateleg.local.commands import add_parsers
    from gateleg.project.command import add_parser

    parser = _Parser(prog="gateleg", description="API Gateway, Powertools handlers and DynamoDB from one declaration.")
    parser.add_argument("--version", action="version", version=f"gateleg {_version()}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_parser(commands, _write)
    add_parsers(commands, _write)
    deploying.add_parsers(commands, _write)
    add_diagram(commands, _write)
    add_doctor(commands, _write)
    add_cost(commands, _write)
    data.add_parsers(commands, _write)
    describe = commands.add_parser("describe", help="print the routes, schemas and uses of an app as JSON")
    describe.add_argument("apps", nargs="+", metavar="APP", help="such as lambdas.chat.rest:app")
    describe.add_argument("-o", "--output", metavar="FILE", help="write to a file")
    describe.add_argument("--handler", metavar="HANDLER", help="what Lambda calls, where it is not the app itself")
    describe.add_argument("--env", metavar="NAME=VALUE", action="append", default=[], help="a variable of the function; may be repeated")
    describe.set_defaults(run=_describe)
    add_documents(commands, _write)
    add_client(commands, _write)
    explain = commands.add_parser("explain", help="tell what each access pattern of a table reads, what it costs, and what is hot")
    explain.add_argument("table", metavar="TABLE", help="its declaration, such as lambdas.chat.model:CHAT")
    explain.set_defaults(run=_explain)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gateleg")
    except PackageNotFoundError:
        return "(not installed)"


def _write(line: str) -> None:
    print(line, flush=True)


def _describe(given: argparse.Namespace) -> int:
    from gateleg.describe.__main__ import run

    named = {"--output": given.output, "--handler": given.handler}
    options = [f"{name}={value}" for name, value in named.items() if value] + [f"--env={variable}" for variable in given.env]
    return run([*options, *given.apps], ("gateleg.cli", "describe"))


def _explain(given: argparse.Namespace) -> None:
    from gateleg.describe import describe
    from gateleg.describe.explain import explanation
    from gateleg.errors import DeclarationError

    app = describe(given.table)
    if app.table is None:
        message = f"{given.table!r} is a {app.kind} app; name the declaration of a table, such as lambdas.chat.model:CHAT"
        raise DeclarationError(message, path=given.table, value=app.kind)
    for line in explanation(app.table):
        _write(line)


if __name__ == "__main__":
    sys.exit(main())
