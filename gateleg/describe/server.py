"""Describes functions in a process each, forked from one that has imported Powertools and pydantic, and nothing of the user's.

`python -m gateleg.describe.server` reads a line of JSON for each function, `{"number", "source"}`, and answers each with one when
it is done: `{"number", "answer", "said"}`, where the answer is JSON, `{"description", "provenance"}` or `{"error"}`, and empty where
the function's process ended without one. It ends when nobody can ask any more.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from time import monotonic, time_ns
from typing import IO, Any, NoReturn

from gateleg.describe import describe
from gateleg.describe.environment import base_environment
from gateleg.describe.failures import told
from gateleg.describe.recording import Recorder, files_of_modules
from gateleg.description.provenance import stamp
from gateleg.description.source import FunctionSource
from gateleg.errors import AppImportError, GatelegError

_PATIENCE = 60.0
"""For how many seconds a function may be imported."""
_SAID = 8_000
_HEAVY = (
    "aws_lambda_powertools.event_handler.openapi.models",
    "aws_lambda_powertools.event_handler.middlewares.openapi_validation",
    "gateleg.describe.rest",
    "gateleg.describe.websocket",
    "gateleg.rest",
    "gateleg.store",
)


@dataclass
class _Child:
    """A process that describes one function.

    Attributes:
        number: Of its request.
        source: The function.
        process: Its process id.
        answer: A nameless file that it writes its answer to.
        said: A nameless file that takes its standard output and standard error.
        deadline: When it is ended, on the monotonic clock.
    """

    number: int
    source: FunctionSource
    process: int
    answer: IO[bytes]
    said: IO[bytes]
    deadline: float


@dataclass
class Server:
    """Forks and waits.

    Args:
        requests: The file descriptor to read from.
        answers: The file descriptor to write to.
        home: A folder that ends with the server.
        began: When this process began to import, in nanoseconds since the epoch.
        patience: For how many seconds a function may be imported.
    """

    requests: int
    answers: int
    home: str
    began: int
    patience: float
    _unread: bytes = b""
    _waiting: list[tuple[int, FunctionSource]] = field(default_factory=list[tuple[int, FunctionSource]])
    _running: dict[int, _Child] = field(default_factory=dict[int, _Child])

    def run(self) -> None:
        """Answer until the requests end, then end what is still running."""
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, _noticed)
        try:
            while self._listen(woken):
                self._fork_waiting()
        finally:
            for child in self._running.values():
                _end(child)

    def _listen(self, woken: int) -> bool:
        """Wait for a request, the end of a child or its deadline; `False` when the requests have ended."""
        deadline = min((child.deadline for child in self._running.values()), default=None)
        ready, _, _ = select.select([self.requests, woken], [], [], None if deadline is None else max(0.0, deadline - monotonic()))
        if woken in ready:
            with suppress(BlockingIOError):
                os.read(woken, 4096)
        self._collect()
        if self.requests not in ready:
            return True
        read = os.read(self.requests, 65_536)
        *lines, self._unread = (self._unread + read).split(b"\n")
        for line in lines:
            request = json.loads(line)
            self._waiting.append((request["number"], FunctionSource.from_dict(request["source"])))
        return bool(read)

    def _fork_waiting(self) -> None:
        while self._waiting and len(self._running) < (os.cpu_count() or 1):
            number, source = self._waiting.pop(0)
            answer, said = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 (closed when the child has ended)
            process = os.fork()
            if process == 0:
                os.close(self.requests)
                os.close(self.answers)
                _describe(source, self.home, self.began, answer, said)
            self._running[process] = _Child(number, source, process, answer, said, monotonic() + self.patience)

    def _collect(self) -> None:
        """Answer for the children that have ended, and end those that take too long."""
        for child in list(self._running.values()):
            ended, _ = os.waitpid(child.process, os.WNOHANG)
            late = not ended and monotonic() >= child.deadline
            if ended or late:
                _end(child, waiting=late)
                del self._running[child.process]
                self._answer(child, late=late)

    def _answer(self, child: _Child, *, late: bool) -> None:
        content = _read(child.answer)
        said = _read(child.said)[-_SAID:]
        if late:
            content = json.dumps(told(_too_late(child.source, self.patience))).encode()
        line = {"number": child.number, "answer": content.decode(), "said": said.decode(errors="replace")}
        _write(self.answers, json.dumps(line).encode() + b"\n")


def _noticed(_number: int, _frame: object) -> None:
    """Only a signal that has a handler wakes the server."""


def _describe(source: FunctionSource, home: str, began: int, answer: IO[bytes], said: IO[bytes]) -> NoReturn:
    """Be the child: describe, write the answer, and end whatever the function has started."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
        home = tempfile.tempdir = tempfile.mkdtemp(dir=home)
        recorder = Recorder(began, home)
        try:
            description = describe(source, home=home, recorder=recorder)
            content: dict[str, Any] = {"description": description.to_dict(), "provenance": recorder.provenance().to_dict()}
        except GatelegError as error:
            content = told(error)
        _write(answer.fileno(), json.dumps(content).encode())
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 (nothing may return into the server)
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _end(child: _Child, *, waiting: bool = True) -> None:
    """End a child, and what it has started in its process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process, signal.SIGKILL)
    if waiting:
        with suppress(ProcessLookupError):
            os.kill(child.process, signal.SIGKILL)
        os.waitpid(child.process, 0)


def _too_late(source: FunctionSource, patience: float) -> AppImportError:
    message = (
        f"{source.name!r} was not described within {patience:.0f} seconds: its import waits for something, such as the network; "
        "do that when a request comes"
    )
    return AppImportError(message, path=source.name)


def _read(file: IO[bytes]) -> bytes:
    with file:
        file.seek(0)
        return file.read()


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _import_heavy() -> None:
    """Import what functions import, so that each fork finds it, as far as it is installed."""
    for name in _HEAVY:
        with suppress(ImportError):
            import_module(name)


def main(patience: float = _PATIENCE) -> None:
    """Serve the standard input and output of this process.

    Args:
        patience: For how many seconds a function may be imported.
    """
    began = time_ns()
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="gateleg-describe-") as home:
        os.environ.clear()
        os.environ.update(base_environment(home))
        _import_heavy()
        for path in files_of_modules():
            # Once for all forks, which know it from here.
            stamp(path)
        gc.collect()
        gc.freeze()
        Server(requests, answers, home, began, patience).run()


if __name__ == "__main__":
    main()
