"""Crashes as they are read from logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gateleg.local.crash_lines import failure_line
from gateleg.local.server.crashes import Crash, crash_in

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = """start
[ERROR] ZeroDivisionError: division by zero
Traceback (most recent call last):
  File "/opt/python/aws_lambda_powertools/x.py", line 9, in call
    return handler()
  File "/var/task/lambdas/chat/rest.py", line 41, in rooms
    return 1 / 0
  File "/usr/lib/python3.11/fractions.py", line 3, in divide
    raise
"""
IMPORT = """[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'gone'
Traceback (most recent call last):
  File "/var/task/app.py", line 2, in <module>
    import gone
"""


def powertools(text: str) -> str:
    return json.dumps({"level": "ERROR", "location": "rooms:41", "message": "unhandled", "exception": text, "exception_name": "KeyError"})


PRINTED = "before\nTraceback (most recent call last):\n  File \"/var/task/app.py\", line 7, in f\n    g()\nKeyError: 'x'\nafter\n"


@pytest.mark.parametrize(
    ("log", "said", "file", "line"),
    [
        (RUNTIME, "ZeroDivisionError: division by zero", "lambdas/chat/rest.py", 41),
        (IMPORT, "Runtime.ImportModuleError: Unable to import module 'app': No module named 'gone'", "app.py", 2),
        (powertools(PRINTED.removeprefix("before\n").removesuffix("after\n")), "KeyError: 'x'", "app.py", 7),
        (PRINTED, "KeyError: 'x'", "app.py", 7),
        (
            "[ERROR] Runtime.HandlerNotFound: Handler 'ap' missing on module 'app'\n",
            "Runtime.HandlerNotFound: Handler 'ap' missing on module 'app'",
            None,
            None,
        ),
        ("abc Task timed out after 3.00 seconds\n", "Task timed out after 3.00 seconds", None, None),
        (
            "RequestId: x Error: Runtime exited with error: signal: 9\nRuntime.ExitError\n",
            "Runtime exited with error: signal: 9",
            None,
            None,
        ),
    ],
)
def test_what_was_raised_is_found_with_the_last_place_in_the_function_s_own_code(
    log: str, said: str, file: str | None, line: int | None
) -> None:
    assert crash_in(log, "rest", 3) == Crash(3, "rest", said, file, line)


@pytest.mark.parametrize(
    "log",
    [
        "",
        "all is well\n",
        '{"level": "ERROR", "message": "said so"}\n',
        "{broken\n",
        "[ERROR]\t2026-11-26T00:00:00.000Z\tid\tlogged, not raised\n",
    ],
)
def test_a_log_without_an_exception_is_no_crash(log: str) -> None:
    assert crash_in(log, "rest", 1) is None


def test_a_traceback_that_breaks_off_is_no_crash_and_takes_no_time() -> None:
    assert crash_in("Traceback (most recent call last):\n" + " a" * 50_000 + "\n" + "  b" * 50_000, "rest", 1) is None


def test_a_place_is_told_as_the_project_s_file_where_it_has_one(tmp_path: Path) -> None:
    failure = {"errorType": "KeyError", "errorMessage": "'x'", "log": IMPORT}
    assert failure_line(failure, tmp_path) == "app.py:2: KeyError: 'x'"
    assert failure_line({**failure, "log": ""}, tmp_path) == "KeyError: 'x'"
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "app.py").touch()
    assert failure_line(failure, tmp_path) == "orders/app.py:2: KeyError: 'x'"
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills" / "app.py").touch()
    assert failure_line(failure, tmp_path) == "app.py:2: KeyError: 'x'"
