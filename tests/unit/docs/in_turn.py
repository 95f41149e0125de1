"""Runs programs in turn, each as if it were alone: `python in_turn.py ROOT < programs.json`, of which each is `[folder, file, __name__]`.

To load CDK takes longer than most of what the pages show. What a program imports of the repository, but for the package, is forgotten after it.
Prints the traceback of each, or null, as a JSON array.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(sys.argv[1])
KEPT = (ROOT / "gateleg", ROOT / ".venv")


def ran(folder: str, file: str, name: str) -> str | None:
    """The traceback of a program that fails."""
    known = list(sys.path)
    os.chdir(folder)
    sys.path[:0] = [folder, str(ROOT)]  # not ".", which Python would take for the folder where it was first asked
    try:
        runpy.run_path(file, run_name=name)
    except BaseException:  # noqa: BLE001 (an exit is a failure like any other)
        return traceback.format_exc()
    finally:
        sys.path[:] = known
        for module in [module for module, found in sys.modules.items() if _is_foreign(getattr(found, "__file__", None), Path(folder))]:
            del sys.modules[module]
    return None


def _is_foreign(file: str | None, folder: Path) -> bool:
    if file is None:
        return False
    path = folder / file
    return path.is_relative_to(folder) or (path.is_relative_to(ROOT) and not any(path.is_relative_to(kept) for kept in KEPT))


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        told = [ran(*program) for program in json.load(sys.stdin)]
    print(json.dumps(told))  # noqa: T201 (that is what it is for)
