"""Runs the quick tests under every Python from 3.11 on that is here, and under the lowest versions that `pyproject.toml` promises.

Each has an environment of its own below `.venvs`. Names choose: `python -m tools.matrix lowest 3.12`.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.pythons import python_for

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST, LATEST = 11, 20
LOWEST = "lowest"


def main(chosen: list[str]) -> int:
    """Run them one after the other, and say at the end which failed."""
    failed = {
        name: subprocess.run(["make", "--no-print-directory", "quick-tests", *told], check=False).returncode != 0
        for name, told in _runs()
        if not chosen or name in chosen
    }
    print("matrix:", ", ".join(f"{name} {'failed' if bad else 'passed'}" for name, bad in failed.items()) or f"there is none of {chosen}")
    return int(any(failed.values()) or not failed)


def _runs() -> Iterator[tuple[str, list[str]]]:
    """What is run: its name, and what `make` is told."""
    for minor in range(OLDEST, LATEST):
        if (python := python_for((3, minor), below=(3, minor + 1))) is not None:
            told = [f"PYTHON={python}", f"GATELEG_VENV=.venvs/3.{minor}"]
            yield f"3.{minor}", told
            if minor == OLDEST:
                yield LOWEST, [told[0], f"GATELEG_VENV=.venvs/{LOWEST}", "LOCKS=--lowest"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
