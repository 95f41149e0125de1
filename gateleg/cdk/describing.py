"""Has functions described in processes of their own, so that synth never imports handler code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg import places
from gateleg.cdk.describer import Describer
from gateleg.cdk.kept_descriptions import KeptDescription, are_kept
from gateleg.description import App, split_handler
from gateleg.errors import AppNotFoundError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from gateleg.cdk.describer import Answer
    from gateleg.description.source import FunctionSource

UNKNOWN = "known-after-deployment"
"""What a handler finds while it is described, in the place of what CloudFormation makes."""

TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
_running: list[Describer] = []


class Describing:
    """The descriptions of some functions, under way since this object was made.

    Args:
        sources: The functions, or descriptions that are there already.

    Raises:
        DeclarationError: An app string or a handler string is not one.
        AppNotFoundError: A root is not there.
        PackagingError: The disk is full or cannot be written.
    """

    def __init__(self, sources: Sequence[FunctionSource | App]) -> None:
        self._each = [source if isinstance(source, App) else _One(source) for source in sources]

    def result(self) -> list[App]:
        """The descriptions, in the order of the functions; waits for them.

        Raises:
            AppNotFoundError: No such module or attribute.
            AppImportError: The module's own import failed, or took too long.
            DeclarationError: Anything else that the description found wrong.
        """
        return [one if isinstance(one, App) else one.result() for one in self._each]


class _One:
    """The description of one function: kept, or to come."""

    def __init__(self, source: FunctionSource) -> None:
        for name in {source.name, source.handler}:
            split_handler(name)
        if not source.root.is_dir():
            message = f"{source.name!r} was not found: there is no folder {source.root}; name the one that its modules are found from"
            raise AppNotFoundError(message, path=source.name, value=str(source.root))
        self._place = KeptDescription.of(source)
        self._found: App | Future[Answer] = self._place.read() or _describer().ask(source)

    def result(self) -> App:
        if not isinstance(self._found, App):
            try:
                answer = self._found.result()
            except DeclarationError as error:
                # What was asked for is not there: who asked is nowhere but here.
                error.place = error.place or places.calling()
                raise
            self._found = App.from_dict(answer["description"])
            self._place.write(answer)
        return self._found


def as_described(text: str) -> str:
    """A text as a handler finds it while it is described, such as `https://known-after-deployment` for that of a distribution's domain."""
    return TOKEN.sub(UNKNOWN, text)


def describe_ahead(*apps: str, root: Path | str = ".") -> None:
    """Prepare for describing apps that gateways made later in this process will name.

    What describes them is started while CDK is still being loaded, unless descriptions of all of them are kept; call it at the top
    of `app.py`.

    Args:
        *apps: App strings.
        root: The folder that handler modules are found from.

    Raises:
        DeclarationError: An app string is not one.
    """
    for app in apps:
        split_handler(app)
    if not are_kept(apps, Path(root)):
        _describer()


def _describer() -> Describer:
    """The one of this process; started the first time, and again where it has ended."""
    if not _running or not _running[0].usable:
        _running[:] = [Describer()]
    return _running[0]
