"""The subcommand `gateleg client`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_parser(commands: Any, write: Callable[[str], None]) -> None:
    """Add `gateleg client` to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    parser = commands.add_parser("client", help="write a browser's client of a WebSocket app, and its types")
    parser.add_argument("app", metavar="APP", help="such as lambdas.chat.socket:app")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="FOLDER", help="where socket.js, socket.d.ts and the like go (default: here)"
    )

    def run(given: argparse.Namespace) -> None:
        for path in _written(given.app, given.output):
            write(f"wrote {path}")

    parser.set_defaults(run=run)


def _written(app: str, folder: Path) -> list[Path]:
    from gateleg.browser.client import client_files
    from gateleg.describe import describe

    files = {folder / name: text for name, text in client_files(describe(app)).items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"the client cannot be written into {folder} ({error.strerror}); give a folder with -o"
        raise DeclarationError(message, path="--output", value=str(folder)) from None
    return list(files)
