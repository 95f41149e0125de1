"""`python -m gateleg.describe` as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateleg.describe.__main__ import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateleg.describe", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_noise_of_the_app_goes_to_standard_error(write_app: Callable[..., str]) -> None:
    app = write_app(
        "import atexit, os, subprocess, sys, warnings\n"
        "print('from print')\n"
        "os.write(1, b'from the descriptor\\n')\n"
        "subprocess.run(['echo', 'from a child'])\n"
        "sys.__stdout__.write('from the original\\n')\n"
        "atexit.register(print, 'at exit')\n"
        "warnings.warn('careful')\n"
        "@app.get('/a')\ndef a() -> str: ...\n"
    )
    done = run(app)
    assert done.returncode == 0
    assert [route["key"] for route in json.loads(done.stdout)["routes"]] == ["GET /a"]
    for noise in ("from print", "from the descriptor", "from a child", "from the original", "careful"):
        assert noise in done.stderr


def test_threads_of_the_app_do_not_keep_the_process(write_app: Callable[..., str]) -> None:
    app = write_app("import threading\nthreading.Thread(target=threading.Event().wait).start()\n")
    assert run(app).returncode == 0


def test_called_as_a_function_it_prints_where_the_caller_reads(write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write_app("print('noise')\n@app.get('/a')\ndef a() -> str: ...\n")]) == 0
    printed = capsys.readouterr()
    assert [route["key"] for route in json.loads(printed.out)["routes"]] == ["GET /a"]
    assert printed.err == "noise\n"
    assert main(["nowhere:app"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["class"] == "AppNotFoundError"


def test_several_apps_are_an_array(write_app: Callable[..., str]) -> None:
    one, two = write_app("", name="one"), write_app("", name="two")
    assert [description["name"] for description in json.loads(run(one, two).stdout)] == ["one:app", "two:app"]


def test_what_one_app_needs_does_not_depend_on_those_before_it(write_app: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text("import os\nNAME = os.environ['NAME']\n")
    one, two = write_app("import shared\n", name="one"), write_app("import shared\n", name="two")
    described = json.loads(run(one, two, "--env", "NAME=orders").stdout)
    assert [app["needs"]["files"] for app in described] == [["one.py", "shared.py"], ["shared.py", "two.py"]]
    assert [app["needs"]["variables"] for app in described] == [["NAME"], ["NAME"]]


def test_of_several_apps_a_failure_is_told_once(write_app: Callable[..., str]) -> None:
    done = run(write_app("", name="one"), "nowhere:app")
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(done.stderr.splitlines()[-1])["error"]["class"] == "AppNotFoundError"


def test_a_file_takes_the_description(write_app: Callable[..., str], tmp_path: Path) -> None:
    done = run(write_app(""), "-o", "description.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads((tmp_path / "description.json").read_text())["kind"] == "rest"


def test_a_failure_is_json_on_the_last_line_of_standard_error(write_app: Callable[..., str]) -> None:
    done = run(write_app("import sys\nprint('before', file=sys.stderr)\nraise ValueError('no')\n"))
    assert (done.returncode, done.stdout) == (1, "")
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert (error["class"], error["code"]) == ("AppImportError", "declaration.app_import")
    assert "ValueError: no" in error["message"]


def test_a_handler_and_variables_of_the_function_are_given(write_app: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    app = write_app(
        "import os\nname = os.environ['PLACE'] + os.environ.get('MINE', '')\napp.get(f'/{name}')(lambda: '')\ndef handler(event, context): return app.resolve(event, context)\n"
    )
    monkeypatch.setenv("MINE", "developer")
    done = run(app, "--handler", "sample:handler", "--env", "PLACE=rooms")
    described = json.loads(done.stdout)
    assert [route["key"] for route in described["routes"]] == ["GET /rooms"]
    assert described["needs"]["variables"] == ["PLACE"]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--env", "PLACE"], "NAME=VALUE"),
        (["--handler", "sample:nothing"], "sample has no nothing"),
        (["x:y", "--handler", "a:b"], "one by one"),
    ],
)
def test_wrong_options_say_what_to_write(
    write_app: Callable[..., str], capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    assert main([write_app(""), *arguments]) == 1
    assert hint in capsys.readouterr().err


def test_modules_of_the_developers_own_path_are_not_found(write_app: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/developers_own.py").touch()
    app = write_app("import developers_own\n")
    done = subprocess.run(
        [sys.executable, "-m", "gateleg.describe", app],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path / 'elsewhere'}"},
    )
    assert "No module named 'developers_own'" in json.loads(done.stderr.splitlines()[-1])["error"]["message"]
