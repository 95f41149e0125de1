"""The lock files of a project: exact versions with hashes, and no address of an index."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

# As the project's own `make lock` has it.
_COMPILE = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
_LOCKS = (
    ("requirements.in", "-o", "requirements.txt"),
    ("lambdas/requirements.in", "-c", "requirements.txt", "-o", "lambdas/requirements.txt"),
)
_SHOWN = 400


def lock(project: Path) -> str:
    """Resolve the requirements, as the user's settings of uv say where from.

    Args:
        project: The project's folder.

    Returns:
        In one line why there are no lock files, because uv is not there or found no answer; nothing if there are.
    """
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        return "uv is not installed"
    for files in _LOCKS:
        done = subprocess.run(  # noqa: S603 (our own command)
            [uv, *_COMPILE, "--custom-compile-command", "make lock", *files],
            cwd=project,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            for *_, made in _LOCKS:
                (project / made).unlink(missing_ok=True)
            return f"uv says: {_in_one_line(done.stderr)}"
    return ""


def _in_one_line(said: str) -> str:
    """What uv printed, without the signs by which it draws a tree."""
    text = re.sub(r"\s+", " ", re.sub(r"(?m)^\W*(?:error: |cause: )?", "", said)).strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
