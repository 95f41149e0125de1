"""The examples of the docs, deployed as a reader of a page has them, and whether what is deployed keeps what its reference says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.local import LocalAws
from tests.unit.docs.pages import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import pytest


CONTEXT = {"gateleg:target": "local", "aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
"""What an app is told by the CDK CLI when `gateleg local up` runs it."""


@contextmanager
def deployed(
    example: str, folders: pytest.TempPathFactory, *, extended: str | None = None, files: Mapping[str, str] | None = None
) -> Generator[LocalAws]:
    """A copy of an example on an embedded AWS.

    Args:
        example: Its folder.
        folders: Where the copy is made.
        extended: A program that is deployed in the place of its `app.py`, which it may import.
        files: What stands beside the example's own files, or in their place, by name.
    """
    project = shutil.copytree(EXAMPLES / example, folders.mktemp("docs") / example, ignore=shutil.ignore_patterns(".*", "__*"))
    for name, text in (files or {}).items():
        (project / name).write_text(text, encoding="utf-8")
    if extended is not None:
        (project / "extended.py").write_text(extended, encoding="utf-8")
    with LocalAws(project, port=0, assembly=synthesized(project, "app.py" if extended is None else "extended.py")) as up:
        yield up


def synthesized(project: Path, program: str) -> Path:
    """The assembly of a program, as `gateleg local up` has it made, without the CDK CLI, which takes as long as many a program."""
    assembly = project.parent / "assembly"
    context = json.loads((project / "cdk.json").read_text(encoding="utf-8")).get("context", {}) | CONTEXT
    told = {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(assembly), "CDK_VALIDATION": "false"}
    done = subprocess.run([sys.executable, program], cwd=project, env=os.environ | told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return assembly


def ask_by_reference(url: str, folder: Path, *options: str, excluded: str) -> str:
    """Let schemathesis ask whatever the reference of an API says; what it printed, unless an answer is not as the reference says.

    Args:
        url: The stage, without a slash at its end; the document is at `/docs/openapi.json`.
        folder: Where it keeps what it writes.
        *options: More of its options.
        excluded: The checks that are left out.
    """
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "run", f"{url}/docs/openapi.json", "--url", url, "--seed", "1", "--no-color", "--workers", "1"]
    done = subprocess.run(
        [*command, "--exclude-checks", excluded, *options], cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
