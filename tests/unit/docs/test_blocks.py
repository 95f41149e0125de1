"""Whatever code a page shows is a whole file under examples/ that the tests run, or runs as it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.docs.pages import EXAMPLES, README, ROOT, Block, all_blocks, blocks

LANGUAGES = {"python", "sh", "json", "text", "toml", "typescript"}
PYTHON = all_blocks("python")
ALONE = [block for block in PYTHON if not block.file]
PROGRAMS = sorted(EXAMPLES.rglob("*.py"))
IN_TURN = Path(__file__).with_name("in_turn.py")


def run(*command: str | Path, cwd: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python as a program of its own, in a folder of its own."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "POWERTOOLS_TRACE_DISABLED": "1", "PYTHONSAFEPATH": "1"}
    return subprocess.run([sys.executable, *command], cwd=cwd, env=environment, input=given, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[object, str | None]:
    """What becomes of each block that is no file, and of each example: the traceback of those that fail."""
    programs: dict[object, tuple[str, str, str]] = {path: (str(path.parent), path.name, "example") for path in PROGRAMS}
    for block in ALONE:
        folder = tmp_path_factory.mktemp("block")
        (folder / "block.py").write_text(block.text, encoding="utf-8")
        programs[block] = (str(folder), "block.py", "__main__")
    done = run(IN_TURN, ROOT, cwd=tmp_path_factory.mktemp("in_turn"), given=json.dumps(list(programs.values())))
    assert done.returncode == 0, done.stderr
    return dict(zip(programs, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("block", all_blocks(), ids=str)
def test_a_fence_says_its_language_so_that_nothing_escapes_these_tests(block: Block) -> None:
    assert block.language in LANGUAGES


@pytest.mark.parametrize("block", [block for block in PYTHON if block.file], ids=str)
def test_a_page_says_what_the_file_is_called_that_it_shows(block: Block) -> None:
    assert block.file is not None
    project = EXAMPLES / block.file.relative_to(EXAMPLES).parts[0]

    assert f"`{block.file.relative_to(project).as_posix()}`" in block.before


@pytest.mark.slow
@pytest.mark.parametrize("block", ALONE, ids=str)
def test_what_is_no_file_runs_as_it_stands(block: Block, failures: dict[object, str | None]) -> None:
    assert "def test_" not in block.text, "nothing runs this test: make it a file under examples/"
    assert failures[block] is None, f"{block} is neither a whole file under examples/ nor does it run:\n{failures[block]}"


@pytest.mark.slow
def test_the_readme_s_blocks_run_in_order_in_an_empty_folder(tmp_path: Path) -> None:
    texts = [block.text for block in blocks(README, "python")]

    done = run("-c", f"for text in {texts!r}:\n    exec(compile(text, 'README', 'exec'), {{'__name__': 'readme'}})", cwd=tmp_path)

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=[path.relative_to(EXAMPLES).as_posix() for path in PROGRAMS])
def test_each_example_is_imported_where_it_stands(path: Path, failures: dict[object, str | None]) -> None:
    assert failures[path] is None, failures[path]


def test_json_is_json() -> None:
    assert [block for block in all_blocks("json") if json.loads(block.text) is None] == []


@pytest.mark.parametrize("language", ["toml", "typescript"])
def test_what_this_process_cannot_run_is_a_file_of_the_examples(language: str) -> None:
    assert [str(block) for block in all_blocks(language) if block.file is None] == []
