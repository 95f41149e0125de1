"""One execution environment: a process that has the function's code, its layers and what Lambda brings, and nothing else."""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import gateleg.local.runtime
from gateleg.local.server.unpacked import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BOOTSTRAP: Final = Path(gateleg.local.runtime.__file__).parent / "bootstrap.py"
_INIT_SECONDS: Final = 10.0
_KILL_SECONDS: Final = 5.0
_LOG_SECONDS: Final = 1.0
_MAX_PAYLOAD: Final = 6 * 1024 * 1024
"""Of a request and of an answer, in bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""


@dataclass(frozen=True)
class Outcome:
    """What came of an import or an invocation.

    Attributes:
        result: What the handler returned, if it did.
        error: What Lambda answers in its place: `errorType`, `errorMessage` and, of an exception, `stackTrace`.
        log: What was written meanwhile, with the places that code has on Lambda.
    """

    result: Any = None
    error: dict[str, Any] | None = None
    log: str = ""


@dataclass(frozen=True)
class Invocation:
    """One call of a function.

    Attributes:
        event: What the handler gets.
        request_id: Lambda's id of the call.
        arn: The function as it was called.
        variables: Environment variables of this call alone; `None` takes one away.
    """

    event: Any
    request_id: str
    arn: str
    variables: Mapping[str, str | None] = field(default_factory=dict[str, str | None])


@dataclass(frozen=True)
class Function:
    """What an environment is made of.

    Attributes:
        code: The function's archive.
        layers: Folders with the content of its layers, the later over the earlier.
        variables: Its whole environment, but for where its code lies.
        timeout: How long an invocation may take, in seconds.
    """

    code: bytes = field(repr=False)
    layers: Sequence[Path]
    variables: Mapping[str, str] = field(repr=False)
    timeout: float


class Environment:
    """A process that runs one invocation at a time.

    Args:
        folder: Takes the code and temporary files; removed when the environment is closed.
        function: What runs in it.
        runtime: The folder of what Lambda brings.
    """

    def __init__(self, folder: Path, function: Function, runtime: Path) -> None:
        self._folder = folder
        self._task = folder / "task"
        self._function = function
        unpack(function.code, self._task)
        temporary = folder / "tmp"
        temporary.mkdir()
        self._marker = secrets.token_hex(16)
        self._log = _Log()
        own = {"LAMBDA_TASK_ROOT": str(self._task), "TMPDIR": str(temporary), "HOME": str(temporary)}
        self._process = self._spawn({**function.variables, **own}, runtime)

    @property
    def usable(self) -> bool:
        """Whether the process can take another invocation."""
        return self._process.poll() is None

    def initialize(self) -> Outcome:
        """Wait until the handler is imported, for as long as Lambda does: 10 seconds and then one timeout more."""
        seconds = _INIT_SECONDS + self._function.timeout
        try:
            answer = self._answer(seconds)
        except (TimeoutError, EOFError) as error:
            return self._ended(error, "init", seconds)
        return Outcome(error=None if "ready" in answer else self._told(answer), log=self._on_lambda(self._log.until(self._marker)))

    def invoke(self, invocation: Invocation) -> Outcome:
        """Call the handler."""
        request = {**vars(invocation), "deadline": time.time() + self._function.timeout}
        try:
            self._requests.write(json.dumps(request) + "\n")
            self._requests.flush()
            answer = self._answer(self._function.timeout)
        except (OSError, EOFError) as error:
            return self._ended(error, invocation.request_id, self._function.timeout)
        log = self._on_lambda(self._log.until(self._marker))
        if "result" not in answer:
            return Outcome(error=self._told(answer), log=log)
        size = len(answer["result"].encode())
        if size > _MAX_PAYLOAD:
            message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({_MAX_PAYLOAD + 100} bytes)."
            return Outcome(error={"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}, log=f"{log}[ERROR] {message}\n")
        return Outcome(json.loads(answer["result"]), log=log)

    def close(self) -> None:
        """End the process and remove its files."""
        for stream in (self._requests, self._answers):
            stream.close()
        self._process.kill()
        self._process.wait(_KILL_SECONDS)
        self._log.finish()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _spawn(self, variables: Mapping[str, str], runtime: Path) -> subprocess.Popen[bytes]:
        requests_in, requests_out = os.pipe()
        answers_in, answers_out = os.pipe()
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        path = [
            self._task,
            *(
                part
                for layer in reversed(self._function.layers)
                for part in (layer / "python" / "lib" / version / "site-packages", layer / "python")
            ),
        ]
        command = [sys.executable, "-I", "-S", "-u", str(_BOOTSTRAP), str(requests_in), str(answers_out), self._marker]
        process = subprocess.Popen(  # noqa: S603 - the user's own function
            [*command, *map(str, path), str(runtime)],
            cwd=self._task,
            env=dict(variables),
            pass_fds=(requests_in, answers_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.close(requests_in)
        os.close(answers_out)
        self._requests = os.fdopen(requests_out, "w", encoding="utf-8")
        self._answers = os.fdopen(answers_in, "rb", buffering=0)
        self._log.read(process.stdout)
        return process

    def _answer(self, seconds: float) -> dict[str, Any]:
        """Return the process's next answer.

        Raises:
            TimeoutError: There was none in time.
            EOFError: The process ended.
        """
        deadline = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(self._answers.fileno(), 1 << 20)
            if not part:
                raise EOFError
            line += part
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ended(self, reason: Exception, request_id: str, seconds: float) -> Outcome:
        timed_out = isinstance(reason, TimeoutError)
        if not timed_out:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_LOG_SECONDS)
        self._process.kill()
        status = self._process.wait(_KILL_SECONDS)
        log = self._on_lambda(self._log.finish())
        if timed_out:
            message, kind = f"Task timed out after {seconds:.2f} seconds", "Sandbox.Timedout"
        else:
            message, kind = f"Runtime exited with error: {_exit(status)}", "Runtime.ExitError"
        told = f"{request_id} {message}" if timed_out else f"RequestId: {request_id} Error: {message}\n{kind}"
        return Outcome(error={"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}, log=f"{log}{told}\n")

    def _told(self, error: dict[str, Any]) -> dict[str, Any]:
        """Return what Lambda answers of an exception, with the places that the function's files have there."""
        trace: list[str] = error.get("stackTrace", [])
        told = {**error, "errorMessage": self._on_lambda(str(error["errorMessage"]))}
        return {**told, "stackTrace": [self._on_lambda(line) for line in trace]} if trace else told

    def _on_lambda(self, text: str) -> str:
        """Return a text with the places that the function's files have on Lambda."""
        text = text.replace(f"{self._task}{os.sep}", "/var/task/")
        for layer in self._function.layers:
            text = text.replace(f"{layer}{os.sep}", "/opt/")
        return text


