"""Serving what is saved: a handler at once, everything else after a new synth and deploy."""

from __future__ import annotations

import contextlib
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateleg.errors import GatelegError, LocalError
from gateleg.local.assembly import Assembly
from gateleg.local.crash_lines import failure_line
from gateleg.local.hotswap import Hotswap, same_but_code
from gateleg.local.watched_files import WatchedFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateleg.local.hotswap import Swapped
    from gateleg.local.local_aws import LocalAws
    from gateleg.local.template import Json

_STEP_MS: Final = 20
_DEBOUNCE_MS: Final = 400
_QUIET_MS: Final = 250
_SETTLE_SECONDS: Final = 1.0
"""A served edit is looked at first: what follows in the background waits, and takes what is saved meanwhile along."""


def watch(aws: LocalAws, write: Callable[[str], None], stop: threading.Event | None = None) -> None:
    """Watch a project until Ctrl-C, and serve what is saved.

    An edited handler goes into its functions in place; the synth and deploy that follow in the background bring what
    the edit means for the stacks, such as a new route, and deploy nothing if it means nothing.

    Args:
        aws: The running project.
        write: Takes one line of progress.
        stop: Ends the watch when it is set.

    Raises:
        LocalError: The embedded AWS was stopped meanwhile.
    """
    from watchfiles import watch as file_changes

    files = WatchedFiles(aws.project)
    batches = file_changes(
        aws.project,
        watch_filter=lambda _, path: files.holds(Path(path)),
        step=_STEP_MS,
        debounce=_DEBOUNCE_MS,
        rust_timeout=_QUIET_MS,
        yield_on_timeout=True,
        stop_event=stop,
    )
    with contextlib.closing(Watcher(aws, write)) as watcher:
        next(batches, None)
        write(f"watching {aws.project}")
        watcher.saved(files.since(aws.synthesized_at))
        for batch in batches:
            watcher.saved({Path(path) for _, path in batch})


class Watcher:
    """Takes saved files and serves them; synthesizes and deploys in a thread of its own, one run at a time."""

    def __init__(self, aws: LocalAws, write: Callable[[str], None]) -> None:
        self._aws = aws
        self._write = write
        self._hotswap = Hotswap(aws.synthesized, aws.project, aws.target, made_at=aws.synthesized_at)
        self._taken: dict[Path, bytes] = {}
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._oldest = float("inf")
        self._settled_at = 0.0
        self._failed = False
        self._broken: dict[str, tuple[Swapped, str]] = {}
        self._telling = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="gateleg-deploy", daemon=True)
        self._thread.start()

    def saved(self, paths: Iterable[Path]) -> None:
        """Serve saved, new or removed files.

        Raises:
            LocalError: The embedded AWS was stopped meanwhile.
        """
        changed = [path for path in paths if self._is_new(path)]
        if not changed:
            return
        if not self._aws.running:
            raise LocalError("the embedded AWS was stopped; run: gateleg local up --watch", code="local.not_running")
        at = min((path.stat().st_mtime for path in changed if path.exists()), default=time.time())
        if swapped := self._hotswap.apply(changed):
            self._settled_at = time.monotonic() + _SETTLE_SECONDS
            self._tell_served(swapped, at)
        self._oldest = min(self._oldest, at)
        self._wanted.set()

    def _tell_served(self, swapped: Sequence[Swapped], at: float) -> None:
        """Have the new code imported, and say of each function whether it serves it."""
        with self._telling:
            self._broken = {name: one for name, one in self._broken.items() if name not in {new.function for new in swapped}}
        if served := self._imported(swapped):
            self._write(f"served in {time.time() - at:.1f} s: {', '.join(served)}")

    def _imported(self, functions: Iterable[Swapped]) -> list[str]:
        """Have functions imported, say which cannot be, unless that was said, and return the others, by name."""
        served: list[str] = []
        with self._telling:
            for one in sorted(functions, key=lambda one: one.name):
                failure = self._aws.control.start(one.function)
                if failure is None:
                    served.append(one.name)
                    self._broken.pop(one.function, None)
                else:
                    line = f"not served: {one.name}: {failure_line(failure, self._aws.project)}"
                    if (one, line) != self._broken.get(one.function):
                        self._write(line)
                    self._failed = True
                    self._broken[one.function] = (one, line)
        return served

    def _is_new(self, path: Path) -> bool:
        """Return whether a file holds other than it did when it was last taken: a synth may write what it wrote before."""
        content = sha256(path.read_bytes()).digest() if path.is_file() else b""
        before, self._taken[path] = self._taken.get(path), content
        return before != content

    def close(self) -> None:
        """Wait for the deploy that runs, and start no other."""
        self._closing.set()
        self._wanted.set()
        self._thread.join()

    def _work(self) -> None:
        while self._wanted.wait() and not self._closing.wait(self._settled_at - time.monotonic()):
            self._wanted.clear()
            at, self._oldest = self._oldest, float("inf")
            try:
                deployed, doubtful = self._bring_up_to_date()
                if deployed:
                    self._write(f"deployed in {time.time() - at:.1f} s")
                self._imported(doubtful)
            except (GatelegError, OSError) as error:
                self._failed = True
                self._write(f"not deployed: {error}")
                continue
            if self._failed and not self._broken and not self._wanted.is_set():
                self._write("all is well again: what runs is what is saved")
            self._failed = bool(self._broken) or (self._failed and self._wanted.is_set())

    def _bring_up_to_date(self) -> tuple[bool, list[Swapped]]:
        """Synthesize and deploy; return whether there was anything to deploy, and the functions that may serve other than before."""
        before = self._hotswap
        deployed = self._aws.redeploy(unless=self._all_live)
        self._hotswap = now = Hotswap(self._aws.synthesized, self._aws.project, self._aws.target, made_at=self._aws.synthesized_at)
        # What was saved meanwhile is live already, and its own turn comes next.
        if self._wanted.is_set():
            return deployed, []
        doubtful = [*now.put_right(before), *(now.changed_since(before) if deployed else ()), *(one for one, _ in self._broken.values())]
        return deployed, list({one.function: one for one in doubtful}.values())

    def _all_live(self, source: Assembly, deployed: Mapping[str, Json]) -> bool:
        """Return whether the deployed templates differ from the new ones only in code that was swapped already."""
        fresh = Hotswap(source, self._aws.project, self._aws.target, made_at=self._aws.synthesized_at)
        new = Assembly(self._aws.directory.adapted).templates()
        return new.keys() <= deployed.keys() and all(
            same_but_code(deployed[name], template, fresh.shared_with(self._hotswap, name)) for name, template in new.items()
        )
