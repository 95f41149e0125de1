"""The embedded AWS: one ministack process on the loopback address."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import LocalError, PortTakenError, ToolMissingError

if TYPE_CHECKING:
    from gateleg.local.template import Target

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "TZ")


_started: dict[int, subprocess.Popen[bytes]] = {}
"""Emulators that are children of this process, which has to take their exit status."""


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


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


def health(port: int) -> dict[str, Any] | None:
    """Return what the emulator on a port says of itself; `None` if no emulator answers."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/_ministack/health", timeout=2) as answer:
            said: dict[str, Any] = json.load(answer)
            return said
    except (OSError, ValueError):
        return None


def running(pid: int, port: int) -> bool:
    """Return whether the process lives and the emulator answers."""
    return _alive(pid) and health(port) is not None


def start(target: Target, *, auth: bool, log: Path, temporary: Path) -> int:
    """Start the emulator and wait until it answers; return its process id.

    It is bound to loopback and gets an environment of its own: what it had, every function would have too.

    Args:
        target: Its port, and the account and region of calls that are not signed, such as those to an API.
        auth: Whether IAM is enforced on every call.
        log: The file that takes its output.
        temporary: Where it keeps functions' code while it runs.

    Raises:
        PortTakenError: Another program listens on the port.
        ToolMissingError: The emulator is not installed.
        LocalError: It ended before it answered.
    """
    if importlib.util.find_spec("ministack") is None:
        raise ToolMissingError("the embedded AWS is not installed; run: pip install 'gateleg[local]'", value="ministack")
    require_free(target.port)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=_environment(target, auth=auth, temporary=temporary),
            cwd=temporary,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started[process.pid] = process
    try:
        _wait_until_healthy(process, target.port, log)
    except BaseException:
        stop(process.pid)
        raise
    return process.pid


def stop(pid: int) -> None:
    """End the emulator and the functions that it runs; a process that is gone already is fine."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, how)
        if _gone(pid):
            return


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if not _alive(pid):
            return True
        time.sleep(0.02)
    return False


def _alive(pid: int) -> bool:
    child = _started.get(pid)
    if child is not None and child.poll() is not None:
        del _started[pid]
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _environment(target: Target, *, auth: bool, temporary: Path) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "AUTH": "true" if auth else "false",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(target.port),
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": target.account,
        "MINISTACK_REGION": target.region,
        "PYTHONPATH": str(Path(__file__).parent / "runtime"),
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(temporary / "s3"),
        "TMPDIR": str(temporary),
    }


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while health(port) is None:
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
            raise LocalError("the embedded AWS ended at its start: " + " | ".join(lines), value=port)
        if time.monotonic() > deadline:
            raise LocalError(f"the embedded AWS did not answer within {_START_SECONDS:.0f} s; its log is {log}", value=port)
        time.sleep(0.05)
