"""The process that describes functions for this one."""

from __future__ import annotations

import atexit
import json
import os
import site
import subprocess
import sys
import tempfile
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import IO, TYPE_CHECKING, Any

import gateleg
from gateleg import errors
from gateleg.errors import AppImportError, DeclarationError

if TYPE_CHECKING:
    from gateleg.description.source import FunctionSource

_SHOWN_LINES = 15

Answer = dict[str, Any]
"""A description and its provenance, as plain data."""


class Describer:
    """One running `gateleg.describe.server`.

    It gets none of this process's environment, and ends with it.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process runs)
        command = [sys.executable, "-P", "-s", "-m", "gateleg.describe.server"]
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            command, env=_environment(), cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        self._lock = Lock()
        self._asked: dict[int, tuple[FunctionSource, Future[Answer]]] = {}
        self._numbers = iter(range(sys.maxsize))
        self._last_words: str | None = None
        Thread(target=self._read, args=(self._process.stdout,), name="gateleg-describe", daemon=True).start()
        atexit.register(self.close)

    @property
    def usable(self) -> bool:
        """Whether it can be asked: by the process that started it, as long as it runs."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, source: FunctionSource) -> Future[Answer]:
        """Have a function described.

        Returns:
            The answer to come, or a `DeclarationError` of the class that the description met.
        """
        future: Future[Answer] = Future()
        with self._lock:
            if self._last_words is not None:
                future.set_exception(_ended_early(source, self._last_words))
                return future
            number = next(self._numbers)
            self._asked[number] = (source, future)
            request = {"number": number, "source": source.to_dict()}
            with suppress(BrokenPipeError, ValueError):  # it has ended, which the reader tells
                stdin = self._stdin()
                stdin.write(json.dumps(request).encode() + b"\n")
                stdin.flush()
        return future

    def close(self) -> None:
        """End it, and all that it describes."""
        if self._owner == os.getpid():
            with suppress(BrokenPipeError):
                self._stdin().close()
            self._process.wait()

    def _stdin(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise ValueError("a process with a pipe has it")
        return self._process.stdin

    def _read(self, answers: IO[bytes]) -> None:
        for line in answers:
            told = json.loads(line)
            source, future = self._asked.pop(told["number"])
            try:
                future.set_result(_answer(source, told["answer"], told["said"]))
            except DeclarationError as error:
                future.set_exception(error)
        self._process.wait()
        with self._lock:
            self._said.seek(0)
            self._last_words = self._said.read().decode(errors="replace")
            for source, future in self._asked.values():
                future.set_exception(_ended_early(source, self._last_words))


def _environment() -> dict[str, str]:
    """No more than what finds gateleg, where it is not installed for everybody who runs this interpreter."""
    package_root = str(Path(gateleg.__file__).parent.parent)
    return {"PATH": "/usr/local/bin:/usr/bin:/bin"} | ({} if package_root in site.getsitepackages() else {"PYTHONPATH": package_root})


def _answer(source: FunctionSource, text: str, said: str) -> Answer:
    try:
        answer: Answer = json.loads(text)
    except ValueError:
        raise _ended_early(source, said) from None
    if "error" in answer:
        raise _error(**answer["error"])
    return answer


def _error(**told: Any) -> DeclarationError:
    """The error that the other process met, of the same class."""
    kind = getattr(errors, told["class"], DeclarationError)
    if not issubclass(kind, DeclarationError):
        kind = DeclarationError
    error: DeclarationError = kind(told["message"], path=told["path"], code=told["code"], place=told["place"])
    return error


def _ended_early(source: FunctionSource, said: str) -> AppImportError:
    shown = "\n".join(said.strip().splitlines()[-_SHOWN_LINES:]) or "it said nothing"
    return AppImportError(f"describing {source.name!r} ended early:\n{shown}", path=source.name)
