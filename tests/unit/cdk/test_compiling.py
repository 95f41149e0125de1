"""Assets carry compiled files of the version that handlers run on: the same each time, and none where nobody can make them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateleg.cdk import compiling
from gateleg.cdk.compiling import Compiler, compiler_for, with_compiled
from gateleg.errors import PackagingError

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
SOURCES = {
    "svc/__init__.py": b"",
    "svc/rest.py": b"NAMES = {'a', 'b', 'c', 'd'}\ndef handler(event, context):\n    return event in NAMES or 1.5\n",
    "svc/page.html": b"<html>",
}
REST = importlib.util.cache_from_source("svc/rest.py", optimization="")

released = pytest.mark.skipif(sys.version_info.releaselevel != "final", reason="Lambda has released versions alone")


@pytest.fixture
def compiler() -> Compiler:
    found = compiler_for(HERE)
    assert found is not None
    return found


@released
def test_every_module_has_its_compiled_file_and_nothing_else_has(compiler: Compiler) -> None:
    assert set(with_compiled(SOURCES, compiler)) == {*SOURCES, REST, importlib.util.cache_from_source("svc/__init__.py", optimization="")}


@released
def test_python_takes_the_compiled_file_and_looks_at_no_source(compiler: Compiler, tmp_path: Path) -> None:
    for name, content in with_compiled(SOURCES, compiler).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    # Nobody edits what Lambda has unpacked; here an edit shows what was read.
    (tmp_path / "svc/rest.py").write_text("def handler(event, context):\n    return 'compiled anew'\n")
    script = "import svc.rest as m; print(m.handler('c', None), m.handler(0, None), m.handler.__code__.co_filename)"
    said = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "1.5", str(tmp_path / "svc/rest.py")]


@released
def test_the_bytes_are_the_same_whatever_the_surroundings(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    one = with_compiled(SOURCES, compiler)
    for name, value in {"PYTHONHASHSEED": "7", "PYTHONOPTIMIZE": "2", "PYTHONPYCACHEPREFIX": "/nowhere", "event": "NAMES"}.items():
        monkeypatch.setenv(name, value)
    assert with_compiled(dict(reversed(SOURCES.items())), compiler) == one


@released
def test_what_is_no_module_of_that_version_is_left_to_python(compiler: Compiler) -> None:
    others = {"svc/template.py": b"class {{ name }}:", "svc/old.py": b"print 1", "svc/nul.py": b"\0", "svc/latin.py": b"x = '\xff'"}
    assert with_compiled(SOURCES | others, compiler) == with_compiled(SOURCES, compiler) | others


@released
def test_a_compiled_file_that_is_packed_already_stays(compiler: Compiler) -> None:
    assert with_compiled(SOURCES | {REST: b"given"}, compiler)[REST] == b"given"


@released
def test_compiled_files_never_make_a_package_too_large_for_lambda(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "MAX_BYTES", sum(map(len, SOURCES.values())) + 100)
    assert with_compiled(SOURCES, compiler) == SOURCES


def test_where_there_is_no_interpreter_of_the_version_nothing_is_compiled() -> None:
    assert compiler_for("3.99") is None
    assert with_compiled(SOURCES, None) == SOURCES


def test_another_interpreter_is_found_on_the_path_behind_stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Version managers put programs there that fail, and a pre-release has other byte code than what Lambda runs."""
    said = {
        "shim": "exit 127",
        "early": "echo cpython alpha 3.98",
        "other": "echo pypy final 3.98",
        "right": "echo cpython final 3.98; echo 3.98.1",
    }
    for name, line in said.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "python3.98").write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name / "python3.98").chmod(0o755)
    (tmp_path / "empty/python3.98").mkdir(parents=True)
    monkeypatch.setenv("PATH", os.pathsep.join(["", str(tmp_path / "empty"), *(str(tmp_path / name) for name in said)]))
    compiling.compiler_for.cache_clear()
    assert compiler_for("3.98") == Compiler(tmp_path / "right/python3.98", "3.98.1")


@pytest.mark.skipif(not Path("/bin/false").exists(), reason="needs a program that fails")
def test_a_compiler_that_fails_is_named_with_what_it_said(compiler: Compiler) -> None:
    with pytest.raises(PackagingError, match=r"/bin/false cannot compile .*; mend it, or remove it from the path"):
        Compiler(Path("/bin/false"), compiler.identity).compiled(SOURCES)
