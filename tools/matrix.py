"""Runs the quick tests under every Python from 3.11 on that is here, each in an environment of its own below `.venvs`."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.pythons import python_for

OLDEST, LATEST = 11, 20


def main() -> int:
    """Run them one after the other, and say at the end which failed."""
    failed: dict[str, bool] = {}
    for minor in range(OLDEST, LATEST):
        if (python := python_for((3, minor), below=(3, minor + 1))) is not None:
            version = f"3.{minor}"
            print(f"matrix: Python {version}", flush=True)
            told = [f"PYTHON={python}", f"GATELEG_VENV=.venvs/{version}"]
            failed[version] = subprocess.run(["make", "--no-print-directory", "quick-tests", *told], check=False).returncode != 0
    print("matrix:", ", ".join(f"{version} {'failed' if bad else 'passed'}" for version, bad in failed.items()))
    return int(any(failed.values()))


if __name__ == "__main__":
    sys.exit(main())