class _Log:
    """What a process writes, taken off its pipe by a thread of its own so that it never has to wait."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def read(self, stream: IO[bytes] | None) -> None:
        self._thread = threading.Thread(target=self._read, args=(stream,), name="gateleg-function-log", daemon=True)
        self._thread.start()

    def until(self, marker: str) -> str:
        """Return what was written before the marker, and forget it."""
        end = f"{marker}\n"
        with self._changed:
            self._changed.wait_for(lambda: any(line.endswith(end) for line in self._lines), _LOG_SECONDS)
            at = next((index for index, line in enumerate(self._lines) if line.endswith(end)), len(self._lines) - 1)
            taken, self._lines = self._lines[: at + 1], self._lines[at + 1 :]
        text = "".join(taken).removesuffix(end)
        return text if not text or text.endswith("\n") else f"{text}\n"

    def finish(self) -> str:
        """Return all that is left, once the process has ended."""
        if self._thread is not None:
            self._thread.join(_LOG_SECONDS)
        with self._changed:
            text, self._lines = "".join(self._lines), []
        return text if not text or text.endswith("\n") else f"{text}\n"

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                with self._changed:
                    self._lines.append(line.decode("utf-8", errors="replace"))
                    self._changed.notify_all()


def _exit(status: int) -> str:
    return f"signal: {-status}" if status < 0 else f"exit status {status}"
