"""The command `python -m gateleg.describe`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.describe import describe
from gateleg.describe.failures import told
from gateleg.describe.recording import Recorder
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError, GatelegError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import TextIO

    from gateleg.description import App


def main(argv: Sequence[str] | None = None) -> int:
    """Describe the named apps and print one JSON object, or an array for several apps.

    Whatever the apps print goes to standard error.

    Args:
        argv: The arguments; the process's own by default.

    Returns:
        0, or 1 after a line of JSON on standard error: `{"error": {"class", "code", "message", "path"}}`.
    """
    try:
        return run(argv, ("gateleg.describe",))
    except GatelegError as error:
        sys.stderr.write(json.dumps(told(error)) + "\n")
        return 1


def run(argv: Sequence[str] | None, module: Sequence[str]) -> int:
    """Describe the named apps and print one JSON object, or an array for several apps.

    Args:
        argv: The arguments; the process's own by default.
        module: What follows `python -m` to describe one of several.

    Returns:
        0, or the status of the process that could not describe one of several, and has told why.

    Raises:
        GatelegError: The one app cannot be described.
    """
    arguments = _parser().parse_args(argv)
    sources = _sources(arguments)
    try:
        with _own_stdout() as stdout:
            described = _described(sources[0]).to_json() if len(sources) == 1 else _each(arguments, module)
            _write(described, arguments.output, stdout)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


def _parser() -> argparse.ArgumentParser:
    description = "Read handler apps and print their routes, schemas, uses and marks as JSON."
    parser = argparse.ArgumentParser(prog="python -m gateleg.describe", description=description)
    parser.add_argument("apps", metavar="APP", nargs="+", help="package.module:attribute, such as lambdas.chat.rest:app")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to this file instead of standard output")
    parser.add_argument("--handler", metavar="HANDLER", default="", help="what Lambda calls, where it is not the app itself")
    parser.add_argument("--env", metavar="NAME=VALUE", action="append", default=[], help="a variable of the function; may be repeated")
    return parser


def _sources(arguments: argparse.Namespace) -> list[FunctionSource]:
    if arguments.handler and len(arguments.apps) > 1:
        raise DeclarationError(f"--handler is of one app, {len(arguments.apps)} were given; describe them one by one", value=arguments.apps)
    environment = dict(map(_variable, arguments.env))
    return [FunctionSource(app, arguments.handler, Path(), environment) for app in arguments.apps]


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise DeclarationError("a variable is written NAME=VALUE, such as --env TABLE_NAME=orders", path="--env")
    return name, value


def _described(source: FunctionSource) -> App:
    with tempfile.TemporaryDirectory(prefix="gateleg-home-") as home:
        return describe(source, home=home, recorder=Recorder(time.time_ns(), home))


def _each(arguments: argparse.Namespace, module: Sequence[str]) -> str:
    """Several apps, each in a process of its own: what one has imported, another one needs as well."""
    variables = [f"--env={variable}" for variable in arguments.env]
    commands = [[sys.executable, "-m", *module, app, *variables] for app in arguments.apps]
    printed = [subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout for command in commands]  # noqa: S603 (our own command)
    return json.dumps(list(map(json.loads, printed)), indent=2, ensure_ascii=False)


def _write(text: str, output: Path | None, stdout: TextIO) -> None:
    if output is None:
        stdout.write(text + "\n")
    else:
        output.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _own_stdout() -> Generator[TextIO]:
    """Keep standard output for the result: the apps' prints, also those of C code and child processes, go to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    printed, sys.stdout = sys.stdout, sys.stderr
    try:
        with open(kept, "w", encoding="utf-8", closefd=False) as stdout:
            # A caller that has put another stream in its place reads that one.
            yield stdout if printed is sys.__stdout__ else printed
    finally:
        sys.stdout = printed
        os.dup2(kept, 1)
        os.close(kept)


if __name__ == "__main__":
    status: int = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # An app may have started threads that never end, or print at exit; the answer is complete.
    os._exit(status)
