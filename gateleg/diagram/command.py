"""The subcommand `gateleg diagram`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateError
from gateleg.template import TEMPLATE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_FORMATS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid"}


def add_parser(commands: Any, write: Callable[[str], None]) -> None:
    """Add `gateleg diagram` to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    parser = commands.add_parser("diagram", help="draw the flows of a template")
    parser.add_argument("template", nargs="?", default="cdk.out", metavar="TEMPLATE", help=TEMPLATE)
    parser.add_argument("--since", metavar="EARLIER", help="draw what changed since this template or folder")
    parser.add_argument("--format", choices=["mermaid", "svg"], help="mermaid or svg (default: what the name of the file says, or mermaid)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file, such as flows.svg or flows.mmd")

    def run(given: argparse.Namespace) -> None:
        _diagram(given, write)

    parser.set_defaults(run=run)


def _diagram(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    kind = given.format or _format(given.output)
    from gateleg.diagram.drawing import drawn

    text = drawn(given.template, since=given.since, form=kind)
    if given.output is None:
        write(text.removesuffix("\n"))
        return
    try:
        given.output.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{given.output} cannot be written ({error.strerror}); give a file in a folder that is there"
        raise TemplateError(message, path="--output", value=str(given.output), code="template.not_written") from None


def _format(output: Path | None) -> str:
    """What the name of a file says of its format.

    Raises:
        TemplateError: It says nothing.
    """
    if output is None:
        return "mermaid"
    if output.suffix not in _FORMATS:
        message = f"{output} does not say its format; call it {output.stem}.svg or {output.stem}.mmd, or add --format svg"
        raise TemplateError(message, path="--output", value=str(output), code="template.format")
    return _FORMATS[output.suffix]
