"""Broadcasts beside their peers: one message to 1,000 connections, over TLS to a stand-in for `@connections`, in one run, as ratios to boto3 in threads.

What counts is the CPU time of the sender's own process, in turn and several times: the least is taken. Peers live in environments of their own, of the versions that
the files in `benchmarks/peers` lock. No time is asserted.

    python benchmarks/posts.py [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.data import HERE, ROOT, environment, last_line, surroundings

if TYPE_CHECKING:
    from collections.abc import Generator

BASE = "posts_boto3_threads"
SIDES = {
    BASE: "boto3, 32 threads",
    "posts_boto3_sequential": "boto3, one after the other",
    "posts_aiobotocore": "aiobotocore, 32 at once",
    "posts_gateleg": "gateleg, 32 at once",
}
CPU, RATE = "CPU a message (µs)", "messages a second"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    pythons = {side: python for side in SIDES if (python := environment(side)) is not None}
    best: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as folder, server(folder) as url:
        for number in range(rounds):
            for side, python in list(pythons.items()):
                print(f"round {number + 1} of {rounds}: {side}", file=sys.stderr)
                figures = measured(side, python, url, folder)
                if figures is None:
                    del pythons[side]
                    continue
                kept = best.setdefault(side, figures)
                best[side] = {CPU: min(kept[CPU], figures[CPU]), RATE: max(kept[RATE], figures[RATE])}
    print(table(best))


@contextmanager
def server(folder: str) -> Generator[str]:
    """The stand-in, in a process of its own, so that its work is nobody's."""
    command = [sys.executable, "-m", "benchmarks.posts_server", folder]
    with subprocess.Popen(command, cwd=ROOT, env=surroundings(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            yield f"https://127.0.0.1:{int(process.stdout.readline())}/live"
        finally:
            process.terminate()


def measured(side: str, python: Path, url: str, folder: str) -> dict[str, float] | None:
    """One run of one side; `None`, and the reason printed, where it fails."""
    script, more = str(HERE / "peers" / f"with_{side}.py"), {"POSTS_URL": url, "AWS_CA_BUNDLE": f"{folder}/cert.pem"}
    done = subprocess.run([python, script], env=surroundings(**more), capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{side} is left out, it failed: {last_line(done.stderr)}", file=sys.stderr)
        return None
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def table(best: dict[str, dict[str, float]]) -> str:
    """The figures as a markdown table, in times of the base's."""
    base = best[BASE]
    lines = ["| sender | CPU a message | messages a second |", "|---|---|---|"]
    lines += [f"| {SIDES[side]} | {figures[CPU] / base[CPU]:.2f} | {figures[RATE] / base[RATE]:.1f} |" for side, figures in best.items()]
    return "\n".join([*lines, f"| *what 1 is* | {base[CPU]:,.0f} µs | {base[RATE]:,.0f} |"])


if __name__ == "__main__":
    main()
