"""What an app's author reads when the import fails: the app's name and the last lines of their own traceback."""

from __future__ import annotations

import difflib
import importlib
import os
import re
import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg import places
from gateleg.errors import AppImportError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateleg.errors import GatelegError

_FRAMES = 4
_OWN = str(Path(__file__).parent)
_SEVERAL = 12


def import_failure(app: str, error: BaseException) -> AppImportError:
    """The error to raise for what an app's import raised."""
    return AppImportError(
        f"{app!r} failed to import: {_summary(error)}{_advice(error)}\n{_last_lines(error)}",
        path=app,
        value=type(error).__name__,
        place=getattr(error, "place", None) or places.of_failure(error),
    )


def told(error: GatelegError) -> dict[str, Any]:
    """An error as plain data, from which a parent process makes it again."""
    return {
        "error": {
            "class": type(error).__name__,
            "code": error.code,
            "message": error.message,
            "path": error.path,
            "place": getattr(error, "place", None),
        }
    }


def near(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates most like the name; all of them where none is and they are few."""
    known = list(candidates)
    return difflib.get_close_matches(name, known, n=5, cutoff=0.5) or (sorted(known) if len(known) <= _SEVERAL else [])


def _summary(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r}) while it was imported"
    if isinstance(error, DeclarationError):
        return f"{type(error).__name__}: {error.message}"
    return "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]


def _advice(error: BaseException) -> str:
    if _from_environ(error):
        return f"; the variable {error.args[0]} is not set: give it to the function, options={{'environment': {{{error.args[0]!r}: ...}}}}, or read it when a request comes"
    if isinstance(error, re.error):
        return "; a route is <name> for one segment or a pattern without named groups, such as /files/.+"
    if isinstance(error, ModuleNotFoundError):
        return "; name what brings it in the requirements file of the handlers, and install it here, too; or give the gateway a description kept in a file"
    if any(type(one).__name__ in {"NoCredentialsError", "EndpointConnectionError", "ClientError"} for one in _with_causes(error)):
        return "; it calls AWS while it is imported: make that call when a request comes"
    return ""


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _from_environ(error: BaseException) -> bool:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return isinstance(error, KeyError) and last is not None and last.tb_frame.f_globals.get("__name__") == "os"


def _last_lines(error: BaseException) -> str:
    """The traceback's end: the last frames of the app's own code, and the very last, without their libraries between."""
    told = traceback.TracebackException.from_exception(error, compact=True)
    frames = list(told.stack)
    kept = [frame for frame in frames[:-1] if not _library(frame.filename)][-_FRAMES:] + frames[-1:]
    told.stack[:] = [frame for frame in kept if not _machinery(frame.filename)]
    return "".join(told.format(chain=False)).rstrip().removeprefix("Traceback (most recent call last):\n")


def _machinery(filename: str) -> bool:
    return filename.startswith(("<frozen", _OWN)) or filename == importlib.__file__


def _library(filename: str) -> bool:
    standard = sysconfig.get_path("stdlib")
    return _machinery(filename) or "site-packages" in Path(filename).parts or filename.startswith(standard + os.sep)
