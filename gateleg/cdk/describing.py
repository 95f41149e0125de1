"""Has handler apps described by a process of their own, so that synth never imports handler code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gateleg
from gateleg import errors
from gateleg.cdk.kept_descriptions import KeptDescriptions
from gateleg.description import App
from gateleg.description.handlers import split_handler
from gateleg.errors import AppImportError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN_LINES = 15
_PRINTED = "descriptions.json"
_PROVENANCE = "provenance.json"


@dataclass
class _Known:
    """Descriptions that were kept."""

    descriptions: dict[str, App]

    def result(self) -> dict[str, App]:
        return self.descriptions


@dataclass
class _Process:
    """One running `gateleg.describe`, and what it said once it has ended."""

    apps: tuple[str, ...]
    running: subprocess.Popen[str]
    folder: tempfile.TemporaryDirectory[str]
    place: KeptDescriptions
    known: dict[str, App] | None = None

    def result(self) -> dict[str, App]:
        if self.known is None:
            _, said = self.running.communicate()
            if self.running.returncode != 0:
                raise _failure(self.apps, said)
            printed, provenance = (Path(self.folder.name, name).read_text(encoding="utf-8") for name in (_PRINTED, _PROVENANCE))
            self.known = _read(self.apps, printed)
            self.place.write(list(self.known.values()), provenance)
        return self.known


@dataclass(frozen=True)
class FunctionSource:
    """A function to be described."""

    app: str | None
    handler: str
    root: Path
    environment: Mapping[str, str]


_ahead: dict[tuple[Path, str], _Known | _Process] = {}


class Describing:
    """The descriptions of some apps, under way since this object was made.

    Args:
        apps: App strings, or descriptions that are there already.
        root: The folder that handler modules are found from.

    Raises:
        DeclarationError: An app string is none.
    """

    def __init__(self, sources: Sequence[FunctionSource | App]) -> None:
        root = next((source.root for source in sources if isinstance(source, FunctionSource)), ".")
        self._apps = apps = [source if isinstance(source, App) else source.app or App(source.handler, "function") for source in sources]
        base = Path(root).resolve()
        strings = list(dict.fromkeys(app for app in apps if isinstance(app, str)))
        for app in strings:
            split_handler(app)
        self._processes = {app: process for app in strings if (process := _ahead.pop((base, app), None)) is not None}
        if missing := tuple(app for app in strings if app not in self._processes):
            process = _start(missing, base)
            self._processes |= dict.fromkeys(missing, process)

    def result(self) -> list[App]:
        """The descriptions, in the order of the apps; waits for them.

        Raises:
            AppNotFoundError: No such module or attribute.
            AppImportError: The app's own import failed.
            DeclarationError: Anything else that the app's description found wrong.
        """
        return [app if isinstance(app, App) else self._processes[app].result()[app] for app in self._apps]


def describe_ahead(*apps: str, root: Path | str = ".") -> None:
    """Begin to describe apps that gateways made later in this process will name.

    One process imports them all while CDK is still being loaded; call it at the top of `app.py`.

    Args:
        *apps: App strings.
        root: The folder that handler modules are found from.

    Raises:
        DeclarationError: An app string is none.
    """
    for app in apps:
        split_handler(app)
    base = Path(root).resolve()
    process = _start(apps, base)
    _ahead.update({(base, app): process for app in apps})


def _start(apps: tuple[str, ...], root: Path) -> _Known | _Process:
    package_root = Path(gateleg.__file__).parent.parent
    own = [] if package_root.name in {"site-packages", "dist-packages"} else [str(package_root)]
    paths = [*own, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": ""}
    place = KeptDescriptions.of(apps, root, environment)
    if (kept := place.read(environment)) is not None:
        return _Known(dict(zip(apps, kept, strict=True)))
    folder = tempfile.TemporaryDirectory(prefix="gateleg-describe-")
    outputs = [f"--output={Path(folder.name, _PRINTED)}", f"--provenance={Path(folder.name, _PROVENANCE)}"]
    command = [sys.executable, "-m", "gateleg.describe", *apps, *outputs]
    running = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603 (our own command)
    process = _Process(apps, running, folder, place)
    weakref.finalize(process, _end, running, folder)
    return process


def _end(running: subprocess.Popen[str], folder: tempfile.TemporaryDirectory[str]) -> None:
    """End a process whose description nobody waits for any more, because synth failed elsewhere."""
    running.kill()
    running.wait()
    if running.stderr is not None:
        running.stderr.close()
    folder.cleanup()


def _read(apps: tuple[str, ...], printed: str) -> dict[str, App]:
    parts: list[Any] = [json.loads(printed)] if len(apps) == 1 else json.loads(printed)
    return {app: App.from_dict(part) for app, part in zip(apps, parts, strict=True)}


def _failure(apps: tuple[str, ...], said: str) -> DeclarationError:
    """The error that the process met, raised here as the same class."""
    lines = said.strip().splitlines()
    try:
        told = json.loads(lines[-1])["error"]
        kind = getattr(errors, told["class"])
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        shown = "\n".join(lines[-_SHOWN_LINES:]) or "it said nothing"
        return AppImportError(f"describing {', '.join(apps)} ended early:\n{shown}", path=apps[0])
    if not (isinstance(kind, type) and issubclass(kind, DeclarationError)):
        kind = DeclarationError
    return kind(told["message"], path=apps[0], code=told.get("code"))
