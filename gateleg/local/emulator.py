"""The embedded AWS as a process on the loopback address: started, found again and ended."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateleg.errors import LocalError, PortTakenError
from gateleg.local import processes
from gateleg.local.control import Control
from gateleg.local.server.settings import SECRET
from gateleg.local.state import State

if TYPE_CHECKING:
    from gateleg.local.state import StateDirectory
    from gateleg.local.template import Target

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 4566
_OWN_PORTS: Final = range(20_000, 32_000)
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0
_ANSWER_SECONDS: Final = 30.0
_ASK_SECONDS: Final = 5.0
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "TZ")

_started: dict[int, subprocess.Popen[bytes]] = {}
"""Emulators that are children of this process, which has to take their exit status."""


def free_port() -> int:
    """Return a port that is free, of those that no system gives to connections by itself: it may well be listened on anew later.

    Raises:
        PortTakenError: There is none.
    """
    for port in secrets.SystemRandom().sample(_OWN_PORTS, 100):
        with suppress(PortTakenError):
            require_free(port)
            return port
    raise PortTakenError(f"no port from {_OWN_PORTS[0]} to {_OWN_PORTS[-1]} was found free; choose one with --port", value=0)


def require_free(port: int) -> None:
    """Check that the emulator can listen on a port.

    Raises:
        PortTakenError: Another program does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(f"port {port} is taken by another program; free it or choose another with --port", value=port) from error


def found(directory: StateDirectory) -> State | None:
    """Return the emulator that the state speaks of, if its process is that one and answers with the run's secret.

    A process that the system shows to be that one may be too busy to answer for half a minute.

    Args:
        directory: Where the state is.

    Raises:
        LocalError: It runs and does not answer.
    """
    state, deadline = directory.read(), time.monotonic() + _ANSWER_SECONDS
    while state is not None and processes.is_server(state.pid, state.born, directory.path, state.port):
        try:
            left = min(_ASK_SECONDS, max(0.1, deadline - time.monotonic()))
            return state if Control(state).answers(str(directory.path), seconds=left) else None
        except TimeoutError as error:
            if time.monotonic() >= deadline:
                message = (
                    f"the embedded AWS of this project runs as process {state.pid} and did not answer within {_ANSWER_SECONDS:.0f} s; "
                    "ask again, or run: gateleg local down"
                )
                raise LocalError(message, value=state.pid, code="local.not_answering") from error
    return None


def end(directory: StateDirectory) -> bool:
    """End the emulator of a state directory and forget it; return whether one ran.

    Only a process that the system shows to be the embedded AWS of this very directory is ended, whatever the state says. It keeps
    what it holds before it goes.
    """
    process = processes.server_of(directory.path)
    if process is not None:
        child = _started.pop(process.pid, None)
        processes.end(process, _STOP_SECONDS)
        if child is not None:
            child.wait(_STOP_SECONDS)
    directory.forget()
    return process is not None


def start(target: Target, directory: StateDirectory, *, auth: bool) -> State:
    """Start the emulator, wait until it answers, and remember it.

    It is bound to loopback and gets an environment of its own.

    Args:
        target: Its port, and the account and region of calls that are not signed, such as those to an API.
        directory: Where it keeps its data, its log and its functions' code while they run.
        auth: Whether IAM is enforced on every call.

    Raises:
        PortTakenError: Another program listens on the port.
        LocalError: It ended before it answered, or the directory cannot be written.
    """
    require_free(target.port)
    secret = secrets.token_urlsafe(30)
    with directory.writing(), directory.emulator_log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the embedded AWS itself
            [sys.executable, *processes.arguments(directory.path, target.port)],
            env=_environment(target, directory, secret, auth=auth),
            cwd=directory.temporary,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started[process.pid] = process
    state = State(process.pid, processes.born(process.pid), target.port, secret, auth, target.account, target.region)
    try:
        _wait_until_it_answers(process, state, directory)
        directory.write(state)
    except BaseException:
        end(directory)
        raise
    return state


def _environment(target: Target, directory: StateDirectory, secret: str, *, auth: bool) -> dict[str, str]:
    data = directory.data
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        SECRET: secret,
        "AUTH": "true" if auth else "false",
        # Without IAM, functions have no credentials of a role: they sign as the root.
        **({} if auth else {"AWS_SECRET_ACCESS_KEY": secret}),
        "GATEWAY_PORT": str(target.port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": target.account,
        "MINISTACK_REGION": target.region,
        "PERSIST_STATE": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(data),
        "TMPDIR": str(directory.temporary),
    }


def _wait_until_it_answers(process: subprocess.Popen[bytes], state: State, directory: StateDirectory) -> None:
    deadline = time.monotonic() + _START_SECONDS
    control = Control(state)
    while not _answers(control, directory):
        if process.poll() is not None:
            lines = directory.emulator_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
            raise LocalError("the embedded AWS ended at its start: " + " | ".join(lines), value=state.port)
        if time.monotonic() > deadline:
            message = f"the embedded AWS did not answer within {_START_SECONDS:.0f} s; its log is {directory.emulator_log}"
            raise LocalError(message, value=state.port)
        time.sleep(0.05)


def _answers(control: Control, directory: StateDirectory) -> bool:
    try:
        return control.answers(str(directory.path))
    except TimeoutError:
        return False
