"""What a local run remembers between commands, in `.gateleg/local/` of the project."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from gateleg.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@dataclass(frozen=True)
class State:
    """A running emulator and what was deployed onto it.

    Attributes:
        pid: The emulator's process.
        port: Its port on 127.0.0.1.
        auth: Whether it enforces IAM.
        account: The account that the stacks are in.
        region: The region that the stacks are in.
        outputs: The stacks' outputs, by stack and name, with local URLs.
        endpoints: What to open or call: kind, name and URL of each.
        signature: What stands for everything that was deployed; empty until a deploy has succeeded.
    """

    pid: int
    port: int
    auth: bool = True
    account: str = "000000000000"
    region: str = "us-east-1"
    outputs: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    endpoints: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    signature: str = ""


class StateDirectory:
    """The directory that holds the state, the assemblies, the emulator's log and its temporary files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.synthesized = path / "synthesized"
        self.adapted = path / "adapted"
        self.temporary = path / "tmp"
        self.synth_began = path / "synth-began"
        self.emulator_log = path / "emulator.log"
        self.outputs = path / "outputs.json"
        self._file = path / "state.json"

    def make(self) -> None:
        """Create the directory, kept out of version control."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        (self.path / ".gitignore").write_text("*\n", encoding="utf-8")

    def read(self) -> State | None:
        """Return the state; `None` if there is none, or if it was cut off in the middle of a write."""
        try:
            given: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
            return State(**{key: value for key, value in given.items() if key in {known.name for known in fields(State)}})
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def write(self, state: State) -> None:
        """Replace the state in one step."""
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
        draft.replace(self._file)

    def forget(self) -> None:
        """Remove the state."""
        self._file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Hold the directory, so that no other `up` or `down` changes it at the same moment.

        The lock goes with its process, so an interrupted run leaves none behind.

        Raises:
            LocalError: Another process holds it.
        """
        self.make()
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise LocalError(f"another gateleg command is at work in {self.path}; wait until it is done", code="local.busy") from error
        finally:
            os.close(handle)
