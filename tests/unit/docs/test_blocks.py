"""Whatever code a page shows is a whole file under examples/ that the tests run, or runs as it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.docs.pages import EXAMPLES, README, Block, all_blocks, blocks

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = {"python", "sh", "json", "text", "toml", "typescript"}
PYTHON = all_blocks("python")
PROGRAMS = sorted(EXAMPLES.rglob("*.py"))


def run(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run code as a program of its own, in a folder of its own."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "POWERTOOLS_TRACE_DISABLED": "1", "PYTHONSAFEPATH": "1"}
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("block", all_blocks(), ids=str)
def test_a_fence_says_its_language_so_that_nothing_escapes_these_tests(block: Block) -> None:
    assert block.language in LANGUAGES


@pytest.mark.parametrize("block", [block for block in PYTHON if block.file], ids=str)
def test_a_page_says_what_the_file_is_called_that_it_shows(block: Block) -> None:
    assert block.file is not None
    project = EXAMPLES / block.file.relative_to(EXAMPLES).parts[0]

    assert f"`{block.file.relative_to(project).as_posix()}`" in block.before


@pytest.mark.slow
@pytest.mark.parametrize("block", [block for block in PYTHON if not block.file], ids=str)
def test_what_is_no_file_runs_as_it_stands(block: Block, tmp_path: Path) -> None:
    assert "def test_" not in block.text, "nothing runs this test: make it a file under examples/"

    done = run(block.text, tmp_path)

    assert done.returncode == 0, f"{block} is neither a whole file under examples/ nor does it run:\n{done.stderr}"


@pytest.mark.slow
def test_the_readme_s_blocks_run_in_order_in_an_empty_folder(tmp_path: Path) -> None:
    texts = [block.text for block in blocks(README, "python")]

    done = run(f"for text in {texts!r}:\n    exec(compile(text, 'README', 'exec'), {{'__name__': 'readme'}})", tmp_path)

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=[path.relative_to(EXAMPLES).as_posix() for path in PROGRAMS])
def test_each_example_is_imported_where_it_stands(path: Path) -> None:
    done = run(
        f"import runpy, sys; sys.path[:0] = ['.', {str(EXAMPLES.parent)!r}]; runpy.run_path({path.name!r}, run_name='example')", path.parent
    )

    assert done.returncode == 0, done.stderr


def test_json_is_json() -> None:
    assert [block for block in all_blocks("json") if json.loads(block.text) is None] == []


@pytest.mark.parametrize("language", ["toml", "typescript"])
def test_what_this_process_cannot_run_is_a_file_of_the_examples(language: str) -> None:
    assert [str(block) for block in all_blocks(language) if block.file is None] == []
