"""What a local run remembers between commands, in `.gateleg/local/` of the project. All of it is a hint: see `gateleg.local.emulator`."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Generator

_PRIVATE = 0o700


@dataclass(frozen=True)
class State:
    """An emulator that was started.

    Attributes:
        pid: Its process.
        born: When the process was started, in seconds since the epoch.
        port: Its port on 127.0.0.1.
        secret: Signs requests of the account's root; another in each run.
        auth: Whether it enforces IAM.
        account: The account that the stacks are in.
        region: The region that the stacks are in.
        endpoints: What to open or call, as `Endpoint` has it; those of the last deploy.
    """

    pid: int
    born: float
    port: int
    secret: str = field(repr=False)
    auth: bool = True
    account: str = "000000000000"
    region: str = "us-east-1"
    endpoints: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class StateDirectory:
    """The directory that holds the state, the assemblies, the emulator's log, its data and its temporary files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.synthesized = path / "synthesized"
        self.adapted = path / "adapted"
        self.wave = path / "wave"
        self.temporary = path / "tmp"
        self.synth_began = path / "synth-began"
        self.emulator_log = path / "emulator.log"
        self._data = path / "data"
        self._port = path / "port"
        self._file = path / "state.json"

    @property
    def data(self) -> Path:
        """Where the emulator keeps what it holds: a folder for each of its versions, which may not read another's."""
        return self._data / f"ministack-{version('ministack')}"

    @property
    def data_of_others(self) -> list[str]:
        """The names of folders with data of other versions of the emulator, where there are none of this."""
        found = sorted(folder.name for folder in self._data.glob("*"))
        return [] if self.data.name in found else found

    @property
    def last_port(self) -> int | None:
        """The port of the last run, so that addresses stay the same."""
        try:
            return int(self._port.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def make(self) -> None:
        """Create the directory, kept out of version control and closed to other users.

        Raises:
            LocalError: The disk is full, or the directory cannot be written.
        """
        with self.writing():
            self.path.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            self.temporary.mkdir(exist_ok=True)
            self._write(self.path / ".gitignore", "*\n")

    def read(self) -> State | None:
        """Return the state; `None` if there is none that can be used."""
        try:
            given: Any = json.loads(self._file.read_bytes())
            state = State(**{known.name: given[known.name] for known in fields(State)})
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        numbers = {type(state.pid), type(state.port)} == {int} and type(state.secret) is str
        return state if numbers and state.pid > 1 else None

    def write(self, state: State) -> None:
        """Replace the state in one step.

        Raises:
            LocalError: The disk is full, or the directory cannot be written.
        """
        with self.writing():
            self._write(self._file, json.dumps(asdict(state), indent=2) + "\n")
            self._write(self._port, str(state.port))

    def forget(self) -> None:
        """Remove the state; data and port stay."""
        self._file.unlink(missing_ok=True)

    def forget_data(self) -> None:
        """Remove what the emulator kept."""
        shutil.rmtree(self._data, ignore_errors=True)

    @contextlib.contextmanager
    def writing(self) -> Generator[None]:
        """Turn what the file system refuses into one clear line.

        Raises:
            LocalError: The disk is full, or the directory cannot be written.
        """
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"cannot write {error.filename or self.path}: {reason.lower()}; make room or mend it, and run the command again"
            raise LocalError(message, path=str(self.path), code="local.disk") from error

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Hold the directory, so that no other `up` or `down` changes it at the same moment.

        The lock goes with its process, so an interrupted run leaves none behind.

        Raises:
            LocalError: Another process holds it, or the directory cannot be written.
        """
        self.make()
        with self.writing():
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise LocalError(f"another gateleg command is at work in {self.path}; wait until it is done", code="local.busy") from error
        finally:
            os.close(handle)

    def _write(self, path: Path, text: str) -> None:
        """Write a file in one step, readable for its owner alone."""
        descriptor, draft = tempfile.mkstemp(dir=self.path, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
