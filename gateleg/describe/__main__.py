"""The command `python -m gateleg.describe`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.describe import describe
from gateleg.errors import GatelegError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import TextIO

    from gateleg.describe.recording import Recorder
    from gateleg.description import App


def main(argv: Sequence[str] | None = None) -> int:
    """Describe the named apps and print one JSON object, or an array for several apps.

    Whatever the apps print goes to standard error.

    Args:
        argv: The arguments; the process's own by default.

    Returns:
        0, or 1 after a line of JSON on standard error: `{"error": {"class", "code", "message"}}`.
    """
    arguments = _parser().parse_args(argv)
    try:
        with _own_stdout() as stdout:
            recorder = _recorder() if arguments.provenance else None
            text = _render([describe(app, recorder=recorder) for app in arguments.apps])
            if recorder is not None:
                arguments.provenance.write_text(recorder.provenance().to_json(), encoding="utf-8")
            _write(text, arguments.output, stdout)
    except GatelegError as error:
        failure = {"class": type(error).__name__, "code": error.code, "message": error.message}
        sys.stderr.write(json.dumps({"error": failure}) + "\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateleg.describe", description="Read handler apps and print their routes, schemas, uses and marks as JSON."
    )
    parser.add_argument("apps", metavar="APP", nargs="+", help="package.module:attribute, such as lambdas.chat.rest:app")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to this file instead of standard output")
    parser.add_argument(
        "--provenance", metavar="FILE", type=Path, help="also write what the description was read from, by which a kept one is judged"
    )
    return parser


def _recorder() -> Recorder:
    from gateleg.describe.recording import Recorder

    return Recorder()


def _render(descriptions: Sequence[App]) -> str:
    if len(descriptions) == 1:
        return descriptions[0].to_json()
    return json.dumps([description.to_dict() for description in descriptions], indent=2, ensure_ascii=False)


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
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # An app may have started threads that never end, or print at exit; the answer is complete.
    os._exit(status)
