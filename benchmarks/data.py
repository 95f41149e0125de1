"""The data layer beside its peers: put, get, a query of 100 and one of 1000 items, in one run, as ratios to boto3's client.

Every side talks HTTP to one stub on loopback (`data_server.py`) that answers with bodies made beforehand, so that no database is measured. What counts is the CPU time of the side's own
process, native threads included, in turn and several times: the least is taken, since whatever else the machine does can only add. Peers live in environments of their own, of the
versions that the files in `benchmarks/peers` lock. No time is asserted. "Models declared" is in times of the same models in pydantic alone.

    python benchmarks/data.py [--rounds 3] [--only gateleg pynamodb]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.pythons import python_for

if TYPE_CHECKING:
    from collections.abc import Generator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = ROOT / ".gateleg" / "peers"
BASE = "boto3_client"
MODELS = "pydantic"
SIDES = {
    BASE: "boto3 client: dictionaries in wire form",
    MODELS: "pydantic: the models alone, nothing is sent",
    "boto3_resource": "boto3 resource: dictionaries",
    "gateleg": "gateleg: validated entities",
    "gateleg_direct": "gateleg, direct transport",
    "gateleg_async_direct": "gateleg, direct transport, awaited",
    "pynamodb": "PynamoDB: models",
    "pydynantic": "pydynantic: pydantic models",
    "dynantic": "dynantic: pydantic models",
    "dyntastic": "dyntastic: pydantic models",
    "aiodynamo": "aiodynamo on httpx: dictionaries",
    "pydynox": "pydynox: models, Rust core",
    "dynamoxy": "dynamoxy: models, Rust core, awaited (Python 3.12 or later)",
}
NEWER = {"dynamoxy": (3, 12)}
"""Sides that need a later Python than the project's."""

COLUMNS = ("put", "get", "query 100", "query 1000", "models declared (ms)", "ready to send (ms)")
BASES = {name: MODELS if name == "models declared (ms)" else BASE for name in COLUMNS}
"""Whose figure each column is in times of."""
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAGATELEGBENCH0000", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "eu-north-1"}

Figures = dict[str, float]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=list(SIDES), choices=list(SIDES))
    given = parser.parse_args()
    pythons = {side: python for side in SIDES if side in {BASE, MODELS, *given.only} and (python := environment(side)) is not None}
    best: dict[str, Figures] = {}
    with server() as url:
        for number in range(given.rounds):
            for side, python in list(pythons.items()):
                print(f"round {number + 1} of {given.rounds}: {side}", file=sys.stderr)
                figures = measured(side, python, url)
                if figures is None:
                    del pythons[side]
                    continue
                kept = best.setdefault(side, figures)
                best[side] = {name: min(kept[name], figures[name]) for name in COLUMNS if name in figures}
    print(table(best))


def environment(side: str) -> Path | None:
    """The Python of a side: the project's own, or one made for the peer; `None`, and the reason printed, where it cannot be made."""
    lock = HERE / "peers" / f"{side}.txt"
    if not lock.exists():
        return Path(sys.executable)
    base = python_for(NEWER.get(side, (0, 0)))
    if base is None:
        print(f"{side} is left out, it needs Python {'.'.join(map(str, NEWER[side]))} or later, and none is found here", file=sys.stderr)
        return None
    folder = CACHE / side
    python, mark = folder / "bin" / "python", folder / "locked.txt"
    if mark.exists() and mark.read_text(encoding="utf-8") == lock.read_text(encoding="utf-8"):
        return python
    for command in (
        ["venv", "-q", "--clear", "--python", str(base), str(folder)],
        ["pip", "install", "-q", "--python", str(python), "--require-hashes", "-r", str(lock)],
    ):
        done = subprocess.run([sys.executable, "-m", "uv", *command], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{side} is left out, it cannot be installed: {last_line(done.stderr)}", file=sys.stderr)
            return None
    mark.write_text(lock.read_text(encoding="utf-8"), encoding="utf-8")
    return python


@contextmanager
def server() -> Generator[str]:
    """The stub, in a process of its own, so that its work is nobody's."""
    command = [sys.executable, "-m", "benchmarks.data_server"]
    with subprocess.Popen(command, cwd=ROOT, env=surroundings(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def measured(side: str, python: Path, url: str) -> Figures | None:
    """One run of one side; `None`, and the reason printed, where it fails."""
    script = str(HERE / "peers" / f"with_{side}.py")
    done = subprocess.run([python, script], env=surroundings(AWS_ENDPOINT_URL=url), capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{side} is left out, it failed: {last_line(done.stderr)}", file=sys.stderr)
        return None
    figures: Figures = json.loads(done.stdout)
    return figures


def surroundings(**more: str) -> dict[str, str]:
    """A side's environment: nothing of the user's AWS settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, **CREDENTIALS, "AWS_DEFAULT_REGION": "eu-north-1", "PYTHONPATH": str(ROOT), **more}


def last_line(text: str) -> str:
    """Where programs say what went wrong."""
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def table(best: dict[str, Figures]) -> str:
    """The figures as a markdown table: each in times of its column's base, and the bases' own."""
    lines = [f"| CPU, times boto3's client | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    for side, figures in best.items():
        cells = (f"{figures[name] / best[BASES[name]][name]:.2f}" if name in figures else "–" for name in COLUMNS)  # noqa: RUF001 (no figure)
        lines.append(f"| {SIDES[side]} | {' | '.join(cells)} |")
    own = (f"{best[BASES[name]][name]:,.0f} {'ms' if '(ms)' in name else 'µs'}" for name in COLUMNS)
    return "\n".join([*lines, f"| *what 1.00 is* | {' | '.join(own)} |"])


if __name__ == "__main__":
    main()
