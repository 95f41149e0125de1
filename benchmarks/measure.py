"""Runs a program in a process of its own and tells what it and all its descendants took."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds on the wall, seconds of CPU (user and system, the jsii process and every other descendant too)."""

    wall: float
    cpu: float


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends first, so that their CPU time is counted (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end.

    Raises:
        SystemExit: It failed; what it printed is shown.
    """
    # Installed packages are compiled; this checkout's would be compiled in each run where nothing may be written.
    whole = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | dict(environment)
    start = time.perf_counter()
    with subprocess.Popen(command, env=whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        assert child.stdout is not None  # noqa: S101  # a pipe was asked for
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime + _orphans())


def _orphans() -> float:
    total = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return total
        total += usage.ru_utime + usage.ru_stime
