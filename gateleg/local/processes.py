"""Which process is the embedded AWS of a project: proven by what the system says of it, not by what a file remembers."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from psutil import Process

MODULE: Final = "gateleg.local.server"
_TOLERANCE: Final = 2.0
"""How far two readings of a start time may lie apart, in seconds: a clock may have been set meanwhile."""
_STEP: Final = 0.02


def arguments(directory: Path, port: int) -> list[str]:
    """Return the arguments by which the process of a state directory is started and recognised."""
    return ["-m", MODULE, "--directory", str(directory), "--port", str(port)]


def born(pid: int) -> float:
    """Return when a process was started, in seconds since the epoch."""
    import psutil

    started: float = psutil.Process(pid).create_time()
    return started


def is_server(pid: int, started: float, directory: Path, port: int) -> bool:
    """Return whether a process is the embedded AWS that a state speaks of, and not another one that has its number now."""
    import psutil

    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < _TOLERANCE and _is_of(process, directory, port)
    except psutil.Error:
        return False


def server_of(directory: Path) -> Process | None:
    """Return the process that runs the embedded AWS of a state directory, whatever was forgotten of it."""
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == os.getuid() and _is_of(process, directory, None) and process.status() != psutil.STATUS_ZOMBIE:
                return process
    return None


def end(process: Process, seconds: float) -> None:
    """End an embedded AWS: it is asked to, so that it keeps what it holds, and made to after some seconds.

    Args:
        process: A process that is proven to be one.
        seconds: How long it may take to save.
    """
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        if not _has_ended(process, seconds):
            # Its own session: the functions that it runs end with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            _has_ended(process, seconds)


def _has_ended(process: Process, seconds: float) -> bool:
    """Wait for a process to end, and return whether it did. It is over as a zombie too: its parent may be a watch that takes no exit status."""
    import psutil

    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP)
    return True


def _is_of(process: Process, directory: Path, port: int | None) -> bool:
    command = process.cmdline()
    wanted = arguments(directory, port or 0)
    return command[1:-1] == wanted[:-1] and (port is None or command[-1] == wanted[-1])
